"""REFRESH_TOKEN_AUTH: new access and id tokens for a sign-in that has been."""

from __future__ import annotations

from collections.abc import Mapping

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.claims_trigger import REFRESH, Occasion
from fakes.pool.devices import Devices
from fakes.pool.errors import InvalidParameter, NotAuthorized, RefreshTokenReuse, missing_parameter
from fakes.pool.refresh_tokens import RefreshTokens
from fakes.pool.rotation import Rotation
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.sign_in import Answer, Caller
from fakes.pool.tokens import Tokens

BESIDE_ROTATION = declare_fault("pool.refresh.flow-beside-rotation", "REFRESH_TOKEN_AUTH goes on with rotation on")


class RefreshFlow:
    """Takes a refresh token of the same client."""

    def __init__(
        self,
        *,
        refresh_tokens: RefreshTokens,
        rotation: Rotation,
        secret_hashes: SecretHashes,
        tokens: Tokens,
        devices: Devices,
        faults: FaultSwitches,
    ) -> None:
        self._refresh_tokens = refresh_tokens
        self._rotation = rotation
        self._secret_hashes = secret_hashes
        self._tokens = tokens
        self._devices = devices
        self._faults = faults

    async def start(self, caller: Caller, parameters: Mapping[str, str]) -> Answer:
        """New tokens, and no new refresh token. Raises NotAuthorized, and InvalidParameter with rotation on.

        A refresh token that is not valid is refused before the secret hash is looked at (`measured`).
        """
        if "REFRESH_TOKEN" not in parameters:
            raise missing_parameter("REFRESH_TOKEN")
        if caller.client.refresh_token_rotation is not None and not self._faults.on(BESIDE_ROTATION):
            raise InvalidParameter("REFRESH_TOKEN_AUTH is not available while refresh token rotation is enabled.")
        grant = self._refresh_tokens.grant_for(caller.client, parameters["REFRESH_TOKEN"])
        self._secret_hashes.demand(
            caller.client, parameters.get("SECRET_HASH"), username=grant.username, step=Step.REFRESH
        )
        try:
            self._rotation.demand_present(grant)  # replaced while rotation was on
        except RefreshTokenReuse:
            raise NotAuthorized("Refresh Token has been revoked") from None
        user = self._refresh_tokens.user_of(grant)
        self._devices.demand_same_at_refresh(
            caller.pool, user, bound_to=grant.device_key, sent=parameters.get("DEVICE_KEY")
        )
        result = await self._tokens.of_grant(
            grant, caller.pool, caller.client, user, occasion=Occasion(REFRESH, caller.client_metadata)
        )
        return {"AuthenticationResult": result, "ChallengeParameters": {}}
