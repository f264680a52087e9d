"""The tokens: access and id tokens as signed JWTs, the refresh token as an encrypted one that only this pool reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from fakes.faults import FaultSwitches
from fakes.pool.claims_trigger import ADMIN_SCOPE, ClaimsTrigger, Occasion
from fakes.pool.clock import Clock
from fakes.pool.entropy import Entropy
from fakes.pool.errors import NotAuthorized
from fakes.pool.moto_directory import STANDARD_ATTRIBUTES, AppClient, User, UserPool
from fakes.pool.sign_outs import SignOuts
from fakes.pool.signing_keys import SigningKey, SigningKeys
from fakes.pool.token_faults import JTI_ALL_THE_SAME, spoiled_claims, spoiled_refresh_header, spoiled_result

_BOOLEANS = frozenset({"email_verified", "phone_number_verified"})


@dataclass(frozen=True)
class Grant:
    """One sign-in, from which every token of it descends. Times are seconds since the epoch.

    `refresh_id` names the refresh token that holds the grant; rotation gives each successor another one.
    """

    user_pool_id: str
    client_id: str
    username: str
    sub: str
    origin_jti: str
    event_id: str
    auth_time: int
    expires_at: int
    refresh_id: str
    device_key: str | None = None


class Tokens:
    """Makes tokens, and reads refresh tokens."""

    def __init__(
        self,
        *,
        clock: Clock,
        entropy: Entropy,
        keys: SigningKeys,
        sign_outs: SignOuts,
        claims_trigger: ClaimsTrigger,
        faults: FaultSwitches,
        issuer_base: str | None,
    ) -> None:
        self._clock = clock
        self._claims_trigger = claims_trigger
        self._sign_outs = sign_outs
        self._faults = faults
        self._entropy = entropy
        self._keys = keys
        self._issuer_base = issuer_base
        self._refresh_key = OctKey.import_key(entropy.octets(32))

    def issuer(self, pool: UserPool) -> str:
        """The `iss` of a pool's tokens."""
        base = self._issuer_base or f"https://cognito-idp.{pool.region}.amazonaws.com"
        return f"{base}/{pool.id}"

    async def of_new_sign_in(
        self,
        pool: UserPool,
        client: AppClient,
        user: User,
        *,
        occasion: Occasion,
        device_key: str | None = None,
    ) -> dict[str, Any]:
        """The AuthenticationResult of a sign-in: three tokens, linked to a device where one is named."""
        now = int(self._clock.timestamp())
        grant = Grant(
            user_pool_id=pool.id,
            client_id=client.id,
            username=user.username,
            sub=user.sub,
            origin_jti=self._entropy.uuid(),
            event_id=self._entropy.uuid(),
            auth_time=now,
            expires_at=now + _seconds(client.refresh_token_validity),
            refresh_id=self._entropy.uuid(),
            device_key=device_key,
        )
        result = await self.of_grant(grant, pool, client, user, occasion=occasion)
        self._sign_outs.signed_in(user, grant.event_id)
        return result | {"RefreshToken": self.refresh_token(grant)}

    async def of_grant(
        self, grant: Grant, pool: UserPool, client: AppClient, user: User, *, occasion: Occasion
    ) -> dict[str, Any]:
        """New access and id tokens of a sign-in that has been; auth_time and origin_jti stay (`aws-doc`).

        The pool's own function may change their claims, and so refuse them.
        """
        changes = await self._claims_trigger.changes(occasion, pool, client, user)
        keys = await self._keys.of(pool.id)
        now = int(self._clock.timestamp())
        claims = changes.access.made_in(self._access_claims(grant, pool, client, user, now), self._faults)
        access = spoiled_claims(claims, self._faults)
        claims = changes.identity.made_in(self._id_claims(grant, pool, client, user, now), self._faults)
        identity = spoiled_claims(claims, self._faults)
        result = {
            "AccessToken": _signed(keys.access, access),
            "ExpiresIn": _seconds(client.access_token_validity),
            "IdToken": _signed(keys.id, identity),
            "TokenType": "Bearer",
        }
        return spoiled_result(result, self._faults)

    def refresh_token(self, grant: Grant) -> str:
        """A refresh token that holds a grant."""
        header = spoiled_refresh_header({"cty": "JWT", "enc": "A256GCM", "alg": "A256KW"}, grant.username, self._faults)
        return jwe.encrypt_compact(header, json.dumps(vars(grant)).encode(), self._refresh_key)

    def open_refresh_token(self, token: str) -> Grant:
        """The grant in a refresh token of this pool, which may have expired. Raises NotAuthorized."""
        try:
            content = jwe.decrypt_compact(token, self._refresh_key).plaintext
            return Grant(**json.loads(content or b""))
        except (JoseError, ValueError, TypeError):
            raise NotAuthorized("Invalid Refresh Token") from None

    def read_refresh_token(self, token: str) -> Grant:
        """The grant in a refresh token that has not expired. Raises NotAuthorized."""
        grant = self.open_refresh_token(token)
        if grant.expires_at <= self._clock.timestamp():
            raise NotAuthorized("Refresh Token has expired")
        return grant

    def _access_claims(self, grant: Grant, pool: UserPool, client: AppClient, user: User, now: int) -> dict[str, Any]:
        return (
            {"sub": user.sub}
            | ({"device_key": grant.device_key} if grant.device_key else {})
            | _group_claims(user)
            | {"iss": self.issuer(pool), "client_id": client.id}
            | self._origin(grant, client)
            | {
                "event_id": grant.event_id,
                "token_use": "access",
                "scope": ADMIN_SCOPE,
                "auth_time": grant.auth_time,
                "exp": now + _seconds(client.access_token_validity),
                "iat": now,
            }
            | self._jti(client)
            | {"username": user.username}
        )

    def _id_claims(self, grant: Grant, pool: UserPool, client: AppClient, user: User, now: int) -> dict[str, Any]:
        return (
            _attribute_claims(client, user)
            | {"sub": user.sub}
            | _group_claims(user)
            | _role_claims(user)
            | {"iss": self.issuer(pool), "cognito:username": user.username, "aud": client.id}
            | self._origin(grant, client)
            | {
                "event_id": grant.event_id,
                "token_use": "id",
                "auth_time": grant.auth_time,
                "exp": now + _seconds(client.id_token_validity),
                "iat": now,
            }
            | self._jti(client)
        )

    def _origin(self, grant: Grant, client: AppClient) -> dict[str, str]:
        return {"origin_jti": grant.origin_jti} if self._can_be_revoked(client) else {}

    def _jti(self, client: AppClient) -> dict[str, str]:
        return {"jti": self._entropy.uuid()} if self._can_be_revoked(client) else {}

    def _can_be_revoked(self, client: AppClient) -> bool:
        """Whether tokens carry origin_jti and jti: with token revocation, or rotation, switched on (`aws-doc`)."""
        return client.token_revocation or client.refresh_token_rotation is not None or self._faults.on(JTI_ALL_THE_SAME)


def _signed(key: SigningKey, claims: dict[str, Any]) -> str:
    # Without `typ`, as the service writes its headers; joserfc's own jwt.encode would add it.
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    return jws.serialize_compact({"kid": key.key_id, "alg": "RS256"}, payload, key.key)


def _seconds(validity: timedelta) -> int:
    return int(validity.total_seconds())


def _group_claims(user: User) -> dict[str, list[str]]:
    return {"cognito:groups": [group.name for group in user.groups]} if user.groups else {}


def _role_claims(user: User) -> dict[str, Any]:
    roles = [group.role_arn for group in user.groups if group.role_arn]
    return {"cognito:roles": roles, "cognito:preferred_role": roles[0]} if roles else {}


def _attribute_claims(client: AppClient, user: User) -> dict[str, Any]:
    """The attributes that the client may read; without a list of its own, the standard ones (`aws-doc`)."""
    readable = STANDARD_ATTRIBUTES if client.read_attributes is None else client.read_attributes
    return {
        name: (value.lower() == "true" if name in _BOOLEANS else value)
        for name, value in user.attributes.items()
        if name in readable and name != "sub"
    }
