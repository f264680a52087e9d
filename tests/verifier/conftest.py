from __future__ import annotations

import shlex
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.peer import Peer
from reports.reader import read_results
from tests.harness.conftest import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reports.model import Record, Results

PREAMBLE = """
import json, os, sys, time
HELLO = {"name": "a peer", "version": "1", "capabilities": []}
def requests():
    for line in sys.stdin:
        yield json.loads(line)
def say(request, **members):
    print(json.dumps({"id": request["id"], "ok": True, **members}), flush=True)
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], list[str]]:
    """Writes a Python program that may use PREAMBLE, and gives the command that starts it."""

    def write(body: str) -> list[str]:
        path = tmp_path / "peer.py"
        path.write_text(PREAMBLE + textwrap.dedent(body))
        return [sys.executable, str(path)]

    return write


@pytest.fixture
def peer(program: Callable[[str], list[str]]) -> Iterator[Callable[..., Peer]]:
    """Makes a peer of a program; every peer is closed after the test."""
    made: list[Peer] = []

    def make(body: str, *, seconds: float = 20) -> Peer:
        made.append(Peer(program(body), timeout_seconds=seconds))
        return made[-1]

    yield make
    for each in made:
        each.close()


@dataclass(frozen=True)
class Run:
    """A run that ended."""

    exit_code: int
    output: str
    out: Path

    @property
    def results(self) -> Results:
        return read_results(self.out)

    @property
    def records(self) -> list[Record]:
        return self.results.records


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Run]:
    """Runs checks on the verifier behind a command."""

    def run(command: list[str], *arguments: str) -> Run:
        out = tmp_path / "results"
        done = subprocess.run(
            [sys.executable, "-m", "cognito_conformance", "run", "--out", str(out)]
            + (["--verifier", shlex.join(command)] if command else [])
            + list(arguments),
            cwd=tmp_path,
            env={**environment(), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr, out)

    return run
