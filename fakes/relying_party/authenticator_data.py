"""Reading attestation objects and authenticator data, strictly, or loosely under a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fido2 import cbor as loose_cbor

from fakes.faults import declare_fault
from fakes.relying_party.client_data import On
from fakes.relying_party.keys import canonical, loosely_read, plain_key
from protocol.webauthn import cbor
from protocol.webauthn.attestation_object import AttestationObject, parse_attestation_object
from protocol.webauthn.authenticator_data import (
    HEADER_BYTES,
    AuthenticatorData,
    Flags,
    parse_authenticator_data,
)
from protocol.webauthn.ceremony import Refusal
from protocol.webauthn.errors import WebAuthnError

FILLS_IN_THE_ATTESTATION_OBJECT = declare_fault(
    "rp.fills-in-the-attestation-object", "a missing fmt or attStmt counts as no attestation"
)
IGNORES_BYTES_AFTER_CBOR = declare_fault(
    "rp.ignores-bytes-after-cbor", "what follows the attestation object is passed over"
)
READS_CBOR_LOOSELY = declare_fault("rp.reads-cbor-loosely", "keys may stand twice, and lengths may be left open")
PASSES_OVER_UNREADABLE_CBOR = declare_fault(
    "rp.passes-over-unreadable-cbor", "CBOR that cannot be read ends the attestation object and is passed over"
)
IGNORES_THE_FLAG_AT = declare_fault("rp.ignores-the-flag-at", "attested credential data is read whatever AT says")
IGNORES_BYTES_AFTER_AUTHENTICATOR_DATA = declare_fault(
    "rp.ignores-bytes-after-authenticator-data", "what follows the authenticator data is passed over"
)
IGNORES_MISSING_EXTENSIONS = declare_fault(
    "rp.ignores-missing-extensions", "the flag ED may be set with nothing, or no map, behind it"
)
REFUSES_EXTENSIONS = declare_fault("rp.refuses-extensions", "authenticator data with extensions is refused")
REFUSES_RESERVED_FLAGS = declare_fault("rp.refuses-reserved-flags", "a reserved flag that is set is an error")
READS_BEYOND_THE_END = declare_fault(
    "rp.reads-beyond-the-end", "what is cut off the authenticator data is read from the response before"
)
TAKES_ATTESTED_DATA_IN_ASSERTIONS = declare_fault(
    "rp.takes-attested-data-in-assertions", "an assertion may come with the flag AT, with and without data"
)

_NO_DATA = bytes(HEADER_BYTES)
"""Stands in an attestation object for the authenticator data, which is read apart from it."""


class AuthenticatorDataReader:
    """Reads authenticator data; remembers the latest, as a library with a stale buffer does."""

    def __init__(self, on: On) -> None:
        self._on = on
        self._latest = {True: b"", False: b""}

    def attestation_object(self, raw: bytes) -> AttestationObject:
        """The attestation object. Raises WebAuthnError."""
        if self._on(READS_CBOR_LOOSELY):
            raw = canonical(loosely_read(raw), raw)
        if self._on(IGNORES_BYTES_AFTER_CBOR):
            raw = _first_item(raw)
        if self._on(PASSES_OVER_UNREADABLE_CBOR):
            raw = _readable_members(raw)
        if self._on(FILLS_IN_THE_ATTESTATION_OBJECT):
            raw = _filled_in(raw)
        members = _members(raw)
        if members is None or not isinstance(members.get("authData"), bytes):
            return parse_attestation_object(raw)
        data = self.authenticator_data(members["authData"], attests=True)
        plain = parse_attestation_object(cbor.encode({**members, "authData": _NO_DATA}))
        return AttestationObject(plain.format, plain.statement, data)

    def authenticator_data(self, raw: bytes, *, attests: bool) -> AuthenticatorData:
        """The authenticator data; `raw` stays what was signed. Raises WebAuthnError."""
        readable = raw
        if self._on(READS_BEYOND_THE_END):
            readable += self._latest[attests][len(raw) :]
        data = self._read(readable, attests=attests)
        self._latest[attests] = data.raw
        return AuthenticatorData(
            raw=raw,
            rp_id_hash=data.rp_id_hash,
            flags=Flags(raw[32]) if len(raw) > 32 else data.flags,
            sign_count=data.sign_count,
            attested=data.attested,
            extensions=data.extensions,
        )

    def _read(self, raw: bytes, *, attests: bool) -> AuthenticatorData:
        if len(raw) < HEADER_BYTES:
            return parse_authenticator_data(raw)
        flags = raw[32]
        if self._on(REFUSES_RESERVED_FLAGS) and flags & (Flags.RFU1 | Flags.RFU2):
            raise Refusal("a reserved flag is set")
        if self._on(REFUSES_EXTENSIONS) and flags & Flags.ED:
            raise Refusal("there are extensions")
        raw = self._with_plain_flags(raw, attests=attests)
        if attests and raw[32] & Flags.AT:
            raw = _with_key(raw, lambda key: plain_key(key, self._on))
        end = _end(raw)
        if self._on(IGNORES_BYTES_AFTER_AUTHENTICATOR_DATA):
            raw = raw[:end]
        return parse_authenticator_data(raw)

    def _with_plain_flags(self, raw: bytes, *, attests: bool) -> bytes:
        flags = raw[32]
        if attests and self._on(IGNORES_THE_FLAG_AT) and len(raw) > HEADER_BYTES:
            flags |= Flags.AT
        if not attests and self._on(TAKES_ATTESTED_DATA_IN_ASSERTIONS) and flags & Flags.AT:
            return raw[:32] + bytes([flags & ~Flags.AT]) + raw[33:HEADER_BYTES]
        if self._on(IGNORES_MISSING_EXTENSIONS) and flags & Flags.ED:
            end = _end(raw[:32] + bytes([flags & ~Flags.ED]) + raw[33:])
            if not _is_a_map(raw[end:]):
                return raw[:32] + bytes([flags & ~Flags.ED]) + raw[33:end]
        return raw[:32] + bytes([flags]) + raw[33:]


def _with_key(raw: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Authenticator data whose credential public key is written plainly."""
    key_at = HEADER_BYTES + 18 + int.from_bytes(raw[HEADER_BYTES + 16 : HEADER_BYTES + 18], "big")
    try:
        _, rest = loose_cbor.decode_from(raw[key_at:])
    except Exception:  # whatever the loose reader stumbles over, the strict one judges
        return raw
    key = raw[key_at : len(raw) - len(rest)]
    return raw[:key_at] + change(key) + rest


def _end(raw: bytes) -> int:
    """Where what the flags announce ends; the length, where that cannot be told."""
    flags, at = raw[32], HEADER_BYTES
    try:
        if flags & Flags.AT:
            at += 18 + int.from_bytes(raw[at + 16 : at + 18], "big")
            _, at = cbor.decode_from(raw, at)
        if flags & Flags.ED:
            _, at = cbor.decode_from(raw, at)
    except WebAuthnError:
        return len(raw)
    return at


def _is_a_map(raw: bytes) -> bool:
    try:
        return isinstance(cbor.decode(raw), dict)
    except WebAuthnError:
        return False


def _members(raw: bytes) -> dict[Any, Any] | None:
    try:
        value = cbor.decode(raw)
    except WebAuthnError:
        return None
    return value if isinstance(value, dict) else None


def _first_item(raw: bytes) -> bytes:
    try:
        _, end = cbor.decode_from(raw, 0)
    except WebAuthnError:
        return raw
    return raw[:end]


def _filled_in(raw: bytes) -> bytes:
    members = _members(raw)
    if members is None:
        return raw
    usual = {"fmt": (str, "none"), "attStmt": (dict, {}), "authData": (bytes, b"")}
    filled = {
        name: members[name] if isinstance(members.get(name), kind) else value for name, (kind, value) in usual.items()
    }
    return cbor.encode(filled)


def _readable_members(raw: bytes) -> bytes:
    """The map of an attestation object as far as it can be read."""
    if not raw or raw[0] >> 5 != 5:
        return raw
    found: dict[Any, Any] = {}
    at = 1
    try:
        while at < len(raw):
            name, at = cbor.decode_from(raw, at)
            found[name], at = cbor.decode_from(raw, at)
    except (WebAuthnError, TypeError):
        pass
    return cbor.encode(found) if {"fmt", "attStmt", "authData"} <= found.keys() else raw
