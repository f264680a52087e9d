"""TPM attestation (section 8.3, #sctn-tpm-attestation)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from protocol.webauthn.algorithms import Algorithm, algorithm_of, verify_signature
from protocol.webauthn.attestation.statement import (
    Attestation,
    AttestationType,
    Attested,
    bytes_of,
    certificates_of,
    signature_of,
)
from protocol.webauthn.attestation.tpm_structures import parse_certify_info, parse_public_area
from protocol.webauthn.certificates import demand_aaguid, demand_version_3_and_no_ca, load_certificate, public_key_of
from protocol.webauthn.errors import AttestationRejected

AIK_CERTIFICATE = x509.ObjectIdentifier("2.23.133.8.3")
"""tcg-kp-AIKCertificate."""

TPM_MANUFACTURER, TPM_MODEL, TPM_VERSION = (x509.ObjectIdentifier(f"2.23.133.2.{n}") for n in (1, 2, 3))
VERSION = "2.0"


def verify(attested: Attested) -> Attestation:
    """The TPM certifies the credential's public area, bound to what is attested; the AIK signs that.

    `sig` is the plain signature, as the W3C's vector and every known TPM client have it.
    """
    members = attested.members(required={"ver", "alg", "x5c", "sig", "certInfo", "pubArea"})
    if members["ver"] != VERSION:
        raise AttestationRejected(f"the TPM statement's version is not {VERSION!r}")
    public_area = parse_public_area(bytes_of(members, "pubArea"))
    if not attested.credential_key.is_key(public_area.key):
        raise AttestationRejected("pubArea is not the credential public key")
    path = certificates_of(members)
    certificate = load_certificate(path[0])
    _demand_aik_certificate(certificate)
    demand_aaguid(certificate, attested.credential.aaguid)
    algorithm, cert_info = algorithm_of(members["alg"]), bytes_of(members, "certInfo")
    verify_signature(public_key_of(certificate), algorithm, cert_info, signature_of(members))
    certified = parse_certify_info(cert_info)
    if certified.extra_data != _digest(algorithm, attested.to_be_signed):
        raise AttestationRejected("certInfo's extraData is not the hash of authenticator data and client data hash")
    if certified.name != public_area.name:
        raise AttestationRejected("certInfo does not certify pubArea: the names differ")
    return Attestation(AttestationType.ATTESTATION_CA, path)


def _digest(algorithm: Algorithm, data: bytes) -> bytes:
    if algorithm.hash is None:
        raise AttestationRejected(f"{algorithm.name} does not say with which hash extraData is made")
    digest = hashes.Hash(algorithm.hash)
    digest.update(data)
    return digest.finalize()


def _demand_aik_certificate(certificate: x509.Certificate) -> None:
    """#sctn-tpm-cert-requirements."""
    demand_version_3_and_no_ca(certificate)
    if list(certificate.subject):
        raise AttestationRejected("the AIK certificate's subject is not empty")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound as error:
        raise AttestationRejected("the AIK certificate lacks Extended Key Usage or Subject Alternative Name") from error
    if AIK_CERTIFICATE not in usage:
        raise AttestationRejected("the AIK certificate's Extended Key Usage lacks tcg-kp-AIKCertificate")
    attributes = _attributes(names)
    if not {TPM_MANUFACTURER, TPM_MODEL, TPM_VERSION} <= attributes.keys():
        raise AttestationRejected("the AIK certificate's Subject Alternative Name lacks the TPM's attributes")
    for oid in (TPM_MANUFACTURER, TPM_VERSION):
        if not re.fullmatch("id:[0-9A-Fa-f]{1,8}", str(attributes[oid])):
            raise AttestationRejected(f"the AIK certificate's {oid.dotted_string} is not written as id:<hex>")


def _attributes(names: x509.SubjectAlternativeName) -> Mapping[x509.ObjectIdentifier, Any]:
    return {
        attribute.oid: attribute.value
        for directory_name in names.get_values_for_type(x509.DirectoryName)
        for attribute in directory_name
    }
