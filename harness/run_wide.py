"""What can only be judged when every case has run, from the records of them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from harness.catalogue import find_check
from harness.plugin import matches_selection
from reports.model import Record
from reports.vocabulary import Verdict

SERVICE_MODEL_CHECK = "SRP-24"
SERVICE_MODEL_CASE = "every exchange of the run"


def run_wide_cases(selection: list[str]) -> int:
    """How many run-wide cases a selection takes."""
    return int(matches_selection(selection, SERVICE_MODEL_CHECK, SERVICE_MODEL_CASE))


def run_wide_records(records: Sequence[Record], selection: list[str]) -> list[Record]:
    """The records that follow from all others: that no answer of the run broke the AWS service model.

    Nothing when the check was not selected, or when nothing was sent to a target.
    """
    sent_something = any(record.transcript for record in records)
    if not sent_something or not run_wide_cases(selection):
        return []
    check = find_check(SERVICE_MODEL_CHECK)
    by_violation: dict[str, list[str]] = {}
    for record in records:
        for violation in record.model_violations:
            by_violation.setdefault(violation, []).append(record.id)
    message = "; ".join(
        f"{violation} (seen in {seen[0]}{f' and {len(seen) - 1} more' if len(seen) > 1 else ''})"
        for violation, seen in sorted(by_violation.items())
    )
    return [
        Record(
            check=check.id,
            case=SERVICE_MODEL_CASE,
            verdict=Verdict.FAIL if by_violation else Verdict.PASS,
            level=check.level,
            severity=check.severity,
            clause=check.clause,
            evidence=check.evidence,
            subject=check.subject,
            summary=check.summary,
            message=message,
            model_violations=sorted(by_violation),
            started=datetime.now(UTC),
            seconds=0,
        )
    ]
