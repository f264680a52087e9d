"""Numbers, and their forms in bytes and hex."""

from __future__ import annotations

import re

import gmpy2

from protocol.errors import MalformedNumber

_HEX = re.compile(r"[0-9a-fA-F]+")


def minimal_bytes(n: int) -> bytes:
    """P(n): minimal big-endian two's complement, as Cognito hashes every number.

    One `00` byte stands in front when the top bit is set, and nothing more; P(0) is one `00` byte.
    It is Java's `BigInteger.toByteArray`, not RFC 5054's PAD to the width of N.
    Raises MalformedNumber for n < 0.
    """
    if n < 0:
        raise MalformedNumber("P(n) is defined for n >= 0 only")
    return n.to_bytes(n.bit_length() // 8 + 1, "big")


def padded_bytes(n: int, width: int) -> bytes:
    """PAD(n): big-endian, filled with `00` in front to `width` bytes (RFC 5054 section 2.1).

    Raises MalformedNumber when n is negative or does not fit.
    """
    try:
        return n.to_bytes(width, "big")
    except OverflowError as error:
        raise MalformedNumber(f"the number is negative or longer than {width} bytes") from error


def unsigned_bytes(n: int) -> bytes:
    """Big-endian without any `00` in front; 0 has no bytes.

    Raises MalformedNumber for n < 0.
    """
    return padded_bytes(n, (n.bit_length() + 7) // 8)


def power(base: int, exponent: int, modulus: int) -> int:
    """`base ** exponent mod modulus`, between 0 and modulus - 1 also for a negative base.

    Raises ValueError for a negative exponent whose base has no inverse, ZeroDivisionError for modulus 0.
    """
    return int(gmpy2.powmod(base, exponent, modulus))


def hex_of(n: int) -> str:
    """Lower-case hex without leading zeros, as SRP_A, SRP_B and SALT carry numbers; an odd length is possible.

    Raises MalformedNumber for n < 0.
    """
    if n < 0:
        raise MalformedNumber("a negative number has no hex form in this protocol")
    return f"{n:x}"


def parse_hex(text: str) -> int:
    """The number that a hex text stands for; upper case and leading zeros are taken.

    Raises MalformedNumber for anything but hex digits: a sign, `0x`, a blank, an underscore, no digits.
    """
    if not _HEX.fullmatch(text):
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise MalformedNumber(f"{shown!r} is not a hex number; send hex digits only")
    return int(text, 16)
