"""Codes in the table: one a session, its hash and how often it was guessed at; and wrong guesses an account."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.configuration import Configuration
from fakes.triggers.retries import is_a_retry
from fakes.triggers.services import Record, Table

NO_CAP = declare_fault(
    "triggers.codes.no-attempts-cap",
    "guesses at a code are counted neither a session nor an account: as many answers are looked at as come in",
)
SESSION_CAP_ONLY = declare_fault(
    "triggers.codes.cap-per-session-only",
    "guesses are counted a session and not an account: new sessions bring new guesses without end",
)
COUNTED_LATE = declare_fault(
    "triggers.codes.attempts-read-then-written",
    "how many guesses a session has had is read, looked at, and written 20 ms later without a condition: parallel "
    "answers on one Session are all looked at, and no account is counted",
)
GOOD_AGAIN = declare_fault("triggers.codes.good-again", "a code that was right once stays right")
LIVES_AN_HOUR = declare_fault("triggers.codes.lives-an-hour", "a code is good for 60 minutes")
IN_CLEAR = declare_fault("triggers.codes.stored-in-clear", "the row holds the code itself (attribute `code`)")
ANY_SESSION = declare_fault(
    "triggers.codes.good-in-any-session",
    "a code belongs to the user and not to the session: the newest one is right in every session of theirs",
)
SLOWLY = declare_fault(
    "triggers.codes.compares-digit-by-digit-slowly",
    "code and answer are compared digit by digit, 15 ms each, and the first wrong one ends it; the row holds the code",
)
RETRY_LOSES = declare_fault(
    "triggers.codes.retry-loses-the-code",
    "Cognito's second try of the same verification, five seconds later, finds the code used by the first",
)

_HOUR = 3600
_SESSION_AT_MOST = 900
"""Seconds: the longest AuthSessionValidity."""


@dataclass(frozen=True)
class Guess:
    """A guess that may be looked at: what the table knows of the code it is held against."""

    id: str
    code_hash: str
    good_until: int
    code: str = ""


class CodeStore:
    """Rows of codes and of wrong guesses."""

    def __init__(
        self, table: Table, configuration: Configuration, now: Callable[[], datetime], faults: FaultSwitches
    ) -> None:
        self._table = table
        self._configuration = configuration
        self._now = now
        self._faults = faults

    def keep(self, account: str, session: str, code_hash: str, code: str) -> bool:
        """Make this the session's code; False when it has one."""
        second = int(self._now().timestamp())
        life = _HOUR if self._faults.on(LIVES_AN_HOUR) else self._configuration.code_seconds
        record: Record = {
            "code_hash": code_hash,
            "good_until": second + life,
            "guesses": 0,
            "expires_at": second + max(life, _SESSION_AT_MOST),
        }
        if self._faults.on(IN_CLEAR) or self._faults.on(SLOWLY):
            record["code"] = code
        free = "" if self._faults.on(ANY_SESSION) else "attribute_not_exists(id)"
        return self._table.put(self._id(account, session), record, only_if=free)

    def forget(self, account: str, session: str) -> None:
        """The code was not sent after all."""
        self._table.delete(self._id(account, session))

    def guess(self, account: str, session: str) -> Guess | None:
        """Count a guess, before it is looked at; None when it must not be, or there is no code."""
        id = self._id(account, session)
        found = self._counted_late(id) if self._faults.on(COUNTED_LATE) else self._counted(id)
        if found is None or not self._account_may(account):
            return None
        return Guess(id, found["code_hash"], found["good_until"], found.get("code", ""))

    def use(self, guess: Guess, account: str, began_ms: int) -> bool:
        """A right guess: use the code up, and forget the account's wrong ones. True for one caller and its retry."""
        if not self._faults.on(GOOD_AGAIN):
            used = self._table.change(
                guess.id, "SET used_ms = :now", only_if="attribute_not_exists(used_ms)", values={":now": began_ms}
            )
            if used is None and not self._was_used_by_first_try(guess, began_ms):
                return False
        self._table.delete(f"guesses#{account}")
        return True

    def _was_used_by_first_try(self, guess: Guess, began_ms: int) -> bool:
        found = self._table.read(guess.id)
        return found is not None and not self._faults.on(RETRY_LOSES) and is_a_retry(found["used_ms"], began_ms)

    def _counted(self, id: str) -> Record | None:
        most = 10**6 if self._faults.on(NO_CAP) else self._configuration.answers_per_session
        return self._table.change(
            id,
            "ADD guesses :one",
            only_if="attribute_exists(id) AND guesses < :most",
            values={":one": 1, ":most": most},
        )

    def _counted_late(self, id: str) -> Record | None:
        found = self._table.read(id)
        if found is None or found["guesses"] >= self._configuration.answers_per_session:
            return None
        time.sleep(0.02)
        self._table.change(id, "SET guesses = :guesses", values={":guesses": found["guesses"] + 1})
        return found

    def _account_may(self, account: str) -> bool:
        """Count a guess against the account: after some failures in a row slowly, then none (SP 800-63B 5.2.2)."""
        if any(self._faults.on(fault) for fault in (NO_CAP, SESSION_CAP_ONLY, COUNTED_LATE)):
            return True
        configuration, second = self._configuration, int(self._now().timestamp())
        counted = self._table.change(
            f"guesses#{account}",
            "ADD failures :one SET newest = :now",
            only_if="attribute_not_exists(failures) OR failures < :some OR (failures < :many AND newest <= :then)",
            values={
                ":one": 1,
                ":now": second,
                ":then": second - configuration.slow_seconds,
                ":some": configuration.failures_before_slow,
                ":many": configuration.failures_before_locked,
            },
        )
        return counted is not None

    def _id(self, account: str, session: str) -> str:
        return f"code#{account}" + ("" if self._faults.on(ANY_SESSION) else f"#{session}")
