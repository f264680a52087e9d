"""The triggers around a sign-in, a sign-up and the tokens: what they are told, and what they may change."""

from __future__ import annotations

from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from fakes.pool.functions import FunctionFailed
from tests.pool.caller import PASSWORD, Answer, SrpSignIn, Wire, claims_of
from tests.pool.scripted_triggers import CUSTOM, Event, Scripted, responding

AROUND = ("PreAuthentication", "PostAuthentication", "PreTokenGeneration")


def refuse(_event: Event) -> object:
    raise FunctionFailed("Error", "not today")


def by_password(scripted: Scripted, name: str, password: str = PASSWORD, **members: Any) -> Answer:
    return scripted.pool.wire.call(
        "InitiateAuth",
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=scripted.client.id,
        AuthParameters={"USERNAME": name, "PASSWORD": password},
        **members,
    )


def by_srp(scripted: Scripted, name: str) -> Answer:
    return SrpSignIn(scripted.pool, scripted.client, name).finish()


def by_custom_auth(scripted: Scripted, name: str) -> Answer:
    return scripted.answer(name, scripted.initiate(name), "word 1")


@pytest.fixture
def scripted(service: EmbeddedPool, wire: Wire) -> Scripted:
    return Scripted.make(service, wire, *CUSTOM, *AROUND)


@pytest.fixture
def name(scripted: Scripted) -> str:
    return scripted.pool.user(email="ann@example.org", email_verified="true")


@pytest.mark.parametrize("sign_in", [by_password, by_srp, by_custom_auth])
def test_every_flow_runs_the_triggers_around_it(scripted: Scripted, name: str, sign_in: Any) -> None:
    assert sign_in(scripted, name).has_tokens
    called = [trigger for trigger, _ in scripted.events if trigger in AROUND]
    assert called == list(AROUND)
    sources = [event["triggerSource"] for trigger, event in scripted.events if trigger in AROUND]
    assert sources == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
        "TokenGeneration_Authentication",
    ]


@pytest.mark.parametrize("sign_in", [by_password, by_srp])
@pytest.mark.parametrize("trigger", AROUND)
def test_every_one_of_them_can_refuse(scripted: Scripted, name: str, sign_in: Any, trigger: str) -> None:
    honest = scripted.pool.service.functions
    scripted.play(trigger, refuse)
    expected = ("UserLambdaValidationException", f"{trigger} failed with error not today.")
    if trigger == "PreAuthentication" and sign_in is by_srp:
        refused = SrpSignIn(scripted.pool, scripted.client, name).initiate()
    else:
        refused = sign_in(scripted, name)
    assert refused.error == expected
    assert honest.troubles == ()


def test_a_wrong_password_does_not_reach_post_authentication(scripted: Scripted, name: str) -> None:
    assert not by_password(scripted, name, "Wrong-Horse-1").has_tokens
    assert [trigger for trigger, _ in scripted.events] == ["PreAuthentication"]


def test_client_metadata_of_the_start_goes_to_pre_authentication_only(scripted: Scripted, name: str) -> None:
    assert by_password(scripted, name, ClientMetadata={"a": "b"}).has_tokens
    (pre,), (post,), (tokens,) = (scripted.requests(trigger) for trigger in AROUND)
    assert pre["validationData"] == {"a": "b"}
    assert "clientMetadata" not in post | tokens


def test_client_metadata_of_the_answer_goes_to_what_comes_after(scripted: Scripted, name: str) -> None:
    challenge = scripted.initiate(name, metadata={"a": "b"})
    assert scripted.answer(name, challenge, "word 1", metadata={"c": "d"}).has_tokens
    (pre,), (post,), (tokens,) = (scripted.requests(trigger) for trigger in AROUND)
    assert pre["validationData"] == {"a": "b"}
    assert post["clientMetadata"] == tokens["clientMetadata"] == {"c": "d"}


def tokens_of(scripted: Scripted, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    tokens = by_password(scripted, name).tokens
    return claims_of(tokens["AccessToken"]), claims_of(tokens["IdToken"])


def test_version_one_changes_the_id_token(scripted: Scripted, name: str) -> None:
    scripted.play(
        "PreTokenGeneration",
        responding(
            claimsOverrideDetails={
                "claimsToAddOrOverride": {"tier": "gold", "sub": "somebody", "cognito:username": "somebody"},
                "claimsToSuppress": ["email", "iss"],
                "groupOverrideDetails": {"groupsToOverride": ["staff"]},
            }
        ),
    )
    access, identity = tokens_of(scripted, name)
    assert identity["tier"] == "gold"
    assert "email" not in identity
    assert identity["sub"] == access["sub"] != "somebody"
    assert identity["cognito:username"] == name
    assert identity["iss"] == access["iss"]
    assert identity["cognito:groups"] == access["cognito:groups"] == ["staff"]
    assert "tier" not in access
    (event,) = [event for trigger, event in scripted.events if trigger == "PreTokenGeneration"]
    assert event["version"] == "1"
    assert event["request"]["groupConfiguration"] == {
        "groupsToOverride": [],
        "iamRolesToOverride": [],
        "preferredRole": None,
    }
    assert "scopes" not in event["request"]


def test_version_two_changes_both(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, "PreTokenGeneration", versioned=True)
    scripted.play(
        "PreTokenGeneration",
        responding(
            claimsAndScopeOverrideDetails={
                "idTokenGeneration": {"claimsToAddOrOverride": {"plans": ["a", {"b": 1}]}},
                "accessTokenGeneration": {
                    "claimsToAddOrOverride": {"tenant": 7, "client_id": "another", "exp": 4102444800},
                    "scopesToAdd": ["orders/read"],
                    "scopesToSuppress": ["aws.cognito.signin.user.admin"],
                },
            }
        ),
    )
    access, identity = tokens_of(scripted, scripted.pool.user())
    assert identity["plans"] == ["a", {"b": 1}]
    assert access["tenant"] == 7
    assert access["client_id"] == scripted.client.id
    assert access["exp"] == access["iat"] + 3600
    assert access["scope"] == "orders/read"
    ((_, event),) = scripted.events
    assert event["version"] == "2"
    assert event["request"]["scopes"] == ["aws.cognito.signin.user.admin"]


@pytest.mark.parametrize(
    "details",
    [
        {"claimsToAddOrOverride": {"tier": 7}},
        {"claimsToAddOrOverride": ["tier"]},
        {"claimsToSuppress": "email"},
        {"groupOverrideDetails": {"groupsToOverride": "staff"}},
        "text",
    ],
)
def test_malformed_changes_bring_no_tokens(scripted: Scripted, name: str, details: Any) -> None:
    scripted.play("PreTokenGeneration", responding(claimsOverrideDetails=details))
    assert by_password(scripted, name).error == ("InvalidLambdaResponseException", "Unrecognizable lambda output")


def test_a_refresh_asks_again(scripted: Scripted, name: str) -> None:
    tokens = by_password(scripted, name).tokens
    scripted.events.clear()
    scripted.play("PreTokenGeneration", responding(claimsOverrideDetails={"claimsToAddOrOverride": {"n": "2"}}))
    wire = scripted.pool.wire
    refreshed = wire.did(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=scripted.client.id,
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )
    renewed = wire.did(
        "GetTokensFromRefreshToken",
        ClientId=scripted.client.id,
        RefreshToken=tokens["RefreshToken"],
        ClientMetadata={"a": "b"},
    )
    for answer in (refreshed, renewed):
        assert claims_of(answer["AuthenticationResult"]["IdToken"])["n"] == "2"
    assert [event["triggerSource"] for _, event in scripted.events] == ["TokenGeneration_RefreshTokens"] * 2
    assert [event["request"].get("clientMetadata") for _, event in scripted.events] == [None, {"a": "b"}]


def test_a_new_password_is_its_own_occasion(scripted: Scripted, name: str) -> None:
    scripted.pool.set_password(name, "Temporary-1", permanent=False)
    challenge = by_password(scripted, name, "Temporary-1").json
    scripted.pool.wire.did(
        "RespondToAuthChallenge",
        ClientId=scripted.client.id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": name, "NEW_PASSWORD": "Another-Horse-1"},
    )
    assert scripted.events[-1][1]["triggerSource"] == "TokenGeneration_NewPasswordChallenge"


def sign_up(scripted: Scripted, name: str, **members: Any) -> Answer:
    return scripted.pool.wire.call(
        "SignUp",
        ClientId=scripted.client.id,
        Username=name,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": f"{name}@example.org"}],
        **members,
    )


def attributes_in(scripted: Scripted, name: str) -> tuple[str, dict[str, str]]:
    user = scripted.pool.wire.did("AdminGetUser", UserPoolId=scripted.pool.id, Username=name)
    return user["UserStatus"], {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}


def test_pre_sign_up_is_told_and_grants(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, "PreSignUp", "PostConfirmation")
    first = sign_up(scripted, "ann", ClientMetadata={"a": "b"}, ValidationData=[{"Name": "c", "Value": "d"}])
    assert first.json["UserConfirmed"] is False
    ((_, event),) = scripted.events
    assert event["triggerSource"] == "PreSignUp_SignUp"
    assert event["request"] == {
        "userAttributes": {"email": "ann@example.org"},
        "validationData": {"c": "d"},
        "clientMetadata": {"a": "b"},
    }
    assert event["response"] == {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    scripted.play("PreSignUp", responding(autoConfirmUser=True))
    assert sign_up(scripted, "bob").json["UserConfirmed"] is True
    status, attributes = attributes_in(scripted, "bob")
    assert status == "CONFIRMED"
    assert attributes.get("email_verified") != "true", "confirmed is not verified"
    assert scripted.events[-1][1]["triggerSource"] == "PostConfirmation_ConfirmSignUp"
    scripted.play("PreSignUp", responding(autoVerifyEmail=True))
    assert sign_up(scripted, "cy").json["UserConfirmed"] is False
    assert attributes_in(scripted, "cy")[1]["email_verified"] == "true"
    assert by_password(scripted, "bob").has_tokens


def test_pre_sign_up_refuses(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, "PreSignUp")
    scripted.play("PreSignUp", refuse)
    assert sign_up(scripted, "ann").error == (
        "UserLambdaValidationException",
        "PreSignUp failed with error not today.",
    )
    assert wire.call("AdminGetUser", UserPoolId=scripted.pool.id, Username="ann").status == 400
    made = wire.call("AdminCreateUser", UserPoolId=scripted.pool.id, Username="bob")
    assert made.error[0] == "UserLambdaValidationException"
    assert scripted.events[-1][1]["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"


def test_post_confirmation_follows_a_confirmation(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, "PostConfirmation")
    sign_up(scripted, "ann")
    wire.did("AdminConfirmSignUp", UserPoolId=scripted.pool.id, Username="ann")
    ((_, event),) = scripted.events
    assert event["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"


def test_a_verified_address_moves_to_the_new_user(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, "PreSignUp", AliasAttributes=["email"])
    before = scripted.pool.user(email="ann@example.org", email_verified="true")
    scripted.play("PreSignUp", responding(autoConfirmUser=True, autoVerifyEmail=True))
    assert sign_up(scripted, "ann").json["UserConfirmed"] is True
    assert attributes_in(scripted, before)[1]["email_verified"] == "false"
    access = claims_of(by_password(scripted, "ann@example.org").tokens["AccessToken"])
    assert access["username"] == "ann"


def test_what_is_not_there_cannot_be_verified(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, "PreSignUp")
    scripted.play("PreSignUp", responding(autoVerifyPhone=True))
    assert sign_up(scripted, "ann").error[0] == "InvalidLambdaResponseException"


def test_triggers_can_be_set_later_and_the_pool_keeps_its_kinds_of_names(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, AliasAttributes=["email"])
    scripted.pool.user(email="ann@example.org", email_verified="true")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:later"
    wire.did("UpdateUserPool", UserPoolId=scripted.pool.id, LambdaConfig={"PostAuthentication": arn})
    assert by_password(scripted, "ann@example.org").error[0] == "UnexpectedLambdaException"
    service.functions.deploy(arn, lambda event: event)
    assert by_password(scripted, "ann@example.org").has_tokens
    described = wire.did("DescribeUserPool", UserPoolId=scripted.pool.id)["UserPool"]
    assert described["LambdaConfig"] == {"PostAuthentication": arn}


@pytest.fixture
def migrating(service: EmbeddedPool, wire: Wire) -> Scripted:
    scripted = Scripted.make(service, wire, "UserMigration")

    def migrate(event: Event) -> object:
        if event["request"]["password"] != "Old-Horse-1":
            raise FunctionFailed("Error", "Bad password")
        attributes = {"email": "old@example.org", "email_verified": "true"}
        return event | {"response": {"userAttributes": attributes, "finalUserStatus": "CONFIRMED"}}

    scripted.play("UserMigration", migrate)
    return scripted


def test_an_old_user_is_taken_over_once(migrating: Scripted) -> None:
    assert by_password(migrating, "old", "Wrong-Horse-1").error == (
        "UserNotFoundException",
        f"Exception migrating user in app client {migrating.client.id}",
    )
    assert by_password(migrating, "old", "Old-Horse-1").has_tokens
    assert by_password(migrating, "old", "Old-Horse-1").has_tokens
    assert [event["triggerSource"] for _, event in migrating.events] == ["UserMigration_Authentication"] * 2
    assert attributes_in(migrating, "old")[1]["email"] == "old@example.org"
    assert by_srp(migrating, migrating.pool.user()).has_tokens


def test_a_pool_without_the_trigger_takes_nobody_over(scripted: Scripted) -> None:
    assert by_password(scripted, "old", "Old-Horse-1").error[0] == "UserNotFoundException"
