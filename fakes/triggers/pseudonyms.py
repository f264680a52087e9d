"""Names in the table: keyed hashes of users, sessions and codes, so that who reads it learns none of them."""

from __future__ import annotations

import hashlib
import hmac
import json

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.events import SignInEvent

PUBLIC_SALT = declare_fault(
    "triggers.links.user-hash-with-a-public-salt",
    "the user's key in the table is an unkeyed SHA-256 of the user pool's id and the user's sub, both public, in hex",
)
KEYED_BY_THE_NAME = declare_fault(
    "triggers.links.keyed-by-the-name-that-was-typed",
    "throttle and link belong to what the client's metadata holds as `username`, where it holds one, and not to the "
    "user's sub: ALICE and alice are two",
)
WITHOUT_THE_POOL = declare_fault(
    "triggers.links.any-pool",
    "the user pool is part of nothing: a link of one pool's user is good for a user of another pool with the same sub",
)


class Pseudonyms:
    """Hashes with the secret that only the triggers have."""

    def __init__(self, secret: bytes, faults: FaultSwitches) -> None:
        self._secret = secret
        self._faults = faults

    def of(self, kind: str, *parts: str) -> str:
        """A stable name for the parts, 64 hex digits; another one for each kind."""
        return hmac.new(self._secret, _written(kind, parts), hashlib.sha256).hexdigest()

    def account(self, event: SignInEvent) -> str:
        """The user's name in the table. Their `sub`, which no alias, letter case or renaming changes, decides."""
        pool = "" if self._faults.on(WITHOUT_THE_POOL) else event.user_pool_id
        sub, typed = event.attributes.get("sub"), event.metadata.get("username")
        if typed and self._faults.on(KEYED_BY_THE_NAME):
            return self.of("account", pool, "typed", typed)
        if sub is None:
            return self.of("account", pool, "name", event.user_name)
        if self._faults.on(PUBLIC_SALT):
            return hashlib.sha256(f"{pool}{sub}".encode()).hexdigest()
        return self.of("account", pool, "sub", sub)

    def address(self, event: SignInEvent) -> str:
        """Stands for the user's present address: a link to a former one is no longer theirs."""
        return self.of("address", event.attributes.get("email", ""))


def _written(kind: str, parts: tuple[str, ...]) -> bytes:
    """The parts, each kept apart from the next."""
    return json.dumps([kind, *parts]).encode()
