"""What AWS says of the configured pool and of its app clients, as far as the credentials may ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.arrangement import ALL_FLOWS
from harness.findings import Inconclusive, NotApplicable, TargetUnreachable

if TYPE_CHECKING:
    from harness.wire import AwsError, Wire

_NOT_LET_IN = frozenset(
    {
        "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException", "InvalidClientTokenId",
        "IncompleteSignatureException", "MissingAuthenticationTokenException",
    }
)  # fmt: skip
_FLOW_OF = {
    "USER_SRP_AUTH": "ALLOW_USER_SRP_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH": "ALLOW_CUSTOM_AUTH",
    "USER_AUTH": "ALLOW_USER_AUTH",
    "REFRESH_TOKEN_AUTH": "ALLOW_REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN": "ALLOW_REFRESH_TOKEN_AUTH",
}
_SUITS_ANY_FLOW = {"ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"}
_GIVEN_BY_US = frozenset({"email", "phone_number", "sub"})


def permission(operation: str) -> str:
    """The sentence that names what the credentials lack: `cognito-idp:DescribeUserPool`."""
    return f"the credentials lack the permission cognito-idp:{operation}"


def without_request(message: str) -> str:
    """An error of AWS's without the request that some hold, as it was signed: a session token is among its headers."""
    return message.partition("The Canonical String")[0].strip()


def demand_entry(error: AwsError | None, where: str) -> None:
    """Raises TargetUnreachable when AWS does not know the credentials, or there is no such pool."""
    if error is None:
        return
    if error.type in _NOT_LET_IN:
        raise TargetUnreachable(
            f"AWS does not accept these credentials: {error.type}: {without_request(error.message)}"
        )
    if error.type == "ResourceNotFoundException":
        raise TargetUnreachable(f"there is no user pool {where}: {error.message}; look at its id and at target.region")


@dataclass(frozen=True)
class PoolDescription:
    """A user pool's settings, as DescribeUserPool gives them."""

    members: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, wire: Wire, user_pool_id: str) -> PoolDescription:
        """Describe the pool.

        Raises:
            NotApplicable: the credentials may not.
            TargetUnreachable: AWS does not know the credentials or the pool.
            Inconclusive: it answered in another way.
        """
        answer = wire.call("DescribeUserPool", {"UserPoolId": user_pool_id})
        demand_entry(answer.error, f"{user_pool_id} at {wire.endpoint}")
        found = (answer.json or {}).get("UserPool") if answer.succeeded else None
        if not isinstance(found, dict):
            raise Inconclusive(f"DescribeUserPool was answered by {answer.described()}")
        return cls(found)

    @property
    def name(self) -> str:
        """The pool's name."""
        return str(self.members.get("Name", ""))

    @property
    def username_is_an_address(self) -> bool:
        """Whether users have an e-mail address for a name (UsernameAttributes)."""
        return "email" in (self.members.get("UsernameAttributes") or ())

    @property
    def required_attributes(self) -> frozenset[str]:
        """The attributes that a user cannot be made without, `sub` left out."""
        schema = self.members.get("SchemaAttributes") or ()
        return frozenset(str(each["Name"]) for each in schema if each.get("Required")) - {"sub"}

    def wanted_beyond(self, given: Mapping[str, str]) -> list[str]:
        """The required attributes that neither the run nor the configuration gives a user."""
        return sorted(self.required_attributes - _GIVEN_BY_US - given.keys())

    def meets(self, settings: Mapping[str, Any]) -> bool:
        """Whether the pool already is as CreateUserPool with these settings would make it."""
        return all(self._meets(name, wanted) for name, wanted in settings.items())

    def _meets(self, name: str, wanted: Any) -> bool:
        have = self.members.get(name) or []
        return name == "AliasAttributes" and set(wanted) <= set(have)


@dataclass(frozen=True)
class ClientDescription:
    """An app client's settings, as DescribeUserPoolClient gives them; no members where that was refused."""

    client_id: str
    secret: str | None = field(repr=False)
    members: Mapping[str, Any] | None = field(repr=False)

    @classmethod
    def read(cls, wire: Wire, user_pool_id: str, client_id: str, secret: str | None) -> ClientDescription:
        """Describe a client. Raises Inconclusive when there is none of this id."""
        try:
            answer = wire.call("DescribeUserPoolClient", {"UserPoolId": user_pool_id, "ClientId": client_id})
        except NotApplicable:
            return cls(client_id, secret, None)
        found = (answer.json or {}).get("UserPoolClient") if answer.succeeded else None
        if not isinstance(found, dict):
            raise Inconclusive(f"the app client {client_id} cannot be described: {answer.described()}")
        if secret is None and found.get("ClientSecret"):
            secret = str(found["ClientSecret"])
        return cls(client_id, secret, {name: value for name, value in found.items() if name != "ClientSecret"})

    @property
    def flows(self) -> frozenset[str] | None:
        """ExplicitAuthFlows, or None where they are not known."""
        return None if self.members is None else frozenset(self.members.get("ExplicitAuthFlows") or ())

    def has_srp(self) -> bool:
        """Whether it signs users in with SRP, which most checks want; taken for granted where nothing is known."""
        return self.flows is None or "ALLOW_USER_SRP_AUTH" in self.flows

    def lacks(self, auth_flow: str) -> str:
        """The setting without which the client refuses a flow; empty when it has it, or that is not known."""
        wanted = _FLOW_OF.get(auth_flow, "")
        return "" if self.flows is None or not wanted or wanted in self.flows else wanted

    def fits(
        self,
        *,
        with_secret: bool | None,
        flows: tuple[str, ...],
        reveals_unknown_users: bool | None,
        settings: Mapping[str, Any],
    ) -> bool:
        """Whether the client is as `UserPool.client` was asked for.

        Where every flow was asked for, the check uses some of them, and the door says which one is missing.
        """
        if with_secret not in (None, self.secret is not None):
            return False
        if self.members is None:
            return flows == ALL_FLOWS and reveals_unknown_users is None and not settings
        have = self.flows or frozenset()
        flows_fit = bool(have & _SUITS_ANY_FLOW) if flows == ALL_FLOWS else set(flows) == have
        reveals = self.members.get("PreventUserExistenceErrors", "LEGACY") == "LEGACY"
        return (
            flows_fit
            and reveals_unknown_users in (None, reveals)
            and all(self.members.get(name) == value for name, value in settings.items())
        )
