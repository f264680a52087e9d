"""Shapes of a number in which P(n) differs in length from what careless encodings make of it.

"Leading" is measured at the width in bytes that the quantity can have at most.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

Quantity = Literal["A", "B", "S", "u", "K", "salt"]
Shape = Literal["leading-zero-nibble", "leading-zero-byte", "two-zero-bytes", "high-bit"]

WIDTHS: Mapping[Quantity, int] = MappingProxyType({"A": 384, "B": 384, "S": 384, "u": 32, "K": 16, "salt": 16})
"""The full width in bytes of each quantity of Cognito's profile."""

# A number whose first byte is zero and whose second is 0x80 or more has a P(n) of the full width, as if it had
# been padded: it tells nothing apart, and is therefore no leading-zero-byte here.
# They are told from the number's length in bits, for searches ask it of very many: P(n) has bits // 8 + 1 bytes.
_SHAPES: dict[Shape, Callable[[int, int], bool]] = {
    "leading-zero-nibble": lambda bits, width: 8 * (width - 1) < bits <= 8 * (width - 1) + 4,
    "leading-zero-byte": lambda bits, width: bits // 8 + 1 == width - 1,
    "two-zero-bytes": lambda bits, width: bits // 8 + 1 == width - 2,
    "high-bit": lambda bits, width: bits // 8 + 1 == width + 1,
}

SHAPES: tuple[Shape, ...] = tuple(_SHAPES)
"""leading-zero-nibble: an odd number of hex digits; leading-zero-byte and two-zero-bytes: P(n) is one or two bytes
shorter than the width; high-bit: P(n) is one byte longer, the sign byte."""


def has_shape(number: int, width: int, shape: Shape) -> bool:
    """Whether a non-negative number has the shape at a width in bytes. Raises KeyError for an unknown shape."""
    return _SHAPES[shape](number.bit_length(), width)
