"""FIDO U2F attestation (section 8.6, #sctn-fido-u2f-attestation).

FIDO's server tests refuse a non-zero AAGUID here; the W3C's own vector has one, and so does not this procedure.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocol.webauthn.algorithms import ALGORITHMS, verify_signature
from protocol.webauthn.attestation.statement import (
    Attestation,
    AttestationType,
    Attested,
    certificates_of,
    signature_of,
)
from protocol.webauthn.certificates import load_certificate, public_key_of
from protocol.webauthn.errors import AttestationRejected

ES256 = ALGORITHMS[-7]


def verify(attested: Attested) -> Attestation:
    """The U2F registration message, signed with the key of the one certificate."""
    members = attested.members(required={"x5c", "sig"})
    path = certificates_of(members)
    if len(path) != 1:
        raise AttestationRejected(f"x5c has {len(path)} certificates; fido-u2f has one")
    certificate_key = public_key_of(load_certificate(path[0]))
    if not _is_on_p256(certificate_key):
        raise AttestationRejected("the attestation certificate's key is not on P-256")
    credential_key = attested.credential_key.key
    if not isinstance(credential_key, ec.EllipticCurvePublicKey) or not _is_on_p256(credential_key):
        raise AttestationRejected("the credential public key is not on P-256")
    verification_data = (
        b"\x00"
        + attested.authenticator_data.rp_id_hash
        + attested.client_data_hash
        + attested.credential.credential_id
        + credential_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    verify_signature(certificate_key, ES256, verification_data, signature_of(members))
    return Attestation(AttestationType.UNCERTAIN, path)


def _is_on_p256(key: object) -> bool:
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
