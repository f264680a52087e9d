"""The passkeys of every user: credential records, and what ListWebAuthnCredentials shows beside them.

They go with their user: who is made anew under an old name has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.moto_directory import MotoDirectory, User
from protocol.webauthn.base64url import encode
from protocol.webauthn.credentials import CredentialRecord

KEPT_BY_NAME = declare_fault("pool.passkeys.kept-by-name", "who is made anew under an old name has the old passkeys")
LISTS_EVERYBODYS = declare_fault(
    "pool.passkeys.lists-everybodys", "ListWebAuthnCredentials shows the passkeys of every user"
)
DELETES_ANYBODYS = declare_fault(
    "pool.passkeys.deletes-anybodys", "DeleteWebAuthnCredential takes the passkeys of other users too"
)
DELETED_IN_NAME_ONLY = declare_fault(
    "pool.passkeys.deleted-in-name-only", "a deleted passkey leaves the list and signs in all the same"
)
DELETES_NOTHING = declare_fault("pool.passkeys.deletes-nothing", "DeleteWebAuthnCredential answers, and keeps all")
COUNTER_NOT_KEPT = declare_fault("pool.passkeys.keeps-no-counter", "the counter stays what it was at the registration")


@dataclass(frozen=True)
class Passkey:
    """A registered passkey. `created_at` is in seconds since the epoch."""

    record: CredentialRecord
    name: str
    attachment: str | None
    created_at: float
    listed: bool = True

    @property
    def id(self) -> str:
        """The credential id as the API writes it, in base64url."""
        return encode(self.record.id)


@dataclass(frozen=True)
class _Owned:
    sub: str
    passkeys: tuple[Passkey, ...]


class PasskeyStore:
    """Keeps passkeys."""

    def __init__(self, directory: MotoDirectory, faults: FaultSwitches) -> None:
        self._directory = directory
        self._faults = faults
        self._owned: dict[tuple[str, str], _Owned] = {}

    def of(self, user: User) -> tuple[Passkey, ...]:
        """The user's passkeys, in the order in which they were registered."""
        owned = self._owned.get((user.user_pool_id, user.username))
        if owned is None or (owned.sub != user.sub and not self._faults.on(KEPT_BY_NAME)):
            return ()
        return owned.passkeys

    def listed(self, user: User) -> tuple[Passkey, ...]:
        """Those that the user is shown."""
        shown = self.everybodys(user.user_pool_id) if self._faults.on(LISTS_EVERYBODYS) else self.of(user)
        return tuple(each for each in shown if each.listed)

    def ids_in(self, user_pool_id: str) -> frozenset[bytes]:
        """The credential ids of every user of a pool."""
        return frozenset(each.record.id for each in self.everybodys(user_pool_id))

    def add(self, user: User, passkey: Passkey) -> None:
        """Keep a new passkey."""
        self._keep(user, (*self.of(user), passkey))

    def update(self, user: User, record: CredentialRecord) -> None:
        """Replace a passkey's record."""
        if self._faults.on(COUNTER_NOT_KEPT):
            return
        self._keep(
            user,
            tuple(replace(each, record=record) if each.record.id == record.id else each for each in self.of(user)),
        )

    def delete(self, user: User, id: str) -> bool:
        """Forget a passkey of the user; whether there was one."""
        faults = self._faults
        owner = user
        if faults.on(DELETES_ANYBODYS):
            owner = next((other for other in self._owners(user.user_pool_id) if self._has(other, id)), user)
        if not self._has(owner, id):
            return False
        if faults.on(DELETED_IN_NAME_ONLY):
            self._keep(owner, tuple(replace(each, listed=each.id != id) for each in self.of(owner)))
        elif not faults.on(DELETES_NOTHING):
            self._keep(owner, tuple(each for each in self.of(owner) if each.id != id))
        return True

    def _has(self, user: User, id: str) -> bool:
        return any(each.id == id and each.listed for each in self.of(user))

    def _keep(self, user: User, passkeys: tuple[Passkey, ...]) -> None:
        self._owned[user.user_pool_id, user.username] = _Owned(user.sub, passkeys)

    def everybodys(self, user_pool_id: str) -> tuple[Passkey, ...]:
        """The passkeys of every user of a pool."""
        return tuple(passkey for user in self._owners(user_pool_id) for passkey in self.of(user))

    def _owners(self, user_pool_id: str) -> Iterator[User]:
        """The users who have passkeys; what belonged to deleted ones is forgotten."""
        for of_pool, name in list(self._owned):
            if of_pool != user_pool_id:
                continue
            user = self._directory.user(user_pool_id, name)
            if user is not None:
                yield user
            elif not self._faults.on(KEPT_BY_NAME):
                del self._owned[of_pool, name]
