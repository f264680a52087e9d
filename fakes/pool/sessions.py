"""Sessions: what the pool remembers between a challenge and its answer, where SECRET_BLOCK is not the handle.

A Session is 20 to 4096 characters, lives for the client's AuthSessionValidity, answers once, and
belongs to one user, one client and one challenge name (`aws-doc`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.custom_auth_rounds import CustomAuth
from fakes.pool.entropy import Entropy
from fakes.pool.errors import NotAuthorized
from fakes.pool.moto_directory import AppClient, User
from fakes.pool.passkey_asked import PasskeyAsked

_GRACE = 900.0

ANY_USER = declare_fault("pool.sessions.any-user", "a Session may be answered in another user's name")
ANY_CLIENT = declare_fault("pool.sessions.any-client", "a Session may be answered by another client of the pool")
ANY_CHALLENGE = declare_fault("pool.sessions.any-challenge", "a Session may answer another challenge than its own")
REUSABLE = declare_fault("pool.sessions.reusable", "a Session answers any number of times")
WITHOUT_SESSION = declare_fault("pool.user-auth.answers-without-session", "answers in USER_AUTH need no Session")
EXPIRE_SOON = declare_fault(
    "pool.sessions.expire-after-a-minute", "a Session lives for a minute, whatever the client says"
)
NEVER_EXPIRE = declare_fault("pool.sessions.never-expire", "a Session lives for ever")


class Stage(StrEnum):
    """What a challenge asks for: some of them can be either."""

    FIRST_FACTOR = "first factor"
    SECOND_FACTOR = "second factor"


@dataclass(frozen=True)
class PendingChallenge:
    """A challenge that waits for its answer. Times are seconds since the epoch.

    `code` is what was sent to the user, `offered` what they may choose among, `token_verified`
    whether a software token has been set up under this Session, `custom` how far CUSTOM_AUTH has come,
    `passkey` what an authenticator was asked for.
    """

    challenge_name: str
    user_pool_id: str
    client_id: str
    username: str
    sub: str
    typed_username: str
    expires_at: float
    stage: Stage = Stage.SECOND_FACTOR
    code: str | None = None
    offered: tuple[str, ...] = ()
    token_verified: bool = False
    device_key: str | None = None
    custom: CustomAuth | None = None
    passkey: PasskeyAsked | None = None


class Sessions:
    """The sessions that wait for an answer."""

    def __init__(self, clock: Clock, entropy: Entropy, faults: FaultSwitches) -> None:
        self._clock = clock
        self._entropy = entropy
        self._faults = faults
        self._waiting: dict[str, PendingChallenge] = {}
        self._answered: dict[str, float] = {}

    def open(
        self,
        challenge_name: str,
        client: AppClient,
        user: User,
        typed_username: str,
        *,
        stage: Stage = Stage.SECOND_FACTOR,
        code: str | None = None,
        offered: tuple[str, ...] = (),
        token_verified: bool = False,
        device_key: str | None = None,
        custom: CustomAuth | None = None,
        passkey: PasskeyAsked | None = None,
    ) -> str:
        """Remember a challenge and return its Session."""
        now = self._clock.timestamp()
        self._forget_until(now)
        session = base64.urlsafe_b64encode(self._entropy.octets(120)).decode()
        self._waiting[session] = PendingChallenge(
            challenge_name=challenge_name,
            user_pool_id=client.user_pool_id,
            client_id=client.id,
            username=user.username,
            sub=user.sub,
            typed_username=typed_username,
            expires_at=now + (60 if self._faults.on(EXPIRE_SOON) else client.auth_session_validity.total_seconds()),
            stage=stage,
            code=code,
            offered=offered,
            token_verified=token_verified,
            device_key=device_key,
            custom=custom,
            passkey=passkey,
        )
        return session

    def newest(self, challenge_name: str, client: AppClient, username: str) -> str | None:
        """The Session last opened for a user and client on this challenge, for an answer that names none."""
        return next(
            (
                held
                for held, waiting in reversed(self._waiting.items())
                if (waiting.challenge_name, waiting.client_id) == (challenge_name, client.id)
                and username in {waiting.username, waiting.typed_username}
            ),
            None,
        )

    def look_up(self, session: str | None, challenge_name: str, client: AppClient, username: str) -> PendingChallenge:
        """The challenge that a Session stands for; it stays open. Raises NotAuthorized."""
        waiting = self.of_challenge(session, challenge_name)
        if waiting.user_pool_id != client.user_pool_id:
            raise NotAuthorized("Invalid session for the user.")
        if waiting.client_id != client.id and not self._faults.on(ANY_CLIENT):
            raise NotAuthorized("Invalid session for the user.")
        if username not in {waiting.username, waiting.typed_username} and not self._faults.on(ANY_USER):
            raise NotAuthorized("Invalid session for the user.")
        return waiting

    def of_challenge(self, session: str | None, challenge_name: str) -> PendingChallenge:
        """The same, for the operations that name neither user nor client. Raises NotAuthorized."""
        faults, held = self._faults, session or ""
        waiting = self._waiting.get(held)
        if waiting is None:
            used = held in self._answered
            raise NotAuthorized(f"Invalid session for the user{', session can only be used once' if used else ''}.")
        if waiting.challenge_name != challenge_name and not faults.on(ANY_CHALLENGE):
            raise NotAuthorized("Invalid session for the user.")
        if waiting.expires_at <= self._clock.timestamp() and not faults.on(NEVER_EXPIRE):
            raise NotAuthorized("Invalid session for the user, session is expired.")
        return waiting

    def close(self, session: str) -> None:
        """The Session has been answered; it does not answer again."""
        if self._faults.on(REUSABLE):
            return
        waiting = self._waiting.pop(session, None)
        if waiting is not None:
            self._answered[session] = waiting.expires_at

    def _forget_until(self, now: float) -> None:
        """Drop what is long over; an expired Session is still told apart from one that never was for a while."""
        if self._faults.on(NEVER_EXPIRE):
            return
        self._waiting = {held: waiting for held, waiting in self._waiting.items() if waiting.expires_at > now - _GRACE}
        self._answered = {held: expired for held, expired in self._answered.items() if expired > now - _GRACE}
