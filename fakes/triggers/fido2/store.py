"""What is kept: credentials by their owners, who owns a credential id, and challenges.

A credential id may have 1023 bytes, and a sort key 1024 with all that stands before it: rows are found by its hash.
No row of a challenge stands under `USER#…`: who has a row there has a passkey.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.fido2.rows import Row, Rows
from fakes.triggers.retries import is_a_retry
from protocol.webauthn.credentials import CredentialRecord

NEVER_EXPIRES = declare_fault(
    "triggers.passkeys.expiry-left-to-the-table",
    "when a challenge expires is left to DynamoDB's time to live, which deletes days later",
)
KEPT = declare_fault(
    "triggers.passkeys.registration-challenge-stays-open",
    "the challenge of a registration is read and not taken: it can be completed again",
)
READ_THEN_TAKEN = declare_fault(
    "triggers.passkeys.registration-challenge-read-then-taken",
    "the challenge of a registration is read, looked at, and 20 ms later deleted without a condition",
)
PILES_UP = declare_fault(
    "triggers.passkeys.keeps-every-challenge", "every registration that is begun leaves a row of its own"
)
READ_THEN_WRITTEN = declare_fault(
    "triggers.passkeys.ids-read-then-written",
    "whether a credential id is new is read, and 20 ms later it is written without a condition",
)
ANSWERED_TWICE = declare_fault(
    "triggers.passkeys.sign-in-challenge-stays-open", "a challenge that was answered at a sign-in may be answered again"
)
COUNTER_LOST = declare_fault(
    "triggers.passkeys.counter-written-without-a-condition",
    "the signature counter is read, and 20 ms later written whatever stands there by then",
)
ANYBODYS = declare_fault(
    "triggers.passkeys.finds-credentials-of-anybody",
    "a credential is looked up by its id alone, whoever signs in, renames or deletes",
)
CLEAR_FLAGS = declare_fault(
    "triggers.passkeys.stores-other-backup-flags", "BE and BS are stored the wrong way round, each for the other"
)
VERIFIED_SINCE = declare_fault(
    "triggers.passkeys.verified-by-signing-in",
    "a credential that was registered without user verification counts as verified after a sign-in with it",
)
OUTLIVES = declare_fault(
    "triggers.passkeys.belong-to-the-name",
    "credentials are kept under the user's name and not their sub: who is given the name later has them",
)

SIGN_IN = "SIGN_IN"


@dataclass(frozen=True)
class StoredCredential:
    """A credential record, and what the user knows it by."""

    owner: str
    record: CredentialRecord
    name: str
    created_at: str
    last_sign_in: str = ""
    last_challenge: str = ""


class PasskeyStore:
    """Credentials and challenges. `owner` is a user's sub."""

    def __init__(self, rows: Rows, now: Callable[[], datetime], faults: FaultSwitches) -> None:
        self._rows = rows
        self._now = now
        self._faults = faults

    def owner_of(self, sub: str, name: str) -> str:
        """Under what a user's credentials stand."""
        return f"name/{name}" if self._faults.on(OUTLIVES) else sub

    def credentials(self, owner: str) -> list[StoredCredential]:
        """All credentials of a user, oldest first."""
        found = [_stored(row) for row in self._rows.under(f"USER#{owner}", "CREDENTIAL#") if "public_key" in row]
        return sorted(found, key=lambda each: each.created_at)

    def credential(self, owner: str, id: bytes) -> StoredCredential | None:
        """A user's credential, or None."""
        if self._faults.on(ANYBODYS) and (owned := self._rows.get(f"CREDENTIAL#{_hash(id)}", "OWNER")):
            owner = owned["owner"]
        row = self._rows.get(f"USER#{owner}", f"CREDENTIAL#{_hash(id)}")
        return None if row is None or "public_key" not in row else _stored(row)

    @property
    def registered_ids(self) -> Container[bytes]:
        """Every credential id of every user."""
        return _Registered(self._rows)

    def add(self, owner: str, record: CredentialRecord, name: str, *, over: bool = False) -> StoredCredential | None:
        """Keep a new credential, or None when somebody has the id; `over` writes over theirs."""
        eligible, backed_up = record.backup_eligible, record.backup_state
        if self._faults.on(CLEAR_FLAGS):
            eligible, backed_up = backed_up, eligible
        hashed, created = _hash(record.id), self._now().isoformat()
        row: Row = {
            "pk": f"USER#{owner}",
            "sk": f"CREDENTIAL#{hashed}",
            "owner": owner,
            "credential_id": record.id,
            "public_key": record.public_key,
            "sign_count": record.sign_count,
            "uv_initialized": record.uv_initialized,
            "transports": list(record.transports),
            "backup_eligible": eligible,
            "backup_state": backed_up,
            "rp_id": record.rp_id,
            "friendly": name,
            "created_at": created,
        }
        ownership: Row = {"pk": f"CREDENTIAL#{hashed}", "sk": "OWNER", "owner": owner}
        if over or self._faults.on(READ_THEN_WRITTEN):
            if not over:
                time.sleep(0.02)
            for each in (row, ownership):
                self._rows.put(each["pk"], each["sk"], each)
        elif not self._rows.put_new(row, ownership):
            return None
        return _stored(row)

    def rename(self, owner: str, id: bytes, name: str) -> bool:
        """Whether there was such a credential."""
        found = self.credential(owner, id)
        return found is not None and self._change(found, "SET friendly = :name", {":name": name})

    def remove(self, owner: str, id: bytes) -> StoredCredential | None:
        """Forget a credential; the one that there was."""
        found = self.credential(owner, id)
        if found is None:
            return None
        taken = self._rows.take(f"USER#{found.owner}", f"CREDENTIAL#{_hash(id)}")
        self._rows.take(f"CREDENTIAL#{_hash(id)}", "OWNER")
        return None if taken is None else _stored(taken)

    def remove_any(self, owner: str, key: str) -> None:
        """Under a fault: remove a row of the user's, of whatever kind."""
        self._rows.take(f"USER#{owner}", key)
        self._rows.take(f"REGISTERING#{owner}", key)

    def signed_in(self, before: StoredCredential, after: CredentialRecord, challenge: str) -> bool:
        """Keep the state of a sign-in; False when another one has moved the counter past it meanwhile."""
        values = {
            ":count": after.sign_count,
            ":backup": after.backup_state,
            ":moment": self._now().isoformat(),
            ":challenge": challenge,
        }
        how = "SET sign_count = :count, backup_state = :backup, last_sign_in = :moment, last_challenge = :challenge"
        if self._faults.on(VERIFIED_SINCE):
            how, values = f"{how}, uv_initialized = :verified", {**values, ":verified": True}
        grows = "attribute_exists(pk) AND (sign_count < :count OR last_challenge = :challenge)"
        if after.sign_count == 0 or self._faults.on(COUNTER_LOST):
            grows = "attribute_exists(pk)"
        if self._faults.on(COUNTER_LOST):
            time.sleep(0.001 * (after.sign_count % 2) + 0.02 * (1 - after.sign_count % 2))
        return self._change(before, how, values, only_if=grows)

    def begin_registration(self, owner: str, options: Row, seconds: int) -> None:
        """Open the user's one registration; one that was open is given up."""
        self._rows.put(f"REGISTERING#{owner}", "CHALLENGE", {**options, "expires_at": self._s() + seconds})
        if self._faults.on(PILES_UP):
            self._rows.put(f"REGISTERING#{owner}", options["challenge"], {"expires_at": self._s() + seconds})

    def finish_registration(self, owner: str) -> Row | None:
        """Take the options of the user's open registration; None when there is none, or it is too late."""
        where = (f"REGISTERING#{owner}", "CHALLENGE")
        if self._faults.on(KEPT):
            taken = self._rows.get(*where)
        elif self._faults.on(READ_THEN_TAKEN):
            taken = self._rows.get(*where)
            time.sleep(0.02)
            self._rows.take(*where)
        else:
            taken = self._rows.take(*where)
        return taken if taken is not None and self._is_in_time(taken["expires_at"]) else None

    def begin_confirmation(self, owner: str, challenge: str, seconds: int) -> None:
        """Open the user's one confirmation; one that was open is given up."""
        self._rows.put(f"CONFIRMING#{owner}", "CHALLENGE", {"challenge": challenge, "expires_at": self._s() + seconds})

    def finish_confirmation(self, owner: str) -> str | None:
        """Take the challenge of the user's open confirmation; None when there is none, or it is too late."""
        taken = self._rows.take(f"CONFIRMING#{owner}", "CHALLENGE")
        return str(taken["challenge"]) if taken is not None and self._is_in_time(taken["expires_at"]) else None

    def confirmed(self, owner: str, seconds: int) -> None:
        """Take note that the user has confirmed with a passkey, for so long."""
        self._rows.put(f"CONFIRMED#{owner}", "UNTIL", {"expires_at": self._s() + seconds})

    def has_confirmed(self, owner: str) -> bool:
        """Whether the user has lately."""
        row = self._rows.get(f"CONFIRMED#{owner}", "UNTIL")
        return row is not None and self._is_in_time(row["expires_at"])

    def issue(self, challenge: str, seconds: int) -> None:
        """Open a challenge for a sign-in of nobody in particular."""
        self._rows.put(f"CHALLENGE#{_hash(challenge.encode())}", SIGN_IN, {"expires_at": self._s() + seconds})

    def was_issued(self, challenge: str) -> bool:
        """Whether such a challenge is open. `answer` closes it."""
        row = self._rows.get(f"CHALLENGE#{_hash(challenge.encode())}", SIGN_IN)
        return row is not None and self._is_in_time(row["expires_at"])

    def answer(self, challenge: str, answer: str, seconds: int) -> bool:
        """Use a challenge up; False when it was. Cognito's second try with the same answer finds it unused."""
        row: Row = {"answer": _hash(answer.encode()), "at_ms": self._ms(), "expires_at": self._s() + seconds + 3600}
        where = (f"ANSWERED#{_hash(challenge.encode())}", SIGN_IN)
        if self._rows.put(*where, row, only_if_new=True) or self._faults.on(ANSWERED_TWICE):
            return True
        found = self._rows.get(*where) or {}
        return found.get("answer") == row["answer"] and is_a_retry(found["at_ms"], row["at_ms"])

    def spend(self, address: str, most: int) -> bool:
        """Take one out of an address's budget of challenges in these five minutes."""
        period = self._s() // 300
        spent = self._rows.change(
            f"ADDRESS#{_hash(address.encode())}#{period}",
            "BUDGET",
            "ADD spent :one SET expires_at = :expires",
            {":one": 1, ":most": most, ":expires": (period + 2) * 300},
            only_if="attribute_not_exists(spent) OR spent < :most",
        )
        return spent is not None

    def is_in_time(self, expires_at: int) -> bool:
        """Whether a moment, in seconds since 1970, is still to come."""
        return self._is_in_time(expires_at)

    def in_seconds(self, seconds: int) -> int:
        """The moment in so many seconds, since 1970."""
        return self._s() + seconds

    def _is_in_time(self, expires_at: int) -> bool:
        return self._s() < expires_at or self._faults.on(NEVER_EXPIRES)

    def _change(self, found: StoredCredential, how: str, values: Row, *, only_if: str = "attribute_exists(pk)") -> bool:
        where = (f"USER#{found.owner}", f"CREDENTIAL#{_hash(found.record.id)}")
        return self._rows.change(*where, how, values, only_if=only_if) is not None

    def _s(self) -> int:
        return int(self._now().timestamp())

    def _ms(self) -> int:
        return int(self._now().timestamp() * 1000)


@dataclass(frozen=True)
class _Registered(Container[bytes]):
    rows: Rows

    def __contains__(self, id: object) -> bool:
        return isinstance(id, bytes) and self.rows.get(f"CREDENTIAL#{_hash(id)}", "OWNER") is not None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _stored(row: Row) -> StoredCredential:
    record = CredentialRecord(
        id=row["credential_id"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        uv_initialized=row["uv_initialized"],
        transports=tuple(row["transports"]),
        backup_eligible=row["backup_eligible"],
        backup_state=row["backup_state"],
        rp_id=row["rp_id"],
    )
    return StoredCredential(
        owner=row["owner"],
        record=record,
        name=row["friendly"],
        created_at=row["created_at"],
        last_sign_in=row.get("last_sign_in", ""),
        last_challenge=row.get("last_challenge", ""),
    )
