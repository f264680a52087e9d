"""USER_PASSWORD_AUTH and its administrator's twin: the password itself is sent, over the channel's own protection."""

from __future__ import annotations

from collections.abc import Mapping

from fakes.faults import FaultSwitches
from fakes.pool.errors import missing_parameter
from fakes.pool.lockout import Lockout
from fakes.pool.passwords import is_password_of
from fakes.pool.secret_hash import SecretHashes, Step
from fakes.pool.sign_in import Answer, Caller, FirstFactor, SignIn
from fakes.pool.triggers import Triggers
from fakes.pool.user_lookup import UserLookup, wrong_password
from fakes.pool.user_migration import UserMigration
from fakes.pool.user_states import CHALLENGE_BEFORE_PROOF, demand_may_start, must_choose_new_password


class PasswordFlow:
    """Takes a name and a password."""

    def __init__(
        self,
        *,
        faults: FaultSwitches,
        lockout: Lockout,
        lookup: UserLookup,
        secret_hashes: SecretHashes,
        sign_in: SignIn,
        triggers: Triggers,
        migration: UserMigration,
    ) -> None:
        self._faults = faults
        self._lockout = lockout
        self._lookup = lookup
        self._secret_hashes = secret_hashes
        self._sign_in = sign_in
        self._triggers = triggers
        self._migration = migration

    async def start(self, caller: Caller, parameters: Mapping[str, str]) -> Answer:
        """Sign in with USERNAME and PASSWORD. Raises NotAuthorized, and what a user's state demands."""
        for name in ("USERNAME", "PASSWORD"):
            if not parameters.get(name):
                raise missing_parameter(name)
        typed = parameters["USERNAME"]
        self._secret_hashes.demand(caller.client, parameters.get("SECRET_HASH"), username=typed, step=Step.PASSWORD)
        await self._migration.take_over(caller, typed, parameters["PASSWORD"])
        user = self._lookup.at_sign_in(caller.pool, caller.client, typed)
        demand_may_start(user, self._faults)
        await self._triggers.pre_authentication(caller.pool, caller.client, user, caller.validation_data)
        claimed = FirstFactor(
            caller=caller,
            user=user,
            typed_username=typed,
            device_key=parameters.get("DEVICE_KEY"),
            flow="ADMIN_USER_PASSWORD_AUTH" if caller.by_administrator else "USER_PASSWORD_AUTH",
        )
        if self._faults.on(CHALLENGE_BEFORE_PROOF) and must_choose_new_password(user):
            return self._sign_in.new_password_required(claimed)
        return await self.judge(claimed, parameters["PASSWORD"])

    async def judge(self, claimed: FirstFactor, password: str) -> Answer:
        """Go on when this is the user's password. Raises NotAuthorized for a wrong one, and for a locked user."""
        right = is_password_of(claimed.user, password, self._faults)
        self._lockout.demand_open(claimed.user, proved=right)
        if not right:
            self._lockout.failed(claimed.user)
            raise wrong_password(claimed.user, self._faults)
        return await self._sign_in.continue_after_first_factor(claimed)
