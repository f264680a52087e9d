"""The network in front of the pool: latency, limits, and a count of what came."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable

from fakes.pool.entropy import Entropy
from fakes.pool.errors import Throttled, TooManyRequests

_WINDOW_SECONDS = 1.0


class Network:
    """Set its fields at any time.

    `latency_seconds` is waited before each request to Cognito is looked at; what functions beside the pool ask of other
    services is not held back. Above `requests_per_second`
    Cognito operations are answered TooManyRequestsException, which each of them models.
    `throttling_probability` of all requests are answered ThrottlingException, which AWS's front
    door sends before it looks at the operation.

    `requests_seen` counts by operation, refused ones too. `throttled` counts what was refused by chance,
    `over_rate` what was refused for the limit, and `most_in_a_second` is the most requests of any second,
    refused ones too: a second that begins with any of them. Requests that come while the pool is busy count when
    they are read.
    """

    def __init__(self, monotonic: Callable[[], float], entropy: Entropy) -> None:
        self.latency_seconds = 0.0
        self.requests_per_second: float | None = None
        self.throttling_probability = 0.0
        self._monotonic = monotonic
        self._entropy = entropy
        self._allowance = 0.0
        self._measured_at: float | None = None
        self.forget()

    def forget(self) -> None:
        """Begin to count anew."""
        self.requests_seen: Counter[str] = Counter()
        self.throttled = 0
        self.over_rate = 0
        self.most_in_a_second = 0
        self._latest: deque[float] = deque()

    async def admit(self, operation: str) -> None:
        """Count one request, hold it back and let it in. Raises Throttled and TooManyRequests."""
        self._count(operation)
        is_within = self.requests_per_second is None or self._within(self.requests_per_second)
        if self.latency_seconds > 0:
            await asyncio.sleep(self.latency_seconds)
        if not is_within:
            self.over_rate += 1
            raise TooManyRequests("Too many requests")
        if self.throttling_probability > 0 and self._entropy.fraction() < self.throttling_probability:
            self.throttled += 1
            raise Throttled("Rate exceeded")

    async def deliver(self, document: str) -> None:
        """Count and hold back what is no operation, and so under no limit."""
        self.requests_seen[document] += 1
        if self.latency_seconds > 0:
            await asyncio.sleep(self.latency_seconds)

    def _count(self, operation: str) -> None:
        self.requests_seen[operation] += 1
        now = self._monotonic()
        self._latest.append(now)
        while self._latest[0] <= now - _WINDOW_SECONDS:
            self._latest.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(self._latest))

    def _within(self, rate: float) -> bool:
        """A bucket that holds one second's requests and fills at `rate` by real time."""
        now = self._monotonic()
        capacity = max(1.0, rate)
        if self._measured_at is None:
            self._allowance = capacity
        else:
            self._allowance = min(capacity, self._allowance + (now - self._measured_at) * rate)
        self._measured_at = now
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True
