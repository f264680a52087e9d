"""As much of DER as attestation certificates' extensions need (X.690)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from protocol.webauthn.errors import MalformedAttestation

INTEGER, BIT_STRING, OCTET_STRING, ENUMERATED, SEQUENCE, SET = 2, 3, 4, 10, 16, 17


@dataclass(frozen=True)
class Element:
    """One element: its tag number, whether that is context-specific (`[n]`), its content, and itself as it stood."""

    tag: int
    context: bool
    content: bytes
    encoded: bytes

    def children(self) -> list[Element]:
        """The elements that the content is. Raises MalformedAttestation."""
        return list(_elements(self.content))

    def integer(self) -> int:
        """The number of an INTEGER or ENUMERATED. Raises MalformedAttestation."""
        if self.context or self.tag not in (INTEGER, ENUMERATED) or not self.content:
            raise MalformedAttestation("an ASN.1 INTEGER was expected")
        return int.from_bytes(self.content, "big", signed=True)

    def octets(self) -> bytes:
        """The bytes of an OCTET STRING. Raises MalformedAttestation."""
        if self.context or self.tag != OCTET_STRING:
            raise MalformedAttestation("an ASN.1 OCTET STRING was expected")
        return self.content


def parse(data: bytes) -> Element:
    """The one element that the bytes are. Raises MalformedAttestation."""
    elements = list(_elements(data))
    if len(elements) != 1:
        raise MalformedAttestation(f"{len(elements)} ASN.1 elements stand where one was expected")
    return elements[0]


def octet_string(content: bytes) -> bytes:
    """An OCTET STRING."""
    return element(OCTET_STRING, content)


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of encoded elements."""
    return element(0x20 | SEQUENCE, b"".join(parts))


def explicit(tag: int, content: bytes) -> bytes:
    """An element under an explicit context-specific tag."""
    if tag < 31:
        return element(0xA0 | tag, content)
    digits = [tag & 0x7F]
    while tag := tag >> 7:
        digits.append(0x80 | (tag & 0x7F))
    return b"\xbf" + bytes(reversed(digits)) + _length(len(content)) + content


def integer(number: int, tag: int = INTEGER) -> bytes:
    """A small number from 0, as INTEGER or another tag."""
    return element(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def element(identifier: int, content: bytes) -> bytes:
    """An element with an identifier of one byte."""
    return bytes([identifier]) + _length(len(content)) + content


def _length(count: int) -> bytes:
    if count < 0x80:
        return bytes([count])
    written = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(written)]) + written


def _elements(data: bytes) -> Iterator[Element]:
    at = 0
    while at < len(data):
        try:
            element, at = _element(data, at)
        except IndexError as error:
            raise MalformedAttestation("ASN.1 is cut off") from error
        yield element


def _element(data: bytes, at: int) -> tuple[Element, int]:
    start, identifier, tag = at, data[at], data[at] & 0x1F
    at += 1
    if tag == 0x1F:
        tag, more = 0, True
        while more:
            tag, more = tag << 7 | data[at] & 0x7F, bool(data[at] & 0x80)
            at += 1
    length = data[at]
    at += 1
    if length >= 0x80:
        width = length & 0x7F
        if not 1 <= width <= 4:
            raise MalformedAttestation("an ASN.1 length is indefinite or absurd")
        length = int.from_bytes(data[at : at + width], "big")
        at += width
    if length > len(data) - at:
        raise MalformedAttestation("ASN.1 is cut off")
    end = at + length
    return Element(tag, identifier & 0xC0 == 0x80, data[at:end], data[start:end]), end
