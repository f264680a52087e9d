"""A run as JUnit XML, as CI systems show it.

One test suite a flow, one test case a check case: fail is a failure, inconclusive an error, not
applicable and waived are skipped with the reason. A warn passes, with a note in its output: JUnit
has no word for a SHOULD. What belongs to the run and to no check stands in the error output of the
suite `run`, which has no test cases, so that the counts are those of the results file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from xml.etree import ElementTree as ET

from reports.model import Header, Record, Results
from reports.text import one_line, visible
from reports.vocabulary import Verdict
from reports.wording import facts, missing_need, waived

_LONGEST_LINE = 300
_LONGEST_TEXT = 4_000


def render_junit(results: Results) -> str:
    """The results as a JUnit XML document, valid by the schema that the xUnit plugin of Jenkins publishes."""
    root = ET.Element(
        "testsuites",
        {"name": "cognito-conformance", "time": _seconds(results.footer.seconds), **_counts(results.records)},
    )
    del root.attrib["skipped"]  # the schema has it on suites only
    _run_suite(root, results)
    flow = attrgetter("subject", "family")
    for (subject, family), records in groupby(sorted(results.records, key=flow), key=flow):
        _flow_suite(root, f"{subject}.{family}", list(records), results.header)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _run_suite(root: ET.Element, results: Results) -> None:
    header, footer = results.header, results.footer
    suite = _suite(root, "run", [], footer.seconds, header)
    properties = ET.SubElement(suite, "properties")
    for name, value in {
        "tool version": header.tool_version,
        "target": f"{header.target.kind} {header.target.name} {header.target.endpoint or ''}".strip(),
        "target fingerprint": header.target.fingerprint,
        "seed": str(header.seed),
        "gate level": header.gate_level.value,
        "floor": str(header.floor),
        "exit code": str(footer.exit_code),
        "reason": footer.reason,
        "interrupted": str(footer.interrupted).lower(),
        **{f"records: {verdict}": str(footer.counts.get(verdict, 0)) for verdict in Verdict},
    }.items():
        ET.SubElement(properties, "property", {"name": name, "value": visible(value, limit=_LONGEST_LINE)})
    if footer.findings:
        text = "\n".join(f"{finding.kind}: {finding.message}" for finding in footer.findings)
        ET.SubElement(suite, "system-err").text = _block(text)


def _flow_suite(root: ET.Element, name: str, records: Sequence[Record], header: Header) -> None:
    suite = _suite(root, name, records, sum(record.seconds for record in records), header)
    for record in records:
        case = ET.SubElement(
            suite,
            "testcase",
            {
                "name": visible(f"{record.id} {record.summary}", limit=_LONGEST_LINE),
                "classname": visible(name, limit=_LONGEST_LINE),
                "time": _seconds(record.seconds),
            },
        )
        _outcome(case, record)


def _suite(root: ET.Element, name: str, records: Sequence[Record], seconds: float, header: Header) -> ET.Element:
    return ET.SubElement(
        root,
        "testsuite",
        {
            "name": visible(name, limit=_LONGEST_LINE),
            "timestamp": header.started.isoformat(timespec="seconds"),
            "time": _seconds(seconds),
            **_counts(records),
        },
    )


def _outcome(case: ET.Element, record: Record) -> None:
    match record.verdict:
        case Verdict.FAIL:
            _result(case, "failure", f"{record.level} {record.severity}", f"{record.clause}: {record.message}", record)
        case Verdict.INCONCLUSIVE:
            kind = "internal error" if record.internal_error else "inconclusive"
            _result(case, "error", kind, record.message, record)
        case Verdict.NOT_APPLICABLE:
            _result(case, "skipped", "not applicable", missing_need(record), record)
        case Verdict.WAIVED:
            _result(case, "skipped", "waived", waived(record), record)
        case Verdict.WARN | Verdict.INFO:
            ET.SubElement(case, "system-out").text = _block(f"{record.verdict}\n{_details(record)}")


def _result(case: ET.Element, tag: str, kind: str, message: str, record: Record) -> None:
    attributes = {"type": kind, "message": one_line(message, limit=_LONGEST_LINE)}
    ET.SubElement(case, tag, attributes).text = _block(_details(record))


def _details(record: Record) -> str:
    return "\n".join(f"{label}: {text}" for label, text in facts(record))


def _block(text: str) -> str:
    return visible(text, limit=_LONGEST_TEXT, lines=True)


def _counts(records: Sequence[Record]) -> dict[str, str]:
    counts = Counter(record.verdict for record in records)
    return {
        "tests": str(len(records)),
        "failures": str(counts[Verdict.FAIL]),
        "errors": str(counts[Verdict.INCONCLUSIVE]),
        "skipped": str(counts[Verdict.NOT_APPLICABLE] + counts[Verdict.WAIVED]),
    }


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
