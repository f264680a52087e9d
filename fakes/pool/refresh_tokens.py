"""Refresh tokens shown for new tokens: whose they are, and to what they are bound."""

from __future__ import annotations

from dataclasses import replace

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.errors import NotAuthorized
from fakes.pool.moto_directory import AppClient, MotoDirectory, User
from fakes.pool.sign_outs import SignOuts
from fakes.pool.tokens import Grant, Tokens

OF_ANOTHER_CLIENT = declare_fault("pool.refresh.of-another-client", "a refresh token counts at every app client")
OF_A_DISABLED_USER = declare_fault("pool.refresh.of-a-disabled-user", "a disabled user goes on refreshing")
OF_A_DELETED_USER = declare_fault("pool.refresh.of-a-deleted-user", "a deleted user goes on refreshing")
NEW_AUTH_TIME = declare_fault("pool.refresh.new-auth-time", "auth_time is the time of the refresh")
NEW_ORIGIN = declare_fault("pool.refresh.new-origin-jti", "each refresh begins a new origin_jti")


class RefreshTokens:
    """Judges refresh tokens."""

    def __init__(
        self, *, clock: Clock, directory: MotoDirectory, tokens: Tokens, sign_outs: SignOuts, faults: FaultSwitches
    ) -> None:
        self._clock = clock
        self._directory = directory
        self._tokens = tokens
        self._sign_outs = sign_outs
        self._faults = faults
        self._seen: dict[str, User] = {}  # read under a fault only

    def grant_for(self, client: AppClient, token: str) -> Grant:
        """The grant in a refresh token that this client was given. Raises NotAuthorized."""
        grant = self._tokens.read_refresh_token(token)
        if (grant.user_pool_id, grant.client_id) != (client.user_pool_id, client.id) and not self._faults.on(
            OF_ANOTHER_CLIENT
        ):
            raise NotAuthorized("Invalid Refresh Token")
        if self._faults.on(NEW_AUTH_TIME):
            grant = replace(grant, auth_time=int(self._clock.timestamp()))
        if self._faults.on(NEW_ORIGIN):
            grant = replace(grant, origin_jti=f"{grant.origin_jti[:-12]}{int(self._clock.timestamp()):012x}")
        return grant

    def user_of(self, grant: Grant) -> User:
        """The user of a grant: the same one, enabled, who has not been signed out since. Raises NotAuthorized."""
        faults = self._faults
        user = self._directory.user(grant.user_pool_id, grant.username)
        if user is None and faults.on(OF_A_DELETED_USER):
            user = self._seen.get(grant.sub)
        if user is None or user.sub != grant.sub:
            raise NotAuthorized("Invalid Refresh Token")
        if not faults.on(OF_A_DISABLED_USER):
            if not user.enabled:
                raise NotAuthorized("User is disabled.")
            if self._sign_outs.has_ended(grant.event_id, "refresh"):
                raise NotAuthorized("Refresh Token has been revoked")
        self._seen[grant.sub] = user
        return user
