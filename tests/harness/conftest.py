"""What the harness's own tests share: the command line as a user runs it, and targets that misbehave."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Finished:
    """A command that ended."""

    exit_code: int
    output: str
    errors: str


def environment() -> dict[str, str]:
    """This environment without what would configure a run."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("COGNITO_CONFORMANCE_", "PYTEST_"))
    }


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Finished]:
    """Runs `cognito-conformance` from the checkout, in an empty working directory."""

    def run(*arguments: str, seconds: float = 120, env: dict[str, str] | None = None) -> Finished:
        done = subprocess.run(
            [sys.executable, "-m", "cognito_conformance", *arguments],
            cwd=tmp_path,
            env={**environment(), "PYTHONPATH": str(ROOT), **(env or {})},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """moto_server as PyPI ships it, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(_free_port())],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**environment(), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "Running on" in line:
                endpoint = line.rpartition(" ")[2].strip()
                break
        else:
            pytest.fail("moto_server did not start")
        threading.Thread(target=process.stdout.read, daemon=True).start()  # lest its log fill the pipe
        yield endpoint
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
