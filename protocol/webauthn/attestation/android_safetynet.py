"""Android SafetyNet attestation (section 8.5, #sctn-android-safetynet-attestation).

The service has been shut down. A relying party that still takes its statements has to take the right ones.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from protocol.webauthn import base64url
from protocol.webauthn.algorithms import ALGORITHMS, verify_signature
from protocol.webauthn.attestation.statement import Attestation, AttestationType, Attested, bytes_of
from protocol.webauthn.certificates import load_certificate, public_key_of
from protocol.webauthn.errors import AttestationRejected, MalformedAttestation, MalformedBase64url

HOST = "attest.android.com"
"""Whom the service's certificate is issued to."""

RS256 = ALGORITHMS[-257]


@dataclass(frozen=True)
class SafetyNetResponse:
    """A SafetyNet response: a JWS in compact serialisation (RFC 7515 section 7.1), read and not yet verified.

    Attributes:
        signed: the JWS signing input.
        signature: of RS256.
        certificates: the header's x5c in DER, the service's first.
        payload: what the service says.
    """

    signed: bytes
    signature: bytes
    certificates: tuple[bytes, ...]
    payload: Mapping[str, Any]


def verify(attested: Attested) -> Attestation:
    """The service signed this ceremony's nonce, and vouches for the device.

    ctsProfileMatch, which the standard left out later, is demanded as FIDO's server tests demand it. Whether what
    was `made` then is fresh is policy.
    """
    members = attested.members(required={"ver", "response"})
    if not isinstance(members["ver"], str) or not members["ver"]:
        raise MalformedAttestation("the SafetyNet statement's ver is no text, or empty")
    response = parse_response(bytes_of(members, "response"))
    certificate = load_certificate(response.certificates[0])
    verify_signature(public_key_of(certificate), RS256, response.signed, response.signature)
    _demand_host(certificate)
    if response.payload.get("nonce") != nonce(attested.to_be_signed):
        raise AttestationRejected("the nonce is not the hash of authenticator data and client data hash")
    if response.payload.get("ctsProfileMatch") is not True:
        raise AttestationRejected("the service does not vouch for the device: ctsProfileMatch is not true")
    return Attestation(AttestationType.BASIC, response.certificates, made=_moment(response.payload))


def nonce(to_be_signed: bytes) -> str:
    """The Base64 encoding of the SHA-256 hash of authenticator data and client data hash."""
    return base64.b64encode(hashlib.sha256(to_be_signed).digest()).decode()


def parse_response(response: bytes) -> SafetyNetResponse:
    """Read a SafetyNet response. Raises MalformedAttestation, also for an algorithm that is not RS256."""
    parts = response.split(b".")
    if len(parts) != 3:
        raise MalformedAttestation(f"the SafetyNet response has {len(parts)} parts; a JWS has three")
    header, payload = (_json_object(part) for part in parts[:2])
    if header.get("alg") != RS256.name:
        raise MalformedAttestation(f"the SafetyNet response's alg is not {RS256.name}")
    return SafetyNetResponse(b".".join(parts[:2]), _decoded(parts[2]), _certificates(header.get("x5c")), payload)


def _json_object(part: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(_decoded(part))
    except (ValueError, RecursionError) as error:
        raise MalformedAttestation("a part of the SafetyNet response is no JSON") from error
    if not isinstance(value, dict):
        raise MalformedAttestation("a part of the SafetyNet response is no JSON object")
    return value


def _decoded(part: bytes) -> bytes:
    try:
        return base64url.decode(part.decode("ascii"))
    except (UnicodeDecodeError, MalformedBase64url) as error:
        raise MalformedAttestation("a part of the SafetyNet response is no base64url") from error


def _certificates(x5c: Any) -> tuple[bytes, ...]:
    """RFC 7515 section 4.1.6: certificates in base64, which is not base64url."""
    if not isinstance(x5c, list) or not x5c or not all(isinstance(each, str) for each in x5c):
        raise MalformedAttestation("the SafetyNet response's x5c is no array of certificates, or empty")
    try:
        return tuple(base64.b64decode(each, validate=True) for each in x5c)
    except (ValueError, binascii.Error) as error:
        raise MalformedAttestation("a certificate of the SafetyNet response is no base64") from error


def _demand_host(certificate: x509.Certificate) -> None:
    """The names of the certificate, and its common name only where it has none (RFC 6125 section 6.4.4)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        known = {str(each.value) for each in common}
    else:
        known = set(names.get_values_for_type(x509.DNSName))
    if HOST not in known:
        raise AttestationRejected(f"the SafetyNet response's certificate is not issued to {HOST}")


def _moment(payload: Mapping[str, Any]) -> datetime:
    milliseconds = payload.get("timestampMs")
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        raise MalformedAttestation("the SafetyNet response's timestampMs is missing or no number")
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedAttestation("the SafetyNet response's timestampMs is no time") from error
