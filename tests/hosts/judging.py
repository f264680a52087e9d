"""A run of the suite on somebody's triggers, from their configuration alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.model import Record
from reports.reader import read_results
from tests.harness.conftest import ROOT, environment

_SECONDS = 240


@dataclass(frozen=True)
class Run:
    """How it ended."""

    exit_code: int
    output: str
    records: Sequence[Record]

    def checks(self, verdict: str) -> set[str]:
        """The checks with a case of that verdict."""
        return {record.check for record in self.records if record.verdict == verdict}

    def messages(self, check: str, verdict: str) -> str:
        """What the cases of that verdict say."""
        return "\n".join(
            record.message or "" for record in self.records if (record.check, record.verdict) == (check, verdict)
        )


def judged(configuration: Path, folder: Path, *checks: str) -> Run:
    """Run the checks, as a user would in a folder of their own."""
    done = subprocess.run(
        [sys.executable, "-m", "cognito_conformance", "run", "--config", str(configuration), "--out", "results"]
        + [word for id in checks for word in ("--only", id)],
        cwd=folder,
        env={**environment(), "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    results = folder / "results"
    records = read_results(results).records if results.exists() else ()
    return Run(done.returncode, done.stdout + done.stderr, records)
