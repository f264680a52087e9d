"""One check case while it runs: what each phase said, and the verdict that follows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from harness.findings import Inconclusive, NotApplicable
from reports.model import Record
from reports.vocabulary import Level, Verdict

if TYPE_CHECKING:
    from harness.check import Check
    from harness.transcript import Transcript


@dataclass
class RunningCase:
    """Gathers what happens to one case in set-up, call and teardown."""

    check: Check
    name: str
    missing_need: str | None = None
    observations: dict[str, str] = field(default_factory=dict)
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.perf_counter)
    _finding: str | None = None
    _undecided: str | None = None
    _why_not: str = ""
    _internal: bool = False

    def saw(self, phase: str, error: BaseException | None) -> None:
        """Take note of how a phase (`setup`, `call`, `teardown`) ended.

        Only a failed assertion in the call is a finding. A set-up or a twin that fails decides nothing;
        any other exception is a mistake of the harness or of the check.
        """
        if error is None or isinstance(error, pytest.skip.Exception):
            return
        if isinstance(error, NotApplicable):
            self.lacks(error.need, error.why)
        elif phase == "call" and isinstance(error, AssertionError):
            self._finding = _in_the_checks_own_words(error)
        elif isinstance(error, Inconclusive):
            self._undecided = self._undecided or str(error)
        elif isinstance(error, AssertionError):
            self._undecided = self._undecided or f"{phase} failed: {error}"
        else:
            self._internal = True
            self._undecided = self._undecided or f"{phase} broke: {type(error).__name__}: {error}"

    def lacks(self, need: str, why: str = "") -> None:
        """The case is not applicable; `why` says more than the need's name does."""
        self.missing_need = self.missing_need or need
        self._why_not = self._why_not or why

    def verdict(self) -> Verdict:
        """The verdict so far. A finding outlives a twin that fails after it; a pass does not."""
        if self.missing_need is not None and self._finding is None:
            return Verdict.NOT_APPLICABLE
        if self._internal:
            return Verdict.INCONCLUSIVE
        if self._finding is not None:
            return {Level.MUST: Verdict.FAIL, Level.SHOULD: Verdict.WARN}.get(self.check.level, Verdict.INFO)
        if self._undecided is not None:
            return Verdict.INCONCLUSIVE
        return Verdict.INFO if self.check.level is Level.INFO else Verdict.PASS

    def record(self, transcript: Transcript, reproduce: str) -> Record:
        """The case's record, everything in it redacted."""
        verdict = self.verdict()
        message = self._finding if verdict in (Verdict.FAIL, Verdict.WARN) else self._undecided or self._finding
        if verdict is Verdict.NOT_APPLICABLE:
            message = self._why_not
        clean = transcript.redactor.text
        return Record(
            check=self.check.id,
            case=self.name,
            verdict=verdict,
            level=self.check.level,
            severity=self.check.severity,
            clause=self.check.clause,
            evidence=self.check.evidence,
            subject=self.check.subject,
            summary=self.check.summary,
            message=clean(message or ""),
            missing_need=self.missing_need if verdict is Verdict.NOT_APPLICABLE else None,
            observations={name: clean(value) for name, value in self.observations.items()},
            model_violations=sorted({clean(violation) for violation in transcript.model_violations}),
            transcript=transcript.exchanges(),
            started=self._started,
            seconds=round(time.perf_counter() - self._clock, 6),
            reproduce=reproduce,
            internal_error=self._internal,
        )


def is_finding_about(record: Record, words: str) -> bool:
    """Whether a record is a finding whose message holds the words."""
    return record.verdict in (Verdict.FAIL, Verdict.WARN) and words in record.message


def _in_the_checks_own_words(error: AssertionError) -> str:
    """The assertion's message without the values that pytest's rewriting appends to it under plain `pytest`."""
    return str(error).partition("\nassert ")[0] or "what the check demands does not hold"
