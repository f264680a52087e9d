"""Authenticator data are exactly what their flags announce."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.authenticator.assembly import AttestedParts, AuthenticatorDataParts
from fakes.authenticator.entropy import Entropy
from fakes.authenticator.keys import signing_key
from protocol.webauthn import cbor
from protocol.webauthn.authenticator_data import Flags, parse_authenticator_data
from protocol.webauthn.errors import MalformedAuthenticatorData

KEY = cbor.encode(signing_key(-7, Entropy("key"), "key").cose_members)
ATTESTED = AttestedParts(b"a" * 16, b"i" * 32, KEY)
EXTENSIONS = cbor.encode({"credProtect": 3})
PLAIN = AuthenticatorDataParts(b"h" * 32, 0x05, 2**32 - 1)
FULL = AuthenticatorDataParts(b"h" * 32, 0xC5, 7, ATTESTED, EXTENSIONS)


def test_every_part_is_read() -> None:
    data = parse_authenticator_data(FULL.to_bytes())
    assert data.attested is not None
    assert (data.attested.aaguid, data.attested.credential_id, data.attested.public_key) == (b"a" * 16, b"i" * 32, KEY)
    assert data.extensions == {"credProtect": 3}
    assert (data.has(Flags.UV), data.has(Flags.BE), data.sign_count) == (True, False, 7)


def test_the_counter_has_32_bits_and_no_sign() -> None:
    assert parse_authenticator_data(PLAIN.to_bytes()).sign_count == 4294967295


def test_reserved_flags_change_nothing() -> None:
    data = parse_authenticator_data(replace(PLAIN, flags=PLAIN.flags | Flags.RFU1 | Flags.RFU2).to_bytes())
    assert (data.attested, data.extensions) == (None, None)


@pytest.mark.parametrize("parts", [PLAIN, FULL, replace(FULL, flags=0x45, extensions=b"")])
def test_every_truncation_is_refused(parts: AuthenticatorDataParts) -> None:
    raw = parts.to_bytes()
    for length in range(len(raw)):
        with pytest.raises(MalformedAuthenticatorData):
            parse_authenticator_data(raw[:length])


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(replace(FULL, flags=0x85), id="attested credential data without AT"),
        pytest.param(replace(FULL, attested=None), id="AT without attested credential data"),
        pytest.param(replace(FULL, flags=0x45), id="extensions without ED"),
        pytest.param(replace(FULL, extensions=b""), id="ED without extensions"),
        pytest.param(replace(FULL, extensions=cbor.encode([1])), id="extensions that are no map"),
        pytest.param(replace(FULL, extensions=cbor.encode({1: 2})), id="an extension without a name"),
        pytest.param(replace(FULL, extensions=EXTENSIONS + b"\0"), id="a byte after the extensions"),
        pytest.param(replace(PLAIN, extensions=b"\0"), id="a byte after the counter"),
        pytest.param(replace(FULL, attested=replace(ATTESTED, id_length=33)), id="credential id length too long"),
        pytest.param(replace(FULL, attested=replace(ATTESTED, id_length=0xFFFF)), id="credential id beyond the end"),
        pytest.param(replace(FULL, attested=replace(ATTESTED, public_key=b"\x01")), id="a key that is no map"),
        pytest.param(replace(FULL, attested=replace(ATTESTED, public_key=b"\xa2\x01\x02\x01\x02")), id="a label twice"),
    ],
)
def test_flags_and_parts_must_agree(parts: AuthenticatorDataParts) -> None:
    with pytest.raises(MalformedAuthenticatorData):
        parse_authenticator_data(parts.to_bytes())
