"""A peer that is asked many things at once: requests carry ids, and answers come in any order (DESIGN.md)."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Any

from harness import program
from harness.program import LARGEST_ANSWER, PeerFailed, shortened

KEPT_BYTES = 2**20
"""How much is kept of what a peer prints to standard error."""

_CHUNK = 65_536


class PeerTimedOut(PeerFailed):
    """No answer to one request within its time; the peer runs on, and its late answer will be dropped."""


class ConcurrentPeer:
    """One run of a program, from its start to its end. May be asked from many threads.

    Raises:
        PeerFailed: the program cannot be started.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        self._command = list(command)
        self._process = program.start(self._command, environment)
        self._ids = itertools.count(1)
        self._newest = 0
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._unsent: SimpleQueue[bytes | None] = SimpleQueue()
        self._printed = bytearray()
        self._end_of_it: str | None = None
        self._lock = threading.Lock()
        self._hearing = self._thread(self._hear)
        self._threads = [self._thread(self._write), self._thread(self._read), self._hearing]
        for each in self._threads:
            each.start()

    @property
    def process_id(self) -> int:
        """The id of the process, which is its process group's too."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it ended, or said something that is no answer: every further request would fail."""
        return self._end_of_it is not None

    @property
    def printed(self) -> str:
        """What it printed to standard error: the newest `KEPT_BYTES`."""
        with self._lock:
            return self._printed.decode("utf-8", "replace")

    def ask(self, op: str, *, seconds: float, **members: Any) -> dict[str, Any]:
        """Send a request and wait for the answer to it, an object with a boolean `ok`.

        Raises:
            PeerTimedOut: none came in time.
            PeerFailed: the program ended, or said something else than an answer, before or meanwhile.
        """
        waiting: Future[dict[str, Any]] = Future()
        with self._lock:
            if self._end_of_it is not None:
                raise PeerFailed(self._end_of_it)
            self._newest = id = next(self._ids)
            self._waiting[id] = waiting
        self._unsent.put(json.dumps({"id": id, "op": op, **members}).encode() + b"\n")
        try:
            answer = waiting.result(seconds)
        except TimeoutError:
            with self._lock:
                self._waiting.pop(id, None)
            raise PeerTimedOut(self._said(f"did not answer {op} within {seconds:g} s")) from None
        if not isinstance(answer.get("ok"), bool):
            said = json.dumps(answer).encode()
            raise PeerFailed(self._said(f'answered {op} without "ok": true or false: {shortened(said)}'))
        return answer

    def close(self) -> None:
        """Close the program's standard input and wait for its end; what then still runs of it is killed."""
        self._settle("was closed")
        self._unsent.put(None)
        program.end(self._process, wait_seconds=program.SECONDS_TO_END)
        for each in self._threads:
            each.join(program.SECONDS_TO_END)
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def _thread(self, target: Any) -> threading.Thread:
        return threading.Thread(target=target, name=f"peer {self._process.pid}", daemon=True)

    def _write(self) -> None:
        pipe = _pipe(self._process.stdin)
        with suppress(OSError):  # it no longer reads; the end of its output says so
            while (line := self._unsent.get()) is not None:
                unwritten = memoryview(line)
                while unwritten:
                    unwritten = unwritten[pipe.write(unwritten) :]
        with suppress(OSError):
            pipe.close()

    def _read(self) -> None:
        pipe = _pipe(self._process.stdout)
        received = bytearray()
        try:
            while chunk := pipe.read(_CHUNK):
                received += chunk
                *lines, rest = received.split(b"\n")
                received = bytearray(rest)
                for line in lines:
                    self._take(bytes(line))
                if len(received) > LARGEST_ANSWER:
                    raise _NoAnswer(f"printed more than {LARGEST_ANSWER} bytes without the end of a line")
        except _NoAnswer as nonsense:
            self._settle(str(nonsense))
        except (OSError, ValueError):  # closed under us
            self._settle("was closed")
        else:
            ending = program.how_it_ended(self._process)
            self._hearing.join(program.SECONDS_TO_END)
            self._settle(ending)

    def _take(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise _NoAnswer(f"printed a line that is no JSON object: {shortened(line)}")
        id = answer.get("id")
        with self._lock:
            known = isinstance(id, int) and 0 < id <= self._newest
            waiting = self._waiting.pop(id, None) if known and isinstance(id, int) else None
        if not known:
            raise _NoAnswer(f"answered under the id {id!r}, under which nothing was asked")
        if waiting is not None:  # None: too late, nobody waits any more
            waiting.set_result(answer)

    def _hear(self) -> None:
        pipe = _pipe(self._process.stderr)
        with suppress(OSError, ValueError):
            while chunk := pipe.read(_CHUNK):
                with self._lock:
                    self._printed += chunk
                    del self._printed[:-KEPT_BYTES]

    def _settle(self, how: str) -> None:
        """Nothing more will be answered: tell everybody who waits."""
        message = self._said(how)
        with self._lock:
            if self._end_of_it is None:
                self._end_of_it = message
            waiting, self._waiting = self._waiting, {}
        for each in waiting.values():
            each.set_exception(PeerFailed(message))

    def _said(self, how: str) -> str:
        with self._lock:
            return f"{program.described(self._command)} {how}{program.last_lines(bytes(self._printed))}"


class _NoAnswer(Exception):
    """The peer said something that is no answer."""


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
