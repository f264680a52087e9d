"""The edges of the edge set: what each flag claims of a vector, and the note that explains it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from protocol.shapes import SHAPES, WIDTHS
from protocol.shapes import Quantity as Symbol
from vectors.load import Flag, Vector


@dataclass(frozen=True)
class Quantity:
    """A number that is hashed on the way to the claim signature.

    Attributes:
        name: in ids.
        symbol: in the standards.
        member: in a vector; where says whether among its inputs or its expected values.
        where: `inputs` or `expected`.
        hashed_in: what it is hashed into.
    """

    name: str
    symbol: Symbol
    member: str
    where: str
    hashed_in: str

    @property
    def width(self) -> int:
        """Its full width in bytes."""
        return WIDTHS[self.symbol]

    def of(self, vector: Vector) -> int:
        """Its value in a vector. Raises VectorError when the vector lacks it."""
        return (vector.inputs if self.where == "inputs" else vector.expected).number(self.member)


QUANTITIES = (
    Quantity("client-public", "A", "client_public", "expected", "the scrambler u"),
    Quantity("server-public", "B", "server_public", "expected", "the scrambler u"),
    Quantity("scrambler", "u", "scrambler", "expected", "the password key, as HKDF's salt"),
    Quantity("premaster-secret", "S", "premaster_secret", "expected", "the password key, as HKDF's input"),
    Quantity("salt", "salt", "salt", "inputs", "the private key x"),
    Quantity("password-key", "K", "password_key", "expected", "the claim signature, as HMAC's key"),
)

_HOW_OFTEN = MappingProxyType(
    {
        "leading-zero-nibble": "1 in 17",
        "leading-zero-byte": "1 in 512",
        "two-zero-bytes": "1 in 131 072",
        "high-bit": "1 in 2",
    }
)
_WHAT = MappingProxyType(
    {
        "leading-zero-nibble": "an odd number of hex digits",
        "leading-zero-byte": "one zero byte in front, and P(n) is a byte shorter than most",
        "two-zero-bytes": "two zero bytes in front, and P(n) is two bytes shorter than most",
        "high-bit": "its first bit set, and P(n) a sign byte",
    }
)


@dataclass(frozen=True)
class Span:
    """The numbers from `low` up to, and without, `high`."""

    low: int
    high: int

    def __contains__(self, number: int) -> bool:
        return self.low <= number < self.high


_FIRST_BYTES = MappingProxyType(
    {
        "leading-zero-nibble": (0, 0x01, 0x10),
        "leading-zero-byte": (1, 0x01, 0x80),
        "two-zero-bytes": (2, 0x01, 0x80),
        "high-bit": (0, 0x80, 0x100),
        "plain": (0, 0x10, 0x80),
        "without zeros": (0, 0x10, 0x100),
    }
)
"""How many zero bytes stand in front, and from where up to where the next byte goes.

A zero byte before a high bit does not count: P(n) takes it away and puts it back as the sign.
"""


def span_of(shape: str, quantity: Quantity) -> Span:
    """The numbers that have a shape at the quantity's width; those that have none of the edges are `plain`.

    Raises KeyError for an unknown shape.
    """
    zeros, low, high = _FIRST_BYTES[shape]
    unit = 1 << 8 * (quantity.width - zeros - 1)
    return Span(low * unit, high * unit)


def flag_of(quantity: Quantity, shape: str) -> str:
    """The flag of a vector in which the quantity has the shape: `PremasterSecretTwoZeroBytes`."""
    return f"{quantity.name}-{shape}".title().replace("-", "")


def _shape_flag(quantity: Quantity, shape: str) -> Flag:
    if quantity.name == "password-key":
        meaning = f"K, 16 bytes, has {_WHAT[shape].split(',')[0]} when it is taken for a number."
        clause = "Cognito profile: K is 16 bytes, never a number"
    else:
        meaning = f"{quantity.symbol} ({quantity.width} bytes) has {_WHAT[shape]}."
        clause = "Cognito profile: numbers are hashed as P(n)"
    return Flag(
        meaning=meaning,
        effect=f"{quantity.symbol} is hashed wrongly into {quantity.hashed_in}: {_HOW_OFTEN[shape]} sign-ins fail"
        " with the right password" + (", always for the same users." if quantity.name == "salt" else "."),
        clause=clause,
    )


def _has_edge(vector: Vector, *, quantity: Quantity, shape: str) -> bool:
    return quantity.of(vector) in span_of(shape, quantity)


def _user_id(vector: Vector) -> str:
    return vector.inputs.text("user_id")


def _password(vector: Vector) -> str:
    return vector.inputs.text("password")


def _decomposed(text: str) -> bool:
    return unicodedata.normalize("NFC", text) != text


_UTF8 = "Cognito profile: UTF-8, no normalisation"

_TEXT_FLAGS: Mapping[str, tuple[Callable[[Vector], bool], Flag]] = MappingProxyType(
    {
        "NonAsciiUserId": (
            lambda vector: not _user_id(vector).isascii(),
            Flag("The user id has characters outside ASCII.", "Users with such names cannot sign in.", _UTF8),
        ),
        "NonAsciiPassword": (
            lambda vector: not _password(vector).isascii(),
            Flag("The password has characters outside ASCII.", "Users with such passwords cannot sign in.", _UTF8),
        ),
        "CharactersBeyondTheFirstPlane": (
            lambda vector: any(ord(character) > 0xFFFF for character in _user_id(vector) + _password(vector)),
            Flag(
                "A name or password has characters above U+FFFF.",
                "Where text is kept as UTF-16 or in three-byte UTF-8, users with such characters cannot sign in.",
                _UTF8,
            ),
        ),
        "DecomposedPassword": (
            lambda vector: _decomposed(_password(vector)),
            Flag(
                "The password is not in Unicode's composed form (NFC).",
                "Normalised, it is another password: it was set on one system and fails on another.",
                _UTF8,
            ),
        ),
        "DecomposedUserId": (
            lambda vector: _decomposed(_user_id(vector)),
            Flag("The user id is not in Unicode's composed form (NFC).", "Normalised, it is another user.", _UTF8),
        ),
        "BlankAroundPassword": (
            lambda vector: _password(vector) != _password(vector).strip(),
            Flag("The password begins or ends with a blank.", "Trimmed, it is refused.", _UTF8),
        ),
        "ColonInPassword": (
            lambda vector: ":" in _password(vector),
            Flag("The password holds the separator of x.", "Split at the wrong colon, it is refused.", _UTF8),
        ),
        "LongPassword": (
            lambda vector: len(_password(vector)) == 256,
            Flag("The password has 256 characters, Cognito's most.", "Cut off, it is refused.", "AWS: password length"),
        ),
    }
)

EDGE_FLAGS: Mapping[str, Flag] = MappingProxyType(
    {
        **{flag_of(quantity, shape): _shape_flag(quantity, shape) for quantity in QUANTITIES for shape in SHAPES},
        **{name: flag for name, (_, flag) in _TEXT_FLAGS.items()},
    }
)
"""The notes on every flag of the edge set."""

TEXT_CLAIMS: Mapping[str, Callable[[Vector], bool]] = MappingProxyType(
    {name: claim for name, (claim, _) in _TEXT_FLAGS.items()}
)
"""For every flag that is about names and passwords, whether a vector is what the flag claims."""

EDGE_CLAIMS: Mapping[str, Callable[[Vector], bool]] = MappingProxyType(
    {
        **{
            flag_of(quantity, shape): partial(_has_edge, quantity=quantity, shape=shape)
            for quantity in QUANTITIES
            for shape in SHAPES
        },
        **TEXT_CLAIMS,
    }
)
"""For every flag of the edge set, whether a vector is what the flag claims.

Each raises VectorError for a vector that lacks the value.
"""
