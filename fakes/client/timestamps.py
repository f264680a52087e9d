"""The client's clock, and TIMESTAMP as it writes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from fakes.faults import declare_fault
from protocol.timestamps import WEEKDAYS, format_timestamp

PADDED_DAY = declare_fault("client.timestamp.padded-day", "days 1 to 9 are written with two digits")
TWELVE_HOURS = declare_fault("client.timestamp.twelve-hour-clock", "hours run from 1 to 12")
LOCALE_NAMES = declare_fault("client.timestamp.locale-names", "weekdays and months are written in the locale's words")
LOCAL_ZONE = declare_fault("client.timestamp.local-zone", "the time is the local zone's, and says UTC")
HOUR_24 = declare_fault("client.timestamp.hour-24", "midnight is written as hour 24")
TAKEN_AT_THE_START = declare_fault(
    "client.timestamp.taken-at-the-start", "the time is that of the sign-in's start, not of the answer"
)

_GERMAN = {
    **dict(zip(WEEKDAYS, ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"), strict=True)),
    "Mar": "Mär",
    "May": "Mai",
    "Oct": "Okt",
    "Dec": "Dez",
}


class ClientClock:
    """The time of one sign-in: real time, or time that runs on from a given instant."""

    def __init__(self, now: str | None, environment: Mapping[str, str], on: Callable[[str], bool]) -> None:
        self._environment = environment
        self._on = on
        self._read_at = time.monotonic()
        self._given = datetime.fromisoformat(now) if now else None
        self._started = self.now()

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        if self._given is None:
            return datetime.now(UTC)
        return self._given + timedelta(seconds=time.monotonic() - self._read_at)

    def timestamp(self) -> str:
        """TIMESTAMP of this instant."""
        on = self._on
        moment = self._started if on(TAKEN_AT_THE_START) else self.now()
        if on(LOCAL_ZONE):
            moment = moment.astimezone(ZoneInfo(self._environment.get("TZ", "UTC"))).replace(tzinfo=UTC)
        weekday, month, day, clock, zone, year = format_timestamp(moment).split(" ")
        if on(PADDED_DAY):
            day = day.zfill(2)
        if on(LOCALE_NAMES) and self._environment.get("LC_ALL", "").startswith("de"):
            weekday, month = _GERMAN[weekday], _GERMAN.get(month, month)
        hour, rest = clock.split(":", maxsplit=1)
        if on(TWELVE_HOURS):
            hour = f"{int(hour) % 12 or 12:02}"
        if on(HOUR_24) and hour == "00":
            hour = "24"
        return f"{weekday} {month} {day} {hour}:{rest} {zone} {year}"
