"""Each step of the ceremonies refuses its own departure, with the honest twin passing before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from fakes.authenticator import Abilities, Authenticator, Builder, Change, Format, Layer
from fakes.authenticator.changes import append, flip, truncate, with_members, without
from protocol.webauthn.authentication import AUTHENTICATION_STEPS, AuthenticationExpectations, verify_authentication
from protocol.webauthn.base64url import decode, encode
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.errors import CeremonyRefused
from protocol.webauthn.registration import REGISTRATION_STEPS, AttestationPolicy
from tests.authenticator.relying_party import ORIGIN, USER_HANDLE, RelyingParty

CLIENT, JSON, PARTS, BYTES = (
    Layer.CLIENT_DATA,
    Layer.CLIENT_DATA_JSON,
    Layer.AUTHENTICATOR_DATA,
    Layer.AUTHENTICATOR_DATA_BYTES,
)


def _fields(**fields: Any) -> Any:
    return lambda value: replace(value, **fields)


def _flags(on: int = 0, off: int = 0) -> Any:
    return lambda parts: replace(parts, flags=(parts.flags | on) & ~off)


def _member(name: str, value: object) -> Any:
    return lambda raw: json.dumps({**json.loads(raw), name: value}).encode()


def _response(name: str, value: object) -> Any:
    return lambda json: {**json, "response": {**json["response"], name: value}}


IN_BOTH: Mapping[str, tuple[Layer, Any, str]] = {
    "another challenge": (CLIENT, _fields(challenge=encode(b"another challenge")), "challenge"),
    "no challenge": (CLIENT, _fields(challenge=""), "challenge"),
    "a padded challenge": (CLIENT, lambda data: replace(data, challenge=data.challenge + "=="), "challenge"),
    "a challenge with a newline": (CLIENT, lambda data: replace(data, challenge=data.challenge + "\n"), "challenge"),
    "another type": (CLIENT, _fields(type="payment.get"), "type"),
    "the type in capitals": (CLIENT, lambda data: replace(data, type=data.type.upper()), "type"),
    "the type with a blank": (CLIENT, lambda data: replace(data, type=data.type + " "), "type"),
    **{
        f"origin {origin}": (CLIENT, _fields(origin=origin), "origin")
        for origin in (
            "https://evil.example",
            "http://login.example.org",
            ORIGIN + ":8443",
            ORIGIN + "/",
            ORIGIN.upper(),
            ORIGIN + ".evil.example",
            "https://evillogin.example.org",
            "https://sub.login.example.org",
            "https://login.example.org@evil.example",
            "null",
        )
    },
    "crossOrigin": (CLIENT, _fields(cross_origin=True), "cross-origin"),
    "crossOrigin as text": (JSON, _member("crossOrigin", "true"), "client-data"),
    "a topOrigin without crossOrigin": (CLIENT, _fields(top_origin="https://example.com"), "top-origin"),
    "an origin that is no text": (JSON, _member("origin", 7), "client-data"),
    "client data that are no JSON": (JSON, truncate(20), "client-data"),
    "another RP ID": (PARTS, _fields(rp_id_hash=bytes(32)), "rp-id-hash"),
    "no user present": (PARTS, _flags(off=0x01), "user-present"),
    "no user verified": (PARTS, _flags(off=0x04), "user-verified"),
    "backed up, not eligible": (PARTS, _flags(on=0x10, off=0x08), "backup-flags"),
    "an id that is not the rawId": (Layer.RESPONSE, with_members(id="AAAA"), "response"),
    "an id in base64": (Layer.RESPONSE, with_members(id="++//", rawId="++//"), "response"),
    "no type": (Layer.RESPONSE, without("type"), "response"),
    "no response": (Layer.RESPONSE, without("response"), "response"),
    "a response that is a list": (Layer.RESPONSE, with_members(response=[]), "response"),
    "client data that are a number": (Layer.RESPONSE, _response("clientDataJSON", 7), "response"),
    "client data of a megabyte": (Layer.RESPONSE, _response("clientDataJSON", "A" * 2**20), "response"),
}
IN_REGISTRATION: Mapping[str, tuple[Layer, Any, str]] = {
    **IN_BOTH,
    "an assertion's type": (CLIENT, _fields(type="webauthn.get"), "type"),
    "another credential's id": (
        Layer.RESPONSE,
        with_members(id=encode(b"x" * 32), rawId=encode(b"x" * 32)),
        "credential-id",
    ),
    "bytes after the attestation object": (Layer.ATTESTATION_OBJECT_BYTES, append(b"\xa0"), "attestation-object"),
    "no fmt": (Layer.ATTESTATION_OBJECT, without("fmt"), "attestation-object"),
    "fmt is bytes": (Layer.ATTESTATION_OBJECT, with_members(fmt=b"packed"), "attestation-object"),
    "no attStmt": (Layer.ATTESTATION_OBJECT, without("attStmt"), "attestation-object"),
    "attStmt is text": (Layer.ATTESTATION_OBJECT, with_members(attStmt=""), "attestation-object"),
    "authData is empty": (Layer.ATTESTATION_OBJECT, with_members(authData=b""), "attestation-object"),
    "no attested credential data": (PARTS, lambda p: replace(p, attested=None, flags=0x05), "attestation-object"),
    "bytes after the authenticator data": (BYTES, append(b"\0"), "attestation-object"),
    "an unknown format": (Layer.ATTESTATION_OBJECT, with_members(fmt="bogus"), "format"),
    "the format in another case": (Layer.ATTESTATION_OBJECT, with_members(fmt="Packed"), "format"),
    "a bad attestation signature": (Layer.SIGNATURE, flip(-1), "attestation-statement"),
    "an attestation of something else": (Layer.SIGNED, flip(0), "attestation-statement"),
    "a point off the curve": (Layer.COSE_KEY, lambda key: {**key, -3: b"\1" * 32}, "algorithm"),
    "transports that are a text": (Layer.RESPONSE, _response("transports", "usb"), "response"),
    "ten thousand transports": (Layer.RESPONSE, _response("transports", ["usb"] * 10_000), "response"),
}
IN_AUTHENTICATION: Mapping[str, tuple[Layer, Any, str]] = {
    **IN_BOTH,
    "a registration's type": (CLIENT, _fields(type="webauthn.create"), "type"),
    "another account's user handle": (Layer.RESPONSE, _response("userHandle", encode(b"Grace")), "user-handle"),
    "an empty user handle": (Layer.RESPONSE, _response("userHandle", ""), "response"),
    "eligible for backup of a sudden": (PARTS, _flags(on=0x08), "backup-eligibility"),
    "attested credential data": (PARTS, _flags(on=0x40), "authenticator-data"),
    "bytes after the authenticator data": (BYTES, append(b"\0"), "authenticator-data"),
    "extensions announced, none there": (PARTS, _flags(on=0x80), "authenticator-data"),
    "no authenticator data": (BYTES, truncate(0), "response"),
    "a bit of the signature": (Layer.SIGNATURE, flip(-1), "signature"),
    "a signature over something else": (Layer.SIGNED, flip(40), "signature"),
    "no signature": (Layer.SIGNATURE, truncate(0), "response"),
    "a counter that stands still": (PARTS, _fields(sign_count=1), "counter"),
    "a counter that fell to zero": (PARTS, _fields(sign_count=0), "counter"),
}
HARMLESS: Mapping[str, tuple[Layer, Any]] = {
    "a byte order mark": (JSON, lambda raw: b"\xef\xbb\xbf" + raw),
    "blanks and another order": (JSON, lambda raw: json.dumps(json.loads(raw), indent=1, sort_keys=True).encode()),
    "a member of the future": (CLIENT, _fields(others={"extraData": [1, 2]})),
    "token binding, reserved": (CLIENT, _fields(others={"tokenBinding": "garbage"})),
    "reserved flags": (PARTS, _flags(on=0x22)),
    "a transport of the future": (Layer.RESPONSE, _response("transports", ["smart-card", "thought"])),
    "unsolicited client extensions": (Layer.RESPONSE, with_members(clientExtensionResults={"unknown": True})),
}


def _ready(format: Format = Format.PACKED) -> tuple[RelyingParty, Builder, CredentialRecord]:
    authenticator = Authenticator("ceremonies", Abilities(attestation=format))
    relying_party, builder = RelyingParty(authenticator.trust_anchor), Builder(authenticator)
    record = relying_party.register(builder.register(relying_party.creation_options(), ORIGIN)).record
    return relying_party, builder, record


@pytest.mark.parametrize("name", IN_REGISTRATION)
def test_a_registration_is_refused_by_the_step_that_must(name: str) -> None:
    relying_party, builder, _ = _ready()
    layer, make, step = IN_REGISTRATION[name]
    response = builder.register(relying_party.creation_options(), ORIGIN, Change(name, layer, make))
    with pytest.raises(CeremonyRefused) as refused:
        relying_party.register(response)
    assert refused.value.step == step, str(refused.value)
    relying_party.register(builder.register(relying_party.creation_options(), ORIGIN))


@pytest.mark.parametrize("name", IN_AUTHENTICATION)
def test_an_authentication_is_refused_by_the_step_that_must(name: str) -> None:
    relying_party, builder, record = _ready()
    layer, make, step = IN_AUTHENTICATION[name]
    response = builder.authenticate(relying_party.request_options(), ORIGIN, Change(name, layer, make))
    with pytest.raises(CeremonyRefused) as refused:
        relying_party.authenticate(response, record)
    assert refused.value.step == step, str(refused.value)
    relying_party.authenticate(builder.authenticate(relying_party.request_options(), ORIGIN), record)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_changes_nothing_is_accepted(name: str) -> None:
    relying_party, builder, record = _ready()
    change = Change(name, *HARMLESS[name])
    relying_party.authenticate(builder.authenticate(relying_party.request_options(), ORIGIN, change), record)
    relying_party.register(builder.register(relying_party.creation_options(), ORIGIN, change))


def test_unsolicited_authenticator_extensions_are_accepted_and_not_part_of_the_key() -> None:
    relying_party, builder, plain = _ready()
    options = relying_party.creation_options()
    record = relying_party.register(builder.register(options, ORIGIN, extensions={"credProtect": 3})).record
    assert len(record.public_key) == len(plain.public_key)
    answer = builder.authenticate(relying_party.request_options(), ORIGIN, extensions={"unknown": True})
    relying_party.authenticate(answer, record)


def test_an_algorithm_that_was_not_asked_for_is_refused() -> None:
    relying_party, builder, _ = _ready()
    response = builder.register(relying_party.creation_options(-8), ORIGIN)
    with pytest.raises(CeremonyRefused, match="EdDSA was not asked for"):
        relying_party.register(response, algorithms=frozenset({-7}))
    relying_party.register(response)


def test_no_user_need_be_present_at_a_conditional_registration() -> None:
    relying_party, builder, _ = _ready()
    absent = Change("nobody present", PARTS, _flags(off=0x05))
    response = builder.register(relying_party.creation_options(), ORIGIN, absent)
    relying_party.register(response, conditional_mediation=True, user_verification_required=False)
    with pytest.raises(CeremonyRefused, match="user-present"):
        relying_party.register(response, user_verification_required=False)


def test_a_credential_id_has_16_to_1023_bytes_and_is_new() -> None:
    relying_party, builder, record = _ready()
    for length, accepted in ((15, False), (16, True), (1023, True), (1024, False)):
        authenticator = Authenticator("lengths", Abilities(credential_id_bytes=length))
        party = RelyingParty(authenticator.trust_anchor)
        response = authenticator.register(party.creation_options(), ORIGIN)
        if accepted:
            party.register(response)
        else:
            with pytest.raises(CeremonyRefused, match="credential-id-length"):
                party.register(response)
    response = builder.register(relying_party.creation_options(), ORIGIN)
    with pytest.raises(CeremonyRefused, match="not-registered"):
        relying_party.register(response, registered_ids=[record.id, decode(response["id"])])


def test_attestation_is_trusted_as_policy_says() -> None:
    for format, policy in (
        (Format.NONE, AttestationPolicy(accept_none=False)),
        (Format.PACKED_SELF, AttestationPolicy(accept_self=False)),
        (Format.PACKED, AttestationPolicy(trust_anchors=())),
        (Format.PACKED, AttestationPolicy(trust_anchors=(Authenticator("somebody else").trust_anchor,))),
    ):
        relying_party, builder, _ = _ready(format)
        response = builder.register(relying_party.creation_options(), ORIGIN)
        with pytest.raises(CeremonyRefused) as refused:
            relying_party.register(response, attestation=policy)
        assert refused.value.step == "attestation-trust"
        relying_party.register(response)


def test_a_credential_must_be_allowed_and_the_accounts() -> None:
    relying_party, builder, record = _ready()
    response = builder.authenticate(relying_party.request_options(), ORIGIN)
    for otherwise, step in (
        ({"allowed_ids": frozenset({b"another"})}, "allowed"),
        ({"account": Account(USER_HANDLE, ())}, "credential"),
        ({"account": Account(b"Grace", (record,))}, "user-handle"),
        ({"account": None}, "credential"),
        ({"account": None, "accounts": {b"Grace": Account(b"Grace", (record,))}}, "credential"),
    ):
        with pytest.raises(CeremonyRefused) as refused:
            relying_party.authenticate(response, record, **otherwise)
        assert refused.value.step == step
    account = Account(USER_HANDLE, (record,))
    done = relying_party.authenticate(response, record, account=None, accounts={USER_HANDLE: account})
    assert done.account == account


def test_without_a_user_name_a_user_handle_is_needed() -> None:
    relying_party, builder, record = _ready()
    nameless = Change("no user handle", Layer.RESPONSE, _response("userHandle", None))
    response = builder.authenticate(relying_party.request_options(), ORIGIN, nameless)
    relying_party.authenticate(response, record)
    accounts = {USER_HANDLE: Account(USER_HANDLE, (record,))}
    with pytest.raises(CeremonyRefused, match="no user handle"):
        relying_party.authenticate(response, record, account=None, accounts=accounts)


def test_a_stale_counter_is_policy() -> None:
    relying_party, builder, record = _ready()
    response = builder.authenticate(relying_party.request_options(), ORIGIN)
    stale = replace(record, sign_count=2)
    with pytest.raises(CeremonyRefused, match="counter"):
        relying_party.authenticate(response, stale)
    assert relying_party.authenticate(response, stale, refuse_stale_counter=False).counter_is_stale


def test_a_ceremony_without_one_step_accepts_just_that() -> None:
    relying_party, builder, record = _ready()
    bad = Change("a bit of the signature", Layer.SIGNATURE, flip(-1))
    response = builder.authenticate(relying_party.request_options(), ORIGIN, bad)
    with pytest.raises(CeremonyRefused):
        relying_party.authenticate(response, record)
    kept = tuple(step for step in AUTHENTICATION_STEPS if step.name != "signature")
    expected = AuthenticationExpectations(
        relying_party.authentication_challenge,
        "example.org",
        frozenset({ORIGIN}),
        account=Account(USER_HANDLE, (record,)),
    )
    verify_authentication(response, expected, kept)


def test_every_step_has_a_name_of_its_own_and_a_fragment() -> None:
    for steps in (REGISTRATION_STEPS, AUTHENTICATION_STEPS):
        assert len({step.name for step in steps}) == len(steps)
        assert all(step.fragment.startswith("#") for step in steps)
