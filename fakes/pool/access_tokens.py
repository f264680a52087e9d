"""Access tokens shown to the self-service operations: whose they are, in AWS's order of complaints."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.claims_trigger import ADMIN_SCOPE
from fakes.pool.clock import Clock
from fakes.pool.errors import NotAuthorized, user_does_not_exist
from fakes.pool.moto_directory import AppClient, MotoDirectory, User, UserPool
from fakes.pool.sign_outs import SignOuts
from fakes.pool.signing_keys import SigningKey, SigningKeys
from fakes.pool.tokens import Tokens

ID_TOKEN = declare_fault("pool.tokens.id-token-taken-for-access", "an id token serves as an access token")
REFRESH_TOKEN = declare_fault("pool.tokens.refresh-token-taken-for-access", "a refresh token serves as an access token")
EXPIRED = declare_fault("pool.tokens.expired-access-token-taken", "an access token's exp is not looked at")
FORGED = declare_fault("pool.tokens.forged-access-token-taken", "an access token's signature is not verified")
OF_A_DISABLED_USER = declare_fault("pool.tokens.of-a-disabled-user", "a disabled user's access tokens are taken")
OTHER_WORDS = declare_fault("pool.revocation.other-words", "a revoked access token is refused in other words")


@dataclass(frozen=True)
class Bearer:
    """Who showed a good access token."""

    pool: UserPool
    client: AppClient
    user: User
    claims: dict[str, Any]


class AccessTokens:
    """Verifies access tokens."""

    def __init__(
        self,
        *,
        clock: Clock,
        directory: MotoDirectory,
        keys: SigningKeys,
        tokens: Tokens,
        sign_outs: SignOuts,
        faults: FaultSwitches,
    ) -> None:
        self._faults = faults
        self._tokens = tokens
        self._clock = clock
        self._sign_outs = sign_outs
        self._directory = directory
        self._keys = keys

    def bearer(self, token: str) -> Bearer:
        """Who the token speaks for. Raises NotAuthorized in the measured words, UserNotFound for a deleted user."""
        claims = self._verified_claims(token)
        served = self._directory.client_and_pool(str(claims.get("client_id")))
        if served is None:
            raise NotAuthorized("Invalid Access Token")
        client, pool = served
        user = self._directory.user(pool.id, str(claims.get("username")))
        if user is None or user.sub != claims.get("sub"):
            raise user_does_not_exist()
        if not user.enabled and not self._faults.on(OF_A_DISABLED_USER):
            raise NotAuthorized("User is disabled.")
        return Bearer(pool=pool, client=client, user=user, claims=claims)

    def _verified_claims(self, token: str) -> dict[str, Any]:
        faults = self._faults
        if faults.on(REFRESH_TOKEN) and token.count(".") == 4:
            return vars(self._tokens.open_refresh_token(token))
        claims = _unverified_claims(token)
        user_pool_id = str(claims.get("iss")).rpartition("/")[2]
        keys = self._keys.access_keys(user_pool_id)
        if faults.on(ID_TOKEN) and claims.get("token_use") == "id":
            return claims | {"client_id": claims["aud"], "username": claims["cognito:username"]}
        if not keys or claims.get("token_use") != "access":
            raise NotAuthorized("Invalid Access Token")
        if not any(_is_signed(token, key) for key in keys) and not faults.on(FORGED):
            raise NotAuthorized("Could not verify signature for Access Token")
        if claims["exp"] <= self._clock.timestamp() and not faults.on(EXPIRED):
            raise NotAuthorized("Access Token has expired")
        if self._sign_outs.has_ended(str(claims.get("event_id")), "access"):
            raise NotAuthorized("Not signed in" if faults.on(OTHER_WORDS) else "Access Token has been revoked")
        if ADMIN_SCOPE not in str(claims.get("scope")).split():
            raise NotAuthorized("Access Token does not have required scopes")
        return claims


def _is_signed(token: str, key: SigningKey) -> bool:
    """Whether a token names this key and is signed with it."""
    try:
        verified = jws.deserialize_compact(token, key.key, algorithms=["RS256"])
    except (JoseError, ValueError):
        return False
    return verified.headers().get("kid") == key.key_id


def _unverified_claims(token: str) -> dict[str, Any]:
    """The claims of anything of the form of a JWT. Raises NotAuthorized."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        raise NotAuthorized("Invalid Access Token") from None
    if not isinstance(claims, dict):
        raise NotAuthorized("Invalid Access Token")
    return claims
