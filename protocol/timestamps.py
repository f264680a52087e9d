"""The TIMESTAMP of a password claim: `EEE MMM d HH:mm:ss 'UTC' yyyy`, in English whatever the locale."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from protocol.errors import TimestampError

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_GRAMMAR = re.compile(
    r"(?P<weekday>[A-Za-z]{3}) (?P<month>[A-Za-z]{3}) (?P<day>[0-9]{1,2})"
    r" (?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) (?:UTC|GMT) (?P<year>[0-9]{4})"
)
_MONTH_NUMBERS = {name.lower(): number for number, name in enumerate(MONTHS, start=1)}
_WEEKDAY_NAMES = frozenset(name.lower() for name in WEEKDAYS)


def format_timestamp(moment: datetime) -> str:
    """A moment as TIMESTAMP: `Thu Nov 5 00:03:09 UTC 2026`, parts of a second left out.

    The moment must know its zone; any zone will do. Raises TimestampError when it does not.
    """
    if moment.tzinfo is None:
        raise TimestampError("the moment has no zone; give it one, such as datetime.UTC")
    utc = moment.astimezone(UTC)
    weekday, month = WEEKDAYS[utc.weekday()], MONTHS[utc.month - 1]
    return f"{weekday} {month} {utc.day} {utc.hour:02}:{utc.minute:02}:{utc.second:02} UTC {utc.year:04}"


def parse_timestamp(text: str) -> datetime:
    """The moment that a TIMESTAMP names, in UTC, as leniently as Cognito reads it.

    Names stand in any case, the day has one or two digits, `GMT` stands for `UTC`, and the weekday
    need not be the date's. The service signs the canonical form, so a text that only parses still
    fails its proof. Raises TimestampError.
    """
    parts = _GRAMMAR.fullmatch(text)
    if parts is None or parts["weekday"].lower() not in _WEEKDAY_NAMES or parts["month"].lower() not in _MONTH_NUMBERS:
        raise TimestampError(f"{text[:60]!r} is not of the form EEE MMM d HH:mm:ss UTC yyyy in English")
    numbers = {name: int(parts[name]) for name in ("year", "day", "hour", "minute", "second")}
    try:
        return datetime(month=_MONTH_NUMBERS[parts["month"].lower()], tzinfo=UTC, **numbers)
    except ValueError as error:
        raise TimestampError(f"{text!r} names no moment: {error}") from error
