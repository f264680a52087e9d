"""Waivers: findings that somebody has accepted, for a reason and until a day.

A waivers file is TOML:

    [[waiver]]
    check = "SRP-07"
    reason = "The gateway in front lower-cases nothing yet; ticket 4711"
    owner = "identity team"
    expires = 2026-12-31
    case = "upper case"                 # optional: this case only
    target = "staging"                  # optional: this target only
    failure = "SerializationException"  # optional: only while the message holds this text
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from reports.model import Record, RunFinding, WaiverReference
from reports.text import one_line
from reports.vocabulary import Verdict

_FINDINGS = frozenset({Verdict.FAIL, Verdict.WARN})

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Exactly = Annotated[str, StringConstraints(min_length=1)]


class WaiverError(Exception):
    """A waivers file cannot be used; the message names the file, the line where it is known, and the key."""


class Waiver(BaseModel):
    """One accepted finding."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    check: Words = Field(description="the id of a check, such as SRP-04")
    reason: Words = Field(description="the reason why the finding is accepted")
    owner: Words = Field(description="the person or team who answers for it")
    expires: date = Field(description="its last day, as a TOML date without quotes, such as 2030-12-31")
    case: Exactly | None = Field(default=None, description="the name of one case of the check")
    target: Exactly | None = Field(default=None, description="the name of one target")
    failure: Exactly | None = Field(default=None, description="text that the finding's message must hold")

    @property
    def name(self) -> str:
        """How messages call it: the check, with its case when it has one."""
        return f"{self.check}[{self.case}]" if self.case else self.check

    def in_force(self, today: date) -> bool:
        """Whether it still waives; on the day that it names it does."""
        return today <= self.expires

    def concerns(self, record: Record, target: str) -> bool:
        """Whether the record is of its check, case and target, whatever the verdict."""
        return self.check == record.check and self.case in {None, record.case} and self.target in {None, target}

    def matches(self, record: Record, target: str) -> bool:
        """Whether the record is a finding, or was one before it was waived, that the waiver describes."""
        return (
            self.concerns(record, target)
            and _found(record) in _FINDINGS
            and not record.internal_error
            and (self.failure is None or self.failure in record.message)
        )


class _WaiverFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    waiver: list[Waiver] = []


@dataclass(frozen=True)
class Waivers:
    """The waivers of a run, in the order of their file."""

    waivers: tuple[Waiver, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Waivers:
        """Read a waivers file. Raises WaiverError."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise WaiverError(f"{path} cannot be read: {error.strerror}; name a waivers file") from error
        except UnicodeDecodeError as error:
            raise WaiverError(f"{path} is not UTF-8 text; name a waivers file") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, source: str) -> Waivers:
        """Read waivers from TOML; `source` is what errors call it. Raises WaiverError."""
        try:
            waivers = tuple(_WaiverFile.model_validate(tomllib.loads(text)).waiver)
        except ValidationError as error:
            problems = [_problem(text, source, detail) for detail in error.errors(include_url=False)]
            raise WaiverError("\n".join(problems)) from error
        except (ValueError, RecursionError) as error:
            raise WaiverError(f"{source} is not TOML: {error}") from error
        seen: dict[tuple[str | None, ...], int] = {}
        for number, waiver in enumerate(waivers, start=1):
            first = seen.setdefault((waiver.check, waiver.case, waiver.target, waiver.failure), number)
            if first != number:
                raise WaiverError(
                    f"{_place(text, source, number - 1)}: waiver {number} ({waiver.name}) repeats waiver {first}; "
                    "keep one of them"
                )
        return cls(waivers)

    def apply(self, record: Record, target: str, today: date) -> Record:
        """The record, waived when it is a finding that a waiver in force describes.

        Only a fail or a warn can be waived: what was not applicable, could not be decided or is the
        harness's own error never satisfies a waiver. The first waiver that fits is named.
        """
        if record.verdict not in _FINDINGS:
            return record
        for waiver in self.waivers:
            if waiver.in_force(today) and waiver.matches(record, target):
                reference = WaiverReference(
                    check=waiver.check, reason=waiver.reason, owner=waiver.owner, expires=waiver.expires.isoformat()
                )
                return record.model_copy(
                    update={"verdict": Verdict.WAIVED, "waived_from": record.verdict, "waiver": reference}
                )
        return record

    def stale(
        self, records: Sequence[Record], *, known: Mapping[str, Collection[str]], target: str, today: date
    ) -> list[RunFinding]:
        """The waivers that should be mended or taken out, after a run whose waivers were applied.

        `known` maps the id of every check there is, selected or not, to the names of its cases
        (`""` for the one case of a check without parameters). A finding says only what this run
        has shown:

        - **unknown**: no check, or no case of the check, has that name. No run can ever match it, so
          it is told in each, whatever was selected and whatever the target.
        - **expired**: its day is past, and something that it concerns was decided. It waived nothing.
        - **matches nothing**: every case that it concerns ran, at least one was decided, none was left
          inconclusive, and none failed in the way that it describes: the check now passes, or
          fails with another text. A waiver without target or case claims every one; the message
          says how to narrow it.

        A waiver for another target, whose check was not selected, was not applicable, or could not
        be decided is no finding: the run says nothing about it. Cases that are not applicable do not
        count for or against one whose other cases were decided. A case that is missing, because only
        some were selected or the run was interrupted, might be the one that it is for.
        """
        by_check: dict[str, list[Record]] = {}
        for record in records:
            by_check.setdefault(record.check, []).append(record)
        return [
            RunFinding(kind="waiver", message=f"waiver for {waiver.name}: {fault}")
            for waiver in self.waivers
            if (
                fault := _unknown(waiver, known)
                or _outlived(waiver, by_check.get(waiver.check, []), known[waiver.check], target, today)
            )
        ]


def render_waivers(records: Iterable[Record], *, reason: str = "", owner: str = "", expires: date | None = None) -> str:
    """Waivers for the findings among the records, as TOML to paste.

    They are refused until owner, reason and expires are filled in.
    """
    filled_in = [
        f"reason = {_toml(reason)}",
        f"owner = {_toml(owner)}",
        f"expires = {expires.isoformat() if expires else _toml('')}",
    ]
    blocks = [
        _ready_to_paste(record, filled_in)
        for record in records
        if record.verdict in _FINDINGS and not record.internal_error
    ]
    return "\n".join([_HOW_TO_FILL_IN, *blocks]) if blocks else ""


_HOW_TO_FILL_IN = """\
# Fill in reason, owner and expires (a date without quotes); a waiver without them is refused.
# failure is text that the message must hold: keep the part that does not change from run to run.
"""


def _ready_to_paste(record: Record, filled_in: Sequence[str]) -> str:
    failure = next((line for line in record.message.splitlines() if line.strip()), "").strip()[:120]
    keys = {"check": record.check, "case": record.case, "failure": failure}
    lines = [f"{key} = {_toml(text)}" for key, text in keys.items() if text]
    return "\n".join(
        [
            f"# {one_line(f'{record.verdict}, {record.severity}, {record.clause}: {record.summary}', limit=160)}",
            "[[waiver]]",
            *lines,
            *filled_in,
            "",
        ]
    )


def _toml(text: str) -> str:
    """The text as a TOML basic string."""
    escapes = {'"': '\\"', "\\": "\\\\"}
    escaped = (escapes.get(each, each if each.isprintable() else f"\\U{ord(each):08X}") for each in text)
    return f'"{"".join(escaped)}"'


def _unknown(waiver: Waiver, known: Mapping[str, Collection[str]]) -> str:
    """What is wrong with the names in a waiver, or nothing."""
    if waiver.check not in known:
        return f"no check has this id{_did_you_mean(waiver.check, known)}; correct it or take it out"
    cases = known[waiver.check]
    if waiver.case is not None and waiver.case not in cases:
        return f"{waiver.check} has no such case{_did_you_mean(waiver.case, cases)}; correct it or take it out"
    return ""


def _outlived(waiver: Waiver, records: Sequence[Record], known_cases: Collection[str], target: str, today: date) -> str:
    """What a run has shown against a waiver, or nothing; `records` are those of its check."""
    concerned = [record for record in records if waiver.concerns(record, target)]
    applicable = [record for record in concerned if record.verdict is not Verdict.NOT_APPLICABLE]
    decided = [
        record for record in applicable if record.verdict is not Verdict.INCONCLUSIVE and not record.internal_error
    ]
    if not decided:
        return ""
    if not waiver.in_force(today):
        return f"it expired on {waiver.expires} and waives nothing: mend what it was for, or renew it with its owner"
    cases = {waiver.case} if waiver.case is not None else set(known_cases)
    whole = len(decided) == len(applicable) and cases <= {record.case for record in concerned}
    if not whole or any(waiver.matches(record, target) for record in decided):
        return ""
    if any(_found(record) in _FINDINGS for record in decided):
        return "it matches nothing: the check fails, but not with its failure text; look at the new finding"
    return "it matches nothing: the check passes now; take it out, or name the target or case that it is for"


def _found(record: Record) -> Verdict:
    """The verdict before any waiver."""
    return record.waived_from or record.verdict


def _did_you_mean(word: str, words: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(words), n=3, cutoff=0.5)
    return f" (near: {', '.join(near)})" if near else ""


def _problem(text: str, source: str, detail: ErrorDetails) -> str:
    """One line a mistake in the file: where it is, what is wrong, what is wanted."""
    match detail["loc"], detail["type"]:
        case (str(table),), "extra_forbidden":
            return f"{_place(text, source, None, table)}: unknown key '{table}'; waivers are tables called [[waiver]]"
        case ("waiver", int(index), str(key)), "extra_forbidden":
            return (
                f"{_place(text, source, index, key)}: waiver {index + 1} has an unknown key '{key}'; "
                f"the keys are {', '.join(Waiver.model_fields)}"
            )
        case ("waiver", int(index), str(key)), kind:
            verb = "lacks" if kind == "missing" else "has a wrong"
            return (
                f"{_place(text, source, index, key)}: waiver {index + 1} {verb} '{key}': "
                f"it must be {Waiver.model_fields[key].description}"
            )
        case _:
            return f"{source}: waivers are tables called [[waiver]]; {detail['msg']}"


def _place(text: str, source: str, index: int | None, key: str = "") -> str:
    """`file, line n`, as far as the line can be told: TOML's reader does not keep it.

    The line of the key in the waiver of that index (or of the key or table anywhere, for None), else
    of the waiver's head.
    """
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(r"\s*\[\[\s*waiver\s*\]\]", line)]
    start, end = 0, len(lines)
    if index is not None:
        if index >= len(heads):
            return source
        start, end = [*heads, end][index : index + 2]
    of_key = re.compile(rf"[\s\[]*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    found = next((number for number in range(start, end) if key and of_key.match(lines[number])), start)
    return f"{source}, line {found + 1}"
