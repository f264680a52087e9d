"""What a record says, in the words that every rendering shares. None of it is safe to show as it is."""

from __future__ import annotations

from collections.abc import Iterator

from reports.model import Record
from reports.vocabulary import ExitCode

OUTCOMES = {
    ExitCode.CLEAN: "CLEAN",
    ExitCode.FINDINGS: "FINDINGS",
    ExitCode.USAGE: "USAGE",
    ExitCode.INCONCLUSIVE: "INCONCLUSIVE",
    ExitCode.TOO_FEW: "TOO FEW CHECKS",
    ExitCode.INTERNAL: "INTERNAL ERROR",
}
"""What each exit code means, as a headline."""


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """What a reader must know about a record, as label and text."""
    yield "clause", f"{record.clause} ({record.level}; evidence: {record.evidence})"
    yield "severity", record.severity.value
    yield "requirement", record.summary
    if record.message:
        yield "message", record.message
    if record.waiver is not None:
        yield "waived", waived(record)
    for name, value in record.observations.items():
        yield "observed", f"{name}: {value}"
    for violation in record.model_violations:
        yield "against the service model", violation
    if record.reproduce:
        yield "reproduce", record.reproduce


def missing_need(record: Record) -> str:
    """Why a check is not applicable."""
    if not record.missing_need:
        return record.message or "no reason given"
    return f"the target lacks {record.missing_need}" + (f": {record.message}" if record.message else "")


def waived(record: Record) -> str:
    """Who waived a finding, until when, and why."""
    if record.waiver is None:
        return ""
    return f"{record.waived_from} waived by {record.waiver.owner} until {record.waiver.expires}: {record.waiver.reason}"
