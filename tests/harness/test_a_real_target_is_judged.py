"""moto_server as PyPI ships it: a target that answers the protocol and checks no proof."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from reports.reader import read_results
from reports.vocabulary import ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reports.model import Record, Results
    from tests.harness.conftest import Finished

OF_A_POOL = tuple(
    word for section in ("SRP", "CLM", "STA", "DEV", "REF", "TOK-16", "NP") for word in ("--only", section)
)
"""What moto_server can be judged by; libraries and clients on trial stand beside any target, and cost a minute."""

GATED = ("--only", "SRP-01", "--only", "SRP-03", "--only", "SRP-04", "--only", "SRP-11")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, moto_endpoint: str) -> tuple[Path, Finished]:
    """The checks of pools against it, once."""
    import subprocess
    import sys

    from tests.harness.conftest import ROOT, environment
    from tests.harness.conftest import Finished as Done

    out = tmp_path_factory.mktemp("judged")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cognito_conformance",
            "run",
            *OF_A_POOL,
            "--endpoint",
            moto_endpoint,
            "--out",
            str(out),
        ],
        cwd=out,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return out, Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def results(judged: tuple[Path, Finished]) -> Results:
    return read_results(judged[0])


def findings_of(results: Results, check: str) -> list[Record]:
    return [record for record in results.records if record.check == check and record.verdict is Verdict.FAIL]


def test_findings_make_exit_code_1(judged: tuple[Path, Finished], results: Results) -> None:
    assert judged[1].exit_code == ExitCode.FINDINGS == results.footer.exit_code


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("SRP-03", "tokens were issued for a claim signature that is wrong"),
        ("SRP-04", "tokens were issued for A ≡ 0"),
        ("SRP-11", "tokens were issued for an exchange that another user started"),
    ],
)
def test_what_it_gets_wrong_is_found_with_clause_and_transcript(results: Results, check: str, words: str) -> None:
    found = findings_of(results, check)
    assert found, f"{check} found nothing"
    for record in found:
        assert words in record.message
        assert record.clause
        assert "RespondToAuthChallenge" in {exchange.operation for exchange in record.transcript}
        assert record.reproduce.startswith("cognito-conformance run --only ")


def test_nothing_is_inconclusive_through_a_fault_of_ours(results: Results) -> None:
    undecided = [f"{r.id}: {r.message}" for r in results.records if r.verdict is Verdict.INCONCLUSIVE]
    assert undecided == []


def test_no_secret_stands_in_what_was_written(judged: tuple[Path, Finished]) -> None:
    written = "".join(path.read_text() for path in judged[0].rglob("*") if path.is_file()) + judged[1].output
    assert not re.search(r"eyJ[\w-]{20,}", written), "a token was written"
    assert '"PASSWORD":"Aa1!' not in written.replace(" ", "")
    assert "canary" not in written


def test_its_pools_are_gone_afterwards(judged: tuple[Path, Finished], moto_endpoint: str) -> None:
    from harness.transcript import Transcript
    from harness.wire import Wire

    wire = Wire(moto_endpoint, transcript=Transcript(), timeout_seconds=10)
    left = [pool["Name"] for pool in wire.ask("ListUserPools", {"MaxResults": 60})["UserPools"]]
    wire.close()
    assert left == []


def test_a_finding_runs_again_by_its_own_command(
    results: Results, command: Callable[..., Finished], tmp_path: Path
) -> None:
    import shlex

    again = shlex.split(findings_of(results, "SRP-04")[0].reproduce)[1:]
    done = command(*again, "--out", str(tmp_path / "again"))
    assert done.exit_code == ExitCode.FINDINGS
    assert len(read_results(tmp_path / "again").records) == 1


def waiver(check: str, *, days: int = 30, failure: str = "") -> str:
    lines = [
        "[[waiver]]",
        f"check = {json.dumps(check)}",
        'reason = "the emulator is used for other things"',
        'owner = "platform team"',
        f"expires = {date.today() + timedelta(days=days)}",
    ] + ([f"failure = {json.dumps(failure)}"] if failure else [])
    return "\n".join(lines) + "\n"


@pytest.fixture
def gate(command: Callable[..., Finished], moto_endpoint: str, tmp_path: Path) -> Callable[[str], Finished]:
    """Runs four checks with a waivers file."""

    def run(waivers: str) -> Finished:
        (tmp_path / "waivers.toml").write_text(waivers)
        return command("run", "--endpoint", moto_endpoint, "--waivers", "waivers.toml", "--out", "out", *GATED)

    return run


WAIVE_ALL = waiver("SRP-03") + waiver("SRP-04") + waiver("SRP-11", failure="another user started")


def test_waivers_that_match_open_the_gate(gate: Callable[[str], Finished], tmp_path: Path) -> None:
    done = gate(WAIVE_ALL)
    assert done.exit_code == ExitCode.CLEAN, done.output
    waived = [record for record in read_results(tmp_path / "out").records if record.verdict is Verdict.WAIVED]
    assert {record.check for record in waived} == {"SRP-03", "SRP-04", "SRP-11"}
    assert all(record.waiver and record.waiver.owner == "platform team" for record in waived)


@pytest.mark.parametrize(
    ("waivers", "words"),
    [
        (WAIVE_ALL + waiver("SRP-99"), "SRP-99"),
        (WAIVE_ALL + waiver("SRP-01"), "SRP-01"),
        (waiver("SRP-03") + waiver("SRP-04") + waiver("SRP-11", days=-1), "expired"),
        (waiver("SRP-03") + waiver("SRP-04") + waiver("SRP-11", failure="a text it does not say"), "SRP-11"),
    ],
    ids=["of no check", "of a check that passes", "expired", "of another failure"],
)
def test_a_stale_waiver_is_itself_a_finding(gate: Callable[[str], Finished], waivers: str, words: str) -> None:
    done = gate(waivers)
    assert done.exit_code == ExitCode.FINDINGS
    assert words in done.output
