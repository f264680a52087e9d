"""What a TPM says: TPMT_PUBLIC, TPMS_ATTEST, and the extensions of its certificate (TPM 2.0 Part 2)."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from fakes.authenticator.certificates import Extension
from protocol.webauthn.algorithms import PublicKey
from protocol.webauthn.attestation.tpm import AIK_CERTIFICATE, TPM_MANUFACTURER, TPM_MODEL, TPM_VERSION
from protocol.webauthn.attestation.tpm_structures import (
    CURVES,
    TPM_ALG_ECC,
    TPM_ALG_NULL,
    TPM_ALG_RSA,
    TPM_GENERATED_VALUE,
    TPM_ST_ATTEST_CERTIFY,
)

_SHA256 = 0x000B
_ATTRIBUTES = 0x00040072
"""fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, sign."""

_NO_ALGORITHMS = TPM_ALG_NULL.to_bytes(2, "big") * 2
"""Neither a symmetric algorithm nor a signing scheme."""


def _tpm_attributes() -> x509.Name:
    attributes = {TPM_MANUFACTURER: "id:494E5443", TPM_MODEL: "Software TPM", TPM_VERSION: "id:00010000"}
    return x509.Name(
        [x509.RelativeDistinguishedName(x509.NameAttribute(oid, value) for oid, value in attributes.items())]
    )


AIK_EXTENSIONS: tuple[Extension, ...] = (
    (x509.SubjectAlternativeName([x509.DirectoryName(_tpm_attributes())]), True),
    (x509.ExtendedKeyUsage([AIK_CERTIFICATE]), False),
)
"""What an AIK certificate has (#sctn-tpm-cert-requirements); the manufacturer is one of TCG's
vendor id registry, since relying parties look it up there."""


def public_area(key: PublicKey) -> bytes:
    """The pubArea of an RSA or elliptic key. Raises ValueError for any other, which no TPM has."""
    match key:
        case rsa.RSAPublicKey():
            numbers = key.public_numbers()
            modulus = numbers.n.to_bytes(key.key_size // 8, "big")
            parameters = _NO_ALGORITHMS + key.key_size.to_bytes(2, "big") + bytes(4)
            return _header(TPM_ALG_RSA) + parameters + _sized(modulus)
        case ec.EllipticCurvePublicKey():
            point, width = key.public_numbers(), (key.curve.key_size + 7) // 8
            curve = next(id for id, curve in CURVES.items() if curve.name == key.curve.name)
            parameters = _NO_ALGORITHMS + curve.to_bytes(2, "big") + TPM_ALG_NULL.to_bytes(2, "big")
            unique = _sized(point.x.to_bytes(width, "big")) + _sized(point.y.to_bytes(width, "big"))
            return _header(TPM_ALG_ECC) + parameters + unique
    raise ValueError("a TPM has RSA and elliptic keys only")


def certify_info(to_be_signed: bytes, certified: bytes) -> bytes:
    """The certInfo: TPMS_ATTEST that certifies a pubArea, bound to the SHA-256 of what is attested."""
    name = _SHA256.to_bytes(2, "big") + hashlib.sha256(certified).digest()
    clock_info = bytes(8) + bytes(4) + bytes(4) + b"\x01"
    return (
        TPM_GENERATED_VALUE.to_bytes(4, "big")
        + TPM_ST_ATTEST_CERTIFY.to_bytes(2, "big")
        + _sized(name)  # qualifiedSigner: any Name
        + _sized(hashlib.sha256(to_be_signed).digest())
        + clock_info
        + bytes(8)  # firmwareVersion
        + _sized(name)
        + _sized(name)
    )


def _header(type: int) -> bytes:
    return type.to_bytes(2, "big") + _SHA256.to_bytes(2, "big") + _ATTRIBUTES.to_bytes(4, "big") + _sized(b"")


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data
