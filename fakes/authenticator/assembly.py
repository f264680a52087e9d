"""Authenticator data, and what is signed over it: one way for the honest device and for the builder's changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from fakes.authenticator.changes import Alteration, Layer
from fakes.authenticator.credential import Credential
from fakes.authenticator.statements import Attester, Statement, attestation_statement
from protocol.webauthn import cbor


@dataclass(frozen=True)
class AttestedParts:
    """Attested credential data in parts; `id_length` is written in place of the credential id's own, where given."""

    aaguid: bytes
    credential_id: bytes
    public_key: bytes
    id_length: int | None = None

    def to_bytes(self) -> bytes:
        """The bytes, true or not."""
        length = len(self.credential_id) if self.id_length is None else self.id_length
        return self.aaguid + length.to_bytes(2, "big") + self.credential_id + self.public_key


@dataclass(frozen=True)
class AuthenticatorDataParts:
    """Authenticator data in parts, each of which can be untrue: the flags do not follow from what is there.

    `extensions` is CBOR, empty where there is none.
    """

    rp_id_hash: bytes
    flags: int
    sign_count: int
    attested: AttestedParts | None = None
    extensions: bytes = b""

    def to_bytes(self) -> bytes:
        """The bytes, true or not."""
        attested = self.attested.to_bytes() if self.attested else b""
        return self.rp_id_hash + bytes([self.flags]) + self.sign_count.to_bytes(4, "big") + attested + self.extensions


@dataclass(frozen=True)
class Circumstances:
    """What a ceremony's authenticator data say beside the credential.

    `flags` is without ED, which follows from the extension outputs.
    """

    rp_id: str
    flags: int
    sign_count: int
    extensions: dict[str, Any]

    def parts(self, attested: AttestedParts | None = None) -> AuthenticatorDataParts:
        """The honest parts."""
        return AuthenticatorDataParts(
            rp_id_hash=hashlib.sha256(self.rp_id.encode()).digest(),
            flags=self.flags | (0x40 if attested else 0) | (0x80 if self.extensions else 0),
            sign_count=self.sign_count,
            attested=attested,
            extensions=cbor.encode(self.extensions) if self.extensions else b"",
        )


def attested_object(
    credential: Credential,
    circumstances: Circumstances,
    client_data_hash: bytes,
    attester: Attester,
    alteration: Alteration,
) -> dict[str, Any]:
    """The attestation object's members for a new credential."""
    members = alteration.at(Layer.COSE_KEY, dict(credential.key.cose_members))
    public_key = alteration.at(Layer.COSE_KEY_BYTES, cbor.encode(members))
    attested = AttestedParts(attester.aaguid, credential.id, public_key)
    parts = alteration.at(Layer.AUTHENTICATOR_DATA, circumstances.parts(attested))
    authenticator_data = alteration.at(Layer.AUTHENTICATOR_DATA_BYTES, parts.to_bytes())
    statement = Statement(credential, authenticator_data, client_data_hash, attester, alteration)
    written = alteration.at(Layer.STATEMENT, attestation_statement(statement))
    return {"fmt": attester.format.identifier, "attStmt": written, "authData": authenticator_data}


def assertion(
    credential: Credential, circumstances: Circumstances, client_data_hash: bytes, alteration: Alteration
) -> tuple[bytes, bytes]:
    """Authenticator data and signature of an authentication."""
    parts = alteration.at(Layer.AUTHENTICATOR_DATA, circumstances.parts())
    authenticator_data = alteration.at(Layer.AUTHENTICATOR_DATA_BYTES, parts.to_bytes())
    signed = alteration.at(Layer.SIGNED, authenticator_data + client_data_hash)
    return authenticator_data, alteration.at(Layer.SIGNATURE, credential.key.sign(signed))
