"""`run --authenticator chromium`: the honest ceremonies of the suites are Chromium's, and pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reports.reader import read_results
from reports.vocabulary import ExitCode, Verdict
from tests.harness.conftest import ROOT, environment

SELECTIONS = {
    "a relying party": ["WA-REG-16r", "WA-AUT-06r", "WA-AUT-22r"],
    "a user pool": ["WA-REG-16n", "WA-AUT-06n", "WA-AUT-22n"],
    "triggers": ["WA-REG-14", "WA-AUT-16"],
}


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cognito_conformance", "run", "--authenticator", "chromium", *arguments],
        cwd=folder,
        env={**environment(), "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("whose", SELECTIONS)
def test_a_run_with_chromium_is_clean_and_says_so(tmp_path: Path, whose: str) -> None:
    only = [word for id in SELECTIONS[whose] for word in ("--only", id)]
    done = run(tmp_path, *only)
    assert done.returncode == ExitCode.CLEAN, done.stdout + done.stderr
    results = read_results(tmp_path / "results")
    assert "Chrom" in results.header.versions["authenticator"]
    assert {record.verdict for record in results.records} == {Verdict.PASS}
    assert {record.check for record in results.records} == set(SELECTIONS[whose])


def test_without_a_browser_a_run_ends_with_what_to_install(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "WA-REG-16r", PATH=str(tmp_path))
    assert done.returncode == ExitCode.USAGE
    assert "Chromium was not found on the PATH" in done.stderr
    assert not (tmp_path / "results" / "results.json").exists()
