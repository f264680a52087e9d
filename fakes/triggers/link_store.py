"""Links in the table: one an account, so that a new one takes the older one's place; its hash, use and expiry."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.retries import is_a_retry
from fakes.triggers.services import Table

NEVER_USED = declare_fault("triggers.links.never-marked-used", "a link is good again and again until it expires")
RACE = declare_fault(
    "triggers.links.marked-after-a-read",
    "whether a link is used is read first and written 20 ms later without a condition: parallel redemptions all win",
)
OLDER_STAY = declare_fault(
    "triggers.links.older-links-stay-good", "every link has a row of its own: a new one does not end the older ones"
)
IN_CLEAR = declare_fault(
    "triggers.links.stored-in-clear", "the row holds the whole link secret (attribute `link`), ready to be redeemed"
)
RETRY_LOSES = declare_fault(
    "triggers.links.retry-loses-the-link",
    "Cognito's second try of the same verification, five seconds later, finds the link used by the first",
)


@dataclass(frozen=True)
class StoredLink:
    """A row. Times are seconds since 1970 (UTC); the link itself is not in it."""

    message_hash: bytes
    key_id: str
    """The KMS key that signed."""

    client_id: str
    asked_in: str
    """Pseudonym of the session that asked."""

    address: str
    """Pseudonym of the address that it was mailed to."""

    issued_at: int
    expires_at: int
    """Also the table's time to live, which deletes the row days later: only the code's own look at it counts."""


def hash_of(message: bytes) -> bytes:
    """What the table knows of a message: 256 random bits are in it, so a plain hash tells nothing."""
    return hashlib.sha256(message).digest()


class LinkStore:
    """Rows of links."""

    def __init__(self, table: Table, faults: FaultSwitches) -> None:
        self._table = table
        self._faults = faults

    def keep(self, account: str, link: StoredLink, fragment: str) -> None:
        """Make this the account's link; an older one is no longer."""
        record = dict(vars(link))
        if self._faults.on(IN_CLEAR):
            record["link"] = fragment
        self._table.put(self._id(account, link.message_hash), record)

    def read(self, account: str, message_hash: bytes) -> StoredLink | None:
        """The account's link, used or not; the hash finds it only under a fault."""
        record = self._table.read(self._id(account, message_hash))
        if record is None:
            return None
        return StoredLink(**{name: record[name] for name in StoredLink.__dataclass_fields__})

    def use(self, account: str, link: StoredLink, session: str, began_ms: int) -> bool:
        """Use the link up; True for exactly one caller, and for that one's retry."""
        id = self._id(account, link.message_hash)
        if self._faults.on(NEVER_USED):
            return True
        if self._faults.on(RACE):
            found = self._table.read(id)
            time.sleep(0.02)
            self._table.change(id, "SET used_ms = :now, used_in = :session", values=_use(session, began_ms))
            return found is not None and "used_ms" not in found
        used = self._table.change(
            id,
            "SET used_ms = :now, used_in = :session",
            only_if="message_hash = :hash AND attribute_not_exists(used_ms)",
            values={":hash": link.message_hash, **_use(session, began_ms)},
        )
        return used is not None or self._was_used_by_first_try(id, link, session, began_ms)

    def _was_used_by_first_try(self, id: str, link: StoredLink, session: str, began_ms: int) -> bool:
        found = self._table.read(id)
        if found is None or self._faults.on(RETRY_LOSES):
            return False
        same = found["message_hash"] == link.message_hash and found.get("used_in") == session
        return same and is_a_retry(found["used_ms"], began_ms)

    def forget(self, account: str) -> None:
        """Delete the account's link; only faults do."""
        self._table.delete(self._id(account, b""))

    def _id(self, account: str, message_hash: bytes) -> str:
        return f"link#{account}" + (f"#{message_hash.hex()}" if self._faults.on(OLDER_STAY) else "")


def _use(session: str, began_ms: int) -> dict[str, object]:
    return {":now": began_ms, ":session": session}
