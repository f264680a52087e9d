"""What a missing permission or ability costs a run in checks: out of their needs and their footprints."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from harness.catalogue import all_checks
from harness.live.footprints import Footprint, load_footprints
from harness.live.plan import make_plan
from harness.needs import NEEDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.settings import Settings

_PASSKEYS = frozenset(need for need in NEEDS if need.partition(".")[0] == "passkeys")
WITH_A_CLIENT = _PASSKEYS | {
    "admin-srp", "device-sign-in", "devices", "refresh-operation", "refresh-rotation", "revocation", "srp", "totp",
    "user-auth",
}  # fmt: skip
"""The needs that want an app client at which an honest sign-in succeeds."""

SIGNING_IN = WITH_A_CLIENT | {"accounts", "users"}
"""The needs that want somebody to sign in."""

_WITH_OWN_POOLS = _PASSKEYS | {"configure", "device-sign-in", "devices", "totp"}
_BY_ADMINISTRATOR = frozenset({"admin-srp"})
_LOST_WITH: Mapping[str, frozenset[str]] = {
    "AdminCreateUser": SIGNING_IN,
    "AdminInitiateAuth": _BY_ADMINISTRATOR,
    "AdminListDevices": frozenset({"device-sign-in", "devices"}),
    "AdminRespondToAuthChallenge": _BY_ADMINISTRATOR,
    "AdminSetUserMFAPreference": frozenset({"totp"}),
    "AdminSetUserPassword": SIGNING_IN,
    "CreateUserPool": _WITH_OWN_POOLS,
    "DescribeUserPool": frozenset({"permissions"}),
    "DescribeUserPoolClient": frozenset({"refresh-rotation"}),
    "GetUserPoolMfaConfig": _PASSKEYS,
    "SetUserPoolMfaConfig": _PASSKEYS | {"totp"},
}
"""The needs that a target is not found to meet when it refuses an operation (LiveTarget.capabilities)."""


class Losses:
    """The checks that a run of these settings may decide, and which of them something missing takes away.

    Raises ConfigurationError for programs on trial that cannot be asked what they can do.
    """

    def __init__(self, settings: Settings, footprints: Mapping[str, Footprint] | None = None) -> None:
        plan = make_plan(settings, footprints)
        self._footprints = load_footprints() if footprints is None else footprints
        self._live = settings.live
        self._needs = {check.id: check.needs for check in all_checks()}
        self.selected = plan.selected
        self.checks = frozenset(plan.checks)
        self._settings = settings

    def would_add(self) -> dict[str, int]:
        """How many more checks a run could decide with a setting that the configuration has not, by that setting."""
        changes: dict[str, dict[str, object]] = {
            'live.users = "admin"': {"users": "admin", "accounts": []},
            "live.make_pools = true": {"make_pools": True},
        }
        added = {}
        for words, change in changes.items():
            live = self._live.model_copy(update=change)
            changed = make_plan(self._settings.model_copy(update={"live": live}), self._footprints)
            if more := len(set(changed.checks) - self.checks):
                added[words] = more
        return added

    def without_operation(self, operation: str) -> frozenset[str]:
        """The checks that are lost when the credentials may not call an operation of Cognito."""
        asking = {id for id in self.checks if operation in self._operations(id)}
        return self.without_needs(self.needs_lost(operation)) | asking

    def without_needs(self, needs: Collection[str]) -> frozenset[str]:
        """The checks that are lost when the target does not meet all of these needs."""
        return frozenset(id for id in self.checks if not self._needs[id].isdisjoint(needs))

    def needs_lost(self, operation: str) -> frozenset[str]:
        """The needs that a target is not found to meet when it refuses this operation."""
        if operation != "CreateUserPoolClient":
            return _LOST_WITH.get(operation, frozenset())
        return _WITH_OWN_POOLS if self._live.clients else _WITH_OWN_POOLS | WITH_A_CLIENT

    def _operations(self, id: str) -> set[str]:
        footprint = self._footprints.get(id, Footprint())
        asked = set(footprint.requests)
        if footprint.pools:
            asked |= {"CreateUserPool", "CreateUserPoolClient"}
        if footprint.clients and not self._live.clients:
            asked.add("CreateUserPoolClient")
        return asked
