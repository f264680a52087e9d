"""Numbers as bytes and hex."""

from __future__ import annotations

import pytest

from protocol.errors import MalformedNumber
from protocol.numbers import hex_of, minimal_bytes, padded_bytes, parse_hex, power, unsigned_bytes


@pytest.mark.parametrize("n", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xABC, 2**255, 2**256 - 1])
def test_minimal_bytes_are_the_shortest_that_read_back_as_a_signed_number(n: int) -> None:
    raw = minimal_bytes(n)
    assert int.from_bytes(raw, "big", signed=True) == n
    assert len(raw) == 1 or int.from_bytes(raw[1:], "big", signed=True) != n


@pytest.mark.parametrize("write", [minimal_bytes, hex_of, unsigned_bytes, lambda n: padded_bytes(n, 4)])
def test_a_negative_number_has_no_form(write: object) -> None:
    assert callable(write)
    with pytest.raises(MalformedNumber):
        write(-1)


def test_a_number_longer_than_its_width_is_refused() -> None:
    assert padded_bytes(0xFFFF, 2) == b"\xff\xff"
    with pytest.raises(MalformedNumber, match="longer than 2 bytes"):
        padded_bytes(0x10000, 2)


def test_hex_is_taken_in_upper_case_and_with_leading_zeros() -> None:
    assert parse_hex("00AbC") == parse_hex("abc") == 0xABC
    assert hex_of(0xABC) == "abc"


@pytest.mark.parametrize("text", ["", "-1", "+1", "0x1f", " 1", "1\n", "1_0", "g", "１"])
def test_what_is_not_hex_digits_is_refused(text: str) -> None:
    with pytest.raises(MalformedNumber, match="send hex digits only"):
        parse_hex(text)


def test_the_message_about_a_megabyte_of_rubbish_is_short() -> None:
    with pytest.raises(MalformedNumber) as caught:
        parse_hex("z" * 10**6)
    assert len(str(caught.value)) < 200


def test_the_power_of_a_negative_base_is_not_negative() -> None:
    assert power(-3, 3, 7) == pow(-3, 3, 7) == 1
