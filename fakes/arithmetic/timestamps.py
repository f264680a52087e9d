"""The timestamp's writer and reader with their faults."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from fakes.arithmetic.spoilable import Spoilable
from fakes.faults import declare_fault
from protocol.errors import TimestampError
from protocol.timestamps import MONTHS, WEEKDAYS

PADS_THE_DAY = declare_fault("arithmetic.timestamp.pads-the-day", "days 1 to 9 are written with two digits")
HAS_A_12_HOUR_CLOCK = declare_fault("arithmetic.timestamp.has-a-12-hour-clock", "hours run from 1 to 12")
HAS_LOCAL_MONTHS = declare_fault("arithmetic.timestamp.has-local-months", "month names are the locale's (German)")
HAS_LOCAL_WEEKDAYS = declare_fault("arithmetic.timestamp.has-local-weekdays", "weekday names are the locale's (German)")
HAS_HOUR_24 = declare_fault("arithmetic.timestamp.has-hour-24", "midnight is written as hour 24")
HAS_LOCAL_TIME = declare_fault(
    "arithmetic.timestamp.has-local-time", "the time is that of the moment's own zone, and says UTC"
)
PARSER_WANTS_TWO_DIGIT_DAYS = declare_fault(
    "arithmetic.timestamp.parser-wants-two-digit-days", "days 1 to 9 without a zero in front are refused"
)
PARSER_WANTS_ONE_CASE = declare_fault(
    "arithmetic.timestamp.parser-wants-one-case", "month and weekday names in any other case are refused"
)
PARSER_TAKES_ANY_ZONE = declare_fault(
    "arithmetic.timestamp.parser-takes-any-zone", "any zone is read as if it were UTC"
)
PARSER_TAKES_HOUR_24 = declare_fault("arithmetic.timestamp.parser-takes-hour-24", "hour 24 is read as midnight")

_GERMAN_MONTHS = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
_GERMAN_WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")


class FaultyTimestamps(Spoilable):
    """The part of the arithmetic that is TIMESTAMP."""

    def format_timestamp(self, moment: datetime) -> str:
        """TIMESTAMP of a moment."""
        if self._on(HAS_LOCAL_TIME):
            moment = moment.replace(tzinfo=UTC)
        weekday, month, day, time, zone, year = super().format_timestamp(moment).split(" ")
        hour, rest = time.split(":", maxsplit=1)
        if self._on(PADS_THE_DAY):
            day = day.zfill(2)
        if self._on(HAS_LOCAL_MONTHS):
            month = _GERMAN_MONTHS[MONTHS.index(month)]
        if self._on(HAS_LOCAL_WEEKDAYS):
            weekday = _GERMAN_WEEKDAYS[WEEKDAYS.index(weekday)]
        if self._on(HAS_A_12_HOUR_CLOCK):
            hour = f"{int(hour) % 12 or 12:02}"
        if self._on(HAS_HOUR_24) and hour == "00":
            hour = "24"
        return f"{weekday} {month} {day} {hour}:{rest} {zone} {year}"

    def parse_timestamp(self, text: str) -> datetime:
        """The moment of a TIMESTAMP."""
        if self._on(PARSER_WANTS_TWO_DIGIT_DAYS) and re.search(r" [0-9] ", text):
            raise TimestampError("the day has one digit")
        if self._on(PARSER_WANTS_ONE_CASE) and not re.match(r"[A-Z][a-z]+ [A-Z][a-z]+ ", text):
            raise TimestampError("a name is not in title case")
        if self._on(PARSER_TAKES_ANY_ZONE):
            text = re.sub(r" [A-Za-z0-9+:-]+ ([0-9]{4})$", r" UTC \1", text)
        if self._on(PARSER_TAKES_HOUR_24):
            text = text.replace(" 24:", " 00:")
        return super().parse_timestamp(text)
