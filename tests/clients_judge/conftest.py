from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.harness.conftest import ROOT, environment
from tests.verifier.conftest import Run, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["program"]  # a fixture here too


def reference(*faults: str) -> list[str]:
    """The command that starts the reference client as a program of its own, with these faults."""
    return [sys.executable, "-m", "fakes.client", *(word for fault in faults for word in ("--fault", fault))]


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Run]:
    """Runs checks on the client behind a command."""

    def run(command: list[str], *arguments: str) -> Run:
        out = tmp_path / "results"
        done = subprocess.run(
            [sys.executable, "-m", "cognito_conformance", "run", "--out", str(out)]
            + (["--client", shlex.join(command)] if command else [])
            + list(arguments),
            cwd=tmp_path,
            env={**environment(), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr, out)

    return run
