"""What an app client is configured to do, read as Cognito documents it: defaults filled in, legacy names translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

SRP, USER_AUTH = "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"
PASSWORD, ADMIN_PASSWORD = "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"
CUSTOM = "ALLOW_CUSTOM_AUTH"

_DEFAULT_FLOWS = frozenset({"ALLOW_REFRESH_TOKEN_AUTH", SRP, CUSTOM})
_LEGACY_FLOWS = {  # these came beside SRP, which could not be switched off then
    "ADMIN_NO_SRP_AUTH": frozenset({ADMIN_PASSWORD, SRP}),
    "USER_PASSWORD_AUTH": frozenset({PASSWORD, SRP}),
    "CUSTOM_AUTH_FLOW_ONLY": frozenset({CUSTOM}),
}
_DEFAULT_LIFE = {"Access": timedelta(hours=1), "Id": timedelta(hours=1), "Refresh": timedelta(days=30)}
_DEFAULT_UNIT = {"Access": "hours", "Id": "hours", "Refresh": "days"}
_DEFAULT_AUTH_SESSION_MINUTES = 3


@dataclass(frozen=True)
class ClientPosture:
    """One app client's settings: members of DescribeUserPoolClient, and `HasSecret` in place of the secret."""

    settings: Mapping[str, Any]

    def __str__(self) -> str:
        return f"client {self.client_id} ({self.settings.get('ClientName') or 'without name'})"

    @property
    def client_id(self) -> str:
        """ClientId."""
        return str(self.settings.get("ClientId"))

    @property
    def is_public(self) -> bool:
        """Whether it has no secret, as what runs in browsers and on phones cannot keep one (RFC 6749 2.1)."""
        return not self.settings.get("HasSecret")

    @cached_property
    def flows(self) -> frozenset[str]:
        """ExplicitAuthFlows in today's names; the documented default where there are none."""
        told = frozenset(self.settings.get("ExplicitAuthFlows") or ()) or _DEFAULT_FLOWS
        return frozenset(flow for name in told for flow in _LEGACY_FLOWS.get(name, frozenset({name})))

    @property
    def names_its_flows(self) -> bool:
        """Whether ExplicitAuthFlows is set: what is allowed was then somebody's choice."""
        return bool(self.settings.get("ExplicitAuthFlows"))

    @property
    def grants(self) -> frozenset[str]:
        """AllowedOAuthFlows, as far as they are in force: `code`, `implicit`, `client_credentials`."""
        if self.settings.get("AllowedOAuthFlowsUserPoolClient") is False:
            return frozenset()
        return frozenset(self.settings.get("AllowedOAuthFlows") or ())

    @property
    def signs_users_in(self) -> bool:
        """Whether users get tokens through it: not when it only stands for a machine."""
        return self.grants != {"client_credentials"} or self.names_its_flows

    @property
    def scopes(self) -> frozenset[str]:
        """AllowedOAuthScopes, as far as they are in force."""
        return frozenset(self.settings.get("AllowedOAuthScopes") or ()) if self.grants else frozenset()

    @property
    def callback_urls(self) -> tuple[str, ...]:
        """CallbackURLs, as far as they are in force."""
        return tuple(self.settings.get("CallbackURLs") or ()) if self.grants else ()

    @property
    def logout_urls(self) -> tuple[str, ...]:
        """LogoutURLs, as far as they are in force."""
        return tuple(self.settings.get("LogoutURLs") or ()) if self.grants else ()

    def life_of(self, token: str) -> timedelta:
        """How long a token of this kind lives: `Access`, `Id` or `Refresh`."""
        amount = self.settings.get(f"{token}TokenValidity")
        unit = (self.settings.get("TokenValidityUnits") or {}).get(f"{token}Token") or _DEFAULT_UNIT[token]
        return timedelta(**{unit: amount}) if amount else _DEFAULT_LIFE[token]

    @property
    def auth_session_life(self) -> timedelta:
        """How long a challenge may be answered."""
        return timedelta(minutes=self.settings.get("AuthSessionValidity") or _DEFAULT_AUTH_SESSION_MINUTES)

    @property
    def rotates_refresh_tokens(self) -> bool:
        """Whether a refresh token is replaced when it is used."""
        return (self.settings.get("RefreshTokenRotation") or {}).get("Feature") == "ENABLED"

    @property
    def writable(self) -> frozenset[str] | None:
        """WriteAttributes; None where it is not set, which lets users write every standard attribute."""
        told = self.settings.get("WriteAttributes")
        return None if told is None else frozenset(told)
