"""Every exchange of one check case, redacted as it is recorded."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from harness.secrets import Redactor

if TYPE_CHECKING:
    from datetime import datetime

    from reports.model import Exchange

MOST_EXCHANGES = 60
"""Exchanges kept of one case: the first and last halves; a race of 50 answers need not fill the report."""


class Transcript:
    """Records the exchanges of the case that is running. Safe to use from several threads."""

    def __init__(self) -> None:
        self.redactor = Redactor()
        self.model_violations: list[str] = []
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Start over, for the next case."""
        self.redactor.forget()
        self.model_violations = []
        self._exchanges = []

    def record(
        self,
        *,
        operation: str,
        method: str,
        url: str,
        request: Any,
        status: int | None,
        response: Any,
        started: datetime,
        seconds: float,
    ) -> None:
        """Add one exchange; `status` is None when no answer came, and `response` then says why."""
        from reports.model import Exchange  # pydantic is heavy and `list` has no use for it

        exchange = Exchange(
            operation=operation,
            method=method,
            url=self.redactor.text(url),
            request=self.redactor.value(request),
            status=status,
            response=self.redactor.value(response),
            started=started,
            seconds=round(seconds, 6),
        )
        with self._lock:
            self._exchanges.append(exchange)

    def exchanges(self) -> list[Exchange]:
        """The recorded exchanges in order, the middle left out when there are very many."""
        if len(self._exchanges) <= MOST_EXCHANGES:
            return list(self._exchanges)
        half = MOST_EXCHANGES // 2
        return self._exchanges[:half] + self._exchanges[-half:]
