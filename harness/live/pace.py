"""One rate limit for all worker processes of a run: a quota is the account's, and knows no workers."""

from __future__ import annotations

import fcntl
import os
import random
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HEADROOM = 0.05
"""A second's requests are sent in this many seconds more than one. The quota counts requests where they arrive: so one
that was 50 ms longer under way than the others is still not one too many in anybody's second."""

_LATE_SECONDS = 0.02
_MOST_MISSED_TURNS = 3

_SLOWED_TO = 0.8
_SLOWEST = 0.05
_REGAINED_A_SECOND = 0.1
_SLOWED_ONCE_IN_SECONDS = 1.0
"""AIMD. A quota that is exceeded throttles many exchanges at once, which say one thing and count once; a service that
throttles one exchange in a hundred for reasons of its own costs a few hundredths of the rate."""

_FIRST_BACK_OFF_SECONDS = 0.25
_LONGEST_BACK_OFF_SECONDS = 8.0

_SUFFIX = ".pace"
_LEFT_AFTER_SECONDS = 3600.0
_RECORD = struct.Struct("<ddd")
_randomness = random.SystemRandom()


@dataclass
class _Schedule:
    """What the workers share. Moments are CLOCK_MONOTONIC's, which all processes of a machine read alike."""

    free_from: float = 0.0
    """When the next exchange may be sent."""
    share: float = 1.0
    """How much of the rate was in use after the last throttling."""
    throttled_at: float = float("-inf")

    def share_at(self, now: float) -> float:
        return min(1.0, self.share + _REGAINED_A_SECOND * (now - self.throttled_at))


class SharedPace:
    """The generic cell rate algorithm (virtual scheduling, ITU-T I.371) without a burst, over a small locked file.

    Each exchange takes the next free moment and sleeps until it comes. Nothing is saved up while nobody sends, so the
    first second of a run is no faster than the others, whatever the quota's own bucket holds at that time.

    Args:
        path: the file; made when it is not there.
        requests_per_second: what all who use the file together send at most.
        monotonic, sleep, fraction: the time, how to wait, and a random number in [0, 1); for tests.
    """

    def __init__(
        self,
        path: Path,
        requests_per_second: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        fraction: Callable[[], float] = _randomness.random,
    ) -> None:
        self._path = path
        self._interval = (1 + HEADROOM) / requests_per_second
        self._monotonic, self._sleep, self._fraction = monotonic, sleep, fraction

    @classmethod
    def of_run(cls, run_name: str, requests_per_second: float) -> Self:
        """The pace that every process on this machine which knows the run's name shares."""
        folder = Path(tempfile.gettempdir()) / f"cognito-conformance-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return cls(folder / f"{run_name}{_SUFFIX}", requests_per_second)

    def take_turn(self) -> None:
        """Wait until one more exchange may be sent.

        A process that the machine wakes too late gives its turn up for another, lest it sends beside the next one's.
        """
        for _ in range(_MOST_MISSED_TURNS):
            turn = self._next_turn()
            while (ahead := turn - self._monotonic()) > 0:
                self._sleep(ahead)
            if ahead > -_LATE_SECONDS:
                return

    def was_throttled(self, attempt: int) -> None:
        """Slow everybody down, and wait after try number `attempt` (from 0): exponential back-off with full jitter."""
        with self._schedule() as schedule:
            now = self._monotonic()
            if now - schedule.throttled_at >= _SLOWED_ONCE_IN_SECONDS:
                schedule.share = max(_SLOWEST, _SLOWED_TO * schedule.share_at(now))
                schedule.throttled_at = now
        self._sleep(self._fraction() * min(_LONGEST_BACK_OFF_SECONDS, _FIRST_BACK_OFF_SECONDS * 2**attempt))

    def remove(self) -> None:
        """Delete the file, and those of paces that are called RUN-…, when nobody of the run sends any more.

        What runs left that were killed goes too, some time later.
        """
        now = time.time()
        for file in self._path.parent.glob(f"*{_SUFFIX}"):
            if _run_of(file) == _run_of(self._path) or _is_left(file, now):
                file.unlink(missing_ok=True)

    def _next_turn(self) -> float:
        with self._schedule() as schedule:
            now = self._monotonic()
            turn = max(now, schedule.free_from)
            schedule.free_from = turn + self._interval / schedule.share_at(now)
            return turn

    @contextmanager
    def _schedule(self) -> Iterator[_Schedule]:
        """The schedule, nobody else's meanwhile. The lock goes with the process that holds it, however that ends."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            written = os.pread(file, _RECORD.size, 0)
            schedule = _Schedule(*_RECORD.unpack(written)) if len(written) == _RECORD.size else _Schedule()
            yield schedule
            os.pwrite(file, _RECORD.pack(schedule.free_from, schedule.share, schedule.throttled_at), 0)
        finally:
            os.close(file)


def _run_of(file: Path) -> str:
    return file.stem.partition("-")[0]


def _is_left(file: Path, now: float) -> bool:
    """Whether nobody has sent anything under this pace for so long that nobody is going to."""
    try:
        return now - file.stat().st_mtime > _LEFT_AFTER_SECONDS
    except FileNotFoundError:
        return False
