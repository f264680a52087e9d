"""Refresh token rotation: which refresh token of a sign-in is the present one, and how long the one before it lives.

`aws-doc`: a renewal replaces the refresh token; the old one lives on for the client's grace period
of 0 to 60 s, and the new one for what was left of the first. `unknown`, and answered here in the
safest way: a retry within the grace period brings the same successor again, so that a sign-in never
has two lines of refresh tokens; and a token that is used after its grace period ends the sign-in.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.entropy import Entropy
from fakes.pool.errors import RefreshTokenReuse
from fakes.pool.sign_outs import SignOuts
from fakes.pool.tokens import Grant

OLD_LIVES_ON = declare_fault("pool.refresh.rotation-leaves-the-old-token", "a replaced refresh token goes on working")
NO_GRACE = declare_fault("pool.refresh.rotation-without-grace", "a replaced refresh token is dead at once")
GRACE_IN_MINUTES = declare_fault("pool.refresh.grace-in-minutes", "the grace period is so many minutes, not seconds")
RETRY_RENEWS = declare_fault("pool.refresh.retry-renews-the-grace", "each retry starts the grace period again")
LIFE_STARTS_ANEW = declare_fault("pool.refresh.rotation-prolongs-the-life", "each successor lives a whole life again")
RACE = declare_fault(
    "pool.refresh.rotation-with-a-race", "a refresh token is marked as replaced 10 ms after it was looked at"
)


@dataclass(frozen=True)
class _Replaced:
    """What came after a refresh token, and until when (seconds since the epoch) the token itself still counts."""

    successor_id: str
    good_until: float


class Rotation:
    """Remembers the refresh tokens that have been replaced, by the id inside them."""

    def __init__(self, *, clock: Clock, entropy: Entropy, sign_outs: SignOuts, faults: FaultSwitches) -> None:
        self._clock = clock
        self._entropy = entropy
        self._sign_outs = sign_outs
        self._faults = faults
        self._replaced: dict[str, _Replaced] = {}

    def demand_present(self, grant: Grant) -> None:
        """Raise RefreshTokenReuse for a token whose grace period is over, and end its sign-in."""
        replaced = self._replaced.get(grant.refresh_id)
        if replaced is None or self._clock.timestamp() < replaced.good_until or self._faults.on(OLD_LIVES_ON):
            return
        self._sign_outs.end(grant.event_id)
        raise RefreshTokenReuse("Refresh token has been invalidated by rotation and was used again")

    async def successor(self, grant: Grant, grace: timedelta, life: timedelta) -> Grant:
        """The grant of the refresh token that follows this one, which then counts for `grace` more.

        It runs out when the first one would have. `life` is a whole new life; no honest pool gives it.
        """
        faults = self._faults
        if faults.on(RACE):
            await asyncio.sleep(0.010)
        if grant.refresh_id not in self._replaced or faults.on(RETRY_RENEWS):
            seconds = 0.0 if faults.on(NO_GRACE) else grace.total_seconds() * (60 if faults.on(GRACE_IN_MINUTES) else 1)
            self._replaced[grant.refresh_id] = _Replaced(self._entropy.uuid(), self._clock.timestamp() + seconds)
        following = replace(grant, refresh_id=self._replaced[grant.refresh_id].successor_id)
        if faults.on(LIFE_STARTS_ANEW):
            return replace(following, expires_at=int(self._clock.timestamp() + life.total_seconds()))
        return following
