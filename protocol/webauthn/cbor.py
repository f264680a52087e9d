"""CBOR in CTAP2's canonical form, read strictly (WebAuthn section 2.4: decoders SHOULD reject what is not).

Refused are lengths and integers that are not the shortest, indefinite lengths, tags, map keys out of order or
twice, text that is no UTF-8, and whatever nests deeper than MAX_DEPTH. A length is held against the bytes that are left
before anything of that length is made.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from protocol.webauthn.errors import MalformedCbor

MAX_DEPTH = 8
"""How deep maps and arrays may nest. CTAP2 allows messages 4; a compound attestation statement has 5."""

_ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}
_SIMPLE: dict[int, bool | None] = {20: False, 21: True, 22: None}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}


def encode(value: Any) -> bytes:
    """The canonical encoding of a value that the reader would give, floats excepted. Raises MalformedCbor."""
    match value:
        case bool() | None:
            return bytes([0xE0 | next(code for code, simple in _SIMPLE.items() if simple is value)])
        case int():
            return _head(0, value) if value >= 0 else _head(1, -1 - value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            encoded = value.encode()
            return _head(3, len(encoded)) + encoded
        case list() | tuple():
            return _head(4, len(value)) + b"".join(map(encode, value))
        case Mapping():
            entries = sorted(((encode(key), encode(member)) for key, member in value.items()), key=_order_of_entry)
            return _head(5, len(entries)) + b"".join(key + member for key, member in entries)
    raise MalformedCbor(f"a {type(value).__name__} has no canonical encoding here")


def decode(data: bytes) -> Any:
    """The value that the bytes are, all of them. Raises MalformedCbor."""
    value, end = decode_from(data, 0)
    if end != len(data):
        raise MalformedCbor(f"{len(data) - end} bytes follow the CBOR value")
    return value


def decode_from(data: bytes, start: int) -> tuple[Any, int]:
    """The value that begins at an offset, and the offset after it. Raises MalformedCbor."""
    reader = _Reader(data, start)
    return reader.value(0), reader.at


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def value(self, depth: int) -> Any:
        major, information = divmod(self._take(1)[0], 32)
        if major == 7:
            return self._simple(information)
        argument = self._argument(information)
        if major <= 1:
            return -1 - argument if major else argument
        if major <= 3:
            return self._text(argument) if major == 3 else self._take(argument)
        if major == 6:
            raise self._malformed("a tag, which the canonical form has not")
        return self._map(argument, depth + 1) if major == 5 else self._array(argument, depth + 1)

    def _take(self, count: int) -> bytes:
        if count > len(self._data) - self.at:
            raise self._malformed(f"{count} bytes are announced, {len(self._data) - self.at} are left")
        taken = self._data[self.at : self.at + count]
        self.at += count
        return taken

    def _argument(self, information: int) -> int:
        if information < 24:
            return information
        if information not in _ARGUMENT_BYTES:
            raise self._malformed("an indefinite or reserved length")
        width = _ARGUMENT_BYTES[information]
        argument = int.from_bytes(self._take(width), "big")
        if argument < (24 if width == 1 else 1 << 4 * width):
            raise self._malformed("an integer or length that is not written in the shortest way")
        return argument

    def _simple(self, information: int) -> bool | float | None:
        if information in _FLOATS:
            form = _FLOATS[information]
            number: float = struct.unpack(form, self._take(struct.calcsize(form)))[0]
            return number
        if information not in _SIMPLE:
            raise self._malformed(f"the simple value {information}")
        return _SIMPLE[information]

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._malformed("text that is not UTF-8") from error

    def _array(self, length: int, depth: int) -> list[Any]:
        self._hold_back(length, depth)
        return [self.value(depth) for _ in range(length)]

    def _map(self, length: int, depth: int) -> dict[Any, Any]:
        self._hold_back(2 * length, depth)
        members: dict[Any, Any] = {}
        before = b""
        for _ in range(length):
            start = self.at
            key = self.value(depth)
            if isinstance(key, bool) or not isinstance(key, int | str | bytes):
                raise self._malformed("a map key that is neither integer nor string")
            encoded = self._data[start : self.at]
            if before and _order(encoded) <= _order(before):
                what = "twice" if encoded == before else "out of order"
                raise self._malformed(f"the map key {key!r:.40} stands {what}")
            before = encoded
            members[key] = self.value(depth)
        return members

    def _hold_back(self, items: int, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._malformed(f"maps and arrays nest deeper than {MAX_DEPTH}")
        if items > len(self._data) - self.at:
            raise self._malformed(f"{items} items are announced, {len(self._data) - self.at} bytes are left")

    def _malformed(self, what: str) -> MalformedCbor:
        return MalformedCbor(f"{what} (before offset {self.at})")


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    if argument >= 1 << 64:
        raise MalformedCbor("an integer of more than 64 bits has no encoding here")
    information, width = next(
        (information, width) for information, width in _ARGUMENT_BYTES.items() if argument < 1 << 8 * width
    )
    return bytes([major << 5 | information]) + argument.to_bytes(width, "big")


def _order_of_entry(entry: tuple[bytes, bytes]) -> tuple[int, int, bytes]:
    return _order(entry[0])


def _order(key: bytes) -> tuple[int, int, bytes]:
    """CTAP2 section 8: by major type, then the shorter, then byte by byte."""
    return key[0] >> 5, len(key), key


def as_map(value: Any, what: str) -> Mapping[Any, Any]:
    """The value, when it is a map. Raises MalformedCbor."""
    if not isinstance(value, dict):
        raise MalformedCbor(f"{what} is no CBOR map")
    return value
