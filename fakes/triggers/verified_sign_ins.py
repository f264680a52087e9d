"""What VerifyAuthChallengeResponse found right, for PreTokenGeneration, which is told nothing of it by Cognito."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fakes.triggers.retries import is_a_retry
from fakes.triggers.services import Table

_GOOD_FOR_MS = 20_000
"""Cognito asks for the claims right after the right answer; three tries take fifteen seconds."""


class VerifiedSignIns:
    """One record an account, taken once, soon after it was made."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def record(self, account: str, client_id: str, method: str) -> None:
        """The account has just answered a challenge of this method, at this client."""
        now = self._ms()
        expires = now // 1000 + 3600
        self._table.put(
            f"verified#{account}", {"method": method, "client_id": client_id, "at_ms": now, "expires_at": expires}
        )

    def take(self, account: str, client_id: str) -> str | None:
        """The method by which the account is signing in at the client now; None when no trigger verified it."""
        now, id = self._ms(), f"verified#{account}"
        taken = self._table.change(
            id,
            "SET taken_ms = :now",
            only_if="client_id = :client AND at_ms >= :then AND attribute_not_exists(taken_ms)",
            values={":now": now, ":client": client_id, ":then": now - _GOOD_FOR_MS},
        )
        if taken is None:
            found = self._table.read(id) or {}
            taken = found if "taken_ms" in found and is_a_retry(found["taken_ms"], now) else None
        return str(taken["method"]) if taken is not None and taken["client_id"] == client_id else None

    def _ms(self) -> int:
        return int(self._now().timestamp() * 1000)
