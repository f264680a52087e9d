"""The documents that verifiers fetch: the pool's keys, and where they are."""

from __future__ import annotations

from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import ResourceNotFound
from fakes.pool.moto_directory import MotoDirectory, UserPool
from fakes.pool.signing_keys import SigningKeys
from fakes.pool.tokens import Tokens

OTHER_ISSUER = declare_fault("pool.keys.discovery-names-another-issuer", "the issuer is not that of the tokens")

JWKS = "jwks.json"
OPENID_CONFIGURATION = "openid-configuration"


class UnknownPool(ResourceNotFound):
    """The path names no pool; on these documents that is an HTTP 404."""

    status = 404


class Discovery:
    """Answers `/{pool id}/.well-known/…`."""

    def __init__(
        self, *, directory: MotoDirectory, keys: SigningKeys, tokens: Tokens, endpoint: str, faults: FaultSwitches
    ) -> None:
        self._faults = faults
        self._directory = directory
        self._keys = keys
        self._tokens = tokens
        self._endpoint = endpoint

    async def document(self, user_pool_id: str, name: str) -> dict[str, Any]:
        """The document of this name. Raises UnknownPool."""
        pool = self._directory.user_pool(user_pool_id)
        if pool is None:
            raise UnknownPool(f"User pool {user_pool_id[:64]} does not exist.")
        return await self._keys.jwks(pool.id) if name == JWKS else self._configuration(pool)

    def _configuration(self, pool: UserPool) -> dict[str, Any]:
        return {
            "issuer": self._endpoint if self._faults.on(OTHER_ISSUER) else self._tokens.issuer(pool),
            "jwks_uri": f"{self._endpoint}/{pool.id}/.well-known/{JWKS}",
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "token"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
        }
