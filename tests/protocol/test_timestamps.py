"""TIMESTAMP."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from protocol.errors import TimestampError
from protocol.timestamps import format_timestamp, parse_timestamp

MOMENT = datetime(2026, 11, 5, 0, 3, 9, tzinfo=UTC)
TEXT = "Thu Nov 5 00:03:09 UTC 2026"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, TEXT),
        (MOMENT.replace(day=15, hour=12), "Sun Nov 15 12:03:09 UTC 2026"),
        (MOMENT.replace(hour=23, microsecond=999_999), "Thu Nov 5 23:03:09 UTC 2026"),
        (datetime(1, 1, 1, tzinfo=UTC), "Mon Jan 1 00:00:00 UTC 0001"),
        (MOMENT.astimezone(timezone(timedelta(hours=-8))), TEXT),
    ],
)
def test_a_moment_is_written_in_utc_with_an_unpadded_day(moment: datetime, text: str) -> None:
    assert format_timestamp(moment) == text


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(TimestampError, match="no zone"):
        format_timestamp(MOMENT.replace(tzinfo=None))


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_the_process_zone_and_locale_make_no_difference(zone: str) -> None:
    program = (
        "import locale; from datetime import UTC, datetime; from protocol.timestamps import *;"
        "locale.setlocale(locale.LC_ALL, '');"
        f"print(format_timestamp(parse_timestamp({TEXT!r})))"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "TZ": zone, "LC_ALL": "C.UTF-8", "PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == TEXT


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "THU NOV 05 00:03:09 GMT 2026",
        "thu nov 5 00:03:09 UTC 2026",
        "Mon Nov 5 00:03:09 UTC 2026",
    ],
)
def test_what_the_service_parses_is_parsed(text: str) -> None:
    assert parse_timestamp(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-05T00:03:09Z",
        "Thu Nov 5 00:03:09 utc 2026",
        "Thu Nov 5 00:03:09 +0000 2026",
        "Thu Nov 5 24:03:09 UTC 2026",
        "Thu Nov 5 12:03:09 AM UTC 2026",
        "Thu Nov  5 00:03:09 UTC 2026",
        "Thu Nov 5 0:03:09 UTC 2026",
        "Thu Nov 31 00:03:09 UTC 2026",
        "Thu Nov 0 00:03:09 UTC 2026",
        "Do Nov 5 00:03:09 UTC 2026",
        "Don Nov 5 00:03:09 UTC 2026",
        "Thu Okt 5 00:03:09 UTC 2026",
        "Thu Nov 5 00:03:09 UTC 0000",
        "Thu Nov 5 00:03:09 UTC 20266",
        "Thu Nov ５ 00:03:09 UTC 2026",
        TEXT + "\n",
        pytest.param("x" * 10**6, id="a megabyte"),
    ],
)
def test_what_is_no_timestamp_is_refused_with_a_short_message(text: str) -> None:
    with pytest.raises(TimestampError) as caught:
        parse_timestamp(text)
    assert len(str(caught.value)) < 200
