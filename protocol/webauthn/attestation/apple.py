"""Apple anonymous attestation (section 8.8, #sctn-apple-anonymous-attestation)."""

from __future__ import annotations

import hashlib

from cryptography import x509

from protocol.webauthn import der
from protocol.webauthn.attestation.statement import Attestation, AttestationType, Attested, certificates_of
from protocol.webauthn.certificates import extension_value, load_certificate, public_key_of
from protocol.webauthn.errors import AttestationRejected

NONCE_EXTENSION = x509.ObjectIdentifier("1.2.840.113635.100.8.2")


def verify(attested: Attested) -> Attestation:
    """The certificate is for the credential's key, and its nonce the hash of what is attested."""
    path = certificates_of(attested.members(required={"x5c"}))
    certificate = load_certificate(path[0])
    if extension_value(certificate, NONCE_EXTENSION) != nonce_extension(attested.to_be_signed):
        raise AttestationRejected("the certificate's nonce is not the hash of authenticator data and client data hash")
    if not attested.credential_key.is_key(public_key_of(certificate)):
        raise AttestationRejected("the certificate's key is not the credential public key")
    return Attestation(AttestationType.ANONYMIZATION_CA, path)


def nonce_extension(to_be_signed: bytes) -> bytes:
    """The extension's DER: a SEQUENCE of [1] the nonce as OCTET STRING."""
    nonce = hashlib.sha256(to_be_signed).digest()
    return der.sequence(der.explicit(1, der.octet_string(nonce)))
