"""What every answer to a challenge with a Session has in common: whose it is, and whether they may still sign in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fakes.faults import FaultSwitches
from fakes.pool.errors import NotAuthorized, missing_parameter
from fakes.pool.moto_directory import MotoDirectory, User, UserPool
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.sessions import ANY_USER, PendingChallenge, Sessions
from fakes.pool.sign_in import Caller, FirstFactor
from fakes.pool.user_lookup import UserLookup
from fakes.pool.user_states import demand_may_start


@dataclass(frozen=True)
class Resumed:
    """A sign-in taken up again where a challenge left it. The Session is still open."""

    session: str
    waiting: PendingChallenge
    user: User
    proved: FirstFactor


class SessionAnswers:
    """Finds the sign-in that an answer belongs to."""

    def __init__(
        self,
        *,
        directory: MotoDirectory,
        faults: FaultSwitches,
        lookup: UserLookup,
        secret_hashes: SecretHashes,
        sessions: Sessions,
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._lookup = lookup
        self._secret_hashes = secret_hashes
        self._sessions = sessions

    def resume(
        self,
        caller: Caller,
        challenge_name: str,
        responses: Mapping[str, str],
        session: str | None,
        *,
        wanted: tuple[str, ...],
        flow: str = "",
    ) -> Resumed:
        """The sign-in of a Session, once USERNAME and all `wanted` responses are there.

        Raises InvalidParameter for a missing response, NotAuthorized for a Session that is not this
        user's, client's and challenge's, and whatever the user's state demands.
        """
        for name in ("USERNAME", *wanted):
            if not responses.get(name):
                raise missing_parameter(name)
        waiting = self._sessions.look_up(session, challenge_name, caller.client, responses["USERNAME"])
        self._secret_hashes.demand(
            caller.client,
            responses.get("SECRET_HASH"),
            username=waiting.username,
            alias=waiting.typed_username,
            step=Step.ANSWER,
        )
        user = self.user_of(caller.pool, waiting)
        demand_may_start(user, self._faults, flow=flow)
        named = self._lookup.by_name_or_alias(caller.pool, responses["USERNAME"]) if self._faults.on(ANY_USER) else None
        proved = FirstFactor(
            caller=caller,
            user=named or user,
            typed_username=waiting.typed_username,
            flow=flow,
            device_key=responses.get("DEVICE_KEY") or waiting.device_key,
        )
        return Resumed(session or "", waiting, user, proved)

    def user_of(self, pool: UserPool, waiting: PendingChallenge) -> User:
        """The user as they are now, or the same simulated one. Raises NotAuthorized when they are gone."""
        user = self._directory.user(waiting.user_pool_id, waiting.username)
        if user is not None and user.sub == waiting.sub:
            return user
        simulated = self._lookup.simulated(pool, waiting.typed_username)
        if simulated.sub != waiting.sub:
            raise NotAuthorized("Invalid session for the user.")
        return simulated
