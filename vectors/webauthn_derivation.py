"""The derivation of the W3C's WebAuthn vectors, from their own recipe: a second opinion without code of `protocol`.

Every random value is HKDF-SHA-256 of `WebAuthn test vectors`, with a counter as salt and the vector's name as info;
ECDSA signatures are those of RFC 6979; the RSA key is made of two Mersenne primes (WebAuthn Level 3 section 16).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fido2 import cbor, cose

from vectors.load import Values
from vectors.webauthn_statements import Attested, PrivateKey, root_certificate, statement

_INPUT_KEY = b"WebAuthn test vectors"
_ROOT_INFO = "Attestation CA"
_UP, _UV, _BE, _BS, _AT = 0x01, 0x04, 0x08, 0x10, 0x40

_CURVES: Mapping[str, tuple[ec.EllipticCurve, int]] = MappingProxyType(
    {"ES256": (ec.SECP256R1(), 32), "ES384": (ec.SECP384R1(), 48), "ES512": (ec.SECP521R1(), 65)}
)
"""The curve of an algorithm, and from how many derived bytes its private key is made."""

_HASHES: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "ES512": hashes.SHA512()}
)
_MERSENNE = (2**1279 - 1, 2**2203 - 1)
"""The two smallest Mersenne primes 2^p - 1 with p of at least 1024."""


class Draws:
    """The random values of one vector, in the order in which they are drawn."""

    def __init__(self, info: str) -> None:
        self._info = info.encode()
        self._drawn = 0

    def __call__(self, length: int) -> bytes:
        """The next value, of so many bytes."""
        salt = bytes([self._drawn])
        self._drawn += 1
        return HKDF(hashes.SHA256(), length, salt, self._info).derive(_INPUT_KEY)


def derive_attestation_ca(inputs: Values) -> Mapping[str, str]:
    """The attestation trust root certificate."""
    draw = Draws(inputs.text("info"))
    return {"certificate": root_certificate(draw(32), draw(16)).certificate.hex()}


def derive_ceremonies(inputs: Values) -> Mapping[str, str]:
    """A registration, and an authentication with the credential that it made."""
    draw = Draws(inputs.text("info"))
    registration_challenge = draw(inputs.integer("challenge_bytes"))
    key = _private_key(inputs.text("algorithm"), draw)
    registration_client_data = _client_data("webauthn.create", registration_challenge, inputs, draw)
    aaguid, credential_id = draw(16), draw(inputs.integer("credential_id_bytes"))
    format = inputs.text("attestation")
    backed_up = 0 if format == "fido-u2f" else _registration_flags(draw)
    public_key = _cose_key(inputs.text("algorithm"), key)
    attested_credential = aaguid + len(credential_id).to_bytes(2, "big") + credential_id + cbor.encode(public_key)
    authenticator_data = _header(inputs, _UP | _AT | backed_up) + attested_credential
    attested = Attested(
        authenticator_data=authenticator_data,
        client_data_hash=hashlib.sha256(registration_client_data).digest(),
        credential_id=credential_id,
        public_key=public_key,
        key=key,
    )
    attestation_object = {
        "fmt": format.removesuffix("-self"),
        "attStmt": statement(format, attested, _root(), draw),
        "authData": authenticator_data,
    }
    authentication_challenge = draw(inputs.integer("challenge_bytes"))
    authentication_client_data = _client_data("webauthn.get", authentication_challenge, inputs, draw)
    assertion_data = _header(inputs, _UP | _assertion_flags(draw, backed_up & _BE))
    signed = assertion_data + hashlib.sha256(authentication_client_data).digest()
    return {
        "registration_challenge": registration_challenge.hex(),
        "registration_client_data": registration_client_data.hex(),
        "credential_id": credential_id.hex(),
        "attestation_object": cbor.encode(attestation_object).hex(),
        "authentication_challenge": authentication_challenge.hex(),
        "authentication_client_data": authentication_client_data.hex(),
        "authenticator_data": assertion_data.hex(),
        "signature": _sign(inputs.text("algorithm"), key, signed).hex(),
    }


@cache
def _root() -> Any:
    draw = Draws(_ROOT_INFO)
    return root_certificate(draw(32), draw(16))


def _private_key(algorithm: str, draw: Callable[[int], bytes]) -> PrivateKey:
    if algorithm == "RS256":
        return _mersenne_key()
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.from_private_bytes(draw(32))
    if algorithm == "Ed448":
        return ed448.Ed448PrivateKey.from_private_bytes(draw(57))
    curve, length = _CURVES[algorithm]
    return ec.derive_private_key(int.from_bytes(draw(length), "big"), curve)


@cache
def _mersenne_key() -> rsa.RSAPrivateKey:
    (p, q), e = _MERSENNE, 65537
    d = rsa.rsa_recover_private_exponent(e, p, q)
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(e, p * q),
    ).private_key()


def _cose_key(algorithm: str, key: PrivateKey) -> Mapping[int, Any]:
    return dict(cose.CoseKey.for_name(algorithm).from_cryptography_key(key.public_key()))


def _sign(algorithm: str, key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(_HASHES[algorithm], deterministic_signing=True))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message)


def _client_data(type: str, challenge: bytes, inputs: Values, draw: Callable[[int], bytes]) -> bytes:
    """The client data; the first bit of the drawn flags says whether it has a member of the future."""
    flags = draw(1)[0]
    members: dict[str, Any] = {
        "type": type,
        "challenge": _base64url(challenge),
        "origin": inputs.text("origin"),
        "crossOrigin": inputs.text("frame") == "cross-origin",
    }
    if "top_origin" in inputs:
        members["topOrigin"] = inputs.text("top_origin")
    if flags & 0x01:
        members["extraData"] = (
            "clientDataJSON may be extended with additional fields in the future, such as this: " + _base64url(draw(16))
        )
    return json.dumps(members, separators=(",", ":")).encode()


def _header(inputs: Values, flags: int) -> bytes:
    """RP ID hash, flags, and a signature counter of zero."""
    return hashlib.sha256(inputs.text("rp_id").encode()).digest() + bytes([flags]) + bytes(4)


def _registration_flags(draw: Callable[[int], bytes]) -> int:
    """UV, BE and BS as drawn, but BS only with BE."""
    flags = draw(1)[0]
    return flags & (_UV | _BE | _BS) if flags & _BE else flags & _UV


def _assertion_flags(draw: Callable[[int], bytes], backup_eligible: int) -> int:
    """UV and BS as drawn, but BS only where the credential is eligible for backup."""
    flags = draw(1)[0]
    return backup_eligible | (flags & (_UV | _BS) if backup_eligible else flags & _UV)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
