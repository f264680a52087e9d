"""The keys of a user pool: two RSA keys, one for access tokens and one for id tokens, under two key ids.

They can be replaced: tokens are then signed with new ones, and the old ones stay in the JWKS
document, so that what they have signed still verifies, until they are dropped.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey

from fakes.faults import FaultSwitches, declare_fault

NOT_PUBLISHED = declare_fault("pool.keys.new-keys-not-published", "the JWKS document does not learn of new keys")
DROPPED_AT_ONCE = declare_fault("pool.keys.old-keys-dropped-at-once", "keys leave the JWKS when they are replaced")
NEVER_DROPPED = declare_fault("pool.keys.dropped-keys-still-count", "a dropped key's access tokens are still taken")
LACKS_THE_ACCESS_KEY = declare_fault("pool.keys.jwks-lacks-the-access-key", "the JWKS holds the id tokens' key only")

TokenUse = Literal["access", "id"]


@dataclass(frozen=True)
class SigningKey:
    """One key, and the key id that tokens and the JWKS name it by."""

    key_id: str
    key: RSAKey

    def public_jwk(self) -> dict[str, Any]:
        """The entry of the JWKS document, with the members that the service's own has (`aws-doc`)."""
        public = self.key.as_dict(private=False)
        return {"alg": "RS256", "e": public["e"], "kid": self.key_id, "kty": "RSA", "n": public["n"], "use": "sig"}


@dataclass(frozen=True)
class PoolKeys:
    """The two signing keys of one user pool, and those before them that still verify."""

    access: SigningKey
    id: SigningKey
    retired: tuple[PoolKeys, ...] = ()

    def __iter__(self) -> Iterator[SigningKey]:
        return iter((self.id, self.access, *(key for pair in self.retired for key in (pair.id, pair.access))))

    def access_keys(self) -> tuple[SigningKey, ...]:
        """The keys that an access token may have been signed with."""
        return (self.access, *(pair.access for pair in self.retired))

    def jwks(self) -> dict[str, Any]:
        """The JWKS document."""
        return {"keys": [key.public_jwk() for key in self]}


class SigningKeys:
    """Every user pool's keys, made when they are first needed."""

    def __init__(self, faults: FaultSwitches) -> None:
        self._faults = faults
        self._pools: dict[str, PoolKeys] = {}
        self._published_before: dict[str, PoolKeys] = {}  # read under faults only
        self._dropped: dict[str, tuple[PoolKeys, ...]] = {}  # likewise
        self._making = asyncio.Lock()

    async def of(self, user_pool_id: str) -> PoolKeys:
        """The keys of a user pool; 0.1 to 0.4 s when it has none yet, and off the event loop."""
        if user_pool_id not in self._pools:
            async with self._making:
                if user_pool_id not in self._pools:
                    access, id = await asyncio.gather(asyncio.to_thread(_make), asyncio.to_thread(_make))
                    self._pools.setdefault(user_pool_id, PoolKeys(access=access, id=id))
        return self._pools[user_pool_id]

    def known(self, user_pool_id: str) -> PoolKeys | None:
        """The keys of a user pool that has already signed something, or None."""
        return self._pools.get(user_pool_id)

    def access_keys(self, user_pool_id: str) -> tuple[SigningKey, ...]:
        """The keys with which a pool's access tokens verify; none for a pool that has never signed."""
        keys = self._pools.get(user_pool_id)
        if keys is None:
            return ()
        dropped = self._dropped.get(user_pool_id, ()) if self._faults.on(NEVER_DROPPED) else ()
        return (*keys.access_keys(), *(pair.access for pair in dropped))

    async def jwks(self, user_pool_id: str) -> dict[str, Any]:
        """The JWKS document of a user pool."""
        keys = await self.of(user_pool_id)
        if self._faults.on(NOT_PUBLISHED):
            keys = self._published_before.get(user_pool_id, keys)
        if self._faults.on(LACKS_THE_ACCESS_KEY):
            return {"keys": [keys.id.public_jwk()]}
        return keys.jwks()

    def rotate(self, user_pool_id: str) -> None:
        """Sign with new keys from now on; the old ones are served until `drop_old`. From any thread; 0.1 to 0.4 s."""
        old = self._pools.get(user_pool_id)
        access, id = _make(), _make()
        if old is None:
            self._pools[user_pool_id] = PoolKeys(access=access, id=id)
            return
        if self._faults.on(NOT_PUBLISHED):
            self._published_before[user_pool_id] = old
        retired = () if self._faults.on(DROPPED_AT_ONCE) else (replace(old, retired=()), *old.retired)
        self._pools[user_pool_id] = PoolKeys(access=access, id=id, retired=retired)

    def drop_old(self, user_pool_id: str) -> None:
        """Serve and take only the present keys. From any thread."""
        keys = self._pools.get(user_pool_id)
        if keys is not None:
            self._dropped[user_pool_id] = keys.retired
            self._pools[user_pool_id] = replace(keys, retired=())


def _make() -> SigningKey:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    encoded = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_id = base64.b64encode(hashlib.sha256(encoded).digest()).decode()
    return SigningKey(key_id, RSAKey.import_key(private))
