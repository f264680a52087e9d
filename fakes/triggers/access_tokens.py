"""The access token of an earlier sign-in: verified here, then by Cognito, which knows what was revoked."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.events import SignInEvent
from fakes.triggers.services import UserPools

NO_SIGNATURE = declare_fault(
    "triggers.codes.token-signature-not-verified", "the token's signature is not verified, here or by GetUser"
)
ALG_NONE = declare_fault("triggers.codes.token-alg-none", "a token with alg none needs no signature")
ANY_USE = declare_fault("triggers.codes.token-any-use", "an id token is taken for an access token")
ANY_CLIENT = declare_fault("triggers.codes.token-any-client", "client_id of the token is not compared")
ANY_USER = declare_fault("triggers.codes.token-any-user", "sub of the token is not compared with the session's user")
EXPIRED = declare_fault("triggers.codes.token-expired", "an expired token is taken")
REVOKED = declare_fault(
    "triggers.codes.token-revoked",
    "Cognito is not asked: a token that was revoked or signed out is taken until it expires",
)
NO_TOKEN = declare_fault("triggers.codes.no-token-needed", "the token is not looked at: anything goes for jwt")

_ALGORITHM = "RS256"
_SECONDS_BETWEEN_FETCHES = 10
_LONGEST = 16_384
_LOCAL_FAULTS = (NO_SIGNATURE, ALG_NONE, ANY_USE, ANY_USER, EXPIRED, REVOKED)
"""GetUser refuses what these let through, so under them it is not asked."""


class AccessTokens:
    """Verifies. May be used from any thread."""

    def __init__(self, user_pools: UserPools, now: Callable[[], datetime], faults: FaultSwitches) -> None:
        self._user_pools = user_pools
        self._now = now
        self._faults = faults
        self._keys: dict[tuple[str, str], RSAKey] = {}
        self._fetched: dict[str, float] = {}

    def is_good(self, token: str, event: SignInEvent) -> bool:
        """Whether this is a live access token of the event's user, client and pool."""
        if self._faults.on(NO_TOKEN):
            return True
        if len(token) > _LONGEST:
            return False
        claims = self._claims(token, event.user_pool_id)
        if claims is None or not self._are_right(claims, event):
            return False
        if any(self._faults.on(fault) for fault in _LOCAL_FAULTS):
            return True
        return self._user_pools.owner_of(token) == event.attributes.get("sub")

    def _are_right(self, claims: Mapping[str, Any], event: SignInEvent) -> bool:
        faults, sub, expires_at = self._faults, event.attributes.get("sub"), claims.get("exp")
        client = claims.get("client_id", claims.get("aud") if faults.on(ANY_USE) else None)
        issuer = claims.get("iss")
        return (
            (claims.get("token_use") == "access" or faults.on(ANY_USE))
            and isinstance(issuer, str)
            and issuer.endswith(f"/{event.user_pool_id}")
            and (client == event.client_id or faults.on(ANY_CLIENT))
            and ((sub is not None and claims.get("sub") == sub) or faults.on(ANY_USER))
            and ((isinstance(expires_at, int) and self._now().timestamp() < expires_at) or faults.on(EXPIRED))
        )

    def _claims(self, token: str, user_pool_id: str) -> Mapping[str, Any] | None:
        """The claims of a token that the pool has signed."""
        try:
            header, unverified = (_json(part) for part in token.split(".")[:2])
            if self._faults.on(NO_SIGNATURE) or (self._faults.on(ALG_NONE) and header.get("alg") == "none"):
                return unverified
            key = self._key(user_pool_id, header.get("kid"))
            if header.get("alg") != _ALGORITHM or key is None:
                return None
            return _object(jws.deserialize_compact(token, key, algorithms=[_ALGORITHM]).payload)
        except (JoseError, ValueError):
            return None

    def _key(self, user_pool_id: str, key_id: object) -> RSAKey | None:
        """A key of the pool, fetched again when there is an unknown one, and not for every unknown one."""
        if not isinstance(key_id, str):
            return None
        now = self._now().timestamp()
        if (user_pool_id, key_id) not in self._keys and self._may_fetch(user_pool_id, now):
            self._fetched[user_pool_id] = now
            for jwk in self._user_pools.published_keys(user_pool_id).get("keys", ()):
                self._keys[user_pool_id, jwk["kid"]] = RSAKey.import_key(
                    {name: jwk[name] for name in ("kty", "n", "e")}
                )
        return self._keys.get((user_pool_id, key_id))

    def _may_fetch(self, user_pool_id: str, now: float) -> bool:
        fetched = self._fetched.get(user_pool_id)
        return fetched is None or abs(now - fetched) >= _SECONDS_BETWEEN_FETCHES


def _json(part: str) -> dict[str, Any]:
    return _object(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _object(octets: bytes) -> dict[str, Any]:
    content = json.loads(octets)
    if not isinstance(content, dict):
        raise ValueError("no JSON object")
    return content
