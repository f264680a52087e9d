"""ClientSecret itself, which GetTokensFromRefreshToken and RevokeToken take in the place of SECRET_HASH."""

from __future__ import annotations

import hmac

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import ServiceError
from fakes.pool.moto_directory import AppClient

NOT_LOOKED_AT = declare_fault("pool.client-secret.ignored", "ClientSecret is never looked at")


def demand_client_secret(
    client: AppClient, sent: str | None, faults: FaultSwitches, *, refusal: type[ServiceError]
) -> None:
    """Raise `refusal` for a secret that is missing or wrong; one that the client has no use for is passed over."""
    if client.secret is None or faults.on(NOT_LOOKED_AT):
        return
    if not sent:
        raise refusal(f"Client {client.id} is configured with secret but ClientSecret was not received")
    if not hmac.compare_digest(client.secret.encode(), sent.encode()):
        raise refusal(f"Unable to verify secret for client {client.id}")
