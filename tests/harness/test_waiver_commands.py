from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.command_line import main
from harness.waiver_review import review_waivers
from harness.waivers import Waivers
from reports.vocabulary import Verdict
from tests.reports.samples import a_record, written

TODAY = date(2026, 11, 21)
KNOWN = {"SRP-04": ("N", "2N"), "SRP-05": ("",)}


def waivers(expires: date, check: str = "SRP-04") -> Waivers:
    text = f'[[waiver]]\ncheck = "{check}"\nreason = "r"\nowner = "o"\nexpires = {expires}\n'
    return Waivers.parse(text, "waivers.toml")


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("days", "stale", "soon"), [(-1, 1, 0), (0, 0, 1), (30, 0, 1), (31, 0, 0)], ids=["past", "today", "soon", "later"]
)
def test_the_calendar_alone_tells_what_is_past_and_what_is_near(days: int, stale: int, soon: int) -> None:
    review = review_waivers(
        waivers(TODAY + timedelta(days=days)), None, known=KNOWN, today=TODAY, soon=timedelta(days=30)
    )
    assert (len(review.stale), len(review.soon)) == (stale, soon)


def test_a_waiver_of_no_check_is_stale_without_any_run() -> None:
    review = review_waivers(
        waivers(TODAY + timedelta(days=90), "SRP-99"), None, known=KNOWN, today=TODAY, soon=timedelta()
    )
    assert "no check has this id" in review.stale[0]


def test_a_run_tells_which_waiver_matches_nothing_any_more(tmp_path: Path) -> None:
    results = written(tmp_path, [a_record("SRP-05")])
    review = review_waivers(
        waivers(TODAY + timedelta(days=90), "SRP-05"), results, known=KNOWN, today=TODAY, soon=timedelta()
    )
    assert "the check passes now" in review.stale[0]


def test_an_expired_waiver_is_named_once_with_a_run(tmp_path: Path) -> None:
    results = written(tmp_path, [a_record("SRP-05", verdict=Verdict.FAIL, message="x")])
    review = review_waivers(
        waivers(TODAY - timedelta(days=1), "SRP-05"), results, known=KNOWN, today=TODAY, soon=timedelta()
    )
    assert len(review.stale) == 1


def test_what_init_writes_with_everything_filled_in_is_taken_by_check(tmp_path: Path) -> None:
    written(tmp_path, [a_record("SRP-04", "N", Verdict.FAIL, message="tokens were issued"), a_record("SRP-01")])
    file = tmp_path / "waivers.toml"
    expires = datetime.now(UTC).date() + timedelta(days=90)
    made = command(
        "waivers", "init", tmp_path, "--reason", "loopback", "--owner", "team", "--expires", expires, "--output", file
    )
    assert made.exit_code == 0
    (waiver,) = Waivers.load(file).waivers
    assert (waiver.check, waiver.case, waiver.failure, waiver.owner) == ("SRP-04", "N", "tokens were issued", "team")
    checked = command("waivers", "check", file, "--results", tmp_path)
    assert checked.exit_code == 0
    assert checked.output.strip().endswith("1 waivers, 0 stale, 0 expire soon")


def test_what_init_leaves_open_is_refused(tmp_path: Path) -> None:
    written(tmp_path, [a_record("SRP-04", "N", Verdict.FAIL, message="x")])
    file = tmp_path / "waivers.toml"
    assert command("waivers", "init", tmp_path, "--output", file).exit_code == 0
    refused = command("waivers", "check", file)
    assert refused.exit_code == 2
    assert "'reason'" in refused.output


def test_init_does_not_write_over_a_file(tmp_path: Path) -> None:
    written(tmp_path, [a_record(verdict=Verdict.FAIL)])
    file = tmp_path / "waivers.toml"
    file.write_text("mine")
    assert command("waivers", "init", tmp_path, "--output", file).exit_code == 2
    assert file.read_text() == "mine"


def test_a_stale_waiver_is_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "waivers.toml"
    file.write_text('[[waiver]]\ncheck = "SRP-04"\nreason = "r"\nowner = "o"\nexpires = 2020-01-01\n')
    checked = command("waivers", "check", file)
    assert checked.exit_code == 1
    assert "it expired on 2020-01-01" in checked.output
