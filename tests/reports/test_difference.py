from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from reports.difference import Change, Difference, compare
from reports.difference_text import render_difference, render_difference_markdown
from reports.model import Record, Results
from reports.vocabulary import ExitCode, Level, Verdict
from tests.reports.samples import HOSTILE, a_record, written

DECIDED = (Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INFO, Verdict.WAIVED)
UNDECIDED = (Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE)


def difference(directory: Path, old: list[Record], new: list[Record]) -> Difference:
    return compare(written(directory / "old", old), written(directory / "new", new))


def change(directory: Path, old: Record | None, new: Record | None) -> Change | None:
    found = difference(directory, [old] if old else [], [new] if new else []).changes
    return found[0].change if found else None


@pytest.mark.parametrize("verdict", Verdict)
def test_a_run_does_not_differ_from_itself(tmp_path: Path, verdict: Verdict) -> None:
    same = difference(tmp_path, [a_record(verdict=verdict)], [a_record(verdict=verdict)])
    assert same.changes == ()
    assert same.exit_code(Level.SHOULD) == ExitCode.CLEAN


@pytest.mark.parametrize("before", [None, Verdict.PASS, Verdict.INFO, Verdict.WAIVED, *UNDECIDED])
@pytest.mark.parametrize("finding", [Verdict.FAIL, Verdict.WARN])
def test_a_finding_that_was_none_is_new(tmp_path: Path, before: Verdict | None, finding: Verdict) -> None:
    old = a_record(verdict=before) if before else None
    assert change(tmp_path, old, a_record(verdict=finding, message="let in")) is Change.NEW


@pytest.mark.parametrize("before", DECIDED)
@pytest.mark.parametrize("after", [None, *UNDECIDED])
def test_what_was_decided_and_is_not_any_more_is_no_longer_covered(
    tmp_path: Path, before: Verdict, after: Verdict | None
) -> None:
    new = a_record(verdict=after) if after else None
    assert change(tmp_path, a_record(verdict=before), new) is Change.NO_LONGER_COVERED


def test_a_finding_that_passes_now_is_mended(tmp_path: Path) -> None:
    assert change(tmp_path, a_record(verdict=Verdict.FAIL, message="let in"), a_record()) is Change.MENDED


def test_another_message_is_a_change(tmp_path: Path) -> None:
    old, new = (a_record(verdict=Verdict.FAIL, message=message) for message in ("one", "other"))
    assert change(tmp_path, old, new) is Change.CHANGED


def test_another_observation_is_a_change_that_names_both(tmp_path: Path) -> None:
    old, new = (a_record(observations={"replay": seen}) for seen in ("accepted", "refused"))
    (case,) = difference(tmp_path, [old], [new]).changes
    assert (case.change, case.described) == (Change.CHANGED, "pass -> pass: replay: accepted -> refused")


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.INFO])
def test_a_case_that_is_decided_for_the_first_time_is_newly_covered(tmp_path: Path, verdict: Verdict) -> None:
    assert change(tmp_path, None, a_record(verdict=verdict)) is Change.NEWLY_COVERED


@pytest.mark.parametrize(
    ("level", "gate", "code"),
    [
        (Level.MUST, Level.MUST, 1),
        (Level.SHOULD, Level.MUST, 0),
        (Level.SHOULD, Level.SHOULD, 1),
        (Level.MAY, Level.SHOULD, 0),
    ],
)
def test_a_new_finding_counts_from_the_gates_level_on(tmp_path: Path, level: Level, gate: Level, code: int) -> None:
    found = difference(tmp_path, [a_record()], [a_record(verdict=Verdict.FAIL, level=level, message="x")])
    assert found.exit_code(gate) == code


def test_a_mended_finding_is_clean_and_lost_coverage_is_not(tmp_path: Path) -> None:
    mended = difference(tmp_path / "a", [a_record(verdict=Verdict.FAIL)], [a_record()])
    assert mended.exit_code(Level.MUST) == ExitCode.CLEAN
    lost = difference(tmp_path / "b", [a_record()], [])
    assert lost.exit_code(Level.MUST) == ExitCode.TOO_FEW


def test_both_texts_name_every_change_and_its_kind(tmp_path: Path) -> None:
    found = difference(
        tmp_path,
        [a_record("SRP-01"), a_record("SRP-02", verdict=Verdict.FAIL), a_record("SRP-03")],
        [a_record("SRP-01", verdict=Verdict.FAIL, message="let in"), a_record("SRP-02")],
    )
    text, markdown = render_difference(found), render_difference_markdown(found)
    assert text.splitlines() == [
        "new finding (1):",
        "  SRP-01  pass -> fail: let in",
        "",
        "no longer covered (1):",
        "  SRP-03  pass -> absent",
        "",
        "mended (1):",
        "  SRP-02  fail -> pass",
        "",
        "1 new finding, 1 no longer covered, 1 mended",
    ]
    assert "### New finding (1)" in markdown
    assert "### No longer covered (1)" in markdown


def test_runs_without_a_difference_say_so(tmp_path: Path) -> None:
    assert render_difference(difference(tmp_path, [a_record()], [a_record()])) == "no difference\n"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_one_harmless_line(tmp_path: Path, text: str) -> None:
    found = difference(tmp_path, [a_record("SRP-04", text)], [a_record("SRP-04", text, Verdict.FAIL, message=text)])
    for rendered in (render_difference(found), render_difference_markdown(found)):
        assert len(rendered) < 10_000
        assert not set(rendered) & set("\x1b\x00\u202e\x7f\u2028")
    assert "<script" not in render_difference_markdown(found)


def of_kind(results: Results, kind: Literal["embedded", "endpoint", "live"]) -> Results:
    target = results.header.target.model_copy(update={"kind": kind})
    return results.model_copy(update={"header": results.header.model_copy(update={"target": target})})


def test_what_another_kind_of_target_cannot_do_is_counted_by_need_and_no_loss(tmp_path: Path) -> None:
    at_home = [a_record(case=name, observations={"replay": "accepted"}) for name in ("one", "two")]
    there = [
        a_record(case="one", verdict=Verdict.NOT_APPLICABLE, missing_need="clock"),
        a_record(case="two", observations={"replay": "refused"}),
    ]
    old, new = written(tmp_path / "old", at_home), written(tmp_path / "new", there)
    found = compare(of_kind(old, "embedded"), of_kind(new, "live"))
    assert [case.change for case in found.changes] == [Change.NOT_APPLICABLE_THERE, Change.CHANGED]
    assert found.exit_code(Level.SHOULD) == ExitCode.CLEAN
    text = render_difference(found)
    assert "1 lack clock" in text
    assert "replay: accepted -> refused" in text
    assert "1 lack clock" in render_difference_markdown(found)


def test_what_another_kind_of_target_could_not_decide_is_no_longer_covered(tmp_path: Path) -> None:
    old, new = written(tmp_path / "old", [a_record()]), written(tmp_path / "new", [])
    found = compare(of_kind(old, "embedded"), of_kind(new, "live"))
    assert found.exit_code(Level.MUST) == ExitCode.TOO_FEW
