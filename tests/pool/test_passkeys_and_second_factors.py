"""What a passkey stands for where a second factor is owed, and what an unknown name is shown."""

from __future__ import annotations

import json

import pytest

from fakes.pool import EmbeddedPool
from protocol.totp import totp
from tests.pool.caller import UserPool, Wire
from tests.pool.passkey_holder import FLOWS, Holder, passkey_pool

OPTIONAL = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}


def with_software_token(service: EmbeddedPool, wire: Wire, **configuration: str) -> Holder:
    """A user with a passkey, who has then set up a software token."""
    import base64

    holder = Holder.new(passkey_pool(service, wire, mfa=OPTIONAL, **configuration))
    holder.register()
    secret = wire.did("AssociateSoftwareToken", AccessToken=holder.token)["SecretCode"]
    code = totp(base64.b32decode(secret), service.clock.now())
    wire.did("VerifySoftwareToken", AccessToken=holder.token, UserCode=code)
    wire.did("SetUserMFAPreference", AccessToken=holder.token, SoftwareTokenMfaSettings={"Enabled": True})
    return holder


@pytest.mark.parametrize("configuration", [{}, {"FactorConfiguration": "SINGLE_FACTOR"}])
def test_a_single_factor_is_not_offered_where_two_are_owed(
    service: EmbeddedPool, wire: Wire, configuration: dict[str, str]
) -> None:
    holder = with_software_token(service, wire, **configuration)
    begun = holder.begin(PREFERRED_CHALLENGE="WEB_AUTHN")
    assert begun.json["ChallengeName"] == "SELECT_CHALLENGE"
    assert begun.json["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD"]


def test_a_verified_passkey_stands_for_two_where_the_pool_says_so(service: EmbeddedPool, wire: Wire) -> None:
    holder = with_software_token(service, wire, FactorConfiguration="MULTI_FACTOR_WITH_USER_VERIFICATION")
    assert holder.sign_in().has_tokens


@pytest.fixture(scope="module")
def pool(service: EmbeddedPool, wire: Wire) -> UserPool:
    return passkey_pool(service, wire)


def test_an_unknown_name_that_is_hidden_has_one_imaginary_passkey(pool: UserPool) -> None:
    hiding = pool.client(*FLOWS, PreventUserExistenceErrors="ENABLED")
    nobody = Holder(pool, hiding, "nobody-at-all")
    seen = []
    for _ in range(2):
        begun = nobody.begin(PREFERRED_CHALLENGE="WEB_AUTHN")
        assert begun.json["ChallengeName"] == "WEB_AUTHN"
        seen.append(json.loads(begun.json["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])["allowCredentials"])
    assert seen[0] == seen[1]
    assert [set(each) for each in seen[0]] == [{"type", "id", "transports"}]


def test_an_unknown_name_is_refused_like_a_bad_assertion(pool: UserPool) -> None:
    hiding = pool.client(*FLOWS, PreventUserExistenceErrors="ENABLED")
    known, nobody = Holder.new(pool, hiding), Holder(pool, hiding, "nobody-whatsoever")
    known.register()
    begun = known.begin(PREFERRED_CHALLENGE="WEB_AUTHN")
    assertion = json.loads(known.assertion(begun))
    assertion["response"]["signature"] = "MAYCAQECAQE"
    wrong = known.respond(begun, CREDENTIAL=json.dumps(assertion))
    unknown = nobody.respond(nobody.begin(PREFERRED_CHALLENGE="WEB_AUTHN"), CREDENTIAL=json.dumps(assertion))
    assert wrong.error == unknown.error == ("NotAuthorizedException", "Incorrect username or password.")


def test_an_unknown_name_that_is_not_hidden_is_said_to_be_unknown(pool: UserPool) -> None:
    telling = pool.client(*FLOWS, PreventUserExistenceErrors="LEGACY")
    begun = Holder(pool, telling, "nobody-here").begin(PREFERRED_CHALLENGE="WEB_AUTHN")
    assert begun.error[0] == "UserNotFoundException"
