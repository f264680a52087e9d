"""Authenticator data, byte by byte (WebAuthn section 6.1, #sctn-authenticator-data)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

from protocol.webauthn import cbor
from protocol.webauthn.errors import MalformedAuthenticatorData, MalformedCbor

HEADER_BYTES = 37
"""RP ID hash, flags and signature counter."""

_AAGUID_BYTES = 16


class Flags(IntFlag):
    """The flags byte."""

    UP = 0x01
    """User present."""
    RFU1 = 0x02
    UV = 0x04
    """User verified."""
    BE = 0x08
    """Backup eligible."""
    BS = 0x10
    """Backup state: backed up now."""
    RFU2 = 0x20
    AT = 0x40
    """Attested credential data included."""
    ED = 0x80
    """Extension data included."""


@dataclass(frozen=True)
class AttestedCredentialData:
    """Section 6.5.2.

    Attributes:
        aaguid: the authenticator model's, 16 bytes.
        credential_id: at most 65535 bytes here; a relying party allows 1023.
        public_key: the credential public key as it stood: a COSE_Key in CBOR, nothing else.
    """

    aaguid: bytes
    credential_id: bytes
    public_key: bytes


@dataclass(frozen=True)
class AuthenticatorData:
    """What the authenticator signs, beside the hash of the client data.

    Attributes:
        raw: the bytes as they were received; these are signed.
        rp_id_hash: SHA-256 of the RP ID, 32 bytes.
        flags: the flags byte.
        sign_count: the signature counter, 0 to 2^32 - 1.
        attested: present exactly when the flag AT is.
        extensions: the authenticator extension outputs by name; present exactly when the flag ED is.
    """

    raw: bytes
    rp_id_hash: bytes
    flags: Flags
    sign_count: int
    attested: AttestedCredentialData | None
    extensions: Mapping[str, Any] | None

    def has(self, flag: Flags) -> bool:
        """Whether a flag is set."""
        return flag in self.flags


def parse_authenticator_data(raw: bytes) -> AuthenticatorData:
    """The authenticator data that the bytes are, all of them. Raises MalformedAuthenticatorData."""
    if len(raw) < HEADER_BYTES:
        raise MalformedAuthenticatorData(f"authenticator data has {len(raw)} bytes; {HEADER_BYTES} is the least")
    flags, at = Flags(raw[32]), HEADER_BYTES
    attested = extensions = None
    try:
        if Flags.AT in flags:
            attested, at = _attested(raw, at)
        if Flags.ED in flags:
            extensions, at = _extensions(raw, at)
    except MalformedCbor as error:
        raise MalformedAuthenticatorData(f"in the authenticator data: {error}") from error
    if at != len(raw):
        raise MalformedAuthenticatorData(f"{len(raw) - at} bytes follow what the flags {flags:#04x} announce")
    return AuthenticatorData(
        raw=raw,
        rp_id_hash=raw[:32],
        flags=flags,
        sign_count=int.from_bytes(raw[33:37], "big"),
        attested=attested,
        extensions=extensions,
    )


def _attested(raw: bytes, at: int) -> tuple[AttestedCredentialData, int]:
    id_at = at + _AAGUID_BYTES + 2
    length = int.from_bytes(raw[id_at - 2 : id_at], "big")
    key_at = id_at + length
    if key_at >= len(raw):
        raise MalformedAuthenticatorData("the attested credential data is cut off")
    key, end = cbor.decode_from(raw, key_at)
    cbor.as_map(key, "the credential public key")
    return AttestedCredentialData(raw[at : at + _AAGUID_BYTES], raw[id_at:key_at], raw[key_at:end]), end


def _extensions(raw: bytes, at: int) -> tuple[Mapping[str, Any], int]:
    value, end = cbor.decode_from(raw, at)
    extensions = cbor.as_map(value, "the extension data")
    if not all(isinstance(name, str) for name in extensions):
        raise MalformedAuthenticatorData("an extension's name is no text")
    return extensions, end
