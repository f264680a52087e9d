"""RevokeToken: one sign-in is over, and the user's others live on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.client_secret import demand_client_secret
from fakes.pool.errors import NotAuthorized, Unauthorized, UnsupportedOperation, UnsupportedTokenType
from fakes.pool.moto_directory import MotoDirectory
from fakes.pool.sign_in import Answer
from fakes.pool.sign_outs import SignOuts
from fakes.pool.tokens import Tokens

NOTHING = declare_fault("pool.revocation.does-nothing", "RevokeToken answers well and revokes nothing")
ACCESS_SURVIVES = declare_fault("pool.revocation.access-tokens-survive", "only the refresh token itself is revoked")
SIBLINGS_TOO = declare_fault("pool.revocation.ends-every-sign-in", "the user's other sign-ins end too")
NOT_TWICE = declare_fault("pool.revocation.not-twice", "a token that was revoked before is refused")
ANY_KIND = declare_fault("pool.revocation.takes-any-kind-of-token", "an access or id token is answered like any other")
OF_ANOTHER_CLIENT = declare_fault("pool.revocation.of-another-client", "every app client may revoke every token")
NOT_SWITCHED_ON = declare_fault("pool.revocation.without-being-enabled", "EnableTokenRevocation is not looked at")

_PARTS_OF_A_SIGNED_TOKEN = 3


class Revocation:
    """Performs RevokeToken."""

    def __init__(self, *, directory: MotoDirectory, tokens: Tokens, sign_outs: SignOuts, faults: FaultSwitches) -> None:
        self._directory = directory
        self._tokens = tokens
        self._sign_outs = sign_outs
        self._faults = faults

    async def revoke_token(self, request: Mapping[str, Any]) -> Answer:
        """End the sign-in that a refresh token belongs to; again is as good as once.

        Raises UnsupportedOperation, UnsupportedTokenType, and Unauthorized for all else: the service
        model has no other error for it.
        """
        faults, token = self._faults, request["Token"]
        client = self._directory.client(request["ClientId"])
        if client is None:
            raise Unauthorized(f"User pool client {request['ClientId']} does not exist.")
        demand_client_secret(client, request.get("ClientSecret"), faults, refusal=Unauthorized)
        if not client.token_revocation and not faults.on(NOT_SWITCHED_ON):
            raise UnsupportedOperation(f"Token revocation is not enabled for client {client.id}")
        if token.count(".") == _PARTS_OF_A_SIGNED_TOKEN - 1:
            if faults.on(ANY_KIND):
                return {}
            raise UnsupportedTokenType("Only a refresh token can be revoked")
        try:
            grant = self._tokens.open_refresh_token(token)
        except NotAuthorized as refusal:
            raise Unauthorized(refusal.message) from None
        ours = (grant.user_pool_id, grant.client_id) == (client.user_pool_id, client.id)
        if not ours and not faults.on(OF_ANOTHER_CLIENT):
            raise Unauthorized("Invalid Refresh Token")
        if faults.on(NOT_TWICE) and self._sign_outs.has_ended(grant.event_id, "refresh"):
            raise Unauthorized("Refresh Token has been revoked")
        if not faults.on(NOTHING):
            self._sign_outs.end(grant.event_id, access=not faults.on(ACCESS_SURVIVES))
        user = self._directory.user(grant.user_pool_id, grant.username)
        if faults.on(SIBLINGS_TOO) and user is not None:
            self._sign_outs.sign_out_everywhere(user)
        return {}
