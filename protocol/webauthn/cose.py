"""Credential public keys: COSE_Key read strictly, written plainly (RFC 9052 section 7, RFC 9053, RFC 8230).

A bad key must be refused when it is registered, not at the first sign-in (WebAuthn section 5.8.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocol.webauthn import cbor
from protocol.webauthn.algorithms import KTY_EC2, KTY_OKP, KTY_RSA, Algorithm, PublicKey, algorithm_of, verify_signature
from protocol.webauthn.edwards import demand_safe_point
from protocol.webauthn.errors import MalformedCbor, UnacceptableKey

KTY, ALG = 1, 3
CRV, X, Y = -1, -2, -3
N, E = -1, -2

CURVES: Mapping[int, ec.EllipticCurve] = {1: ec.SECP256R1(), 2: ec.SECP384R1(), 3: ec.SECP521R1()}
"""COSE's elliptic curves of keys with two coordinates, by `crv`."""

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 8192
"""RFC 8230 section 4 asks for 2048; above the upper bound a verification costs an attacker nothing and us much."""

_LABELS = {KTY_EC2: {KTY, ALG, CRV, X, Y}, KTY_OKP: {KTY, ALG, CRV, X}, KTY_RSA: {KTY, ALG, N, E}}


@dataclass(frozen=True)
class CredentialKey:
    """A credential public key.

    Attributes:
        algorithm: the one algorithm that it verifies.
        key: the key itself.
        encoded: the COSE_Key in CBOR, as it stood.
    """

    algorithm: Algorithm
    key: PublicKey
    encoded: bytes

    def verify(self, message: bytes, signature: bytes) -> None:
        """Demand that a signature verifies. Raises SignatureRejected."""
        verify_signature(self.key, self.algorithm, message, signature)

    def is_key(self, other: object) -> bool:
        """Whether another public key is the same key."""
        return bool(self.key == other)


def parse_credential_key(encoded: bytes) -> CredentialKey:
    """The key of a COSE_Key in canonical CBOR.

    Refused is every parameter beyond those that the key needs (section 6.5.2 forbids optional ones), so a private
    part too. Raises UnacceptableKey.
    """
    try:
        members = cbor.as_map(cbor.decode(encoded), "the credential public key")
    except MalformedCbor as error:
        raise UnacceptableKey(str(error)) from error
    algorithm = algorithm_of(members.get(ALG))
    if members.get(KTY) != algorithm.kty:
        raise UnacceptableKey(f"{algorithm.name} goes with key type {algorithm.kty}, not {members.get(KTY)!r}")
    labels = _LABELS[algorithm.kty]
    if set(members) != labels:
        odd = sorted(map(str, set(members) ^ labels))
        raise UnacceptableKey(f"a key of {algorithm.name} has the labels {sorted(labels)}; wrong: {', '.join(odd)}")
    if algorithm.crv is not None and members[CRV] != algorithm.crv:
        raise UnacceptableKey(f"{algorithm.name} goes with curve {algorithm.crv}, not {members[CRV]!r}")
    return CredentialKey(algorithm, _READERS[algorithm.kty](members), encoded)


def encode_credential_key(key: PublicKey, algorithm: int) -> bytes:
    """The COSE_Key of a public key, in CBOR."""
    return cbor.encode(credential_key_members(key, algorithm))


def credential_key_members(key: PublicKey, algorithm: int) -> dict[int, int | bytes]:
    """The members of a public key's COSE_Key, by label. Raises UnacceptableKey for an elliptic curve without `crv`."""
    match key:
        case ec.EllipticCurvePublicKey():
            crv = next((crv for crv, curve in CURVES.items() if curve.name == key.curve.name), None)
            if crv is None:
                raise UnacceptableKey(f"no credential has a key on {key.curve.name}")
            point, width = key.public_numbers(), _width(key.curve)
            return {
                KTY: KTY_EC2,
                ALG: algorithm,
                CRV: crv,
                X: point.x.to_bytes(width, "big"),
                Y: point.y.to_bytes(width, "big"),
            }
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            return {KTY: KTY_RSA, ALG: algorithm, N: _minimal(numbers.n), E: _minimal(numbers.e)}
    crv = 6 if isinstance(key, ed25519.Ed25519PublicKey) else 7
    return {KTY: KTY_OKP, ALG: algorithm, CRV: crv, X: key.public_bytes(Encoding.Raw, PublicFormat.Raw)}


def _elliptic(members: Mapping[int, Any]) -> PublicKey:
    curve = CURVES[members[CRV]]
    x, y = (_bytes(members, label, _width(curve)) for label in (X, Y))
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, b"\x04" + x + y)
    except ValueError as error:
        raise UnacceptableKey(f"the point is not on {curve.name}") from error


def _edwards(members: Mapping[int, Any]) -> PublicKey:
    crv = members[CRV]
    encoded = _bytes(members, X, 32 if crv == 6 else 57)
    demand_safe_point(crv, encoded)
    if crv == 6:
        return ed25519.Ed25519PublicKey.from_public_bytes(encoded)
    return ed448.Ed448PublicKey.from_public_bytes(encoded)


def _rsa(members: Mapping[int, Any]) -> PublicKey:
    n, e = (_unsigned(members, label) for label in (N, E))
    if not MIN_RSA_BITS <= n.bit_length() <= MAX_RSA_BITS:
        raise UnacceptableKey(
            f"the RSA modulus has {n.bit_length()} bits; {MIN_RSA_BITS} to {MAX_RSA_BITS} are allowed"
        )
    if n % 2 == 0:
        raise UnacceptableKey("the RSA modulus is even")
    if e < 3 or e % 2 == 0 or e.bit_length() > 64:
        raise UnacceptableKey("the RSA exponent is not an odd number from 3 below 2^64")
    try:
        return rsa.RSAPublicNumbers(e, n).public_key()
    except ValueError as error:
        raise UnacceptableKey(f"no RSA key: {error}") from error


_READERS = {KTY_EC2: _elliptic, KTY_OKP: _edwards, KTY_RSA: _rsa}


def _bytes(members: Mapping[int, Any], label: int, length: int) -> bytes:
    value = members[label]
    if not isinstance(value, bytes) or len(value) != length:
        raise UnacceptableKey(f"the key's {label} is not {length} bytes")
    return value


def _unsigned(members: Mapping[int, Any], label: int) -> int:
    value = members[label]
    if not isinstance(value, bytes) or not value or value[0] == 0:
        raise UnacceptableKey(f"the key's {label} is no positive number without leading zero bytes")
    return int.from_bytes(value, "big")


def _width(curve: ec.EllipticCurve) -> int:
    return (curve.key_size + 7) // 8


def _minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
