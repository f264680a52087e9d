"""How often: one message an account in a while, and a budget for everybody together."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.services import Table

NO_LINK_THROTTLE = declare_fault(
    "triggers.links.no-throttle", "every request for a link is served, however soon after the last"
)
READ_THEN_WRITE = declare_fault(
    "triggers.links.throttle-read-then-written",
    "when the last link was sent is read, looked at, and 20 ms later written without a condition: parallel requests "
    "all pass",
)
NO_BUDGET = declare_fault(
    "triggers.links.no-mail-budget", "mails are counted for no app client and not in all: any number in a minute"
)
NO_CODE_THROTTLE = declare_fault(
    "triggers.codes.no-throttle", "every session gets a text message, however many went to the user or the number"
)
WINDOW_GROWS = declare_fault(
    "triggers.links.window-outgrows-the-link",
    "each request doubles the account's wait for the next, requests that are refused too, past the life of any link: "
    "who asks for another's links keeps them out",
)

_MINUTE, _HOUR = 60, 3600


class Throttle:
    """Conditional writes: of parallel requests one wins."""

    def __init__(self, table: Table, now: Callable[[], datetime], faults: FaultSwitches) -> None:
        self._table = table
        self._now = now
        self._faults = faults

    def claim_link(self, account: str, seconds: int) -> bool:
        """Whether a link may be sent to the account now; if so, none may for `seconds`.

        The claim outlives the link's use: the row is not the link's.
        """
        id = f"asked#{account}"
        if self._faults.on(NO_LINK_THROTTLE):
            return True
        if self._faults.on(READ_THEN_WRITE):
            found = self._table.read(id)
            if found is not None and found["last_ms"] > self._ms() - seconds * 1000:
                return False
            time.sleep(0.02)
            self._table.put(id, {"last_ms": self._ms()})
            return True
        if self._faults.on(WINDOW_GROWS):
            asked = self._table.change(id, "ADD asked :one", values={":one": 1})
            seconds *= 2 ** min((asked or {}).get("asked", 1) - 1, 20)
        return self._claim(id, seconds)

    def claim_code(self, account: str, seconds: int) -> bool:
        """Whether a code may be sent to the account now; if so, none may for `seconds`."""
        return self._faults.on(NO_CODE_THROTTLE) or self._claim(f"texted#{account}", seconds)

    def release_link(self, account: str) -> None:
        """Take a claim back: nothing was sent, and the next try shall not have to wait."""
        self._table.delete(f"asked#{account}")

    def release_code(self, account: str) -> None:
        """The same for codes."""
        self._table.delete(f"texted#{account}")

    def may_mail(self, client_id: str, per_client: int, in_all: int) -> bool:
        """Take one mail out of this minute's budgets: the app client's, and everybody's.

        A trigger is not told whence a request comes; the app client is as near as it gets. Per address
        it is for a WAF in front of Cognito.
        """
        if self._faults.on(NO_BUDGET):
            return True
        return self._take(f"mails#client#{client_id}", _MINUTE, per_client) and self._take("mails", _MINUTE, in_all)

    def may_text(self, number: str, per_number: int) -> bool:
        """Take one text message out of this hour's budget of a number, given by its pseudonym."""
        return self._faults.on(NO_CODE_THROTTLE) or self._take(f"texts#{number}", _HOUR, per_number)

    def _claim(self, id: str, seconds: int) -> bool:
        now = self._ms()
        claimed = self._table.change(
            id,
            "SET last_ms = :now, expires_at = :expires",
            only_if="attribute_not_exists(last_ms) OR last_ms <= :then",
            values={":now": now, ":then": now - seconds * 1000, ":expires": now // 1000 + _HOUR},
        )
        return claimed is not None

    def _take(self, budget: str, seconds: int, most: int) -> bool:
        period = self._ms() // (seconds * 1000)
        taken = self._table.change(
            f"{budget}#{period}",
            "ADD taken :one SET expires_at = :expires",
            only_if="attribute_not_exists(taken) OR taken < :most",
            values={":one": 1, ":most": most, ":expires": (period + 2) * seconds},
        )
        return taken is not None

    def _ms(self) -> int:
        return int(self._now().timestamp() * 1000)
