"""GetTokensFromRefreshToken: new tokens for a refresh token, which is replaced where rotation is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.claims_trigger import REFRESH, Occasion
from fakes.pool.client_secret import demand_client_secret
from fakes.pool.devices import Devices
from fakes.pool.errors import NotAuthorized, ResourceNotFound
from fakes.pool.moto_directory import MotoDirectory
from fakes.pool.refresh_tokens import RefreshTokens
from fakes.pool.rotation import Rotation
from fakes.pool.sign_in import Answer
from fakes.pool.tokens import Tokens

NO_SUCCESSOR = declare_fault("pool.refresh.rotation-brings-no-token", "a refresh token is replaced by nothing")
ALWAYS_A_NEW_ONE = declare_fault("pool.refresh.new-refresh-token-without-rotation", "each renewal brings a third token")


class TokenRenewal:
    """Performs GetTokensFromRefreshToken."""

    def __init__(
        self,
        *,
        directory: MotoDirectory,
        refresh_tokens: RefreshTokens,
        rotation: Rotation,
        tokens: Tokens,
        devices: Devices,
        faults: FaultSwitches,
    ) -> None:
        self._directory = directory
        self._refresh_tokens = refresh_tokens
        self._rotation = rotation
        self._tokens = tokens
        self._devices = devices
        self._faults = faults

    async def get_tokens_from_refresh_token(self, request: Mapping[str, Any]) -> Answer:
        """New tokens, a refresh token among them only with rotation on.

        Raises NotAuthorized, ResourceNotFound, and RefreshTokenReuse for a token that rotation has replaced.
        """
        served = self._directory.client_and_pool(request["ClientId"])
        if served is None:
            raise ResourceNotFound(f"User pool client {request['ClientId']} does not exist.")
        client, pool = served
        demand_client_secret(client, request.get("ClientSecret"), self._faults, refusal=NotAuthorized)
        grant = self._refresh_tokens.grant_for(client, request["RefreshToken"])
        self._rotation.demand_present(grant)
        user = self._refresh_tokens.user_of(grant)
        self._devices.demand_same_at_refresh(pool, user, bound_to=grant.device_key, sent=request.get("DeviceKey"))
        rotates = client.refresh_token_rotation is not None
        if client.refresh_token_rotation is not None:
            grant = await self._rotation.successor(grant, client.refresh_token_rotation, client.refresh_token_validity)
        result = await self._tokens.of_grant(
            grant, pool, client, user, occasion=Occasion(REFRESH, request.get("ClientMetadata") or {})
        )
        if (rotates and not self._faults.on(NO_SUCCESSOR)) or self._faults.on(ALWAYS_A_NEW_ONE):
            result |= {"RefreshToken": self._tokens.refresh_token(grant)}
        return {"AuthenticationResult": result}
