"""A trigger host that is a program: it speaks DESIGN's host protocol on its standard input and output."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from fakes.pool.functions import FunctionFailed, FunctionTimedOut
from harness.concurrent_peer import KEPT_BYTES, ConcurrentPeer, PeerTimedOut
from harness.program import MOST_FAILURES, PeerFailed, described

TIMED_OUT = "Sandbox.Timedout"
"""Lambda's error type of a function that was cut off; a host program that cuts one off answers with it."""


class PeerHost:
    """Starts the program, keeps it up, and says again to a new one what the old one was told.

    Args:
        command: starts the program.
        environment: its environment, whole.
        seconds: for one answer of a function, a cold start included; a program that cuts functions off
            itself should be done before.
        start_seconds: for its answer to `hello`, `clock` and `recycle`.

    Raises:
        PeerFailed: it does not start, or does not speak the protocol.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], seconds: float, start_seconds: float
    ) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._seconds = seconds
        self._start_seconds = start_seconds
        self._peer: ConcurrentPeer | None = None
        self._now: str | None = None
        self._printed_before = ""
        self._failures = 0
        self._closed = False
        self._lock = threading.RLock()
        self.name, self.functions, self.capabilities = "", frozenset[str](), frozenset[str]()
        try:
            self._standing()
        except PeerFailed:
            self.close()
            raise

    @property
    def process_id(self) -> int | None:
        """The id of the running process, which is its process group's too."""
        return self._peer.process_id if self._peer else None

    def invoke(self, function: str, event: Mapping[str, Any]) -> object:
        """As TriggerHost has it."""
        peer = self._standing()
        try:
            answer = peer.ask("invoke", seconds=self._seconds, function=function, event=event)
        except PeerTimedOut as silence:
            self._see_whether_it_lives(peer)
            raise FunctionTimedOut(f"{function}: {silence}") from None
        except PeerFailed:
            self._replace(peer)
            raise
        self._failures = 0
        if answer["ok"]:
            if "response" not in answer:
                raise PeerFailed(f"{self._described()} answered the invocation of {function} without `response`")
            return answer["response"]
        error_type, error_message = str(answer.get("error_type", "Error")), str(answer.get("error_message", ""))
        if error_type == TIMED_OUT:
            raise FunctionTimedOut(f"{function}: {error_message}")
        raise FunctionFailed(error_type, error_message)

    def set_clock(self, moment: datetime | None) -> None:
        """As TriggerHost has it. Raises ValueError for a naive moment."""
        if moment is not None and moment.tzinfo is None:
            raise ValueError("give the clock an aware datetime, for example datetime(2026, 11, 5, tzinfo=UTC)")
        if "clock" in self.capabilities:
            now = moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
            with self._lock:
                if now != self._now:
                    self._tell("clock", now=now)
                    self._now = now

    def recycle(self) -> None:
        """As TriggerHost has it."""
        if "recycle" in self.capabilities:
            self._tell("recycle")

    def logs(self) -> str:
        """As TriggerHost has it."""
        return (self._printed_before + (self._peer.printed if self._peer else ""))[-KEPT_BYTES:]

    def close(self) -> None:
        """As TriggerHost has it."""
        with self._lock:
            self._closed = True
            if self._peer is not None:
                self._replace(self._peer)

    def _tell(self, op: str, **members: Any) -> dict[str, Any]:
        peer = self._standing()
        try:
            answer = peer.ask(op, seconds=self._start_seconds, **members)
        except PeerFailed:
            self._replace(peer)
            raise
        if not answer["ok"]:
            raise PeerFailed(f"{self._described()} refused {op}: {answer.get('error_message', answer)}")
        return answer

    def _standing(self) -> ConcurrentPeer:
        """The program, started and greeted if none runs."""
        with self._lock:
            if self._peer is not None and not self._peer.has_ended:
                return self._peer
            if self._closed:
                raise PeerFailed(f"{self._described()} was closed")
            if self._peer is not None:
                self._replace(self._peer)
            if self._failures >= MOST_FAILURES:
                raise PeerFailed(f"{self._described()} failed {self._failures} times running; the rest is not tried")
            self._peer = ConcurrentPeer(self._command, environment=self._environment)
            try:
                self._greet(self._peer)
            except PeerFailed:
                self._replace(self._peer)
                raise
            return self._peer

    def _greet(self, peer: ConcurrentPeer) -> None:
        answer = peer.ask("hello", seconds=self._start_seconds)
        host, functions, capabilities = (answer.get(member) for member in ("host", "functions", "capabilities"))
        if not (answer["ok"] and isinstance(host, str) and _are_texts(functions) and _are_texts(capabilities)):
            raise PeerFailed(f"{self._described()} answered hello without host, functions and capabilities: {answer}")
        self.name = f"{host} {answer.get('version', '')}".strip()
        self.functions = frozenset(functions or ())
        self.capabilities = frozenset(capabilities or ()) & {"clock", "recycle"} | {"logs"}
        if self._now is not None:
            peer.ask("clock", seconds=self._start_seconds, now=self._now)

    def _see_whether_it_lives(self, peer: ConcurrentPeer) -> None:
        """After a function's silence: a program that does not answer `hello` either is started anew next time."""
        with suppress(PeerFailed):
            peer.ask("hello", seconds=min(2.0, self._start_seconds))
            return
        self._replace(peer)

    def _replace(self, peer: ConcurrentPeer) -> None:
        """End a program that failed, once, whoever noticed it."""
        with self._lock:
            if self._peer is not peer:
                return
            self._peer = None
            self._failures += 1
            peer.close()
            self._printed_before = (self._printed_before + peer.printed)[-KEPT_BYTES:]

    def _described(self) -> str:
        return described(self._command)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
