"""From what somebody typed to the user it names, or to the simulated user that hides that there is none."""

from __future__ import annotations

import uuid

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.credentials import Credentials
from fakes.pool.errors import (
    InvalidParameter,
    NotAuthorized,
    incorrect_username_or_password,
    user_does_not_exist,
)
from fakes.pool.moto_directory import AppClient, MotoDirectory, User, UserPool

HIDES_FROM_LEGACY = declare_fault(
    "pool.enumeration.hides-unknown-names-from-legacy", "clients on LEGACY are not told that a name is unknown"
)
TELLS = declare_fault("pool.enumeration.tells-unknown-names", "clients on ENABLED are told that a name is unknown")
OTHER_MESSAGE = declare_fault(
    "pool.enumeration.another-message", "the refusal of an unknown name's answer has other words"
)
OTHER_USER_ID = declare_fault(
    "pool.enumeration.another-user-id", "USER_ID_FOR_SRP of an unknown name is a UUID where a known one's is the name"
)
ALIAS_REFUSED = declare_fault("pool.srp.alias-refused", "only the user's own name signs in, no alias does")

_LONGEST_NAME = 2048  # a name has 128 characters, an address that serves as one has this many
_VERIFIED_BY = {"email": "email_verified", "phone_number": "phone_number_verified"}


class UserLookup:
    """Finds users by name and alias."""

    def __init__(self, directory: MotoDirectory, credentials: Credentials, faults: FaultSwitches) -> None:
        self._directory = directory
        self._credentials = credentials
        self._faults = faults

    def at_sign_in(self, pool: UserPool, client: AppClient, typed: str) -> User:
        """The user that signs in under this name or alias.

        Without one: UserNotFound for a client on LEGACY, a simulated user for one on ENABLED. The
        user's `sub` is not taken here (`measured`).
        """
        if len(typed) > _LONGEST_NAME:
            raise InvalidParameter(
                "1 validation error detected: Value at 'username' failed to satisfy constraint: "
                f"Member must have length less than or equal to {_LONGEST_NAME}"
            )
        found = self.by_name_or_alias(pool, typed)
        if found is not None:
            return found
        reveals = not client.prevents_user_existence_errors or self._faults.on(TELLS)
        if reveals and not self._faults.on(HIDES_FROM_LEGACY):
            raise user_does_not_exist()
        return self.simulated(pool, typed)

    def by_name_or_alias(self, pool: UserPool, typed: str) -> User | None:
        """The user who has this name, or this value of an attribute that the pool takes for a name."""
        found = self._directory.user(pool.id, typed)
        if found is not None or self._faults.on(ALIAS_REFUSED):
            return found
        if not _can_name_in_another_way(pool, typed):
            return None  # nobody is looked through: the time that takes would tell unknown names from known ones
        return next((user for user in self._directory.users(pool.id) if _is_named(pool, user, typed)), None)

    def in_directory(self, pool: UserPool, typed: str) -> User | None:
        """As `by_name_or_alias`, and by `sub`, which directory operations take (`measured`)."""
        found = self.by_name_or_alias(pool, typed)
        return found or next((user for user in self._directory.users(pool.id) if user.sub == typed), None)

    def simulated(self, pool: UserPool, typed: str) -> User:
        """The user that stands for an unknown name: always the same for the same pool and name.

        Its name is the typed one, where a real user of that pool would have that for a name, and
        else a UUID, as a real user's name behind an alias is.
        """
        known_as = typed if pool.case_sensitive else typed.casefold()
        sub = str(uuid.UUID(bytes=self._credentials.simulated(pool.id, known_as, "sub")[:16], version=4))
        return User(
            user_pool_id=pool.id,
            username=sub if _looks_like_alias(pool, typed) or self._faults.on(OTHER_USER_ID) else known_as,
            sub=sub,
            password=None,
            status="CONFIRMED",
            enabled=True,
            attributes={},
            groups=(),
            exists=False,
        )


def wrong_password(user: User, faults: FaultSwitches) -> NotAuthorized:
    """The refusal of a wrong proof: the same for everybody, and for nobody."""
    if faults.on(OTHER_MESSAGE) and not user.exists:
        return NotAuthorized("Incorrect username.")
    return incorrect_username_or_password()


def _is_named(pool: UserPool, user: User, typed: str) -> bool:
    def same(value: str | None) -> bool:
        if value is None or pool.case_sensitive:
            return value == typed
        return value.casefold() == typed.casefold()

    if any(same(user.attributes.get(name)) for name in pool.username_attributes):
        return True
    if same(user.username):
        return True
    return any(same(user.attributes.get(name)) and _counts(user, name) for name in pool.alias_attributes)


def _counts(user: User, alias: str) -> bool:
    """An address names its user only once it is verified (`aws-doc`)."""
    return alias not in _VERIFIED_BY or user.attributes.get(_VERIFIED_BY[alias]) == "true"


def _can_name_in_another_way(pool: UserPool, typed: str) -> bool:
    """Whether a text that is nobody's name may still be somebody's alias, or their name in other letters."""
    return not pool.case_sensitive or "preferred_username" in pool.alias_attributes or _looks_like_alias(pool, typed)


def _looks_like_alias(pool: UserPool, typed: str) -> bool:
    if pool.username_attributes:
        return True
    aliases = pool.alias_attributes
    return ("email" in aliases and "@" in typed) or ("phone_number" in aliases and typed.startswith("+"))
