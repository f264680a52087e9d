"""PreTokenGeneration: what a pool's own function changes in the tokens, V1_0 and V2_0 (`aws-doc`).

V1_0 changes the id token, and the groups of both; V2_0 changes either token, and the scopes of the
access token. Claims that the service answers for are not changed by either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import unrecognizable_lambda_output
from fakes.pool.moto_directory import AppClient, User, UserPool
from fakes.pool.trigger_events import attributes_of, given, list_in, object_in, text_in, texts_in
from fakes.pool.triggers import Triggers

RESERVED_TOO = declare_fault(
    "pool.functions.reserved-claims-overridden", "a pre-token trigger can change sub, iss, exp and their like"
)

ADMIN_SCOPE = "aws.cognito.signin.user.admin"
"""The scope that the self-service operations ask for."""

AUTHENTICATION = "TokenGeneration_Authentication"
NEW_PASSWORD = "TokenGeneration_NewPasswordChallenge"  # noqa: S105 - the name of an event
DEVICE = "TokenGeneration_AuthenticateDevice"
REFRESH = "TokenGeneration_RefreshTokens"

_GROUPS, _ROLES, _PREFERRED_ROLE = "cognito:groups", "cognito:roles", "cognito:preferred_role"
_RESERVED = frozenset(
    {
        "acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat",
        "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "scope", "sub", "token_use", "username", "version",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Occasion:
    """Why tokens are made: `source` is the event's triggerSource."""

    source: str = AUTHENTICATION
    client_metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Changes:
    """To one token's claims."""

    added: Mapping[str, Any] = field(default_factory=dict)
    suppressed: tuple[str, ...] = ()
    scopes_added: tuple[str, ...] = ()
    scopes_suppressed: tuple[str, ...] = ()
    groups: Mapping[str, Any] = field(default_factory=dict)
    """The group claims, by name, that take the place of the user's own."""

    def made_in(self, claims: Mapping[str, Any], faults: FaultSwitches) -> dict[str, Any]:
        """The claims with the changes; suppression comes last, so that it wins (`aws-doc`)."""
        changed = {
            name: value for name, value in claims.items() if name not in self.groups or self.groups[name] is not None
        } | {name: value for name, value in self.groups.items() if value is not None}
        changed |= {name: value for name, value in self.added.items() if _may_change(name, faults)}
        for name in self.suppressed:
            if _may_change(name, faults):
                changed.pop(name, None)
        if self.scopes_added or self.scopes_suppressed:
            kept = [scope for scope in changed["scope"].split() if scope not in self.scopes_suppressed]
            changed["scope"] = " ".join(dict.fromkeys([*kept, *self.scopes_added]))
        return changed


@dataclass(frozen=True)
class ClaimChanges:
    """To both tokens."""

    identity: Changes = Changes()
    access: Changes = Changes()


class ClaimsTrigger:
    """Asks the function."""

    def __init__(self, triggers: Triggers) -> None:
        self._triggers = triggers

    async def changes(self, occasion: Occasion, pool: UserPool, client: AppClient, user: User) -> ClaimChanges:
        """What the pool's function wants changed; nothing without one. Raises as `Triggers.call` does."""
        if "PreTokenGeneration" not in pool.triggers:
            return ClaimChanges()
        both = pool.claims_event_version != "V1_0"
        member = "claimsAndScopeOverrideDetails" if both else "claimsOverrideDetails"
        roles = [group.role_arn for group in user.groups if group.role_arn]
        request: dict[str, Any] = {
            "userAttributes": attributes_of(user),
            "groupConfiguration": {
                "groupsToOverride": [group.name for group in user.groups],
                "iamRolesToOverride": roles,
                "preferredRole": roles[0] if roles else None,
            },
        } | given("clientMetadata", occasion.client_metadata)
        response = await self._triggers.call(
            "PreTokenGeneration",
            occasion.source,
            pool=pool,
            client=client,
            username=user.username,
            request=request | ({"scopes": [ADMIN_SCOPE]} if both else {}),
            response={member: None},
            version="2" if both else "1",
        )
        details = object_in(response or {}, member)
        groups = _group_claims(details)
        of_access = {name: value for name, value in groups.items() if name == _GROUPS}
        if not both:
            return ClaimChanges(_changes(details, groups, texts_only=True), Changes(groups=of_access))
        return ClaimChanges(
            _changes(object_in(details, "idTokenGeneration"), groups),
            _changes(object_in(details, "accessTokenGeneration"), of_access),
        )


def _changes(details: Mapping[str, Any], groups: Mapping[str, Any], *, texts_only: bool = False) -> Changes:
    read = texts_in if texts_only else object_in
    scopes = tuple(list_in(details, "scopesToAdd") or ())
    if any(not scope or " " in scope or scope.startswith("aws.cognito") for scope in scopes):
        raise unrecognizable_lambda_output()
    return Changes(
        added=read(details, "claimsToAddOrOverride"),
        suppressed=tuple(list_in(details, "claimsToSuppress") or ()),
        scopes_added=scopes,
        scopes_suppressed=tuple(list_in(details, "scopesToSuppress") or ()),
        groups=groups,
    )


def _group_claims(details: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that groupOverrideDetails names; None takes a claim away.

    Without that member the user's own stay; where it is null or empty there are none (`aws-doc`).
    """
    if "groupOverrideDetails" not in details:
        return {}
    override = object_in(details, "groupOverrideDetails")
    return {
        _GROUPS: list_in(override, "groupsToOverride") or None,
        _ROLES: list_in(override, "iamRolesToOverride") or None,
        _PREFERRED_ROLE: text_in(override, "preferredRole") or None,
    }


def _may_change(name: str, faults: FaultSwitches) -> bool:
    """Whether a function may touch this claim: none that the service answers for, and none named `cognito:`."""
    return (name not in _RESERVED and not name.startswith(("cognito:", "dev:"))) or faults.on(RESERVED_TOO)
