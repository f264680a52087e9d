"""Android key attestation (section 8.4, #sctn-android-key-attestation)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509

from protocol.webauthn import der
from protocol.webauthn.algorithms import algorithm_of, verify_signature
from protocol.webauthn.attestation.statement import (
    Attestation,
    AttestationType,
    Attested,
    certificates_of,
    signature_of,
)
from protocol.webauthn.certificates import extension_value, load_certificate, public_key_of
from protocol.webauthn.errors import AttestationRejected, MalformedAttestation

KEY_DESCRIPTION_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
PURPOSE, ALL_APPLICATIONS, ORIGIN = 1, 600, 702
"""Tags in an AuthorizationList."""

KM_PURPOSE_SIGN, KM_ORIGIN_GENERATED = 2, 0


@dataclass(frozen=True)
class KeyDescription:
    """What the verification procedure reads of the extension: the challenge and the two authorization lists."""

    challenge: bytes
    software_enforced: tuple[der.Element, ...]
    tee_enforced: tuple[der.Element, ...]


def verify(attested: Attested) -> Attestation:
    """The certificate is for the credential's key and describes how that was made; the key signs.

    The authorization lists are taken together, as of a relying party that does not insist on a trusted execution
    environment. The W3C's own vector has neither origin nor purpose, so their absence is no fault.
    """
    members = attested.members(required={"alg", "sig", "x5c"})
    path = certificates_of(members)
    certificate = load_certificate(path[0])
    key = public_key_of(certificate)
    verify_signature(key, algorithm_of(members["alg"]), attested.to_be_signed, signature_of(members))
    if not attested.credential_key.is_key(key):
        raise AttestationRejected("the certificate's key is not the credential public key")
    description = key_description(certificate)
    if description.challenge != attested.client_data_hash:
        raise AttestationRejected("the certificate's attestationChallenge is not the client data hash")
    _demand_authorization(description)
    return Attestation(AttestationType.BASIC, path)


def key_description(certificate: x509.Certificate) -> KeyDescription:
    """The certificate's KeyDescription. Raises AttestationRejected, MalformedAttestation."""
    value = extension_value(certificate, KEY_DESCRIPTION_EXTENSION)
    if value is None:
        raise AttestationRejected("the certificate lacks the Android key attestation extension")
    parts = der.parse(value).children()
    if len(parts) < 8:
        raise MalformedAttestation("the Android key attestation extension has fewer than eight members")
    return KeyDescription(parts[4].octets(), tuple(parts[6].children()), tuple(parts[7].children()))


def _demand_authorization(description: KeyDescription) -> None:
    entries = description.software_enforced + description.tee_enforced
    if any(entry.tag == ALL_APPLICATIONS for entry in entries):
        raise AttestationRejected("the key is for all applications, not scoped to the RP ID")
    origins = [der.parse(entry.content).integer() for entry in _tagged(entries, ORIGIN)]
    if any(origin != KM_ORIGIN_GENERATED for origin in origins):
        raise AttestationRejected("the key's origin is not KM_ORIGIN_GENERATED")
    purposes = [each.integer() for entry in _tagged(entries, PURPOSE) for each in der.parse(entry.content).children()]
    if any(purpose != KM_PURPOSE_SIGN for purpose in purposes):
        raise AttestationRejected("the key's purpose is not KM_PURPOSE_SIGN")


def _tagged(entries: Iterable[der.Element], tag: int) -> list[der.Element]:
    return [entry for entry in entries if entry.context and entry.tag == tag]
