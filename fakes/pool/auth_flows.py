"""Which authentication flows an app client allows, and which of the two calls takes which."""

from __future__ import annotations

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import InvalidParameter
from fakes.pool.moto_directory import AppClient

IGNORES_CLIENT_SETTING = declare_fault("pool.flows.ignores-the-client-setting", "every flow is open to every client")

_PUBLIC = frozenset(
    {"USER_SRP_AUTH", "USER_PASSWORD_AUTH", "CUSTOM_AUTH", "USER_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"}
)
_ADMINISTRATORS = (_PUBLIC - {"USER_PASSWORD_AUTH"}) | {"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}

_ALLOWED_BY = {
    "USER_SRP_AUTH": "ALLOW_USER_SRP_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH": "ALLOW_CUSTOM_AUTH",
    "USER_AUTH": "ALLOW_USER_AUTH",
    "REFRESH_TOKEN_AUTH": "ALLOW_REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN": "ALLOW_REFRESH_TOKEN_AUTH",
    "ADMIN_USER_PASSWORD_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
}

_REFUSALS = {
    "USER_PASSWORD_AUTH": "USER_PASSWORD_AUTH flow not enabled for this client",
    "ADMIN_USER_PASSWORD_AUTH": "Auth flow not enabled for this client",
    "ADMIN_NO_SRP_AUTH": "Auth flow not enabled for this client",
}


def demand_flow(client: AppClient, flow: str, *, administrator: bool, faults: FaultSwitches) -> None:
    """Raise InvalidParameter for a flow that this call does not take or this client does not allow (`reported`)."""
    if flow not in (_ADMINISTRATORS if administrator else _PUBLIC):
        raise InvalidParameter("Initiate Auth method not supported.")
    if not _enabled(client.explicit_auth_flows, flow) and not faults.on(IGNORES_CLIENT_SETTING):
        raise InvalidParameter(_REFUSALS.get(flow, f"{flow} is not enabled for the client."))


def _enabled(settings: frozenset[str], flow: str) -> bool:
    if any(setting.startswith("ALLOW_") for setting in settings):
        return _ALLOWED_BY[flow] in settings
    # The legacy names only add to, or with CUSTOM_AUTH_FLOW_ONLY take from, what was always open.
    match flow:
        case "USER_SRP_AUTH":
            return "CUSTOM_AUTH_FLOW_ONLY" not in settings
        case "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH":
            return "ADMIN_NO_SRP_AUTH" in settings
        case "USER_PASSWORD_AUTH":
            return "USER_PASSWORD_AUTH" in settings
        case "USER_AUTH":
            return False
        case _:
            return True
