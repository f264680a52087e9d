"""Reading credential public keys: strictly, or, under a fault, the key that a careless library takes one for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor as loose_cbor

from fakes.faults import declare_fault
from fakes.relying_party.client_data import On
from protocol.webauthn import cbor
from protocol.webauthn.algorithms import ALGORITHMS, KTY_EC2, KTY_OKP, KTY_RSA
from protocol.webauthn.cose import ALG, CRV, CURVES, KTY, MIN_RSA_BITS, N, X, Y

IGNORES_THE_CURVE = declare_fault("rp.ignores-the-curve", "crv of a key is not looked at; the algorithm's is taken")
IGNORES_THE_KEY_TYPE = declare_fault("rp.ignores-the-key-type", "kty of a key is not looked at")
TAKES_POINTS_OFF_THE_CURVE = declare_fault(
    "rp.takes-points-off-the-curve", "a point is not verified to be on the curve before the first sign-in"
)
TAKES_COMPRESSED_POINTS = declare_fault("rp.takes-compressed-points", "y of a key may be its sign only")
TAKES_COORDINATES_OF_ANY_LENGTH = declare_fault(
    "rp.takes-coordinates-of-any-length", "x and y are numbers, however many bytes they are written in"
)
TAKES_ANY_RSA_KEY = declare_fault("rp.takes-any-rsa-key", "neither modulus nor exponent of an RSA key is looked at")
TAKES_PRIVATE_PARTS = declare_fault("rp.takes-private-parts", "a key may come with its private part")
TAKES_THE_LAST_OF_DUPLICATE_LABELS = declare_fault(
    "rp.takes-the-last-of-duplicate-labels", "a label of a key may stand twice"
)
TAKES_SMALL_ORDER_POINTS = declare_fault("rp.takes-small-order-points", "an Edwards point may be of small order")
TAKES_A_KEY_WITHOUT_ALG = declare_fault(
    "rp.takes-a-key-without-alg", "a key whose alg is missing or no number is ES256"
)
TAKES_ANY_ALGORITHM_FOR_ITS_OWN = declare_fault(
    "rp.takes-any-algorithm-for-its-own", "a key of an algorithm that it does not know is not looked at"
)

_D = -4
_SOME_RSA_MODULUS = ((1 << MIN_RSA_BITS) - 1).to_bytes(MIN_RSA_BITS // 8, "big")
_SOME_ED25519_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""The public key of RFC 8032 section 7.1, test 1."""


def loosely_read(raw: bytes) -> Any:
    """CBOR as a library that is not strict reads it: the last of two values counts, lengths may be open. Or None."""
    try:
        value, _ = _Loose(raw).item(0)
    except (ValueError, IndexError, TypeError, RecursionError):
        return None
    return value


def canonical(value: Any, otherwise: bytes) -> bytes:
    """A value written in the canonical form; `otherwise` where it is None or cannot be."""
    try:
        return otherwise if value is None else cbor.encode(value)
    except (ValueError, TypeError):
        return otherwise


def plain_key(encoded: bytes, on: On) -> bytes:
    """The key in the form that the strict parser accepts, as far as the faults that are on take it for one."""
    if on(TAKES_THE_LAST_OF_DUPLICATE_LABELS):
        encoded = canonical(loosely_read(encoded), encoded)
    try:
        members = cbor.decode(encoded)
    except Exception:  # the strict parser says what is wrong
        return encoded
    if not isinstance(members, dict):
        return encoded
    return cbor.encode(_plain(dict(members), on))


def _plain(members: dict[Any, Any], on: On) -> dict[Any, Any]:
    if on(TAKES_A_KEY_WITHOUT_ALG) and not isinstance(members.get(ALG), int):
        members[ALG] = -7
    if on(TAKES_ANY_ALGORITHM_FOR_ITS_OWN) and members.get(ALG) not in ALGORITHMS:
        return {KTY: KTY_EC2, ALG: -7, CRV: 1, **_generator(ec.SECP256R1())}
    algorithm = ALGORITHMS.get(members[ALG]) if isinstance(members.get(ALG), int) else None
    if algorithm is None:
        return members
    if on(IGNORES_THE_KEY_TYPE):
        members = _of_its_type(members, algorithm.kty)
    if on(TAKES_PRIVATE_PARTS):
        members.pop(_D, None)
    if on(IGNORES_THE_CURVE) and algorithm.crv is not None and members.get(KTY) == algorithm.kty:
        members = _on_its_curve(members, algorithm.kty, algorithm.crv)
    if members.get(KTY) == KTY_EC2 and members.get(CRV) in CURVES:
        members = _with_plain_point(members, CURVES[members[CRV]], on)
    if on(TAKES_ANY_RSA_KEY) and members.get(KTY) == KTY_RSA:
        members = {KTY: KTY_RSA, ALG: members[ALG], N: _SOME_RSA_MODULUS, -2: b"\x01\x00\x01"}
    if on(TAKES_SMALL_ORDER_POINTS) and members.get(KTY) == KTY_OKP and len(members.get(X, b"")) == 32:
        members[X] = _SOME_ED25519_KEY
    return members


def _of_its_type(members: Mapping[Any, Any], kty: int) -> dict[Any, Any]:
    if members.get(KTY) == kty:
        return dict(members)
    usual: dict[int, dict[Any, Any]] = {
        KTY_EC2: {CRV: 1, **_generator(ec.SECP256R1())},
        KTY_RSA: {N: _SOME_RSA_MODULUS, -2: b"\x01\x00\x01"},
        KTY_OKP: {CRV: 6, X: _SOME_ED25519_KEY},
    }
    return {KTY: kty, ALG: members[ALG], **usual[kty]}


def _on_its_curve(members: Mapping[Any, Any], kty: int, crv: int) -> dict[Any, Any]:
    if members.get(CRV) == crv:
        return dict(members)
    point = {X: _SOME_ED25519_KEY} if kty == KTY_OKP else _generator(CURVES[crv])
    return {KTY: kty, ALG: members[ALG], CRV: crv, **point}


def _with_plain_point(members: dict[Any, Any], curve: ec.EllipticCurve, on: On) -> dict[Any, Any]:
    width = (curve.key_size + 7) // 8
    if on(TAKES_COORDINATES_OF_ANY_LENGTH):
        for label in (X, Y):
            if isinstance(members.get(label), bytes) and len(members[label]) != width:
                members |= _generator(curve)
    if on(TAKES_COMPRESSED_POINTS) and isinstance(members.get(Y), bool) and isinstance(members.get(X), bytes):
        sign = b"\x03" if members[Y] else b"\x02"
        point = ec.EllipticCurvePublicKey.from_encoded_point(curve, sign + members[X]).public_numbers()
        members[Y] = point.y.to_bytes(width, "big")
    if on(TAKES_POINTS_OFF_THE_CURVE) and not _is_on(curve, members):
        members |= _generator(curve)
    return members


def _is_on(curve: ec.EllipticCurve, members: Mapping[Any, Any]) -> bool:
    x, y = members.get(X), members.get(Y)
    if not (isinstance(x, bytes) and isinstance(y, bytes) and len(x) == len(y) == (curve.key_size + 7) // 8):
        return True  # not for this fault to mend
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + x + y)
    except ValueError:
        return False
    return True


def _generator(curve: ec.EllipticCurve) -> dict[Any, Any]:
    point, width = ec.derive_private_key(1, curve).public_key().public_numbers(), (curve.key_size + 7) // 8
    return {X: point.x.to_bytes(width, "big"), Y: point.y.to_bytes(width, "big")}


class _Loose:
    """A reader of CBOR that takes maps whose keys stand twice, and maps of open length."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def item(self, at: int) -> tuple[Any, int]:
        """The value that begins at an offset, and the offset after it."""
        if self._raw[at] >> 5 == 5:
            return self._map(at)
        value, rest = loose_cbor.decode_from(self._raw[at:])
        return value, len(self._raw) - len(rest)

    def _map(self, at: int) -> tuple[dict[Any, Any], int]:
        information = self._raw[at] % 32
        if information == 31:
            count, at = len(self._raw), at + 1
        elif information < 24:
            count, at = information, at + 1
        else:
            width = 1 << (information - 24)
            count, at = int.from_bytes(self._raw[at + 1 : at + 1 + width], "big"), at + 1 + width
        found: dict[Any, Any] = {}
        for _ in range(count):
            if information == 31 and self._raw[at] == 0xFF:
                return found, at + 1
            name, at = self.item(at)
            found[name], at = self.item(at)
        return found, at
