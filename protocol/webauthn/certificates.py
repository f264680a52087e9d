"""Attestation certificates: reading them, what all of them must be, and the chain to a trust anchor.

The moment at which a chain is judged is an argument; nothing here has a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from protocol.webauthn import der
from protocol.webauthn.algorithms import PublicKey
from protocol.webauthn.errors import AttestationRejected, AttestationUntrusted, MalformedAttestation

AAGUID_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
"""id-fido-gen-ce-aaguid."""


def load_certificate(encoded: object) -> x509.Certificate:
    """The X.509 certificate of some DER. Raises MalformedAttestation."""
    if not isinstance(encoded, bytes):
        raise MalformedAttestation("a certificate is no byte string")
    try:
        certificate = x509.load_der_x509_certificate(encoded)
        for lazily_read in ("extensions", "subject", "issuer", "signature_hash_algorithm"):
            getattr(certificate, lazily_read)  # what is wrong with them must show here
    except (ValueError, TypeError, x509.DuplicateExtension, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise MalformedAttestation(f"a certificate cannot be read: {error}") from error
    if certificate.serial_number <= 0:
        raise MalformedAttestation("a certificate's serial number is not positive (RFC 5280 section 4.1.2.2)")
    return certificate


def public_key_of(certificate: x509.Certificate) -> PublicKey:
    """The certificate's subject public key. Raises AttestationRejected for one of an unknown kind."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AttestationRejected(f"the attestation certificate's key cannot be read: {error}") from error
    if not isinstance(
        key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
    ):
        raise AttestationRejected("the attestation certificate's key is of no algorithm that WebAuthn signs with")
    return key


def extension_value(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> bytes | None:
    """The DER of an extension that `cryptography` does not know, or None where the certificate lacks it."""
    try:
        extension = certificate.extensions.get_extension_for_oid(oid)
    except x509.ExtensionNotFound:
        return None
    return cast(x509.UnrecognizedExtension, extension.value).value


def demand_version_3_and_no_ca(certificate: x509.Certificate) -> None:
    """What packed and TPM attestation certificates have in common. Raises AttestationRejected."""
    if certificate.version is not x509.Version.v3:
        raise AttestationRejected("the attestation certificate is not of version 3")
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound as error:
        raise AttestationRejected("the attestation certificate lacks Basic Constraints") from error
    if constraints.ca:
        raise AttestationRejected("the attestation certificate is a CA's")


def demand_aaguid(certificate: x509.Certificate, aaguid: bytes) -> None:
    """Demand that id-fido-gen-ce-aaguid, where it is present, is not critical and names the AAGUID.

    Raises AttestationRejected.
    """
    value = extension_value(certificate, AAGUID_EXTENSION)
    if value is None:
        return
    if certificate.extensions.get_extension_for_oid(AAGUID_EXTENSION).critical:
        raise AttestationRejected("the certificate's id-fido-gen-ce-aaguid is critical")
    if value != der.octet_string(aaguid):
        raise AttestationRejected("the certificate's id-fido-gen-ce-aaguid is not the authenticator data's AAGUID")


def demand_chain(path: Sequence[bytes], moment: datetime | None) -> None:
    """Demand that each certificate is issued by the next and, where a moment is given, that all are valid then.

    Raises AttestationUntrusted.
    """
    chain = [load_certificate(each) for each in path]
    for certificate in chain:
        _demand_valid_at(certificate, moment)
    for certificate, issuer in pairwise(chain):
        _demand_issued(certificate, issuer)


def demand_anchored(path: Sequence[bytes], anchors: Sequence[bytes], moment: datetime | None) -> None:
    """Demand that a trust path ends at, is issued by, or begins with a trust anchor. Raises AttestationUntrusted."""
    if path[0] in anchors or path[-1] in anchors:
        return
    last = load_certificate(path[-1])
    for anchor in map(load_certificate, anchors):
        try:
            _demand_valid_at(anchor, moment)
            _demand_issued(last, anchor)
        except AttestationUntrusted:
            continue
        return
    raise AttestationUntrusted("the attestation certificate does not chain up to an acceptable root")


def _demand_valid_at(certificate: x509.Certificate, moment: datetime | None) -> None:
    if moment is None:
        return
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise AttestationUntrusted("a certificate of the attestation trust path has expired or is not yet valid")


def _demand_issued(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise AttestationUntrusted("a certificate of the attestation trust path is not issued by the next") from error
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound as error:
        raise AttestationUntrusted("an issuer in the attestation trust path lacks Basic Constraints") from error
    if not constraints.ca:
        raise AttestationUntrusted("an issuer in the attestation trust path is no CA")
