"""Chromium's own authenticator registers and signs in, and every relying party here accepts it."""

from __future__ import annotations

from typing import Any

import pytest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fakes.authenticator import ClientRefused
from harness.browser import BrowserFailed
from harness.chromium_authenticator import ChromiumAuthenticator
from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import Flags, parse_authenticator_data
from protocol.webauthn.registration import AttestationPolicy
from tests.authenticator.relying_party import ORIGIN, RP_ID, USER_HANDLE, RelyingParty

RELYING_PARTY = RelyingParty()
ES256, EDDSA, RS256 = -7, -8, -257


def _flags(response: dict[str, Any]) -> Flags:
    return parse_authenticator_data(base64url.decode(response["response"]["authenticatorData"])).flags


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
@pytest.mark.parametrize("named", [True, False], ids=["with-a-user-name", "without-a-user-name"])
def test_our_own_ceremonies_accept_it(chromium: ChromiumAuthenticator, algorithm: int, named: bool) -> None:
    response = chromium.register(RELYING_PARTY.creation_options(algorithm, attestation="none"), ORIGIN)
    record = RELYING_PARTY.register(response).record
    for sign_count in (2, 3):
        allowed = [response["id"]] if named else []
        answer = chromium.authenticate(RELYING_PARTY.request_options(*allowed), ORIGIN)
        assert base64url.decode(answer["response"]["userHandle"]) == USER_HANDLE
        record = RELYING_PARTY.authenticate(answer, record).updated_record
        assert record.sign_count == sign_count


def test_our_own_ceremonies_accept_its_attestation(chromium: ChromiumAuthenticator) -> None:
    response = chromium.register(RELYING_PARTY.creation_options(attestation="direct"), ORIGIN)
    registration = RELYING_PARTY.register(response, attestation=AttestationPolicy(trust_anchors=None))
    assert registration.record.sign_count == 1
    assert b"packed" in base64url.decode(response["response"]["attestationObject"])


def test_python_fido2_accepts_it(chromium: ChromiumAuthenticator) -> None:
    server = Fido2Server(PublicKeyCredentialRpEntity(id=RP_ID, name="Example"))
    options, state = server.register_begin(
        PublicKeyCredentialUserEntity(id=USER_HANDLE, name="ada", display_name="Ada"),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    credential = server.register_complete(state, chromium.register(dict(options.public_key), ORIGIN)).credential_data
    assert isinstance(credential, AttestedCredentialData)
    for allowed in ([credential], None):
        request, state = server.authenticate_begin(allowed, UserVerificationRequirement.REQUIRED)
        answer = chromium.authenticate(dict(request.public_key), ORIGIN)
        assert server.authenticate_complete(state, [credential], answer) == credential


def test_a_page_without_tls_on_loopback_will_do(chromium: ChromiumAuthenticator) -> None:
    origin = chromium.plain_origin
    assert origin.startswith("http://localhost:")
    local: dict[str, Any] = {"rp_id": "localhost", "origins": frozenset({origin})}
    rp = {"id": "localhost", "name": "Example"}
    response = chromium.register(RELYING_PARTY.creation_options(rp=rp, attestation="none"), origin)
    record = RELYING_PARTY.register(response, **local).record
    answer = chromium.authenticate(RELYING_PARTY.request_options(rpId="localhost"), origin)
    assert RELYING_PARTY.authenticate(answer, record, **local).updated_record.sign_count == 2


def test_user_verification_can_be_asked_for_or_not_and_fail(chromium: ChromiumAuthenticator) -> None:
    chromium.register(RELYING_PARTY.creation_options(), ORIGIN)
    assert _flags(chromium.authenticate(RELYING_PARTY.request_options(), ORIGIN)) & Flags.UV
    chromium.verify_user(succeeds=False)
    with pytest.raises(ClientRefused) as refusal:
        chromium.authenticate(RELYING_PARTY.request_options(), ORIGIN)
    assert refusal.value.name == "NotAllowedError"
    lenient = RELYING_PARTY.request_options(userVerification="discouraged")
    assert _flags(chromium.authenticate(lenient, ORIGIN)) == Flags.UP


def test_a_refusal_has_the_name_that_a_page_sees(chromium: ChromiumAuthenticator) -> None:
    known = chromium.register(RELYING_PARTY.creation_options(), ORIGIN)
    excluded = [{"type": "public-key", "id": known["id"]}]
    for options, name in (
        (RELYING_PARTY.creation_options(rp={"id": "example.com", "name": "Another"}), "SecurityError"),
        (RELYING_PARTY.creation_options(excludeCredentials=excluded), "InvalidStateError"),
    ):
        with pytest.raises(ClientRefused) as refusal:
            chromium.register(options, ORIGIN)
        assert refusal.value.name == name


def test_a_credential_can_be_read_taken_away_and_put_back(chromium: ChromiumAuthenticator) -> None:
    response = chromium.register(RELYING_PARTY.creation_options(attestation="none"), ORIGIN)
    [kept] = chromium.credentials
    assert (base64url.encode(kept.id), kept.rp_id, kept.user_handle) == (response["id"], RP_ID, USER_HANDLE)
    assert (kept.discoverable, kept.sign_count) == (True, 1)
    chromium.forget_all()
    with pytest.raises(ClientRefused):
        chromium.authenticate(RELYING_PARTY.request_options(), ORIGIN)
    chromium.remember(kept)
    record = RELYING_PARTY.register(response).record
    answer = chromium.authenticate(RELYING_PARTY.request_options(), ORIGIN)
    assert RELYING_PARTY.authenticate(answer, record).updated_record.sign_count == 2


def test_a_page_that_is_not_there_is_said_to_be_missing(chromium: ChromiumAuthenticator) -> None:
    with pytest.raises(BrowserFailed, match="no page of http://localhost:1 could be opened"):
        chromium.register(RELYING_PARTY.creation_options(), "http://localhost:1")
    with pytest.raises(BrowserFailed, match="write origins as browsers do"):
        chromium.register(RELYING_PARTY.creation_options(), "https://LOGIN.example.org")
