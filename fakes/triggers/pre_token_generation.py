"""PreTokenGeneration, events of version 1 and 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.triggers.claims import Claims
from fakes.triggers.events import SignInEvent


def pre_token_generation(event: Mapping[str, Any], read: SignInEvent, claims: Claims) -> dict[str, Any]:
    """The `response` of the trigger."""
    added, groups = claims.added(read, event.get("triggerSource")), claims.groups(read)
    override = {} if groups is None else {"groupOverrideDetails": {"groupsToOverride": groups}}
    if event.get("version") == "1":
        return {"claimsOverrideDetails": {"claimsToAddOrOverride": added, **override}}
    each = {"claimsToAddOrOverride": added}
    return {
        "claimsAndScopeOverrideDetails": {"idTokenGeneration": each, "accessTokenGeneration": dict(each), **override}
    }
