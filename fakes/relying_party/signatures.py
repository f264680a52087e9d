"""Verifying an assertion's signature, and what passes for verifying it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from fakes.faults import declare_fault
from fakes.relying_party.client_data import On
from protocol.webauthn import base64url
from protocol.webauthn.algorithms import ALGORITHMS, verify_signature
from protocol.webauthn.authentication import Authentication
from protocol.webauthn.client_data import client_data_hash
from protocol.webauthn.cose import CredentialKey, parse_credential_key
from protocol.webauthn.errors import WebAuthnError

IGNORES_THE_SIGNATURE = declare_fault("rp.ignores-the-signature", "no assertion's signature is verified")
SKIPS_AN_EMPTY_SIGNATURE = declare_fault("rp.skips-an-empty-signature", "a signature that is not there is not verified")
HASHES_JSON_ANEW = declare_fault(
    "rp.hashes-json-anew", "client data is parsed and written again before it is hashed, as JSON without spaces"
)
TAKES_THE_KEY_FROM_THE_RESPONSE = declare_fault(
    "rp.takes-the-key-from-the-response", "a key in the response is used in the place of the record's"
)
TAKES_ZERO_FOR_R_OR_S = declare_fault(
    "rp.takes-zero-for-r-or-s", "r and s of ECDSA may be 0 modulo n, and then all is well"
)
TAKES_P1363 = declare_fault("rp.takes-p1363", "an ECDSA signature may be r and s, one after the other")
TAKES_BER = declare_fault("rp.takes-ber", "an ECDSA signature may be any ASN.1 that holds r and s")
TAKES_ANY_RSA_PADDING = declare_fault(
    "rp.takes-any-rsa-padding", "RS256 may be PSS, or hash with SHA-1, or pad as it likes"
)


class SignatureVerifier:
    """Verifies the signature of an authentication."""

    def __init__(self, on: On) -> None:
        self._on = on
        self.response: Any = None
        """The response as it came."""

    def verify(self, authentication: Authentication) -> None:
        """Raises WebAuthnError unless the signature is the credential's."""
        on, signature = self._on, authentication.response.signature
        if on(IGNORES_THE_SIGNATURE) or (on(SKIPS_AN_EMPTY_SIGNATURE) and signature == EMPTY):
            return
        key = parse_credential_key(authentication.record.public_key)
        if on(TAKES_THE_KEY_FROM_THE_RESPONSE):
            key = self._key_of_the_response(key)
        message = authentication.authenticator_data.raw + self._hash(authentication.response.client_data_json)
        try:
            key.verify(message, signature)
        except WebAuthnError:
            if not self._passes_all_the_same(key, message, signature):
                raise

    def _hash(self, client_data: bytes) -> bytes:
        if self._on(HASHES_JSON_ANEW):
            with suppress(ValueError):
                client_data = json.dumps(json.loads(client_data), separators=(",", ":"), ensure_ascii=False).encode()
        return client_data_hash(client_data)

    def _key_of_the_response(self, key: CredentialKey) -> CredentialKey:
        try:
            given = self.response["response"]
            algorithm = ALGORITHMS[given["publicKeyAlgorithm"]]
            public = load_der_public_key(base64url.decode(given["publicKey"]))
        except (KeyError, TypeError, ValueError):
            return key
        return replace(key, key=public, algorithm=algorithm) if isinstance(public, ec.EllipticCurvePublicKey) else key

    def _passes_all_the_same(self, key: CredentialKey, message: bytes, signature: bytes) -> bool:
        if isinstance(key.key, ec.EllipticCurvePublicKey):
            return self._passes_for_ecdsa(key, message, signature)
        if isinstance(key.key, rsa.RSAPublicKey) and self._on(TAKES_ANY_RSA_PADDING):
            return _is_some_rsa_signature(key.key, message, signature)
        return False

    def _passes_for_ecdsa(self, key: CredentialKey, message: bytes, signature: bytes) -> bool:
        assert isinstance(key.key, ec.EllipticCurvePublicKey)
        width = (key.key.curve.key_size + 7) // 8
        found = []
        if self._on(TAKES_P1363) and len(signature) == 2 * width:
            found.append((int.from_bytes(signature[:width], "big"), int.from_bytes(signature[width:], "big")))
        numbers = _numbers_in(signature)
        if self._on(TAKES_BER) and len(numbers) >= 2:
            found.append((numbers[0], numbers[1]))
        if self._on(TAKES_ZERO_FOR_R_OR_S) and numbers and 0 in (number % _ORDER_OF_P256 for number in numbers):
            return True
        return any(_verifies(key, message, _reduced(pair)) for pair in found)


EMPTY = b"\0"
"""What stands for an empty signature after the response was read."""

_ORDER_OF_P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _reduced(numbers: tuple[int, int]) -> tuple[int, int]:
    return numbers[0] % _ORDER_OF_P256, numbers[1] % _ORDER_OF_P256


def _verifies(key: CredentialKey, message: bytes, numbers: tuple[int, int]) -> bool:
    try:
        verify_signature(key.key, key.algorithm, message, encode_dss_signature(*numbers))
    except (WebAuthnError, ValueError):
        return False
    return True


def _numbers_in(signature: bytes) -> list[int]:
    """Every INTEGER in some ASN.1, as a reader finds it that is not particular about how lengths are written."""
    found, at = [], 0
    while at + 1 < len(signature):
        tag, length, at = signature[at], signature[at + 1], at + 2
        if length & 0x80:
            width = length & 0x7F
            length, at = int.from_bytes(signature[at : at + width], "big"), at + width
        if tag == 0x02:
            found.append(int.from_bytes(signature[at : at + length], "big"))
            at += length
    return found


def _is_some_rsa_signature(key: rsa.RSAPublicKey, message: bytes, signature: bytes) -> bool:
    """Whether it is RSA over some hash of the message, however padded."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
    for how, digest in ((pss, hashes.SHA256()), (padding.PKCS1v15(), hashes.SHA1())):  # noqa: S303 - a fault
        with suppress(InvalidSignature):
            key.verify(signature, message, how, digest)
            return True
    numbers = key.public_numbers()
    block = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(key.key_size // 8, "big")
    hasher = hashes.Hash(hashes.SHA256())
    hasher.update(message)
    return hasher.finalize() in block
