"""Native passkeys: registered, listed, deleted, and signed in with, by an honest client and its authenticator."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakes.pool import EmbeddedPool
from fakes.pool.passkey_operations import MOST_PASSKEYS
from protocol.webauthn.base64url import decode
from tests.pool.caller import UserPool, Wire, claims_of
from tests.pool.passkey_holder import FLOWS, Holder, passkey_pool


@pytest.fixture(scope="module")
def pool(service: EmbeddedPool, wire: Wire) -> UserPool:
    return passkey_pool(service, wire)


@pytest.fixture
def holder(pool: UserPool) -> Holder:
    return Holder.new(pool)


def test_a_registered_passkey_signs_in(holder: Holder) -> None:
    id = holder.register()
    tokens = holder.sign_in().tokens
    assert claims_of(tokens["AccessToken"])["username"] == holder.username
    assert [each["CredentialId"] for each in holder.listed()] == [id]


def test_a_client_with_a_secret_answers_with_its_hash(pool: UserPool) -> None:
    holder = Holder.new(pool, pool.client(*FLOWS, secret=True))
    holder.register()
    assert holder.sign_in().has_tokens
    begun = holder.begin(PREFERRED_CHALLENGE="WEB_AUTHN")
    assert holder.respond(begun, CREDENTIAL=holder.assertion(begun), SECRET_HASH="AAAA").status == 400


def test_it_can_be_chosen_and_answered_within_the_choice(holder: Holder) -> None:
    holder.register()
    begun = holder.begin()
    assert begun.json["ChallengeName"] == "SELECT_CHALLENGE"
    assert begun.json["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "WEB_AUTHN"]
    chosen = holder.respond(begun, "SELECT_CHALLENGE", ANSWER="WEB_AUTHN")
    assert chosen.json["ChallengeName"] == "WEB_AUTHN"
    assert holder.respond(chosen, CREDENTIAL=holder.assertion(chosen)).has_tokens
    begun = holder.begin()
    at_once = holder.respond(begun, "SELECT_CHALLENGE", ANSWER="WEB_AUTHN", CREDENTIAL=holder.assertion(begun))
    assert at_once.has_tokens


def test_who_has_no_passkey_is_offered_none(holder: Holder) -> None:
    begun = holder.begin(PREFERRED_CHALLENGE="WEB_AUTHN")
    assert begun.json["ChallengeName"] == "SELECT_CHALLENGE"
    assert "WEB_AUTHN" not in begun.json["AvailableChallenges"]
    assert "CREDENTIAL_REQUEST_OPTIONS" not in begun.json["ChallengeParameters"]


def test_the_user_handle_is_sixteen_opaque_bytes(holder: Holder) -> None:
    assert len(decode(holder.options()["user"]["id"])) == 16


@pytest.mark.parametrize("origin", ["https://app.example.org", "https://example.org:8443"])
def test_pages_below_the_rp_id_and_on_other_ports_register(holder: Holder, origin: str) -> None:
    holder.register(origin)
    assert holder.sign_in().has_tokens


def test_a_loopback_page_needs_no_tls(service: EmbeddedPool, wire: Wire) -> None:
    holder = Holder.new(passkey_pool(service, wire, RelyingPartyId="localhost"))
    holder.register("http://localhost:8000")
    begun = holder.begin(PREFERRED_CHALLENGE="WEB_AUTHN")
    assert holder.respond(begun, CREDENTIAL=holder.assertion(begun, "http://localhost:8000")).has_tokens


def test_a_pools_domain_stands_for_the_rp_id(service: EmbeddedPool, wire: Wire) -> None:
    pool = passkey_pool(service, wire)
    wire.did("SetUserPoolMfaConfig", UserPoolId=pool.id, MfaConfiguration="OFF", WebAuthnConfiguration={})
    holder = Holder.new(pool)
    refused = wire.call("StartWebAuthnRegistration", AccessToken=holder.token)
    assert refused.error[0] == "WebAuthnConfigurationMissingException"
    wire.did("CreateUserPoolDomain", UserPoolId=pool.id, Domain="passkey-test")
    assert holder.options()["rp"]["id"] == f"passkey-test.auth.{service.region}.amazoncognito.com"


def test_the_configuration_is_read_back(pool: UserPool, wire: Wire) -> None:
    settings = wire.did("GetUserPoolMfaConfig", UserPoolId=pool.id)
    assert settings["WebAuthnConfiguration"] == {"RelyingPartyId": "example.org"}


def test_factors_name_what_the_user_has(holder: Holder, wire: Wire) -> None:
    before = wire.did("GetUserAuthFactors", AccessToken=holder.token)
    holder.register()
    after = wire.did("GetUserAuthFactors", AccessToken=holder.token)
    assert before == {"Username": holder.username, "ConfiguredUserAuthFactors": ["PASSWORD"]}
    assert after["ConfiguredUserAuthFactors"] == ["PASSWORD", "WEB_AUTHN"]


def test_a_list_comes_in_pages(holder: Holder, wire: Wire) -> None:
    ids = [holder.register()]
    for number in range(2):
        holder.authenticator = type(holder.authenticator)(f"{holder.username}'s key {number}")
        ids.append(holder.register())
    first = wire.did("ListWebAuthnCredentials", AccessToken=holder.token, MaxResults=2)
    second = wire.did("ListWebAuthnCredentials", AccessToken=holder.token, NextToken=first["NextToken"])
    assert [each["CredentialId"] for each in first["Credentials"] + second["Credentials"]] == ids
    assert "NextToken" not in second
    assert wire.call("ListWebAuthnCredentials", AccessToken=holder.token, NextToken="x").error[0] == (
        "InvalidParameterException"
    )


def test_a_user_has_twenty_passkeys_at_most(holder: Holder, wire: Wire) -> None:
    for number in range(MOST_PASSKEYS):
        holder.authenticator = type(holder.authenticator)(f"{holder.username}'s key {number}")
        holder.register()
    refused = wire.call("StartWebAuthnRegistration", AccessToken=holder.token)
    assert refused.error[0] == "LimitExceededException"
    wire.did("DeleteWebAuthnCredential", AccessToken=holder.token, CredentialId=holder.listed()[0]["CredentialId"])
    assert holder.options()


def test_a_started_registration_is_good_for_five_minutes(service: EmbeddedPool, holder: Holder) -> None:
    credential = holder.authenticator.register(holder.options(), "https://example.org")
    service.clock.advance(timedelta(seconds=299))
    assert holder.complete(credential).status == 200
    late = Holder.new(holder.pool)
    credential = late.authenticator.register(late.options(), "https://example.org")
    service.clock.advance(timedelta(seconds=301))
    assert late.complete(credential).error[0] == "WebAuthnChallengeNotFoundException"


def test_a_reset_password_stops_the_operations(pool: UserPool, wire: Wire) -> None:
    holder = Holder.new(pool, username=pool.user(email="reset@example.org", email_verified="true"))
    holder.register()
    wire.did("AdminResetUserPassword", UserPoolId=holder.pool.id, Username=holder.username)
    for operation in ("StartWebAuthnRegistration", "ListWebAuthnCredentials", "GetUserAuthFactors"):
        assert wire.call(operation, AccessToken=holder.token).error[0] == "PasswordResetRequiredException"


def test_a_disabled_user_does_not_sign_in(holder: Holder, wire: Wire) -> None:
    holder.register()
    wire.did("AdminDisableUser", UserPoolId=holder.pool.id, Username=holder.username)
    assert holder.begin(PREFERRED_CHALLENGE="WEB_AUTHN").error == ("NotAuthorizedException", "User is disabled.")


def test_a_deleted_users_credential_id_is_free_again(pool: UserPool, wire: Wire) -> None:
    former = Holder.new(pool)
    credential = former.authenticator.register(former.options(), "https://example.org")
    assert former.complete(credential).status == 200
    wire.did("AdminDeleteUser", UserPoolId=pool.id, Username=former.username)
    gone = wire.call("ListWebAuthnCredentials", AccessToken=former.token)
    assert gone.error[0] == "NotAuthorizedException"
    again = Holder.new(pool, username=pool.user(username=former.username))
    again.authenticator = type(former.authenticator)(f"{former.username}'s phone")
    assert again.register() in {each["CredentialId"] for each in again.listed()}
