"""What a run promises whatever it finds: its exit code, a whole file or a refused one, and that it repeats."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reports.reader import NoFooter, read_results
from reports.vocabulary import ExitCode, Verdict
from tests.harness.conftest import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reports.model import Results
    from tests.harness.conftest import Finished

QUICK = ("--only", "SRP-01", "--only", "SRP-04", "--only", "SRP-16")


def test_an_honest_pool_is_clean(command: Callable[..., Finished], tmp_path: Path) -> None:
    done = command("run", *QUICK)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    assert {record.verdict for record in read_results(tmp_path / "results").records} == {Verdict.PASS}


def test_a_selection_of_nothing_is_too_few(command: Callable[..., Finished], tmp_path: Path) -> None:
    done = command("run", "--only", "NOPE-01")
    assert done.exit_code == ExitCode.TOO_FEW
    assert read_results(tmp_path / "results").records == []


def test_a_misspelt_part_of_a_selection_is_too_few(command: Callable[..., Finished]) -> None:
    done = command("run", "--only", "SRP-01", "--only", "SPR-02")
    assert done.exit_code == ExitCode.TOO_FEW
    assert "SPR-02 names no check" in done.output


def test_fewer_checks_than_the_floor_is_too_few(command: Callable[..., Finished]) -> None:
    assert command("run", "--only", "SRP-01", "--floor", "2").exit_code == ExitCode.TOO_FEW


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--nonsense"],
        ["run", "--endpoint", "localhost:5000"],
        ["run", "--config", "missing.toml"],
        ["run", "--waivers", "missing.toml"],
        ["run", "--out", "/dev/null/inside"],
        ["explain", "NOPE-01"],
        ["report", "missing.json"],
        ["serve", "--user", "nobody"],
        ["serve", "--fault", "pool.no-such-fault"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2_and_says_why(command: Callable[..., Finished], arguments: list[str]) -> None:
    done = command(*arguments)
    assert done.exit_code == ExitCode.USAGE, done.output + done.errors
    assert done.errors.strip()
    assert "Traceback" not in done.errors


def decided(results: Results) -> list[tuple[str, str, str, str]]:
    """What must repeat: verdicts, messages, and every public value that was sent."""
    return [
        (record.id, record.verdict, record.message, json.dumps([e.request for e in record.transcript], sort_keys=True))
        for record in results.records
    ]


def test_a_seeded_run_repeats_exactly(command: Callable[..., Finished], tmp_path: Path) -> None:
    for out in ("first", "second"):
        done = command("run", "--seed", "7", "--out", out, *QUICK, "--only", "CLM-01")
        assert done.exit_code == ExitCode.CLEAN, done.output
    first, second = (_without_ids_of_the_pool(read_results(tmp_path / out)) for out in ("first", "second"))
    assert first == second


def _without_ids_of_the_pool(results: Results) -> list[tuple[str, str, str]]:
    """Verdict and the SRP_A of each exchange: pool and client ids are the directory's own random values."""
    return [
        (
            record.id,
            record.verdict,
            json.dumps(
                [
                    exchange.request["AuthParameters"]["SRP_A"]
                    for exchange in record.transcript
                    if exchange.operation == "InitiateAuth"
                ]
            ),
        )
        for record in results.records
    ]


def test_another_seed_draws_other_values(command: Callable[..., Finished], tmp_path: Path) -> None:
    for seed in ("7", "8"):
        command("run", "--seed", seed, "--out", seed, "--only", "SRP-01")
    one, other = (_without_ids_of_the_pool(read_results(tmp_path / seed)) for seed in ("7", "8"))
    assert one != other


def test_workers_give_the_same_records_in_the_same_order(command: Callable[..., Finished], tmp_path: Path) -> None:
    for workers in ("1", "2"):
        assert command("run", "-n", workers, "--seed", "7", "--out", workers, *QUICK).exit_code == ExitCode.CLEAN
    one, two = (
        [(record.id, record.verdict) for record in read_results(tmp_path / workers).records] for workers in ("1", "2")
    )
    assert one == two


def test_a_killed_run_leaves_a_file_that_every_reader_refuses(tmp_path: Path, command: Callable[..., Finished]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cognito_conformance", "run", "--out", "out"],
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[") and "5/" in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    process.stderr.close()
    with pytest.raises(NoFooter, match="killed"):
        read_results(tmp_path / "out")
    for form in ("console", "json", "junit"):
        done = command("report", "out", "--format", form)
        assert done.exit_code == ExitCode.USAGE
        assert "killed" in done.errors


def test_an_interrupted_run_keeps_its_footer(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cognito_conformance", "run", "--out", "out"],
        cwd=tmp_path,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[") and "5/" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    results = read_results(tmp_path / "out")
    assert results.footer.interrupted
    assert process.returncode == results.footer.exit_code == ExitCode.INCONCLUSIVE


def test_list_and_explain_agree_on_every_check(command: Callable[..., Finished]) -> None:
    listed = json.loads(command("list", "--format", "json").output)
    assert [check["id"] for check in listed] == sorted(check["id"] for check in listed)
    for check in listed[:3]:
        explained = command("explain", check["id"]).output
        assert check["clause"] in explained
        assert all(fault in explained for fault in check["killed_by"])


def test_plain_pytest_shows_the_same_verdicts(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "suites/srp/test_proof.py"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
