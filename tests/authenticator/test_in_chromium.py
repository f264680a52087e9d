"""A maker of responses with Chromium behind it: what is honest is Chromium's, what is changed the builder's."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from harness.chromium_authenticator import ChromiumAuthenticator
from harness.webauthn_cases.cases import client_data
from harness.webauthn_cases.edits import ES384, Ceremony, Manner
from harness.webauthn_cases.in_chromium import ChromiumResponseMaker, ChromiumShelf
from harness.webauthn_cases.making import AAGUID
from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import Flags, parse_authenticator_data
from protocol.webauthn.errors import WebAuthnError
from tests.authenticator.relying_party import ORIGIN, RP_ID, USER_HANDLE, RelyingParty

RELYING_PARTY = RelyingParty()
REGISTRATION = Ceremony(RELYING_PARTY.registration_challenge, ORIGIN, RP_ID, USER_HANDLE)
SIGN_IN = replace(REGISTRATION, challenge=RELYING_PARTY.authentication_challenge)
USUAL = Manner()
ELSEWHERE = client_data(origin="https://evil.example")


@pytest.fixture
def maker(chromium: ChromiumAuthenticator) -> ChromiumResponseMaker:
    return ChromiumResponseMaker("tests", random.Random(1), ChromiumShelf(chromium))  # noqa: S311 - repeatable


def _is_chromiums(registration: dict[str, Any]) -> bool:
    data = parse_authenticator_data(base64url.decode(registration["response"]["authenticatorData"]))
    assert data.attested is not None
    return data.attested.aaguid != AAGUID


def test_an_honest_registration_is_chromiums(maker: ChromiumResponseMaker) -> None:
    credential = maker.credential(REGISTRATION, USUAL)
    response = maker.registration(REGISTRATION, credential, USUAL)
    assert _is_chromiums(response)
    assert RELYING_PARTY.register(response).record.id == credential.id


@pytest.mark.parametrize(
    "manner",
    [
        Manner(algorithm=ES384),
        Manner(flags=int(Flags.UP)),
        Manner(sign_count=5),
        Manner(id_bytes=16),
        Manner(format="packed"),
        Manner(extensions={"credProtect": 3}),
    ],
    ids=str,
)
def test_what_chromium_is_not_is_the_builders(maker: ChromiumResponseMaker, manner: Manner) -> None:
    credential = maker.credential(REGISTRATION, manner)
    assert not _is_chromiums(maker.registration(REGISTRATION, credential, manner))


def test_several_credentials_count_each_for_itself(maker: ChromiumResponseMaker) -> None:
    manner = replace(USUAL, user_handle=True)
    credentials = [maker.credential(REGISTRATION, manner) for _ in range(5)]  # more than there is room for
    for _ in range(2):
        for credential in credentials:
            record = RELYING_PARTY.register(maker.registration(REGISTRATION, credential, manner)).record
            response = maker.authentication(SIGN_IN, credential, manner)
            RELYING_PARTY.authenticate(response, record)
    data = parse_authenticator_data(base64url.decode(response["response"]["authenticatorData"]))
    assert data.sign_count == 3


def test_what_is_changed_is_signed_with_the_same_key_and_counts_on(maker: ChromiumResponseMaker) -> None:
    credential = maker.credential(REGISTRATION, USUAL)
    record = RELYING_PARTY.register(maker.registration(REGISTRATION, credential, USUAL)).record
    honest, changed = (maker.authentication(SIGN_IN, credential, USUAL, edits) for edits in ((), ELSEWHERE))
    record = RELYING_PARTY.authenticate(honest, record).updated_record
    with pytest.raises(WebAuthnError, match="origin"):
        RELYING_PARTY.authenticate(changed, record)
    evil = frozenset({"https://evil.example"})
    record = RELYING_PARTY.authenticate(changed, record, origins=evil).updated_record
    assert record.sign_count == 3
    again = maker.authentication(SIGN_IN, credential, USUAL)
    assert RELYING_PARTY.authenticate(again, record).updated_record.sign_count == 4


def test_a_changed_registration_is_of_the_same_credential(maker: ChromiumResponseMaker) -> None:
    credential = maker.credential(REGISTRATION, USUAL)
    changed = maker.registration(REGISTRATION, credential, USUAL, ELSEWHERE)
    assert json.loads(base64url.decode(changed["response"]["clientDataJSON"]))["origin"] == "https://evil.example"
    assert changed["id"] == base64url.encode(credential.id)
    record = RELYING_PARTY.register(changed, origins=frozenset({"https://evil.example"})).record
    honest = maker.authentication(SIGN_IN, credential, replace(USUAL, sign_count=9))
    assert RELYING_PARTY.authenticate(honest, record).updated_record.sign_count == 9


def test_a_sign_in_may_be_without_user_verification(maker: ChromiumResponseMaker) -> None:
    credential = maker.credential(REGISTRATION, USUAL)
    response = maker.authentication(SIGN_IN, credential, Manner(flags=int(Flags.UP)))
    data = parse_authenticator_data(base64url.decode(response["response"]["authenticatorData"]))
    assert (data.flags, data.sign_count) == (Flags.UP, 2)
