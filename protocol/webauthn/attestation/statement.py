"""What every attestation statement format works with: its inputs, its outcome, and its members' forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from protocol.webauthn.authenticator_data import AttestedCredentialData, AuthenticatorData
from protocol.webauthn.cose import CredentialKey, parse_credential_key
from protocol.webauthn.errors import MalformedAttestation


class AttestationType(Enum):
    """Section 6.5.3 (#sctn-attestation-types)."""

    NONE = "none"
    SELF = "self"
    UNCERTAIN = "basic or attestation CA"
    """The statement alone does not tell which of the two."""
    BASIC = "basic"
    ATTESTATION_CA = "attestation CA"
    ANONYMIZATION_CA = "anonymization CA"
    COMPOUND = "compound"
    """No type of its own: each of its statements has one."""


@dataclass(frozen=True)
class Attestation:
    """What a verification procedure returns.

    Attributes:
        type: the attestation type.
        trust_path: certificates in DER, the attestation certificate first; empty for none and self.
        made: when the statement says that it was made; None where its format does not say.
        parts: what the procedures of a compound statement's statements returned; empty for every other.
    """

    type: AttestationType
    trust_path: tuple[bytes, ...] = ()
    made: datetime | None = None
    parts: tuple[Attestation, ...] = ()

    @property
    def single(self) -> tuple[Attestation, ...]:
        """What is to be trusted: the parts of a compound, or itself."""
        return self.parts or (self,)


@dataclass(frozen=True)
class Attested:
    """The verification procedure inputs.

    Attributes:
        statement: attStmt.
        authenticator_data: with attested credential data in it.
        client_data_hash: SHA-256 of the client data, 32 bytes.
    """

    statement: Any
    authenticator_data: AuthenticatorData
    client_data_hash: bytes

    @property
    def to_be_signed(self) -> bytes:
        """The authenticator data and the client data hash, concatenated."""
        return self.authenticator_data.raw + self.client_data_hash

    @property
    def credential(self) -> AttestedCredentialData:
        """The attested credential data. Raises MalformedAttestation where there is none."""
        if self.authenticator_data.attested is None:
            raise MalformedAttestation("the authenticator data attests no credential")
        return self.authenticator_data.attested

    @property
    def credential_key(self) -> CredentialKey:
        """The credential public key. Raises UnacceptableKey."""
        return parse_credential_key(self.credential.public_key)

    def members(self, required: set[str], optional: frozenset[str] = frozenset()) -> Mapping[str, Any]:
        """The statement, when it is a map of exactly these members. Raises MalformedAttestation."""
        if not isinstance(self.statement, dict):
            raise MalformedAttestation("the attestation statement is no map")
        names = set(self.statement)
        if not required <= names <= required | optional:
            wrong = sorted(map(str, (required - names) | (names - required - optional)))
            raise MalformedAttestation(f"the attestation statement's members are wrong: {', '.join(wrong)}")
        return self.statement


def signature_of(members: Mapping[str, Any]) -> bytes:
    """The statement's `sig`. Raises MalformedAttestation."""
    return bytes_of(members, "sig")


def bytes_of(members: Mapping[str, Any], name: str) -> bytes:
    """A member that is a byte string. Raises MalformedAttestation."""
    value = members[name]
    if not isinstance(value, bytes) or not value:
        raise MalformedAttestation(f"the attestation statement's {name} is no byte string, or empty")
    return value


def certificates_of(members: Mapping[str, Any]) -> tuple[bytes, ...]:
    """The statement's `x5c`: certificates in DER, the attestation certificate first. Raises MalformedAttestation."""
    value = members["x5c"]
    if not isinstance(value, list) or not value or not all(isinstance(each, bytes) for each in value):
        raise MalformedAttestation("the attestation statement's x5c is no array of certificates, or empty")
    return tuple(value)
