"""Wrong ways to turn a number into bytes, each found in a released client, and the numbers they befall.

What unites them is that they are right for most numbers: only an edge shows them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fakes.faults import FaultSwitches, declare_fault
from protocol.numbers import minimal_bytes, padded_bytes, unsigned_bytes
from protocol.shapes import WIDTHS

Misencoding = Callable[[int, int], bytes]
"""From a number and its full width in bytes to the wrong bytes."""


def _without_sign_byte(n: int, width: int) -> bytes:
    del width
    return unsigned_bytes(n) or b"\0"


def _at_full_width(n: int, width: int) -> bytes:
    return _with_sign_byte(padded_bytes(n, max(width, len(unsigned_bytes(n)))))


def _without_the_odd_digit(n: int, width: int) -> bytes:
    del width
    digits = f"{n:x}"
    return minimal_bytes(n) if len(digits) % 2 == 0 else bytes.fromhex(digits[:-1])


def _stripped_of_one_zero_byte(n: int, width: int) -> bytes:
    return _with_sign_byte(_at_full_width(n, width).removeprefix(b"\0") or b"\0")


def _key_with_sign_byte(n: int, width: int) -> bytes:
    return _with_sign_byte(padded_bytes(n, width))


def _key_without_zero_bytes(n: int, width: int) -> bytes:
    del width
    return unsigned_bytes(n)


def _key_without_the_odd_digit(n: int, width: int) -> bytes:
    digits = f"{n:x}"
    return padded_bytes(n, width) if len(digits) % 2 == 0 else bytes.fromhex(digits[:-1])


def _key_with_one_zero_byte_restored(n: int, width: int) -> bytes:
    stripped = unsigned_bytes(n)
    return stripped if len(stripped) == width else b"\0" + stripped


def _with_sign_byte(raw: bytes) -> bytes:
    return b"\0" + raw if raw[0] >= 0x80 else raw


@dataclass(frozen=True)
class Quantity:
    """A number that is hashed.

    Attributes:
        name: in ids of faults and vectors.
        width: its full width in bytes.
        right: its right encoding.
        wrong: what can go wrong, and how.
    """

    name: str
    width: int
    right: Callable[[int], bytes]
    wrong: dict[str, Misencoding]


_OF_A_NUMBER: dict[str, Misencoding] = {
    "lacks-the-sign-byte": _without_sign_byte,
    "keeps-the-full-width": _at_full_width,
    "drops-the-odd-digit": _without_the_odd_digit,
    "strips-one-zero-byte-only": _stripped_of_one_zero_byte,
}
_OF_A_KEY: dict[str, Misencoding] = {
    "gains-a-sign-byte": _key_with_sign_byte,
    "loses-its-zero-bytes": _key_without_zero_bytes,
    "drops-the-odd-digit": _key_without_the_odd_digit,
    "keeps-one-zero-byte-only": _key_with_one_zero_byte_restored,
}

CLIENT_PUBLIC = Quantity("client-public", WIDTHS["A"], minimal_bytes, _OF_A_NUMBER)
SERVER_PUBLIC = Quantity("server-public", WIDTHS["B"], minimal_bytes, _OF_A_NUMBER)
SCRAMBLER = Quantity("scrambler", WIDTHS["u"], minimal_bytes, _OF_A_NUMBER)
PREMASTER_SECRET = Quantity("premaster-secret", WIDTHS["S"], minimal_bytes, _OF_A_NUMBER)
SALT = Quantity("salt", WIDTHS["salt"], minimal_bytes, _OF_A_NUMBER)
PASSWORD_KEY = Quantity("password-key", WIDTHS["K"], lambda n: padded_bytes(n, WIDTHS["K"]), _OF_A_KEY)

_FAULTS = {
    (quantity.name, mistake): declare_fault(
        f"arithmetic.{quantity.name}.{mistake}",
        f"the {quantity.name.replace('-', ' ')} {mistake.replace('-', ' ')} where it is hashed",
    )
    for quantity in (CLIENT_PUBLIC, SERVER_PUBLIC, SCRAMBLER, PREMASTER_SECRET, SALT, PASSWORD_KEY)
    for mistake in quantity.wrong
}


def encoding_of(quantity: Quantity, switches: FaultSwitches) -> Callable[[int], bytes] | None:
    """How the quantity is wrongly encoded under the fault that is on, or None when it is encoded rightly."""
    for mistake, encode in quantity.wrong.items():
        if switches.on(_FAULTS[quantity.name, mistake]):
            return lambda n: encode(n, quantity.width)
    return None
