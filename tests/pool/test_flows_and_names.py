"""Flows a client allows, names a user has, and states a user is in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from tests.pool.caller import PASSWORD, Answer, Client, SrpSignIn, UserPool, Wire
from tests.pool.conftest import EVERY_FLOW

INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
INVALID = "InvalidParameterException"
Flow = Callable[[UserPool, Client, str, str], Answer]


def by_srp(pool: UserPool, client: Client, username: str, password: str) -> Answer:
    attempt = SrpSignIn(pool, client, username, password)
    started = attempt.initiate()
    if started.status != 200:
        return started
    attempt.challenge = started.json["ChallengeParameters"]
    return attempt.answer()


def by_password(pool: UserPool, client: Client, username: str, password: str) -> Answer:
    parameters = {"USERNAME": username, "PASSWORD": password} | client.hash(username)
    return pool.wire.call("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=client.id, AuthParameters=parameters)


def by_administrator(flow: str) -> Flow:
    def sign_in(pool: UserPool, client: Client, username: str, password: str) -> Answer:
        parameters = {"USERNAME": username, "PASSWORD": password} | client.hash(username)
        return pool.wire.call(
            "AdminInitiateAuth", UserPoolId=pool.id, AuthFlow=flow, ClientId=client.id, AuthParameters=parameters
        )

    return sign_in


FLOWS: dict[str, Flow] = {
    "USER_SRP_AUTH": by_srp,
    "USER_PASSWORD_AUTH": by_password,
    "ADMIN_USER_PASSWORD_AUTH": by_administrator("ADMIN_USER_PASSWORD_AUTH"),
    "ADMIN_NO_SRP_AUTH": by_administrator("ADMIN_NO_SRP_AUTH"),
}
each_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)


@each_flow
def test_a_right_password_signs_in_and_a_wrong_one_does_not(
    pool: UserPool, client: Client, user: str, flow: Flow
) -> None:
    assert flow(pool, client, user, PASSWORD).has_tokens
    assert flow(pool, client, user, PASSWORD + " ").error == INCORRECT
    assert flow(pool, client, user, "").error in {INCORRECT, (INVALID, "Missing required parameter PASSWORD")}


# Flows


@pytest.mark.parametrize(
    ("settings", "open_flows"),
    [
        ((), {"USER_SRP_AUTH"}),
        (("ALLOW_USER_SRP_AUTH",), {"USER_SRP_AUTH"}),
        (("ALLOW_USER_PASSWORD_AUTH",), {"USER_PASSWORD_AUTH"}),
        (("ALLOW_ADMIN_USER_PASSWORD_AUTH",), {"ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}),
        (("ALLOW_CUSTOM_AUTH",), set()),
        (("USER_PASSWORD_AUTH",), {"USER_SRP_AUTH", "USER_PASSWORD_AUTH"}),
        (("ADMIN_NO_SRP_AUTH",), {"USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}),
        (("CUSTOM_AUTH_FLOW_ONLY",), set()),
        (EVERY_FLOW, set(FLOWS)),
    ],
)
def test_a_client_opens_just_the_flows_of_its_settings(
    pool: UserPool, user: str, settings: tuple[str, ...], open_flows: set[str]
) -> None:
    client = pool.client(*settings)
    answers = {name: flow(pool, client, user, PASSWORD) for name, flow in FLOWS.items()}
    assert {name for name, answer in answers.items() if answer.has_tokens} == open_flows
    for name, answer in answers.items():
        if name not in open_flows:
            code, message = answer.error
            assert code == INVALID
            assert "not enabled" in message


def test_srp_when_it_is_off_is_refused_in_the_reported_words(pool: UserPool, user: str) -> None:
    client = pool.client("ALLOW_USER_PASSWORD_AUTH")
    assert by_srp(pool, client, user, PASSWORD).error == (INVALID, "USER_SRP_AUTH is not enabled for the client.")


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_administrators_flows_are_not_open_to_the_public(pool: UserPool, client: Client, user: str, flow: str) -> None:
    answer = pool.wire.call(
        "InitiateAuth", AuthFlow=flow, ClientId=client.id, AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD}
    )
    assert answer.error == (INVALID, "Initiate Auth method not supported.")


def test_custom_auth_without_a_trigger_is_refused_and_no_challenge_invented(pool: UserPool, user: str) -> None:
    client = pool.client("ALLOW_CUSTOM_AUTH")
    answer = pool.wire.call(
        "InitiateAuth", AuthFlow="CUSTOM_AUTH", ClientId=client.id, AuthParameters={"USERNAME": user}
    )
    assert answer.error[0] == INVALID


def test_an_unknown_client_or_pool_is_not_found(pool: UserPool, client: Client, user: str) -> None:
    assert by_srp(pool, Client("nobody", None), user, PASSWORD).error == (
        "ResourceNotFoundException",
        "User pool client nobody does not exist.",
    )
    parameters = {"USERNAME": user, "PASSWORD": PASSWORD}
    answer = pool.wire.call(
        "AdminInitiateAuth",
        UserPoolId="us-east-1_nowhere",
        ClientId=client.id,
        AuthFlow="ADMIN_NO_SRP_AUTH",
        AuthParameters=parameters,
    )
    assert answer.error == ("ResourceNotFoundException", "User pool us-east-1_nowhere does not exist.")


def test_an_administrator_cannot_use_a_client_of_another_pool(
    service: EmbeddedPool, wire: Wire, pool: UserPool, user: str
) -> None:
    foreign = UserPool.make(service, wire).client(*EVERY_FLOW)
    assert by_administrator("ADMIN_NO_SRP_AUTH")(pool, foreign, user, PASSWORD).error[0] == "ResourceNotFoundException"


# Names


@each_flow
@pytest.mark.parametrize("alias", ["email", "phone_number", "preferred_username"])
def test_an_alias_signs_in_its_user(service: EmbeddedPool, wire: Wire, flow: Flow, alias: str) -> None:
    pool = UserPool.make(service, wire, AliasAttributes=["email", "phone_number", "preferred_username"])
    attributes = {"email": "a@example.org", "phone_number": "+15555550100", "preferred_username": "nick"}
    username = pool.user(**attributes, email_verified="true", phone_number_verified="true")
    other = pool.user(email="b@example.org", email_verified="true")
    client = pool.client(*EVERY_FLOW, secret=True)
    tokens = flow(pool, client, attributes[alias], PASSWORD).tokens
    assert wire.did("GetUser", AccessToken=tokens["AccessToken"])["Username"] == username != other


def test_with_an_alias_the_challenge_names_the_user(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire, AliasAttributes=["email"])
    username = pool.user(email="a@example.org", email_verified="true")
    challenge = SrpSignIn(pool, pool.client(), "a@example.org").start().challenge
    assert (challenge["USERNAME"], challenge["USER_ID_FOR_SRP"]) == (username, username)


def test_an_address_that_is_not_verified_is_no_alias(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire, AliasAttributes=["email"])
    pool.user(email="a@example.org")
    assert by_srp(pool, pool.client(), "a@example.org", PASSWORD).error[0] == "UserNotFoundException"


@each_flow
def test_an_address_that_serves_as_the_user_name_signs_in(service: EmbeddedPool, wire: Wire, flow: Flow) -> None:
    pool = UserPool.make(service, wire, UsernameAttributes=["email"])
    username = pool.user(username="a@example.org")
    assert username != "a@example.org"
    assert flow(pool, pool.client(*EVERY_FLOW, secret=True), "a@example.org", PASSWORD).has_tokens


@pytest.mark.parametrize("case_sensitive", [True, False])
def test_the_case_of_a_name_counts_only_when_the_pool_says_so(
    service: EmbeddedPool, wire: Wire, case_sensitive: bool
) -> None:
    pool = UserPool.make(service, wire, UsernameConfiguration={"CaseSensitive": case_sensitive})
    username = pool.user(username="MixedCase")
    sign_in = SrpSignIn(pool, pool.client(), "mixedcase")
    assert (sign_in.initiate().status == 200) is not case_sensitive
    if not case_sensitive:
        assert sign_in.start().challenge["USER_ID_FOR_SRP"] == username
        assert sign_in.answer().has_tokens


def test_the_sub_names_a_user_to_administrators_and_not_at_sign_in(pool: UserPool, client: Client, user: str) -> None:
    described = pool.wire.did("AdminGetUser", UserPoolId=pool.id, Username=user)
    sub = next(attribute["Value"] for attribute in described["UserAttributes"] if attribute["Name"] == "sub")
    assert pool.wire.did("AdminGetUser", UserPoolId=pool.id, Username=sub)["Username"] == user
    assert by_srp(pool, client, sub, PASSWORD).error == ("UserNotFoundException", "User does not exist.")


def test_a_name_or_alias_is_given_once(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire, AliasAttributes=["email"], UsernameConfiguration={"CaseSensitive": False})
    pool.user(username="taken", email="a@example.org", email_verified="true")
    for name in ("taken", "TAKEN", "A@example.org"):
        answer = wire.call("AdminCreateUser", UserPoolId=pool.id, Username=name)
        assert answer.error == ("UsernameExistsException", "User account already exists")


# Unknown users


@each_flow
def test_an_unknown_user_is_named_so_to_a_legacy_client(pool: UserPool, client: Client, flow: Flow) -> None:
    assert flow(pool, client, "nobody", PASSWORD).error == ("UserNotFoundException", "User does not exist.")


@each_flow
def test_an_unknown_user_is_hidden_from_an_enabled_client(pool: UserPool, flow: Flow) -> None:
    client = pool.client(*EVERY_FLOW, PreventUserExistenceErrors="ENABLED")
    assert flow(pool, client, "nobody", PASSWORD).error == INCORRECT


def test_a_simulated_challenge_is_stable_and_of_the_form_of_a_real_one(pool: UserPool, user: str) -> None:
    client = pool.client(PreventUserExistenceErrors="ENABLED")

    def challenge(name: str) -> dict[str, str]:
        return SrpSignIn(pool, client, name).start().challenge

    real, one, again, other = challenge(user), challenge("ghost"), challenge("ghost"), challenge("spectre")
    assert set(one) == set(real)
    assert len(one["SECRET_BLOCK"]) == pytest.approx(len(real["SECRET_BLOCK"]), abs=24)
    for stable in ("SALT", "USERNAME", "USER_ID_FOR_SRP"):
        assert one[stable] == again[stable] != other[stable]
    assert one["SRP_B"] != again["SRP_B"]
    assert one["USER_ID_FOR_SRP"] == "ghost"


def test_a_simulated_user_behind_an_address_has_a_stable_uuid(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire, AliasAttributes=["email"])
    client = pool.client(PreventUserExistenceErrors="ENABLED")
    seen = {SrpSignIn(pool, client, "ghost@example.org").start().challenge["USER_ID_FOR_SRP"] for _ in range(3)}
    assert len(seen) == 1
    assert len(seen.pop()) == 36


def test_the_proof_of_an_empty_password_does_not_sign_in_a_simulated_user(pool: UserPool) -> None:
    client = pool.client(PreventUserExistenceErrors="ENABLED")
    assert SrpSignIn(pool, client, "ghost", password="").finish().error == INCORRECT


# States


@each_flow
@pytest.mark.parametrize("password", [PASSWORD, "Wrong-Word-1"])
def test_a_disabled_user_is_told_so_whatever_the_password(
    pool: UserPool, client: Client, user: str, flow: Flow, password: str
) -> None:
    pool.wire.did("AdminDisableUser", UserPoolId=pool.id, Username=user)
    assert flow(pool, client, user, password).error == ("NotAuthorizedException", "User is disabled.")
    pool.wire.did("AdminEnableUser", UserPoolId=pool.id, Username=user)
    assert flow(pool, client, user, PASSWORD).has_tokens


@each_flow
@pytest.mark.parametrize("password", [PASSWORD, "Wrong-Word-1"])
def test_an_unconfirmed_user_is_told_so_before_the_password_is_looked_at(
    pool: UserPool, client: Client, flow: Flow, password: str
) -> None:
    name = f"unconfirmed-{flow}-{password}".replace(" ", "")[-60:]
    pool.wire.did("SignUp", ClientId=client.id, Username=name, Password=PASSWORD)
    assert flow(pool, client, name, password).error == ("UserNotConfirmedException", "User is not confirmed.")
    pool.wire.did("AdminConfirmSignUp", UserPoolId=pool.id, Username=name)
    assert flow(pool, client, name, PASSWORD).has_tokens


@each_flow
def test_a_reset_password_is_told_to_the_right_password_only(pool: UserPool, client: Client, flow: Flow) -> None:
    user = pool.user(email="a@example.org", email_verified="true")
    pool.wire.did("AdminResetUserPassword", UserPoolId=pool.id, Username=user)
    assert flow(pool, client, user, PASSWORD).error[0] == "PasswordResetRequiredException"
    assert flow(pool, client, user, "Wrong-Word-1").error == INCORRECT
    pool.wire.did(
        "ConfirmForgotPassword", ClientId=client.id, Username=user, Password="Another-Word-1", ConfirmationCode="1"
    )
    assert flow(pool, client, user, "Another-Word-1").has_tokens


@each_flow
def test_a_second_factor_that_is_owed_is_not_passed_by(service: EmbeddedPool, wire: Wire, flow: Flow) -> None:
    pool = UserPool.make(service, wire, MfaConfiguration="ON")
    user = pool.user()
    client = pool.client(*EVERY_FLOW)
    assert not flow(pool, client, user, PASSWORD).has_tokens
    assert flow(pool, client, user, "Wrong-Word-1").error == INCORRECT


# NEW_PASSWORD_REQUIRED


def with_temporary_password(pool: UserPool) -> str:
    user = pool.user(email="a@example.org")
    pool.set_password(user, PASSWORD, permanent=False)
    return user


def choose(pool: UserPool, client: Client, session: str, username: str, password: str, **more: str) -> Answer:
    responses = {"USERNAME": username, "NEW_PASSWORD": password} | client.hash(username) | more
    return pool.wire.call(
        "RespondToAuthChallenge",
        ClientId=client.id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=session,
        ChallengeResponses=responses,
    )


@each_flow
def test_a_temporary_password_brings_the_challenge_after_the_proof_and_only_then(
    pool: UserPool, secret_client: Client, flow: Flow
) -> None:
    user = with_temporary_password(pool)
    assert flow(pool, secret_client, user, "Wrong-Word-1").error == INCORRECT
    challenged: Any = flow(pool, secret_client, user, PASSWORD).json
    assert challenged["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AuthenticationResult" not in challenged
    assert json.loads(challenged["ChallengeParameters"]["requiredAttributes"]) == []
    assert json.loads(challenged["ChallengeParameters"]["userAttributes"])["email"] == "a@example.org"
    session = challenged["Session"]
    weak = choose(pool, secret_client, session, user, "weak")
    assert weak.error == ("InvalidPasswordException", "Password did not conform with policy: Password not long enough")
    done = choose(pool, secret_client, session, user, "Chosen-Word-1", **{"userAttributes.name": "A"})
    assert done.has_tokens
    assert choose(pool, secret_client, session, user, "Chosen-Word-2").error[0] == "NotAuthorizedException"
    assert flow(pool, secret_client, user, "Chosen-Word-1").has_tokens
    attributes = pool.wire.did("AdminGetUser", UserPoolId=pool.id, Username=user)["UserAttributes"]
    assert {"Name": "name", "Value": "A"} in attributes


def test_the_session_of_a_challenge_is_its_users_and_its_clients_and_expires(
    service: EmbeddedPool, pool: UserPool, client: Client
) -> None:
    user, other = with_temporary_password(pool), with_temporary_password(pool)
    session = by_srp(pool, client, user, PASSWORD).json["Session"]
    refused = ("NotAuthorizedException", "Invalid session for the user.")
    assert choose(pool, client, session, other, "Chosen-Word-1").error == refused
    assert choose(pool, pool.client(), session, user, "Chosen-Word-1").error == refused
    assert choose(pool, client, session[:-2] + "AA", user, "Chosen-Word-1").error == refused
    service.clock.advance(timedelta(minutes=3))
    assert choose(pool, client, session, user, "Chosen-Word-1").error == (
        "NotAuthorizedException",
        "Invalid session for the user, session is expired.",
    )
    assert not by_srp(pool, client, user, "Chosen-Word-1").has_tokens


def test_a_required_attribute_is_asked_for(service: EmbeddedPool, wire: Wire) -> None:
    schema = [{"Name": "name", "AttributeDataType": "String", "Required": True}]
    pool = UserPool.make(service, wire, Schema=schema)
    client, user = pool.client(), pool.user()
    pool.set_password(user, PASSWORD, permanent=False)
    challenged = by_srp(pool, client, user, PASSWORD).json
    assert json.loads(challenged["ChallengeParameters"]["requiredAttributes"]) == ["userAttributes.name"]
    session = challenged["Session"]
    assert choose(pool, client, session, user, "Chosen-Word-1").error[0] == INVALID
    assert choose(pool, client, session, user, "Chosen-Word-1", **{"userAttributes.name": "A"}).has_tokens
