"""A requirement that is said once, and the checks that hold a library, a user pool's passkeys and triggers to it.

A check of triggers has the requirement's own id, a user pool's an `n` behind it (native), a library's an `r` (relying
party). What one of them is held to otherwise stands in its own decorator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, TypeVar

from harness.check import POOL, RELYING_PARTY, TRIGGERS, CheckDefinitionError, cases, check
from harness.webauthn_cases.cases import each
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from typing import Any

    from harness.webauthn_cases.cases import Case
    from reports.vocabulary import Evidence, Level, Severity, Subject

Test = TypeVar("Test", bound="Callable[..., Any]")


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """What is required, and the responses that show whether it is kept.

    Attributes:
        id: as the catalogue has it, without the letter of who is judged.
        level: how binding it is.
        severity: how grave a breach is.
        clause: what requires it.
        evidence: how that is known.
        cases: the responses that are judged; none where a check makes its own.
        caught: the faults that its checks must catch, without the beginning that says whose they are: name to words
            of the finding.
        explanation: what goes wrong for a user, and how to mend it; `{service}` stands for who is judged. A check
            with a docstring says it in that one's words.
    """

    id: str
    level: Level
    severity: Severity
    clause: str
    evidence: Evidence
    cases: Sequence[Case] = ()
    caught: Mapping[str, str]
    explanation: str


@dataclass(frozen=True)
class Held:
    """Who is held to requirements; called, it is the decorator that makes a test the check of one.

    Attributes:
        letter: what the ids of its checks end in.
        subject: what is on trial.
        service: its name in explanations.
        needs: what the target must have for any of its checks.
        faults: what the ids of its faults begin with.
        asked: which of the cases it can be asked, each a case of the check, as `case`; None: a check puts them itself.
    """

    letter: str
    subject: Subject
    service: str
    needs: frozenset[str]
    faults: str
    asked: Callable[[Sequence[Case]], Mapping[str, Case]] | None

    def __call__(
        self,
        id: str,
        required: Requirement,
        *,
        severity: Severity | None = None,
        clause: str | None = None,
        evidence: Evidence | None = None,
        needs: Set[str] = frozenset(),
        caught: Mapping[str, str] | None = None,
    ) -> Callable[[Test], Test]:
        """Declare a test function to be the check `id` of the requirement; what is given here differs from it.

        Raises CheckDefinitionError where the id is not the requirement's.
        """
        if id != required.id + self.letter:
            raise CheckDefinitionError(f"{id}: the check of {required.id} is {required.id}{self.letter} here")

        def declare(test: Test) -> Test:
            test.__doc__ = test.__doc__ or cleandoc(required.explanation).replace("{service}", self.service)
            if self.asked and required.cases:
                test = cases("case", self.asked(required.cases))(test)
            return check(
                id,
                level=required.level,
                severity=severity or required.severity,
                clause=clause or required.clause,
                evidence=evidence or required.evidence,
                subject=self.subject,
                needs={*self.needs, *needs},
                killed_by={f"{self.faults}{name}": words for name, words in (caught or required.caught).items()},
            )(test)

        return declare


check_of_library = Held("r", RELYING_PARTY, "library", frozenset({"relying-party"}), "rp.", each)
check_of_pool = Held("n", POOL, "pool", frozenset({"passkeys"}), "pool.passkeys.", native)
check_of_triggers = Held(
    "", TRIGGERS, "service", frozenset({"custom-auth", "fido2", "credential-api"}), "triggers.passkeys.", None
)
