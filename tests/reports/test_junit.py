from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from reports.junit import render_junit
from reports.model import Record, RunFinding
from reports.vocabulary import Subject, Verdict
from tests.reports.samples import HOSTILE, a_record, any_records, whole_runs, written


def junit(directory: Path, *records: Record, findings: tuple[RunFinding, ...] = ()) -> ET.Element:
    return parsed(render_junit(written(directory, records, findings=findings)))


def parsed(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - the document is our own


def the_case(root: ET.Element) -> ET.Element:
    (case,) = root.iter("testcase")
    return case


def outcome(case: ET.Element) -> str:
    return case[0].tag if len(case) else "passed"


@whole_runs
@given(records=any_records)
def test_every_case_stands_there_once_and_the_counts_are_those_of_the_results(records: list[Record]) -> None:
    with TemporaryDirectory() as directory:
        results = written(Path(directory), records)
    root = parsed(render_junit(results))
    counts = results.footer.counts
    expected = {
        "tests": results.footer.total,
        "failures": counts[Verdict.FAIL],
        "errors": counts[Verdict.INCONCLUSIVE],
        "skipped": counts[Verdict.NOT_APPLICABLE] + counts[Verdict.WAIVED],
    }
    suites = root.findall("testsuite")
    assert {key: sum(int(suite.attrib[key]) for suite in suites) for key in expected} == expected
    assert {key: int(root.attrib[key]) for key in expected if key != "skipped"} == {
        key: count for key, count in expected.items() if key != "skipped"
    }
    seen = Counter(outcome(case) for case in root.iter("testcase"))
    assert (seen.total(), seen["failure"], seen["error"], seen["skipped"]) == tuple(expected.values())
    assert all(len(suite.findall("testcase")) == int(suite.attrib["tests"]) for suite in suites)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("verdict", Verdict)
def test_hostile_text_stays_legal_xml_and_bounded(tmp_path: Path, text: str, verdict: Verdict) -> None:
    record = a_record(
        "SRP-04", text, verdict, message=text, summary=text, clause=text, missing_need=text, observations={text: text}
    )
    document = render_junit(written(tmp_path, [record]))
    assert len(document) < 60_000
    assert not set(document) & set("\x1b\x00\u202e\x7f\u2028")
    assert not list(parsed(document).iter("script"))


def test_a_fail_is_a_failure_with_all_that_a_reader_needs(tmp_path: Path) -> None:
    record = a_record(
        "SRP-04",
        "2N",
        Verdict.FAIL,
        message="tokens were issued\nfor A = 2N",
        reproduce="cognito-conformance run --select 'SRP-04[2N]'",
    )
    case = the_case(junit(tmp_path, record))
    assert case.attrib == {
        "name": "SRP-04[2N] A server that skips A mod N = 0 lets anyone in without the password.",
        "classname": "pool.SRP",
        "time": "0.250",
    }
    (failure,) = case
    assert (failure.tag, failure.get("type")) == ("failure", "MUST critical")
    assert failure.get("message") == "RFC 5054 section 2.5.4: tokens were issued"
    assert failure.text is not None
    for part in ("RFC 5054 section 2.5.4", "critical", "tokens were issued\nfor A = 2N", record.reproduce):
        assert part in failure.text


def test_a_warn_passes_with_a_note(tmp_path: Path) -> None:
    case = the_case(junit(tmp_path, a_record(verdict=Verdict.WARN, message="slow refusal")))
    (note,) = case
    assert note.tag == "system-out"
    assert note.text is not None
    assert note.text.startswith("warn\n")
    assert "slow refusal" in note.text


@pytest.mark.parametrize(("at_fault", "kind"), [(False, "inconclusive"), (True, "internal error")])
def test_an_inconclusive_case_is_an_error(tmp_path: Path, at_fault: bool, kind: str) -> None:
    record = a_record(verdict=Verdict.INCONCLUSIVE, message="the twin failed", internal_error=at_fault)
    (error,) = the_case(junit(tmp_path, record))
    assert (error.tag, error.get("type"), error.get("message")) == ("error", kind, "the twin failed")


def test_a_case_that_is_not_applicable_is_skipped_and_the_need_named(tmp_path: Path) -> None:
    (skipped,) = the_case(junit(tmp_path, a_record(verdict=Verdict.NOT_APPLICABLE, missing_need="passkeys")))
    assert (skipped.tag, skipped.get("message")) == ("skipped", "the target lacks passkeys")


def test_a_waived_case_is_skipped_with_owner_expiry_and_reason(tmp_path: Path) -> None:
    (skipped,) = the_case(junit(tmp_path, a_record(verdict=Verdict.WAIVED)))
    assert skipped.tag == "skipped"
    assert skipped.get("type") == "waived"
    assert skipped.get("message") == "fail waived by identity team until 2026-12-31: ticket 4711"


def test_a_suite_is_a_flow(tmp_path: Path) -> None:
    root = junit(
        tmp_path,
        a_record("SRP-01"),
        a_record("TRG-D-10", subject=Subject.TRIGGERS),
        a_record("SRP-02", subject=Subject.CLIENT),
        a_record("SRP-03"),
    )
    assert [(suite.attrib["name"], suite.attrib["tests"]) for suite in root] == [
        ("run", "0"),
        ("client.SRP", "1"),
        ("pool.SRP", "2"),
        ("triggers.TRG-D", "1"),
    ]


def test_what_belongs_to_the_run_is_told_and_counts_as_no_case(tmp_path: Path) -> None:
    root = junit(tmp_path, a_record(), findings=(RunFinding(kind="waiver", message="it expired"),))
    run = root[0]
    assert run.findtext("system-err") == "waiver: it expired"
    properties = {item.attrib["name"]: item.attrib["value"] for item in run.iter("property")}
    assert properties["exit code"] == "0"
    assert properties["target"] == "endpoint staging http://127.0.0.1:4566"
    assert properties["records: pass"] == "1"
