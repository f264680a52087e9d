"""Lays the report out: one file with its style and script inside, which loads nothing."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.findings import grouped
from reports.html.view import LONGEST_LINE, coverage_of, findings_of, flows_of, shown
from reports.model import Record, Results
from reports.text import one_line
from reports.vocabulary import Severity, Verdict
from reports.wording import OUTCOMES, missing_need, waived

_FOLDER = Path(__file__).parent
_QUIET = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
"""What is counted on paper and not listed."""


def render_html(results: Results) -> str:
    """The results as one HTML page, for phones, desks and paper.

    Everything from the target is escaped, and the page's own policy lets nothing but its own script run.
    """
    records, footer = results.records, results.footer
    by_verdict = {verdict: [record for record in records if record.verdict is verdict] for verdict in Verdict}
    findings = findings_of(results)
    script = (_FOLDER / "report.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.jinja").render(
        results=results,
        header=results.header,
        footer=footer,
        outcome=OUTCOMES[footer.exit_code].capitalize(),
        style=(_FOLDER / "report.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        verdicts=list(Verdict),
        severities=[(severity, sum(each.severity is severity for each in findings)) for severity in Severity],
        flows=flows_of(records),
        findings=findings,
        total=len(records),
        quiet=_QUIET,
        tried=len(records) - len(by_verdict[Verdict.NOT_APPLICABLE]),
        failing=sum(len(by_verdict[verdict]) for verdict in (Verdict.FAIL, Verdict.WARN)),
        occurring=[verdict for verdict in Verdict if by_verdict[verdict] or verdict in {Verdict.PASS, Verdict.FAIL}],
        run_findings=[(finding.kind, shown(finding.message)) for finding in footer.findings],
        inconclusive=grouped(by_verdict[Verdict.INCONCLUSIVE], _said),
        waived=[(shown(record.id), shown(waived(record))) for record in by_verdict[Verdict.WAIVED]],
        not_applicable=grouped(by_verdict[Verdict.NOT_APPLICABLE], missing_need),
        information=[
            (shown(record.id), shown(name), shown(value))
            for record in by_verdict[Verdict.INFO]
            for name, value in record.observations.items()
        ],
        coverage=coverage_of(results),
        shown=shown,
    )


def _said(record: Record) -> str:
    return one_line(record.message, limit=LONGEST_LINE)
