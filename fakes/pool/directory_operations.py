"""Operations on the directory that are done here, because moto's own are not the service's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.access_tokens import OF_A_DISABLED_USER
from fakes.pool.errors import ResourceNotFound, user_does_not_exist
from fakes.pool.moto_directory import MotoDirectory, User, UserPool
from fakes.pool.sign_in import Answer
from fakes.pool.sign_outs import SignOuts
from fakes.pool.user_lookup import UserLookup

ONLY_SUSPENDS = declare_fault("pool.sign-out.disabling-only-suspends", "enabling a user brings their tokens back")


class DirectoryOperations:
    """AdminSetUserPassword, AdminDisableUser and AdminUserGlobalSignOut."""

    def __init__(
        self, *, directory: MotoDirectory, lookup: UserLookup, sign_outs: SignOuts, faults: FaultSwitches
    ) -> None:
        self._directory = directory
        self._lookup = lookup
        self._sign_outs = sign_outs
        self._faults = faults

    async def admin_set_user_password(self, request: Mapping[str, Any]) -> Answer:
        """Set a permanent or a temporary password. Raises InvalidPassword, UserNotFound, ResourceNotFound."""
        pool, user = self._named(request)
        pool.policy.demand(request["Password"])
        status = "CONFIRMED" if request.get("Permanent") else "FORCE_CHANGE_PASSWORD"
        self._directory.set_password(user, request["Password"], status=status)
        return {}

    async def admin_user_global_sign_out(self, request: Mapping[str, Any]) -> Answer:
        """The user's tokens are no longer taken here. Raises UserNotFound, ResourceNotFound."""
        _, user = self._named(request)
        self._sign_outs.sign_out_everywhere(user)
        return {}

    async def admin_disable_user(self, request: Mapping[str, Any]) -> Answer:
        """Disable the user, whose tokens so far stay revoked when they are enabled again (`aws-doc`)."""
        _, user = self._named(request)
        self._directory.disable(user)
        if not (self._faults.on(ONLY_SUSPENDS) or self._faults.on(OF_A_DISABLED_USER)):
            self._sign_outs.sign_out_everywhere(user)
        return {}

    def _named(self, request: Mapping[str, Any]) -> tuple[UserPool, User]:
        pool = self._directory.user_pool(request["UserPoolId"])
        if pool is None:
            raise ResourceNotFound(f"User pool {request['UserPoolId']} does not exist.")
        user = self._lookup.in_directory(pool, request["Username"])
        if user is None:
            raise user_does_not_exist()
        return pool, user
