"""CBOR is read in CTAP2's canonical form only."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fido2 import cbor as fido2_cbor

from protocol.webauthn import cbor
from protocol.webauthn.errors import MalformedCbor

CANONICAL: dict[str, Any] = {
    "00": 0,
    "17": 23,
    "1818": 24,
    "1901f4": 500,
    "1bffffffffffffffff": 2**64 - 1,
    "26": -7,
    "390100": -257,
    "43010203": b"\1\2\3",
    "62c3bc": "ü",
    "80": [],
    "8201f5": [1, True],
    "a0": {},
    "a301022026616103": {1: 2, -1: -7, "a": 3},
    "f6": None,
    "f93c00": 1.0,
}
MALFORMED = {
    "nothing": "",
    "an integer not in its shortest form": "1801",
    "a long integer that fits two bytes": "1900ff",
    "a length not in its shortest form": "58020102",
    "bytes of indefinite length": "5f4101ff",
    "an array of indefinite length": "9f01ff",
    "a map of indefinite length": "bf0102ff",
    "a reserved length": "1c",
    "a tag": "c100",
    "an unknown simple value": "f7",
    "text that is no UTF-8": "61ff",
    "bytes cut off": "430102",
    "an array cut off": "8201",
    "a map cut off": "a101",
    "keys out of order": "a220010102",
    "a longer key before a shorter": "a262616101616202",
    "a key twice": "a201020103",
    "a boolean for a key": "a1f501",
    "an array for a key": "a18001",
    "bytes after the value": "0000",
    "2^64 - 1 items announced": "9bffffffffffffffff",
    "2^32 entries announced": "ba ffffffff",
    "2^63 bytes announced": "5b8000000000000000",
}


@pytest.mark.parametrize("encoded", CANONICAL)
def test_a_canonical_value_is_read_and_written_back(encoded: str) -> None:
    assert cbor.decode(bytes.fromhex(encoded)) == CANONICAL[encoded]
    if encoded != "f93c00":
        assert cbor.encode(CANONICAL[encoded]).hex() == encoded


@pytest.mark.parametrize("encoded", MALFORMED.values(), ids=MALFORMED)
def test_anything_else_is_refused(encoded: str) -> None:
    with pytest.raises(MalformedCbor):
        cbor.decode(bytes.fromhex(encoded))


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x01"])
def test_ten_thousand_levels_are_refused_at_once(opening: bytes) -> None:
    before = time.perf_counter()
    with pytest.raises(MalformedCbor, match="deeper than 8"):
        cbor.decode(opening * 10_000 + b"\x00")
    assert time.perf_counter() - before < 1


@pytest.mark.parametrize("value", [0, -1, 23, 24, 255, 256, 65535, 65536, 2**32, -(2**64), b"x" * 300, "ü" * 20])
def test_another_encoder_writes_the_same(value: Any) -> None:
    for written in (value, [value, value], {value: True, 7: {"longer": 1, "key": 2, -1: 3}}):
        assert cbor.encode(written) == fido2_cbor.encode(written)
        assert cbor.decode(cbor.encode(written)) == written


def test_eight_levels_are_read() -> None:
    assert cbor.decode(b"\x81" * 8 + b"\x00") == [[[[[[[[0]]]]]]]]
