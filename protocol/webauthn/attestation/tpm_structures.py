"""The structures of a TPM attestation: TPMT_PUBLIC and TPMS_ATTEST (TPM 2.0 Part 2, sections 12.2.4 and 10.12.8)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from protocol.webauthn.algorithms import PublicKey
from protocol.webauthn.errors import MalformedAttestation

TPM_GENERATED_VALUE = 0xFF544347
TPM_ST_ATTEST_CERTIFY = 0x8017
TPM_ALG_RSA, TPM_ALG_ECC, TPM_ALG_NULL = 0x0001, 0x0023, 0x0010
HASHES: Mapping[int, str] = {0x0004: "sha1", 0x000B: "sha256", 0x000C: "sha384", 0x000D: "sha512"}
CURVES: Mapping[int, ec.EllipticCurve] = {0x0003: ec.SECP256R1(), 0x0004: ec.SECP384R1(), 0x0005: ec.SECP521R1()}
DEFAULT_RSA_EXPONENT = 65537
"""What an exponent of 0 stands for."""


@dataclass(frozen=True)
class PublicArea:
    """TPMT_PUBLIC: the public key, and the Name that the TPM gives it."""

    key: PublicKey
    name: bytes


@dataclass(frozen=True)
class CertifyInfo:
    """TPMS_ATTEST of the type TPM_ST_ATTEST_CERTIFY: what it is bound to, and the Name of what it certifies."""

    extra_data: bytes
    name: bytes


def parse_public_area(data: bytes) -> PublicArea:
    """Read pubArea. Raises MalformedAttestation."""
    reader = _Reader(data)
    type, name_algorithm = reader.number(2), reader.number(2)
    reader.take(4)  # objectAttributes
    reader.sized()  # authPolicy
    if name_algorithm not in HASHES:
        raise MalformedAttestation(f"pubArea's nameAlg {name_algorithm:#06x} is unknown")
    try:
        key = _rsa(reader) if type == TPM_ALG_RSA else _elliptic(reader, type)
    except ValueError as error:
        raise MalformedAttestation(f"pubArea holds no key: {error}") from error
    reader.demand_end("pubArea")
    digest = hashlib.new(HASHES[name_algorithm], data).digest()
    return PublicArea(key, name_algorithm.to_bytes(2, "big") + digest)


def parse_certify_info(data: bytes) -> CertifyInfo:
    """Read certInfo. Raises MalformedAttestation, also when its magic or type is another."""
    reader = _Reader(data)
    if reader.number(4) != TPM_GENERATED_VALUE:
        raise MalformedAttestation("certInfo's magic is not TPM_GENERATED_VALUE")
    if reader.number(2) != TPM_ST_ATTEST_CERTIFY:
        raise MalformedAttestation("certInfo's type is not TPM_ST_ATTEST_CERTIFY")
    reader.sized()  # qualifiedSigner
    extra_data = reader.sized()
    reader.take(17 + 8)  # clockInfo and firmwareVersion, which the standard ignores
    name = reader.sized()
    reader.sized()  # qualifiedName
    reader.demand_end("certInfo")
    return CertifyInfo(extra_data, name)


def _rsa(reader: _Reader) -> PublicKey:
    _skip_scheme(reader)
    reader.take(2)  # keyBits
    exponent = reader.number(4) or DEFAULT_RSA_EXPONENT
    return rsa.RSAPublicNumbers(exponent, int.from_bytes(reader.sized(), "big")).public_key()


def _elliptic(reader: _Reader, type: int) -> PublicKey:
    if type != TPM_ALG_ECC:
        raise MalformedAttestation(f"pubArea's type {type:#06x} is neither RSA nor ECC")
    _skip_scheme(reader)
    curve = reader.number(2)
    if curve not in CURVES:
        raise MalformedAttestation(f"pubArea's curve {curve:#06x} is unknown")
    if reader.number(2) != TPM_ALG_NULL:
        reader.take(2)  # the key derivation scheme's hash
    x, y = (int.from_bytes(reader.sized(), "big") for _ in range(2))
    return ec.EllipticCurvePublicNumbers(x, y, CURVES[curve]).public_key()


def _skip_scheme(reader: _Reader) -> None:
    """The symmetric algorithm, which a signing key has none of, and the signing scheme with its hash."""
    if reader.number(2) != TPM_ALG_NULL:
        raise MalformedAttestation("pubArea is that of a storage key")
    if reader.number(2) != TPM_ALG_NULL:
        reader.take(2)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        if count > len(self._data) - self._at:
            raise MalformedAttestation("a TPM structure is cut off")
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "big")

    def sized(self) -> bytes:
        return self.take(self.number(2))

    def demand_end(self, what: str) -> None:
        if self._at != len(self._data):
            raise MalformedAttestation(f"{len(self._data) - self._at} bytes follow {what}")
