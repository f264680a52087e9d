"""Packed attestation (section 8.2, #sctn-packed-attestation)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from protocol.webauthn.algorithms import algorithm_of, verify_signature
from protocol.webauthn.attestation.statement import (
    Attestation,
    AttestationType,
    Attested,
    certificates_of,
    signature_of,
)
from protocol.webauthn.certificates import demand_aaguid, demand_version_3_and_no_ca, load_certificate, public_key_of
from protocol.webauthn.errors import AttestationRejected

ORGANIZATIONAL_UNIT = "Authenticator Attestation"


def verify(attested: Attested) -> Attestation:
    """Self attestation where there is no x5c, and a certificate's signature where there is."""
    members = attested.members(required={"alg", "sig"}, optional=frozenset({"x5c"}))
    return _by_certificate(attested, members) if "x5c" in members else _by_itself(attested, members)


def _by_certificate(attested: Attested, members: Mapping[str, Any]) -> Attestation:
    path = certificates_of(members)
    certificate = load_certificate(path[0])
    verify_signature(
        public_key_of(certificate), algorithm_of(members["alg"]), attested.to_be_signed, signature_of(members)
    )
    demand_version_3_and_no_ca(certificate)
    _demand_subject(certificate.subject)
    demand_aaguid(certificate, attested.credential.aaguid)
    return Attestation(AttestationType.UNCERTAIN, path)


def _by_itself(attested: Attested, members: Mapping[str, Any]) -> Attestation:
    key = attested.credential_key
    if algorithm_of(members["alg"]) != key.algorithm:
        raise AttestationRejected("the statement's alg is not that of the credential public key")
    key.verify(attested.to_be_signed, signature_of(members))
    return Attestation(AttestationType.SELF)


def _demand_subject(subject: x509.Name) -> None:
    """#sctn-packed-attestation-cert-requirements."""
    for oid in (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        if not any(attribute.value for attribute in subject.get_attributes_for_oid(oid)):
            raise AttestationRejected(f"the attestation certificate's subject lacks {oid._name}")
    units = [attribute.value for attribute in subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
    if units != [ORGANIZATIONAL_UNIT]:
        raise AttestationRejected(f"the attestation certificate's OU is not {ORGANIZATIONAL_UNIT!r}")
