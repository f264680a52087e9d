"""The network in front of the pool: latency, limits, and a count of what came."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from fakes.pool.entropy import Entropy
from fakes.pool.errors import Throttled, TooManyRequests


class Network:
    """Set its fields at any time.

    `latency_seconds` is waited before each request is looked at. Above `requests_per_second`
    Cognito operations are answered TooManyRequestsException, which each of them models.
    `throttling_probability` of all requests are answered ThrottlingException, which AWS's front
    door sends before it looks at the operation. `requests_seen` counts by operation, refused
    ones too.
    """

    def __init__(self, monotonic: Callable[[], float], entropy: Entropy) -> None:
        self.latency_seconds = 0.0
        self.requests_per_second: float | None = None
        self.throttling_probability = 0.0
        self.requests_seen: Counter[str] = Counter()
        self._monotonic = monotonic
        self._entropy = entropy
        self._allowance = 0.0
        self._measured_at: float | None = None

    async def admit(self, operation: str) -> None:
        """Count one request, hold it back and let it in. Raises Throttled and TooManyRequests."""
        self.requests_seen[operation] += 1
        if self.latency_seconds > 0:
            await asyncio.sleep(self.latency_seconds)
        if self.throttling_probability > 0 and self._entropy.fraction() < self.throttling_probability:
            raise Throttled("Rate exceeded")
        if self.requests_per_second is not None and not self._within(self.requests_per_second):
            raise TooManyRequests("Too many requests")

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
