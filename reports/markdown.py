"""A run as Markdown, for a pull request or the summary of a CI job.

What a target sent stands in code elements with every sign of ASCII punctuation written as an entity: it can make no
markup, no link and no mention.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence

from reports.findings import Alike, alike, grouped
from reports.model import Results
from reports.text import one_line, visible
from reports.vocabulary import ExitCode, Severity, Verdict
from reports.wording import OUTCOMES, missing_need, waived

_LONGEST_LINE = 300
_LONGEST_TEXT = 2_000
_MOST_FINDINGS = 50
_SIGNS = {ExitCode.CLEAN: "✅", ExitCode.FINDINGS: "❌"}
_ENTITIES = {ord(sign): f"&#{ord(sign)};" for sign in string.punctuation}


def render_markdown(results: Results) -> str:
    """The results as GitHub-flavoured Markdown, at most some 250 kB of it."""
    header, footer = results.header, results.footer
    findings = [found for verdict in (Verdict.FAIL, Verdict.WARN) for found in alike(results.records, verdict)]
    findings.sort(key=lambda found: list(Severity).index(found.first.severity))
    where = f" ({code(header.target.endpoint)})" if header.target.endpoint else ""
    lines = [
        f"## {_SIGNS.get(footer.exit_code, '⚠️')} cognito-conformance: {OUTCOMES[footer.exit_code].lower()}",
        "",
        f"{code(footer.reason)}",
        "",
        f"Target {code(header.target.name)}{where}, {header.started:%Y-%m-%d %H:%M} UTC, seed {header.seed}, "
        f"version {code(header.tool_version)}, exit code {footer.exit_code}.",
        "",
        *_table(("verdict", "cases"), ((verdict.value, footer.counts.get(verdict, 0)) for verdict in Verdict)),
        "",
    ]
    if footer.interrupted:
        lines += ["**The run was interrupted: what is not listed was not tried.**", ""]
    for found in findings[:_MOST_FINDINGS]:
        lines += _finding(found)
    if len(findings) > _MOST_FINDINGS:
        lines += [f"{len(findings) - _MOST_FINDINGS} more findings stand in the results file.", ""]
    by_verdict = {verdict: [record for record in results.records if record.verdict is verdict] for verdict in Verdict}
    lines += _section("About the run", [f"{finding.kind}: {finding.message}" for finding in footer.findings])
    lines += _section(
        "Inconclusive", grouped(by_verdict[Verdict.INCONCLUSIVE], lambda record: one_line(record.message, limit=200))
    )
    lines += _section("Waived", [f"{record.id}: {waived(record)}" for record in by_verdict[Verdict.WAIVED]])
    lines += _section("Not applicable", grouped(by_verdict[Verdict.NOT_APPLICABLE], missing_need))
    return "\n".join(lines).rstrip() + "\n"


def code(text: str, *, limit: int = _LONGEST_LINE) -> str:
    """Text of anybody's as one line that shows it and does nothing else."""
    return f"<code>{visible(text, limit=limit).translate(_ENTITIES)}</code>"


def _finding(found: Alike) -> list[str]:
    record = found.first
    return [
        f"<details><summary><b>{record.severity.value} {record.level.value}</b> {code(found.name)} "
        f"{code(one_line(record.message, limit=_LONGEST_LINE))}</summary>",
        "",
        *_table(
            ("", ""),
            (
                ("requirement", code(record.summary, limit=_LONGEST_TEXT)),
                ("clause", code(record.clause)),
                ("evidence", record.evidence.value),
                ("finding", code(record.message, limit=_LONGEST_TEXT)),
                ("reproduce", code(record.reproduce, limit=_LONGEST_TEXT)),
            ),
        ),
        "",
        "</details>",
        "",
    ]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    return [f"### {title}", "", *(f"- {code(line, limit=_LONGEST_TEXT)}" for line in lines[:_MOST_FINDINGS]), ""]


def _table(heads: tuple[str, str], rows: Iterable[tuple[str, object]]) -> list[str]:
    return [f"| {heads[0]} | {heads[1]} |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
