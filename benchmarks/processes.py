"""Programs under measurement, each in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[1]
SECONDS_TO_START = 30
LOOPBACK = "127.0.0.1"


class ProgramFailed(Exception):
    """A program under measurement did not do its work, so there is nothing to time."""


@cache
def _bytecode() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="cognito-conformance-benchmark-")


def environment() -> Mapping[str, str]:
    """The environment of an installed program: bytecode is kept, but outside the checkout."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {"PYTHONPYCACHEPREFIX": _bytecode().name}


def seconds_taken(*arguments: str) -> float:
    """Wall time of `cognito-conformance` with the arguments. Raises ProgramFailed when it exits non-zero."""
    command = [sys.executable, "-m", "cognito_conformance", *arguments]
    started = time.perf_counter()
    completed = subprocess.run(
        command, cwd=CHECKOUT, env=environment(), check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    seconds = time.perf_counter() - started
    if completed.returncode != 0:
        said = (completed.stdout + completed.stderr)[-2000:]
        raise ProgramFailed(f"cognito-conformance {' '.join(arguments)} exited {completed.returncode}:\n{said}")
    return seconds


@dataclass(frozen=True)
class Served:
    """What `serve` said when it was ready and, once the block is over, what it had counted."""

    ready: Mapping[str, Any]
    counted: dict[str, Any] = field(default_factory=dict)


@contextmanager
def served(*options: str) -> Iterator[Served]:
    """Run `cognito-conformance serve` with the options while the block runs."""
    command = [sys.executable, "-m", "cognito_conformance", "serve", "--port", "0", "--seed", "1", *options]
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise ProgramFailed("cognito-conformance serve ended before it said where it listens")
            pool = Served(json.loads(line))
            yield pool
        finally:
            process.terminate()
        pool.counted.update(json.loads(process.stdout.read()))


@contextmanager
def embedded_pool() -> Iterator[str]:
    """Run `cognito-conformance serve` while the block runs; gives its URL."""
    with served() as pool:
        yield str(pool.ready["endpoint"])


@contextmanager
def moto_server() -> Iterator[str]:
    """Run moto's own server while the block runs; gives its URL."""
    port = _free_port()
    command = [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(port)]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_it_listens(port)
            yield f"http://{LOOPBACK}:{port}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_listens(port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            socket.create_connection((LOOPBACK, port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ProgramFailed(f"moto's server did not listen within {SECONDS_TO_START} s")
