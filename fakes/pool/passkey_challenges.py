"""The challenges of registrations that were started: a user's latest one, good once and for as long as the options say.

Those of sign-ins stand in the Session (`sessions.py`), and are none of these.
"""

from __future__ import annotations

from dataclasses import dataclass

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.entropy import Entropy
from fakes.pool.moto_directory import AppClient, User
from protocol.webauthn.base64url import encode

SAME = declare_fault("pool.passkeys.same-challenge", "every challenge is the same")
SHORT = declare_fault("pool.passkeys.short-challenge", "a challenge has 8 bytes")
NEVER_EXPIRE = declare_fault("pool.passkeys.challenges-never-expire", "a registration may be completed a day later")
REUSABLE = declare_fault("pool.passkeys.takes-a-challenge-twice", "a challenge that was answered stays open")
OF_ANY_USER = declare_fault("pool.passkeys.challenge-of-any-user", "any user may answer a challenge, whoever was asked")
OF_ANY_CEREMONY = declare_fault(
    "pool.passkeys.challenge-of-any-ceremony", "the challenge of a sign-in completes a registration"
)
KEEPS_ALL = declare_fault("pool.passkeys.keeps-every-challenge", "every registration that was started may be completed")

CHALLENGE_BYTES = 32
REGISTRATION_SECONDS = 300
"""Of a registration, as its options say (WebAuthn section 15.1 recommends 300 to 600)."""


@dataclass(frozen=True)
class StartedRegistration:
    """A challenge that waits for its registration. `expires_at` is in seconds since the epoch."""

    user_pool_id: str
    sub: str
    client_id: str
    challenge: bytes
    expires_at: float


class PasskeyChallenges:
    """Draws challenges, and keeps those of registrations."""

    def __init__(self, clock: Clock, entropy: Entropy, faults: FaultSwitches) -> None:
        self._clock = clock
        self._entropy = entropy
        self._faults = faults
        self._started: list[StartedRegistration] = []

    def draw(self) -> bytes:
        """A new challenge."""
        drawn = bytes(range(CHALLENGE_BYTES)) if self._faults.on(SAME) else self._entropy.octets(CHALLENGE_BYTES)
        return drawn[:8] if self._faults.on(SHORT) else drawn

    def start(self, user: User, client: AppClient) -> bytes:
        """The challenge of a new registration; the one that this user had is forgotten."""
        challenge = self.draw()
        self._keep(user, client, challenge)
        return challenge

    def sign_in_with(self, user: User, client: AppClient, challenge: bytes) -> None:
        """Take note of a sign-in's challenge, which is no registration's."""
        if self._faults.on(OF_ANY_CEREMONY) and user.exists:
            self._keep(user, client, challenge)

    def waiting(self, user: User, answered: str) -> StartedRegistration | None:
        """The registration that the user has started and may complete; `answered` is the challenge that was."""
        now = self._clock.timestamp()
        alive = [each for each in self._started if each.expires_at > now or self._faults.on(NEVER_EXPIRE)]
        if self._faults.on(OF_ANY_USER) or self._faults.on(KEEPS_ALL):
            mine = [each for each in alive if _is(user, each) or self._faults.on(OF_ANY_USER)]
            named = [each for each in mine if answered == encode(each.challenge)]
            return next(iter(named), None)
        return next((each for each in reversed(alive) if _is(user, each)), None)

    def answered(self, started: StartedRegistration) -> None:
        """The challenge was answered, rightly or wrongly; it is not answered again."""
        if not self._faults.on(REUSABLE) and started in self._started:
            self._started.remove(started)

    def _keep(self, user: User, client: AppClient, challenge: bytes) -> None:
        now = self._clock.timestamp()
        if not self._faults.on(KEEPS_ALL):
            self._started = [each for each in self._started if not _is(user, each)]
        if not self._faults.on(NEVER_EXPIRE):
            self._started = [each for each in self._started if each.expires_at > now]
        expires_at = now + REGISTRATION_SECONDS
        self._started.append(StartedRegistration(user.user_pool_id, user.sub, client.id, challenge, expires_at))


def _is(user: User, started: StartedRegistration) -> bool:
    return (started.user_pool_id, started.sub) == (user.user_pool_id, user.sub)
