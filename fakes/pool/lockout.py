"""Lockout after wrong passwords, by the pool's clock (`aws-doc`).

The fifth failure locks the name for a second, each further one twice as long, to about 15 minutes.
An attempt while locked is refused unseen and counts for nothing. A sign-in resets the count, and so
do 15 minutes without an attempt. Names of nobody are locked in the same way, or a lock would tell
that there is somebody.
"""

from __future__ import annotations

from dataclasses import dataclass

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.errors import NotAuthorized
from fakes.pool.moto_directory import User

MISSING = declare_fault("pool.lockout.missing", "wrong passwords are never counted")
RIGHT_PASSES = declare_fault("pool.lockout.right-password-passes", "the right password is taken from a locked user")
EXTENDED = declare_fault("pool.lockout.extended-by-attempts", "an attempt while locked begins the lock anew")
NEVER_ENDS = declare_fault("pool.lockout.never-ends", "a lock does not end by itself")
NOT_RESET = declare_fault("pool.lockout.not-reset-by-success", "a sign-in leaves the count of failures as it was")
WITHOUT_LIMIT = declare_fault("pool.lockout.without-a-limit", "locks double for ever")
KNOWN_ONLY = declare_fault("pool.lockout.of-known-users-only", "names of nobody are never locked")

FREE_FAILURES = 5
LONGEST_SECONDS = 15 * 60.0


@dataclass(frozen=True)
class _Failures:
    count: int
    last: float
    locked_until: float


class Lockout:
    """Counts failures by user."""

    def __init__(self, clock: Clock, faults: FaultSwitches) -> None:
        self._clock = clock
        self._faults = faults
        self._failures: dict[tuple[str, str], _Failures] = {}

    def demand_open(self, user: User, *, proved: bool) -> None:
        """Raise NotAuthorized for a locked user, whatever was `proved`."""
        known = self._failures.get(_key(user))
        now = self._clock.timestamp()
        if known is None or known.locked_until <= now:
            return
        faults = self._faults
        if faults.on(RIGHT_PASSES) and proved:
            return
        if faults.on(EXTENDED):
            length = known.locked_until - known.last
            self._failures[_key(user)] = _Failures(known.count, now, now + length)
        raise NotAuthorized("Password attempts exceeded")

    def failed(self, user: User) -> None:
        """A wrong password was sent, or a wrong proof of one."""
        faults = self._faults
        if faults.on(MISSING) or (faults.on(KNOWN_ONLY) and not user.exists):
            return
        now = self._clock.timestamp()
        known = self._failures.get(_key(user))
        forgotten = known is None or now - max(known.last, known.locked_until) >= LONGEST_SECONDS
        count = 1 if known is None or forgotten else known.count + 1
        seconds = 0.0 if count < FREE_FAILURES else 2.0 ** min(count - FREE_FAILURES, 32)
        if not faults.on(WITHOUT_LIMIT):
            seconds = min(LONGEST_SECONDS, seconds)
        if seconds and faults.on(NEVER_ENDS):
            seconds = float("inf")
        self._failures[_key(user)] = _Failures(count, now, now + seconds)

    def succeeded(self, user: User) -> None:
        """The user has signed in."""
        if not self._faults.on(NOT_RESET):
            self._failures.pop(_key(user), None)


def _key(user: User) -> tuple[str, str]:
    return user.user_pool_id, user.sub
