"""The pool's clock: the only source of time for tokens, challenges, sessions and limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Follows real time, moved by an offset, until it is set; then it stands where it was set."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._standing: datetime | None = None

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        if self._standing is not None:
            return self._standing
        return datetime.now(UTC) + self._offset

    def timestamp(self) -> float:
        """The time as seconds since 1970-01-01T00:00:00Z, as tokens carry it."""
        return self.now().timestamp()

    def set(self, moment: datetime) -> None:
        """Stop the clock at an aware moment. Raises ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("give the clock an aware datetime, for example datetime(2026, 11, 5, tzinfo=UTC)")
        self._standing = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock; a standing clock stays standing, a running one runs on from there."""
        if self._standing is not None:
            self._standing += by
        else:
            self._offset += by

    def follow_real_time(self) -> None:
        """Undo every `set` and `advance`."""
        self._offset = timedelta()
        self._standing = None
