"""A run as SARIF 2.1.0 (OASIS), for code-scanning dashboards and other readers of static results.

A rule is a check, a result is a check case. In the whole file every case stands once, in SARIF's own
kinds: a pass is `pass`, a finding `fail`, an inconclusive case `open`, a waived one a suppressed `fail`.
Dashboards that know no kinds show each result as an alert, passes too (GitHub's does); for these the file
can be had with the findings alone.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from reports.model import Record, Results
from reports.text import visible
from reports.vocabulary import Level, Severity, Verdict
from reports.wording import facts, missing_need, waived

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SUSPECT = "conformance.toml"
"""The file that results point at: what was tested has no source file here, its configuration has."""

_LONGEST_TEXT = 1_000
_LONGEST_DETAILS = 4_000

_KINDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.WARN: "fail",
    Verdict.INFO: "informational",
    Verdict.NOT_APPLICABLE: "notApplicable",
    Verdict.INCONCLUSIVE: "open",
    Verdict.WAIVED: "fail",
}
_FINDINGS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.WAIVED})
_LEVELS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "note", Level.INFO: "note"}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.NONE: "0.0",
}
"""`security-severity`, the score by which dashboards sort: the middle of each band of CVSS."""


def render_sarif(results: Results, *, findings_only: bool = False, location: str = SUSPECT) -> str:
    """The results as a SARIF log.

    Args:
        results: the run.
        findings_only: leave out all but findings and waived findings, for dashboards that know no kinds.
        location: the path, relative to the repository, that every result points at.
    """
    header, footer = results.header, results.footer
    shown = [record for record in results.records if record.verdict in _FINDINGS or not findings_only]
    rules = list({record.check: record for record in results.records}.values())
    places = {record.check: index for index, record in enumerate(rules)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "cognito-conformance",
                        "semanticVersion": header.tool_version,
                        "rules": [_rule(record) for record in rules],
                    }
                },
                "automationDetails": {"id": f"cognito-conformance/{_text(header.target.name)}/"},
                "invocations": [
                    {
                        "executionSuccessful": not footer.interrupted
                        and not any(finding.kind == "internal" for finding in footer.findings),
                        "exitCode": footer.exit_code,
                        "exitCodeDescription": _text(footer.reason),
                        "startTimeUtc": _utc(header.started),
                        "endTimeUtc": _utc(footer.finished),
                        "toolExecutionNotifications": [
                            {"level": "error", "message": _message(f"{finding.kind}: {finding.message}")}
                            for finding in footer.findings
                        ],
                    }
                ],
                "properties": {
                    "seed": header.seed,
                    "target": _text(header.target.name),
                    "targetFingerprint": header.target.fingerprint,
                    "counts": {verdict.value: footer.counts.get(verdict, 0) for verdict in Verdict},
                },
                "results": [_result(record, places[record.check], results, location) for record in shown],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }
    return json.dumps(log, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _rule(record: Record) -> dict[str, Any]:
    return {
        "id": record.check,
        "shortDescription": {"text": _text(record.summary) or record.check},
        "fullDescription": {"text": _text(f"{record.summary} ({record.clause})")},
        "help": {"text": _text(f"{record.summary}\n\nRequired by: {record.clause}. {_explained(record)}")},
        "defaultConfiguration": {"level": _LEVELS[record.level]},
        "properties": {
            "tags": ["security", "authentication", record.subject.value],
            "precision": "very-high",
            "security-severity": _SCORES[record.severity],
            "clause": _text(record.clause),
            "evidence": record.evidence.value,
        },
    }


def _explained(record: Record) -> str:
    return f"`cognito-conformance explain {record.check}` says more, and how to mend a breach."


def _result(record: Record, rule: int, results: Results, location: str) -> dict[str, Any]:
    kind = _KINDS[record.verdict]
    result: dict[str, Any] = {
        "ruleId": record.check,
        "ruleIndex": rule,
        "kind": kind,
        "level": _LEVELS[record.level] if kind == "fail" else "none",
        "message": _message(_said(record)),
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": location}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": _text(f"{record.subject}/{record.id}"), "kind": "member"}],
            }
        ],
        "partialFingerprints": {"checkCase/v1": _fingerprint(results.header.target.name, record.id)},
        "properties": {"verdict": record.verdict.value, "case": _text(record.case), "seconds": record.seconds},
    }
    if record.waiver is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": _text(waived(record))},
        ]
    return result


def _said(record: Record) -> str:
    """The message of a case: what a dashboard shows of it."""
    match record.verdict:
        case Verdict.NOT_APPLICABLE:
            return f"{record.id}: not applicable: {missing_need(record)}"
        case Verdict.PASS:
            return f"{record.id}: pass"
        case _:
            details = "\n".join(f"{label}: {text}" for label, text in facts(record))
            return f"{record.id}: {record.message or record.verdict}\n\n{details}"


def _message(text: str) -> dict[str, str]:
    """A message; SARIF reads braces as placeholders (section 3.11.5) and `](` as a link (3.11.6)."""
    shown = visible(text, limit=_LONGEST_DETAILS, lines=True)
    for special, escaped in (("{", "{{"), ("}", "}}"), ("](", "] (")):
        shown = shown.replace(special, escaped)
    return {"text": shown}


def _text(text: str) -> str:
    return visible(text, limit=_LONGEST_TEXT, lines=True)


def _fingerprint(*parts: str) -> str:
    """Stable over runs, so that a dashboard knows a finding again."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
