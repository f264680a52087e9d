"""The issuer: honest tokens as a user pool signs them, with joserfc."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from joserfc import jws

from fakes.issuer.keys import SigningKey

TokenUse = Literal["access", "id"]

SCOPES = ("aws.cognito.signin.user.admin", "orders/read")
GROUPS = ("admins", "readers")
LIFE_SECONDS = 3600


@dataclass(frozen=True)
class Issuer:
    """One user pool and one app client of it. Its user is in the groups GROUPS and was granted the SCOPES."""

    user_pool_id: str = "us-east-1_Conformanc"
    client_id: str = "3n4b5urk1ft4fl3mg5e62d9ado"
    username: str = "mary"
    keys: dict[TokenUse, SigningKey] = field(
        default_factory=lambda: {"access": SigningKey.new(), "id": SigningKey.new()}
    )

    _signed: dict[tuple[TokenUse, int], str] = field(default_factory=dict, init=False, repr=False)

    @property
    def name(self) -> str:
        """The `iss` of its tokens."""
        return f"https://cognito-idp.{self.user_pool_id.partition('_')[0]}.amazonaws.com/{self.user_pool_id}"

    @cached_property
    def jwks(self) -> dict[str, Any]:
        """The JWKS document. The two keys sign access and id tokens, as a user pool's do (`aws-doc`)."""
        return {"keys": [key.public_jwk() for key in self.keys.values()]}

    def header(self, use: TokenUse) -> dict[str, Any]:
        """The header of its tokens; the service writes no `typ` (`aws-doc`)."""
        return {"kid": self.keys[use].key_id, "alg": "RS256"}

    def claims(self, use: TokenUse, now: int) -> dict[str, Any]:
        """The claims of a token that is issued at `now` (seconds since the epoch) and lives for an hour."""
        common = {
            "sub": "6a1bd1f2-70c1-7031-2f5e-2b5a8a1b2c3d",
            "cognito:groups": list(GROUPS),
            "iss": self.name,
            "origin_jti": "0d6d2ab4-5f5c-4a1e-9a52-2d1f0f6f7c11",
            "event_id": "f3ea8c2e-9f83-4c0f-8f5e-6d4e7c0a9b21",
            "token_use": use,
            "auth_time": now,
            "exp": now + LIFE_SECONDS,
            "iat": now,
            "jti": "b6a5b1d9-4d0c-4f0e-8d57-0f2f8a6f9a31",
        }
        if use == "id":
            return common | {"aud": self.client_id, "cognito:username": self.username}
        return common | {"client_id": self.client_id, "scope": " ".join(SCOPES), "username": self.username}

    def token(self, use: TokenUse, now: int) -> str:
        """An honest token. RS256 has nothing random, so the same one is signed once."""
        if (use, now) not in self._signed:
            payload = json.dumps(self.claims(use, now), separators=(",", ":")).encode()
            self._signed[use, now] = jws.serialize_compact(self.header(use), payload, self.keys[use].for_signing)
        return self._signed[use, now]
