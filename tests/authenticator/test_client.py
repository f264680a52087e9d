"""What the honest client and its authenticator do with options."""

from __future__ import annotations

import pytest

from fakes.authenticator import PASSKEY_PROVIDER, Abilities, Authenticator, ClientRefused, Format
from protocol.webauthn.attestation_object import parse_attestation_object
from protocol.webauthn.authenticator_data import Flags, parse_authenticator_data
from protocol.webauthn.base64url import decode, encode
from tests.authenticator.relying_party import ORIGIN, USER_HANDLE, RelyingParty

RELYING_PARTY = RelyingParty()


def test_everything_follows_from_the_seed() -> None:
    answers = []
    for seed in ("one", "one", "another"):
        authenticator = Authenticator(seed)
        registered = authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)
        answers.append((registered, authenticator.authenticate(RELYING_PARTY.request_options(), ORIGIN)))
    assert answers[0] == answers[1]
    assert answers[0] != answers[2]


def test_the_response_has_what_a_browsers_to_json_has() -> None:
    response = Authenticator("json").register(RELYING_PARTY.creation_options(-257), ORIGIN)
    attested = parse_attestation_object(decode(response["response"]["attestationObject"]))
    assert decode(response["response"]["authenticatorData"]) == attested.authenticator_data.raw
    assert response["response"]["publicKeyAlgorithm"] == -257
    assert (response["type"], response["authenticatorAttachment"]) == ("public-key", "cross-platform")
    assert response["response"]["transports"] == ["usb"]


@pytest.mark.parametrize(
    ("preference", "format", "conveyed"),
    [
        ("direct", Format.PACKED, "packed"),
        ("none", Format.PACKED, "none"),
        (None, Format.TPM, "none"),
        ("none", Format.PACKED_SELF, "packed"),
    ],
)
def test_attestation_is_conveyed_as_the_options_prefer(preference: str | None, format: Format, conveyed: str) -> None:
    authenticator = Authenticator("conveyance", Abilities(attestation=format))
    response = authenticator.register(RELYING_PARTY.creation_options(attestation=preference), ORIGIN)
    attested = parse_attestation_object(decode(response["response"]["attestationObject"]))
    assert attested.format == conveyed
    assert attested.authenticator_data.attested is not None
    assert attested.authenticator_data.attested.aaguid == authenticator.vault.attester.aaguid


def test_the_user_is_verified_as_the_options_ask() -> None:
    authenticator = Authenticator("verification")
    authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)
    for requirement, verified in (("required", True), ("preferred", True), ("discouraged", False)):
        options = RELYING_PARTY.request_options(userVerification=requirement)
        response = authenticator.authenticate(options, ORIGIN)["response"]
        assert parse_authenticator_data(decode(response["authenticatorData"])).has(Flags.UV) is verified


def test_an_authenticator_without_user_verification_refuses_where_it_is_required() -> None:
    authenticator = Authenticator("without", Abilities(user_verification=False))
    with pytest.raises(ClientRefused, match="NotSupportedError"):
        authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)


def test_a_synced_passkey_says_so_and_does_not_count() -> None:
    authenticator = Authenticator("synced", PASSKEY_PROVIDER)
    response = authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)
    record = RELYING_PARTY.register(response).record
    assert (record.backup_eligible, record.backup_state, record.sign_count) == (True, True, 0)
    assert record.transports == ("hybrid", "internal")
    for _ in range(2):
        answer = authenticator.authenticate(RELYING_PARTY.request_options(), ORIGIN)
        record = RELYING_PARTY.authenticate(answer, record).updated_record
        assert record.sign_count == 0


def test_an_excluded_credential_is_not_made_twice() -> None:
    authenticator = Authenticator("excluded")
    id = authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)["id"]
    excluding = RELYING_PARTY.creation_options(excludeCredentials=[{"type": "public-key", "id": id}])
    with pytest.raises(ClientRefused, match="InvalidStateError"):
        authenticator.register(excluding, ORIGIN)
    assert len(authenticator.credentials) == 1


def test_a_page_of_another_site_is_refused() -> None:
    authenticator = Authenticator("phishing")
    authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)
    for origin in ("https://example.org.evil.example", "http://login.example.org", "https://example.com"):
        with pytest.raises(ClientRefused, match="SecurityError"):
            authenticator.authenticate(RELYING_PARTY.request_options(), origin)


def test_a_credential_that_is_not_discoverable_is_found_by_its_id_only() -> None:
    authenticator = Authenticator("server side")
    selection = {"residentKey": "discouraged", "userVerification": "required"}
    id = authenticator.register(RELYING_PARTY.creation_options(authenticatorSelection=selection), ORIGIN)["id"]
    assert "userHandle" not in authenticator.authenticate(RELYING_PARTY.request_options(id), ORIGIN)["response"]
    with pytest.raises(ClientRefused, match="NotAllowedError"):
        authenticator.authenticate(RELYING_PARTY.request_options(), ORIGIN)


def test_the_user_picks_one_of_several_accounts() -> None:
    authenticator = Authenticator("accounts")
    for handle in (USER_HANDLE, b"Grace"):
        user = {"id": encode(handle), "name": "n", "displayName": "N"}
        authenticator.register(RELYING_PARTY.creation_options(user=user), ORIGIN)
    for handle in (USER_HANDLE, b"Grace"):
        answer = authenticator.authenticate(RELYING_PARTY.request_options(), ORIGIN, user_handle=handle)
        assert decode(answer["response"]["userHandle"]) == handle
    with pytest.raises(ClientRefused, match="NotAllowedError"):
        authenticator.authenticate(RELYING_PARTY.request_options(), ORIGIN, user_handle=b"nobody")


def test_a_second_credential_of_an_account_takes_the_firsts_place() -> None:
    authenticator = Authenticator("twice")
    ids = [authenticator.register(RELYING_PARTY.creation_options(), ORIGIN)["id"] for _ in range(2)]
    assert [encode(credential.id) for credential in authenticator.credentials] == ids[1:]


def test_a_frame_of_another_origin_is_told() -> None:
    authenticator = Authenticator("framed")
    response = authenticator.register(RELYING_PARTY.creation_options(), ORIGIN, top_origin="https://example.com")
    expected = {"cross_origin_expected": True, "top_origins": frozenset({"https://example.com"})}
    assert RELYING_PARTY.register(response, **expected).client_data.top_origin == "https://example.com"


def test_the_client_makes_no_compound_attestation() -> None:
    with pytest.raises(ClientRefused, match="use the builder"):
        Authenticator("compound", Abilities(attestation=Format.COMPOUND)).register(
            RELYING_PARTY.creation_options(), ORIGIN
        )
