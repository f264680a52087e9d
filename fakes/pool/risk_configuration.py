"""What a pool, or one of its app clients, does about risks. moto does not know it.

`aws-doc`: it is set for the whole pool or for one client, and there is none while threat protection is
off. `unknown` what is answered where nothing was set; here, the bare ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.pool.errors import ResourceNotFound, ServiceError
from fakes.pool.moto_directory import MotoDirectory
from fakes.pool.sign_in import Answer

Request = Mapping[str, Any]


class UserPoolAddOnNotEnabled(ServiceError):
    """Threat protection is off."""

    code = "UserPoolAddOnNotEnabledException"


class RiskConfigurations:
    """SetRiskConfiguration and DescribeRiskConfiguration."""

    def __init__(self, directory: MotoDirectory) -> None:
        self._directory = directory
        self._set: dict[tuple[str, str | None], dict[str, Any]] = {}

    async def set(self, request: Request) -> Answer:
        """SetRiskConfiguration: the whole of it. Raises ResourceNotFound, UserPoolAddOnNotEnabled."""
        whose = self._whose(request)
        self._set[whose] = dict(request)
        return {"RiskConfiguration": self._set[whose]}

    async def describe(self, request: Request) -> Answer:
        """DescribeRiskConfiguration. Raises as `set` does."""
        return {"RiskConfiguration": self._set.get(self._whose(request), dict(request))}

    def _whose(self, request: Request) -> tuple[str, str | None]:
        pool_id, client_id = request["UserPoolId"], request.get("ClientId")
        pool = self._directory.user_pool(pool_id)
        if pool is None:
            raise ResourceNotFound(f"User pool {pool_id} does not exist.")
        if client_id is not None and client_id not in {client.id for client in self._directory.clients_of(pool_id)}:
            raise ResourceNotFound(f"User pool client {client_id} does not exist.")
        if self._directory.threat_protection(pool) == "OFF":
            raise UserPoolAddOnNotEnabled("User pool add-ons are not enabled")
        return pool_id, client_id
