"""A peer: somebody else's program that reads one JSON object a line and answers each with one (DESIGN.md).

Verifiers, clients and trigger hosts are spoken to in this way. A peer may do anything: nothing it does costs
more than its time-out, and nothing of it is left running.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from harness import program
from harness.program import LARGEST_ANSWER, MOST_FAILURES, PeerFailed, shortened

__all__ = ["LARGEST_ANSWER", "MOST_FAILURES", "Peer", "PeerFailed"]

_CHUNK = 65_536


class PeerSilent(PeerFailed):
    """The peer was asked and gave no answer within its time-out."""


class Peer:
    """One program, started when it is first asked, and started anew after a failure. For one thread."""

    def __init__(
        self, command: Sequence[str], *, timeout_seconds: float, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = list(command)
        self._timeout_seconds = timeout_seconds
        self._environment = dict(environment) if environment is not None else None
        self._process: subprocess.Popen[bytes] | None = None
        self._received = bytearray()
        self._printed = bytearray()
        self._asked = 0
        self._failures = 0

    @property
    def process_id(self) -> int | None:
        """The id of the running process, which is its process group's too; None when none runs."""
        return self._process.pid if self._process else None

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """Send one request and return the answer to it, an object with a boolean `ok`.

        Raises:
            PeerFailed: no such answer came within the time-out. The next request finds a fresh process.
        """
        if self._failures >= MOST_FAILURES:
            raise PeerFailed(f"{self._described()} failed {self._failures} times running; the rest is not tried")
        self._asked += 1
        request = json.dumps({"id": self._asked, "op": op, **members}).encode() + b"\n"
        try:
            answer = self._read(self._exchange(request, op), op)
        except PeerFailed:
            self._failures += 1
            self._end()
            raise
        self._failures = 0
        return answer

    def close(self) -> None:
        """Close the peer's standard input and wait for its end; what then still runs of it is killed."""
        self._end(wait_seconds=program.SECONDS_TO_END)

    def _start(self) -> subprocess.Popen[bytes]:
        process = program.start(self._command, self._environment)
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self._received.clear()
        self._printed.clear()
        return process

    def _exchange(self, request: bytes, op: str) -> bytes:
        """Write the request and read the next line, its end cut off."""
        if self._process is None:
            self._process = self._start()
        process, unsent = self._process, memoryview(request)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        ends = time.monotonic() + self._timeout_seconds
        with selectors.DefaultSelector() as pipes:
            pipes.register(process.stdin, selectors.EVENT_WRITE)
            pipes.register(process.stdout, selectors.EVENT_READ)
            pipes.register(process.stderr, selectors.EVENT_READ)
            while b"\n" not in self._received:
                if len(self._received) > LARGEST_ANSWER:
                    raise self._failed(f"printed more than {LARGEST_ANSWER} bytes without the end of a line")
                if time.monotonic() >= ends:
                    raise PeerSilent(str(self._failed(f"did not answer {op} within {self._timeout_seconds:g} s")))
                ready = pipes.select(max(0.0, ends - time.monotonic()))
                for pipe in [key.fileobj for key, _ in ready]:
                    if pipe is process.stdin:
                        unsent = unsent[_written(process.stdin.fileno(), unsent) :]
                        if not unsent:
                            pipes.unregister(pipe)
                    elif pipe is process.stderr:
                        if not self._hear(process.stderr.fileno()):
                            pipes.unregister(pipe)
                    elif chunk := os.read(process.stdout.fileno(), _CHUNK):
                        self._received += chunk
                    else:
                        raise self._failed(program.how_it_ended(process))
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received[:] = rest
        return line

    def _read(self, line: bytes, op: str) -> dict[str, Any]:
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise self._failed(f"answered {op} with a line that is no JSON object: {shortened(line)}")
        if answer.get("id") != self._asked:
            raise self._failed(f"answered {op} under the id {answer.get('id')!r}; it was asked under {self._asked}")
        if not isinstance(answer.get("ok"), bool):
            raise self._failed(f'answered {op} without "ok": true or false: {shortened(line)}')
        return answer

    def _hear(self, stderr: int) -> bool:
        """Keep the end of what the peer prints; False when it has closed its standard error."""
        chunk = os.read(stderr, _CHUNK)
        self._printed += chunk
        del self._printed[:-_CHUNK]
        return bool(chunk)

    def _failed(self, how: str) -> PeerFailed:
        self._hear_the_rest()
        return PeerFailed(f"{self._described()} {how}{program.last_lines(bytes(self._printed))}")

    def _hear_the_rest(self) -> None:
        process = self._process
        if process is None or process.stderr is None:
            return
        with suppress(BlockingIOError):
            while self._hear(process.stderr.fileno()):
                pass

    def _end(self, *, wait_seconds: float = 0.0) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        program.end(process, wait_seconds=wait_seconds)
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()

    def _described(self) -> str:
        return program.described(self._command)


def _written(stdin: int, unsent: memoryview) -> int:
    """How much was written; everything, as it were, when nobody reads any more: the end of the output says so."""
    try:
        return os.write(stdin, unsent[:_CHUNK])
    except BrokenPipeError:
        return len(unsent)
