"""The attestation object: authenticator data and what vouches for it (WebAuthn section 6.5, #sctn-attestation)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from protocol.webauthn import cbor
from protocol.webauthn.authenticator_data import AuthenticatorData, parse_authenticator_data
from protocol.webauthn.errors import MalformedAttestation, MalformedCbor


@dataclass(frozen=True)
class AttestationObject:
    """An attestation object.

    Attributes:
        format: the attestation statement format identifier, compared exactly.
        statement: the attestation statement, whose form its format prescribes.
        authenticator_data: what it attests.
    """

    format: str
    statement: Any
    authenticator_data: AuthenticatorData


def parse_attestation_object(raw: bytes) -> AttestationObject:
    """The attestation object that the bytes are, all of them.

    Members beyond the three are ignored. Raises MalformedAttestation, or MalformedAuthenticatorData.
    """
    try:
        members = cbor.as_map(cbor.decode(raw), "the attestation object")
    except MalformedCbor as error:
        raise MalformedAttestation(f"the attestation object is not canonical CBOR: {error}") from error
    format = _member(members, "fmt", str, "text")
    authenticator_data = _member(members, "authData", bytes, "bytes")
    if not isinstance(members.get("attStmt"), dict | list):
        raise MalformedAttestation("the attestation object's attStmt is missing or neither map nor array")
    return AttestationObject(format, members["attStmt"], parse_authenticator_data(authenticator_data))


def _member(members: Mapping[Any, Any], name: str, kind: type, form: str) -> Any:
    value = members.get(name)
    if not isinstance(value, kind):
        raise MalformedAttestation(f"the attestation object's {name} is missing or not {form}")
    return value
