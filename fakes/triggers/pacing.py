"""Equal time: a request that sends nothing takes as long as one that sends.

Who measures must not learn whether a user exists, has an address, or was refused for having asked too soon
(ASVS 6.3.8). To do the work for nobody would cost KMS calls and rows without bound, so the wait is a time that
a real one took lately.
"""

from __future__ import annotations

import secrets
import time
from collections import deque

_REMEMBERED = 32
_LONGEST = 1.0
_BEFORE_ANY = 0.03
"""Seconds."""


class Pace:
    """Remembers how long the newest deliveries took in this process. May be used from any thread."""

    def __init__(self) -> None:
        self._took: deque[float] = deque(maxlen=_REMEMBERED)

    @staticmethod
    def start() -> float:
        """The beginning of a request."""
        return time.perf_counter()

    def delivered(self, started: float) -> None:
        """A request has sent something."""
        self._took.append(min(time.perf_counter() - started, _LONGEST))

    def wait(self, started: float) -> None:
        """Keep a request that sends nothing until it has taken as long as one of those."""
        took = tuple(self._took)
        rest = started + (secrets.choice(took) if took else _BEFORE_ANY) - time.perf_counter()
        if rest > 0:
            time.sleep(rest)
