from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given

from reports.model import Record, RunFinding
from reports.sarif import render_sarif
from reports.vocabulary import Level, Severity, Verdict
from tests.reports.samples import HOSTILE, a_record, any_records, whole_runs, written

KINDS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.WARN: "fail",
    Verdict.INFO: "informational",
    Verdict.NOT_APPLICABLE: "notApplicable",
    Verdict.INCONCLUSIVE: "open",
    Verdict.WAIVED: "fail",
}


def the_run(directory: Path, *records: Record, findings_only: bool = False, **footer: Any) -> dict[str, Any]:
    log = json.loads(render_sarif(written(directory, records, **footer), findings_only=findings_only))
    run: dict[str, Any] = log["runs"][0]
    return run


@whole_runs
@given(records=any_records)
def test_every_case_stands_there_once_in_its_kind_and_points_at_its_rule(records: list[Record]) -> None:
    with TemporaryDirectory() as directory:
        results = written(Path(directory), records)
    run = json.loads(render_sarif(results))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(dict.fromkeys(record.check for record in results.records))
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    told = [(result["ruleId"], result["kind"], result["properties"]["verdict"]) for result in run["results"]]
    assert told == [(record.check, KINDS[record.verdict], record.verdict.value) for record in results.records]
    assert Counter(verdict for _, _, verdict in told) == Counter(
        {verdict.value: count for verdict, count in results.footer.counts.items() if count}
    )
    assert run["properties"]["counts"] == {verdict.value: results.footer.counts[verdict] for verdict in Verdict}


@pytest.mark.parametrize("verdict", Verdict)
def test_what_dashboards_take_for_alerts_are_findings_only(tmp_path: Path, verdict: Verdict) -> None:
    run = the_run(tmp_path, a_record(verdict=verdict), findings_only=True)
    assert len(run["results"]) == (verdict in {Verdict.FAIL, Verdict.WARN, Verdict.WAIVED})


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("severity", Severity)
def test_level_and_severity_of_a_finding(tmp_path: Path, level: Level, severity: Severity) -> None:
    run = the_run(tmp_path, a_record(verdict=Verdict.FAIL, level=level, severity=severity))
    expected = {Level.MUST: "error", Level.SHOULD: "warning"}.get(level, "note")
    assert run["results"][0]["level"] == expected
    assert run["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"] == expected
    score = float(run["tool"]["driver"]["rules"][0]["properties"]["security-severity"])
    lowest, below = {
        Severity.CRITICAL: (9.0, 10.1),
        Severity.HIGH: (7.0, 9.0),
        Severity.MEDIUM: (4.0, 7.0),
        Severity.LOW: (0.1, 4.0),
        Severity.NONE: (0.0, 0.1),
    }[severity]
    assert lowest <= score < below


def test_what_is_no_finding_has_no_level(tmp_path: Path) -> None:
    run = the_run(tmp_path, a_record(), a_record("SRP-05", verdict=Verdict.INCONCLUSIVE))
    assert [result["level"] for result in run["results"]] == ["none", "none"]


def test_each_result_has_a_place_that_an_upload_accepts(tmp_path: Path) -> None:
    (result,) = the_run(tmp_path, a_record(verdict=Verdict.FAIL))["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "conformance.toml"},
        "region": {"startLine": 1},
    }


def test_a_waived_finding_is_suppressed_with_owner_and_reason(tmp_path: Path) -> None:
    (result,) = the_run(tmp_path, a_record(verdict=Verdict.WAIVED))["results"]
    (suppression,) = result["suppressions"]
    assert suppression["status"] == "accepted"
    assert suppression["justification"] == "fail waived by identity team until 2026-12-31: ticket 4711"


def test_a_finding_is_known_again_in_the_next_run(tmp_path: Path) -> None:
    first = the_run(tmp_path / "1", a_record(verdict=Verdict.FAIL, message="one"), a_record("SRP-05"))
    second = the_run(tmp_path / "2", a_record(verdict=Verdict.FAIL, message="other"))
    assert first["results"][0]["partialFingerprints"] == second["results"][0]["partialFingerprints"]
    assert first["results"][0]["partialFingerprints"] != first["results"][1]["partialFingerprints"]


def test_what_belongs_to_the_run_is_told(tmp_path: Path) -> None:
    finding = RunFinding(kind="waiver", message="it expired")
    run = the_run(tmp_path, a_record(), findings=(finding,), exit_code=1, reason="a waiver expired")
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert (invocation["exitCode"], invocation["exitCodeDescription"]) == (1, "a waiver expired")
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "waiver: it expired"


def test_braces_and_links_in_a_message_stay_text(tmp_path: Path) -> None:
    (result,) = the_run(tmp_path, a_record(verdict=Verdict.FAIL, message="{0} [a](javascript:b)"))["results"]
    assert result["message"]["text"].startswith("SRP-04: {{0}} [a] (javascript:b)")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_bounded_text(tmp_path: Path, text: str) -> None:
    record = a_record("SRP-04", text, Verdict.FAIL, message=text, summary=text, clause=text, observations={text: text})
    log = render_sarif(written(tmp_path, [record]))
    assert len(log) < 60_000
    shown = json.dumps(json.loads(log), ensure_ascii=False)
    assert not set(shown) & set("\x1b\x00\u202e\x7f\u2028")
