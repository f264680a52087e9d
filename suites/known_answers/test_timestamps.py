"""The timestamp's grammar, property-tested."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from harness.check import ARITHMETIC, HIGH, MUST, OWN, cases, check
from harness.properties import Spelling, moments, near_timestamps, spellings, zoned_moments
from protocol.errors import TimestampError

if TYPE_CHECKING:
    from harness.properties import ForAll
    from protocol.arithmetic import Arithmetic

Law = Callable[["Arithmetic", "ForAll"], None]


def _parses_what_it_formats(arithmetic: Arithmetic, for_all: ForAll) -> None:
    def is_identity(moment: datetime) -> None:
        text = arithmetic.format_timestamp(moment)
        try:
            parsed = arithmetic.parse_timestamp(text)
        except TimestampError as error:
            raise AssertionError(f"its own timestamp {text!r} is refused: {error}") from error
        assert parsed == moment, f"its own timestamp {text!r} is read as {parsed}"
        assert arithmetic.format_timestamp(parsed) == text, f"{text!r} is written otherwise after it was read"

    for_all(moments(), is_identity)


def _writes_english_whatever_the_locale_and_zone(arithmetic: Arithmetic, for_all: ForAll) -> None:
    def is_written_so(moment: datetime) -> None:
        text, known = arithmetic.format_timestamp(moment), _by_the_mail_standard(moment)
        assert text == known, f"{text!r} is written for {known!r}"

    for_all(zoned_moments(), is_written_so)


def _reads_every_spelling(arithmetic: Arithmetic, for_all: ForAll) -> None:
    def is_read(spelling: Spelling) -> None:
        try:
            parsed = arithmetic.parse_timestamp(spelling.text)
        except TimestampError as error:
            raise AssertionError(f"{spelling.text!r} is refused: {error}") from error
        assert parsed == spelling.moment, f"{spelling.text!r} is read as {parsed}"

    for_all(spellings(), is_read)


def _refuses_everything_else(arithmetic: Arithmetic, for_all: ForAll) -> None:
    def is_refused(moment: datetime) -> None:
        for text in near_timestamps(moment):
            try:
                parsed = arithmetic.parse_timestamp(text)
            except TimestampError:
                continue
            raise AssertionError(f"{text!r} is no timestamp, and is read as {parsed}")

    for_all(moments(), is_refused)


@check(
    "CLM-06",
    level=MUST,
    severity=HIGH,
    clause="Cognito profile: TIMESTAMP is EEE MMM d HH:mm:ss UTC yyyy in English",
    evidence=OWN,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.timestamp.pads-the-day": " 0",
        "arithmetic.timestamp.has-a-12-hour-clock": "is read as",
        "arithmetic.timestamp.has-hour-24": " 24:",
        "arithmetic.timestamp.has-local-months": "is refused",
        "arithmetic.timestamp.has-local-weekdays": "is refused",
        "arithmetic.timestamp.has-local-time": "is written for",
        "arithmetic.timestamp.parser-wants-two-digit-days": "the day has one digit",
        "arithmetic.timestamp.parser-wants-one-case": "a name is not in title case",
        "arithmetic.timestamp.parser-takes-any-zone": "is no timestamp",
        "arithmetic.timestamp.parser-takes-hour-24": "is no timestamp",
    },
)
@cases(
    "law",
    {
        "identity": _parses_what_it_formats,
        "english": _writes_english_whatever_the_locale_and_zone,
        "lenient": _reads_every_spelling,
        "strict": _refuses_everything_else,
    },
)
def test_timestamps_are_written_and_read_by_the_grammar(arithmetic: Arithmetic, for_all: ForAll, law: Law) -> None:
    """A timestamp that was written is read as the same moment, in one form everywhere; nothing else is read.

    Cognito signs the canonical form, so a padded day, a local month name, a 12-hour clock or a local time is
    refused as a wrong password: on days 1 to 9, in some countries, or after noon. Write the names from a table
    of your own and take the time in UTC.
    """
    law(arithmetic, for_all)


def _by_the_mail_standard(moment: datetime) -> str:
    """The timestamp made of an RFC 5322 date, whose names are English in every locale."""
    weekday, day, month, year, time, _ = format_datetime(moment.astimezone(UTC)).replace(",", "").split(" ")
    return f"{weekday} {month} {int(day)} {time} UTC {year}"
