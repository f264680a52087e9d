from __future__ import annotations

import pytest
from hypothesis import given

from reports.text import one_line, visible
from tests.reports.samples import HOSTILE, any_text, single_values


@single_values
@given(text=any_text)
def test_what_is_shown_can_all_be_seen(text: str) -> None:
    assert visible(text, limit=100).isprintable()
    assert one_line(text, limit=100).isprintable()
    assert visible(text, limit=100, lines=True).replace("\n", "").replace("\t", "").isprintable()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_however_long_the_text_what_is_shown_is_short(text: str) -> None:
    assert len(visible(text, limit=100)) < 1_100  # a character is written out as ten at most


def test_ordinary_text_is_left_alone() -> None:
    assert visible("Zoë says: 'wrong password' 日本 🙂", limit=100) == "Zoë says: 'wrong password' 日本 🙂"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\ud800", "\\ud800"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text, limit=100) == shown


def test_line_ends_are_kept_where_lines_are_asked_for() -> None:
    assert visible("a\r\nb\n\tc\rd", limit=100, lines=True) == "a\nb\n\tc\\rd"


def test_what_was_cut_off_is_counted() -> None:
    assert visible("a" * 30, limit=10) == "a" * 10 + " ... (20 more characters in the results file)"


def test_one_line_is_the_first_that_says_something() -> None:
    assert one_line("\n  \n  first \nsecond", limit=100) == "first"
    assert one_line(" \n", limit=100) == ""
