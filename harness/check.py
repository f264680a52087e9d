"""A check says everything about itself but how, in one decorator.

This module imports neither pytest nor hypothesis, so that `list` and `explain` stay quick.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from reports.vocabulary import Evidence, Level, Severity, Subject

MUST, SHOULD, MAY, INFO = Level.MUST, Level.SHOULD, Level.MAY, Level.INFO
CRITICAL, HIGH, MEDIUM, LOW, NONE = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.NONE,
)
COMPUTED, RFC, W3C, AWS_DOC = Evidence.COMPUTED, Evidence.RFC, Evidence.W3C, Evidence.AWS_DOC
MEASURED, REPORTED, OWN, UNKNOWN = (
    Evidence.MEASURED,
    Evidence.REPORTED,
    Evidence.OWN,
    Evidence.UNKNOWN,
)
ARITHMETIC, POOL, TRIGGERS, CLIENT, TOKENS, RELYING_PARTY = (
    Subject.ARITHMETIC,
    Subject.POOL,
    Subject.TRIGGERS,
    Subject.CLIENT,
    Subject.TOKENS,
    Subject.RELYING_PARTY,
)

Test = TypeVar("Test", bound=Callable[..., Any])


@dataclass(frozen=True)
class Check:
    """One requirement, as reports and `list` show it.

    `killed_by` maps the id of each fault that the check must catch to words that its finding
    then holds: a check that fails under a fault for another reason has not caught it.
    """

    id: str
    level: Level
    severity: Severity
    clause: str
    evidence: Evidence
    subject: Subject
    needs: frozenset[str]
    killed_by: Mapping[str, str]
    summary: str
    explanation: str
    module: str
    function: str
    cases: tuple[str, ...]
    """The names of its cases, in pytest's words; one empty name for a check without parameters."""

    def as_dict(self) -> dict[str, Any]:
        """The metadata as `list --format json` prints it."""
        return {
            "id": self.id,
            "level": self.level.value,
            "severity": self.severity.value,
            "clause": self.clause,
            "evidence": self.evidence.value,
            "subject": self.subject.value,
            "needs": sorted(self.needs),
            "killed_by": sorted(self.killed_by),
            "summary": self.summary,
        }


@dataclass(frozen=True)
class Cases:
    """The data in which the cases of one check differ: case name to value, for one argument."""

    argument: str
    values: Mapping[str, Any]


class CheckDefinitionError(Exception):
    """A check is declared wrongly; the message names it and says how to mend it."""


_registry: dict[str, Check] = {}


def check(
    id: str,
    *,
    level: Level,
    severity: Severity,
    clause: str,
    evidence: Evidence,
    subject: Subject,
    needs: set[str] = frozenset(),  # type: ignore[assignment]
    killed_by: Mapping[str, str],
) -> Callable[[Test], Test]:
    """Declare a test function to be the check `id` of the catalogue.

    The docstring is what `explain` and every report show: what goes wrong for a user, and how to
    mend it. Raises CheckDefinitionError for a check without docstring or fault.
    """

    def declare(test: Test) -> Test:
        explanation = inspect.getdoc(test) or ""
        if not explanation:
            raise CheckDefinitionError(f"{id}: give {test.__name__} a docstring; reports show it")
        if not killed_by:
            raise CheckDefinitionError(f"{id}: name a fault in killed_by; a check without one has no teeth")
        declared = Check(
            id=id,
            level=level,
            severity=severity,
            clause=clause,
            evidence=evidence,
            subject=subject,
            needs=frozenset(needs),
            killed_by=dict(killed_by),
            summary=" ".join(explanation.split("\n\n")[0].split()),
            explanation=explanation,
            module=test.__module__,
            function=test.__name__,
            cases=_case_names(getattr(test, "conformance_cases", [])),
        )
        known = _registry.get(id)
        if known is not None and (known.module, known.function) != (declared.module, declared.function):
            raise CheckDefinitionError(
                f"{id} is declared by {known.module}.{known.function} and by {declared.module}.{declared.function}"
            )
        _registry[id] = declared
        test.conformance_check = declared  # type: ignore[attr-defined]
        return test

    return declare


def cases(argument: str, values: Mapping[str, Any]) -> Callable[[Test], Test]:
    """Give a check one case a value: `values` maps each case's name to what `argument` then holds.

    Stacked, the cases multiply, as pytest's own parametrisation does.
    """

    def declare(test: Test) -> Test:
        if check_of(test) is not None:
            raise CheckDefinitionError(f"{test.__name__}: put @cases below @check")
        stacked: list[Cases] = getattr(test, "conformance_cases", [])
        test.conformance_cases = [*stacked, Cases(argument, values)]  # type: ignore[attr-defined]
        return test

    return declare


def _case_names(stacked: list[Cases]) -> tuple[str, ...]:
    """The names as pytest joins them: those of the lowest decorator first."""
    return tuple("-".join(names) for names in itertools.product(*(each.values for each in stacked)))


def check_of(function: object) -> Check | None:
    """The check that a test function was declared to be, or None."""
    found = getattr(function, "conformance_check", None)
    return found if isinstance(found, Check) else None


def registered_checks() -> list[Check]:
    """Every check declared so far, in the order of ids."""
    return [_registry[id] for id in sorted(_registry)]
