"""Points of Edwards curves that no honest key has: off the curve, oddly written, or of small order (RFC 8032).

With a key of small order some signature verifies for many messages; OpenSSL takes such keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.webauthn.errors import UnacceptableKey


@dataclass(frozen=True)
class _Curve:
    """The curve a·x² + y² = 1 + d·x²·y² modulo p, with a cofactor of 2^cofactor_doublings."""

    p: int
    a: int
    d: int
    sign_bit: int
    cofactor_doublings: int


_P25519 = 2**255 - 19
_P448 = 2**448 - 2**224 - 1
_CURVES = {
    6: _Curve(_P25519, -1, -121665 * pow(121666, -1, _P25519) % _P25519, 255, 3),
    7: _Curve(_P448, 1, -39081 % _P448, 455, 2),
}


def demand_safe_point(crv: int, encoded: bytes) -> None:
    """Demand that an encoded point of Ed25519 (crv 6) or Ed448 (crv 7) can be a key. Raises UnacceptableKey."""
    curve = _CURVES[crv]
    number = int.from_bytes(encoded, "little")
    y = number & ((1 << curve.sign_bit) - 1)
    if y >= curve.p:
        raise UnacceptableKey("the Edwards point is not written in its one form")
    p, y2 = curve.p, y * y % curve.p
    x2 = (1 - y2) * pow(curve.a - curve.d * y2, -1, p) % p
    if x2 and pow(x2, (p - 1) // 2, p) != 1:
        raise UnacceptableKey("the point is not on the Edwards curve")
    if x2 == 0 and number >> curve.sign_bit:
        raise UnacceptableKey("the Edwards point is not written in its one form")
    if _is_of_small_order(curve, x2, y2):
        raise UnacceptableKey("the Edwards point is of small order")


def _is_of_small_order(curve: _Curve, x2: int, y2: int) -> bool:
    """Whether doubling leads to (0, ±1); the squares of the coordinates are enough to follow it."""
    p = curve.p
    for _ in range(curve.cofactor_doublings):
        if x2 == 0 or y2 == 0:
            return True
        divisor = 1 + curve.d * x2 * y2
        opposite = 1 - curve.d * x2 * y2
        doubled_x2 = 4 * x2 * y2 * pow(divisor * divisor, -1, p) % p
        numerator = y2 - curve.a * x2
        doubled_y2 = numerator * numerator * pow(opposite * opposite, -1, p) % p
        x2, y2 = doubled_x2, doubled_y2
    return x2 == 0
