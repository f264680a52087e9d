from __future__ import annotations

from pathlib import Path

from benchmarks.live import Conditions, different_verdicts, measured_run
from reports.vocabulary import ExitCode, Verdict
from tests.reports.samples import a_record, written


def test_the_lower_bound_is_the_larger_of_what_the_quota_lets_through_and_the_longest_chain_of_answers() -> None:
    conditions = Conditions(latency_seconds=0.1, requests_per_second=25)
    assert conditions.lower_bound(1_000, longest_chain=10) == 40
    assert conditions.lower_bound(100, longest_chain=60) == 6


def test_a_measured_run_goes_over_the_network_signed_and_never_over_the_quota() -> None:
    run = measured_run(Conditions(latency_seconds=0.01, requests_per_second=100), "--only", "SRP-01", "-n", "2")
    assert run.results.footer.exit_code is ExitCode.CLEAN
    assert run.counted["over_rate"] == 0
    assert run.counted["requests"] > 20
    assert run.seconds >= run.bound
    assert [figure.outcome for figure in run.figures if figure.name == "over the quota"] == ["met"]


def test_verdicts_are_compared_case_by_case_where_the_live_run_could_decide(tmp_path: Path) -> None:
    live = written(
        tmp_path / "live",
        [
            a_record("SRP-01"),
            a_record("SRP-02", verdict=Verdict.FAIL, message="tokens for a wrong proof"),
            a_record("SRP-03", verdict=Verdict.NOT_APPLICABLE),
            a_record("SRP-04", case="N"),
            a_record("POS-01", verdict=Verdict.WARN),
        ],
    )
    embedded = written(tmp_path / "embedded", [a_record("SRP-01"), a_record("SRP-02"), a_record("SRP-03")])
    assert list(different_verdicts(live, embedded)) == [
        "SRP-02: fail live, pass embedded: tokens for a wrong proof",
        "SRP-04[N]: pass live, missing embedded: ",
    ]
