from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gate import Decision, decide
from reports.model import Record, RunFinding
from reports.vocabulary import ExitCode, Level, Subject, Verdict
from tests.reports.samples import a_record, any_records, single_values

WAIVER = RunFinding(kind="waiver", message="it expired")
LEAK = RunFinding(kind="leak", message="junit.xml holds a canary")
INTERNAL = RunFinding(kind="internal", message="a suite cannot be collected")
TARGET = RunFinding(kind="target", message="connection refused")
FLOOR = RunFinding(kind="floor", message="fewer than the floor")
BROKEN = a_record("SRP-99", verdict=Verdict.INCONCLUSIVE, internal_error=True)
DECIDED = [Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INFO, Verdict.WAIVED]


def records(*verdicts: Verdict) -> list[Record]:
    return [a_record(f"SRP-{number:02}", verdict=verdict) for number, verdict in enumerate(verdicts, start=1)]


def decision(
    records: Sequence[Record],
    findings: Sequence[RunFinding] = (),
    *,
    gate_level: Level = Level.MUST,
    floor: int = 1,
    interrupted: bool = False,
) -> Decision:
    return decide(records, findings, gate_level=gate_level, floor=floor, interrupted=interrupted)


@pytest.mark.parametrize(
    ("verdicts", "exit_code"),
    [
        ([Verdict.PASS], 0),
        ([Verdict.PASS, Verdict.WAIVED, Verdict.INFO, Verdict.NOT_APPLICABLE], 0),
        ([Verdict.PASS, Verdict.WARN], 0),
        ([Verdict.WAIVED], 0),
        ([Verdict.INFO], 0),
        ([Verdict.FAIL], 1),
        ([Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE], 1),
        ([Verdict.INCONCLUSIVE], 3),
        ([Verdict.PASS, Verdict.INCONCLUSIVE], 3),
        ([], 4),
        ([Verdict.NOT_APPLICABLE], 4),
    ],
)
def test_the_verdicts_make_the_exit_code(verdicts: list[Verdict], exit_code: int) -> None:
    assert decision(records(*verdicts)).exit_code == exit_code


@pytest.mark.parametrize(("gate_level", "exit_code"), [(Level.MUST, 0), (Level.SHOULD, 1), (Level.MAY, 1)])
def test_a_warn_fails_a_gate_at_should_or_lower_only(gate_level: Level, exit_code: int) -> None:
    assert decision(records(Verdict.PASS, Verdict.WARN), gate_level=gate_level).exit_code == exit_code


@pytest.mark.parametrize("gate_level", Level)
def test_a_fail_fails_every_gate_whatever_the_level_of_its_check(gate_level: Level) -> None:
    failed = [a_record(verdict=Verdict.FAIL, level=Level.SHOULD)]
    assert decision(failed, gate_level=gate_level).exit_code == ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("finding", "exit_code"),
    [(WAIVER, 1), (LEAK, 5), (INTERNAL, 5), (TARGET, 3), (FLOOR, 4)],
    ids=lambda it: str(it)[:12],
)
def test_a_finding_about_the_run_spoils_a_clean_one(finding: RunFinding, exit_code: int) -> None:
    assert decision(records(Verdict.PASS), [finding]).exit_code == exit_code


def test_an_internal_error_outweighs_findings() -> None:
    assert decision([*records(Verdict.FAIL), BROKEN]).exit_code == ExitCode.INTERNAL


def test_a_stale_waiver_outweighs_an_inconclusive_check() -> None:
    assert decision(records(Verdict.PASS, Verdict.INCONCLUSIVE), [WAIVER]).exit_code == ExitCode.FINDINGS


def test_an_inconclusive_check_outweighs_the_floor() -> None:
    assert decision(records(Verdict.PASS, Verdict.INCONCLUSIVE), floor=10).exit_code == ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(("floor", "exit_code"), [(0, 0), (4, 0), (5, 4)])
def test_fewer_decided_checks_than_the_floor_are_too_few(floor: int, exit_code: int) -> None:
    decided = records(Verdict.PASS, Verdict.WARN, Verdict.INFO, Verdict.WAIVED, Verdict.NOT_APPLICABLE)
    assert decision(decided, floor=floor).exit_code == exit_code


def test_nothing_decided_is_too_few_without_a_floor_too() -> None:
    assert decision([], floor=0).exit_code == ExitCode.TOO_FEW


def test_a_run_that_decided_only_its_own_arithmetic_says_nothing_about_the_target() -> None:
    own = a_record("VEC-01", verdict=Verdict.PASS, subject=Subject.ARITHMETIC)
    about_the_target = a_record("SRP-01", verdict=Verdict.NOT_APPLICABLE, subject=Subject.POOL)
    assert decision([own, about_the_target]).exit_code == ExitCode.TOO_FEW
    assert decision([own]).exit_code == ExitCode.CLEAN, "nothing else was asked for"


@pytest.mark.parametrize(
    ("verdicts", "exit_code"), [([], 3), ([Verdict.PASS], 3), ([Verdict.NOT_APPLICABLE], 3), ([Verdict.FAIL], 1)]
)
def test_an_interrupted_run_is_inconclusive_unless_it_found_something(verdicts: list[Verdict], exit_code: int) -> None:
    assert decision(records(*verdicts), interrupted=True).exit_code == exit_code


def test_the_reason_names_what_was_found_and_how_often() -> None:
    verdicts = [Verdict.FAIL, Verdict.FAIL, Verdict.WARN, Verdict.PASS]
    assert (
        decision(records(*verdicts), [WAIVER], gate_level=Level.SHOULD).reason == "fail: 2, warn: 1, stale waivers: 1"
    )
    assert decision(records(*verdicts)).reason == "fail: 2"
    assert decision(records(Verdict.PASS), floor=3).reason == "1 decided, and the floor is 3"
    assert decision(records(Verdict.INCONCLUSIVE)).reason == "checks that could not be decided: 1"


@single_values
@given(
    run=any_records,
    findings=st.lists(st.sampled_from([WAIVER, LEAK, INTERNAL, TARGET, FLOOR]), max_size=2),
    gate_level=st.sampled_from([Level.MUST, Level.SHOULD]),
    floor=st.integers(0, 5),
    interrupted=st.booleans(),
)
def test_a_run_is_clean_only_when_nothing_speaks_against_it(
    run: list[Record], findings: list[RunFinding], gate_level: Level, floor: int, interrupted: bool
) -> None:
    verdicts = [record.verdict for record in run]
    clean = (
        not findings
        and not interrupted
        and Verdict.FAIL not in verdicts
        and Verdict.INCONCLUSIVE not in verdicts
        and not (gate_level is Level.SHOULD and Verdict.WARN in verdicts)
        and not any(record.internal_error for record in run)
        and sum(verdict in DECIDED for verdict in verdicts) >= max(floor, 1)
    )
    made = decision(run, findings, gate_level=gate_level, floor=floor, interrupted=interrupted)
    assert (made.exit_code == ExitCode.CLEAN) == clean
    assert made.reason
