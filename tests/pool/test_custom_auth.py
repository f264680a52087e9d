"""CUSTOM_AUTH: rounds, Sessions, who may have tokens, and what a trigger's failure does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from fakes.pool.functions import FunctionFailed
from tests.pool.caller import PASSWORD, Answer, SrpSignIn, UserPool, Wire, claims_of
from tests.pool.scripted_triggers import CUSTOM, Scripted, responding, verify_against_private

ENABLED = {"PreventUserExistenceErrors": "ENABLED"}
INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")


@pytest.fixture
def scripted(service: EmbeddedPool, wire: Wire) -> Scripted:
    return Scripted.make(service, wire, *CUSTOM)


@pytest.fixture
def name(scripted: Scripted) -> str:
    return scripted.pool.user(email="ann@example.org", email_verified="true")


def entry(name: str, result: bool, metadata: str | None = None) -> dict[str, Any]:
    return {"challengeName": name, "challengeResult": result, "challengeMetadata": metadata}


def test_a_right_answer_brings_tokens(scripted: Scripted, name: str) -> None:
    challenge = scripted.initiate(name)
    assert challenge.json["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert challenge.json["ChallengeParameters"] == {"hint": "round 1", "USERNAME": name}
    tokens = scripted.answer(name, challenge, "word 1").tokens
    assert claims_of(tokens["AccessToken"])["username"] == name
    assert [trigger for trigger, _ in scripted.events] == [
        "DefineAuthChallenge",
        "CreateAuthChallenge",
        "VerifyAuthChallengeResponse",
        "DefineAuthChallenge",
    ]


def test_each_round_is_one_entry_of_the_session(scripted: Scripted, name: str) -> None:
    challenge = scripted.initiate(name)
    challenge = scripted.answer(name, challenge, "wrong")
    challenge = scripted.answer(name, challenge, "wrong again")
    assert scripted.answer(name, challenge, "wrong for the third time").error == INCORRECT
    shown = [request["session"] for request in scripted.requests("DefineAuthChallenge")]
    rounds = [entry("CUSTOM_CHALLENGE", False, f"metadata {number}") for number in (1, 2, 3)]
    assert shown == [[], rounds[:1], rounds[:2], rounds]
    assert [request["session"] for request in scripted.requests("CreateAuthChallenge")] == shown[:3]


def test_what_the_triggers_are_told(scripted: Scripted, name: str) -> None:
    challenge = scripted.initiate(name, metadata={"at": "the start"})
    assert scripted.answer(name, challenge, "word 1", metadata={"at": "the answer"}).has_tokens
    define, create, verify, again = [event for _, event in scripted.events]
    assert define["triggerSource"] == "DefineAuthChallenge_Authentication"
    assert define["version"] == "1"
    assert define["userPoolId"] == scripted.pool.id
    assert define["region"] == "us-east-1"
    assert define["userName"] == name
    assert define["callerContext"]["clientId"] == scripted.client.id
    assert define["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"
    assert define["request"]["userAttributes"]["email"] == "ann@example.org"
    assert define["response"] == {"challengeName": None, "issueTokens": None, "failAuthentication": None}
    assert create["request"]["challengeName"] == "CUSTOM_CHALLENGE"
    assert verify["request"]["privateChallengeParameters"] == {"answer": "word 1"}
    assert verify["request"]["challengeAnswer"] == "word 1"
    assert "clientMetadata" not in define["request"] | create["request"], "InitiateAuth's is not for these triggers"
    assert verify["request"]["clientMetadata"] == again["request"]["clientMetadata"] == {"at": "the answer"}
    assert all("userNotFound" not in event["request"] for _, event in scripted.events)


def test_srp_can_come_first(scripted: Scripted, name: str) -> None:
    def define(event: dict[str, Any]) -> object:
        names = [done["challengeName"] for done in event["request"]["session"] if done["challengeResult"]]
        following = {
            ("SRP_A",): {"challengeName": "PASSWORD_VERIFIER"},
            ("SRP_A", "PASSWORD_VERIFIER"): {"challengeName": "CUSTOM_CHALLENGE"},
            ("SRP_A", "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE"): {"issueTokens": True},
        }
        return event | {"response": following[tuple(names)]}

    scripted.play("DefineAuthChallenge", define)

    def prove(password: str) -> Answer:
        attempt = SrpSignIn(scripted.pool, scripted.client, name, password)
        begun = scripted.initiate(name, CHALLENGE_NAME="SRP_A", SRP_A=attempt.srp_a)
        assert begun.json["ChallengeName"] == "PASSWORD_VERIFIER"
        attempt.challenge = begun.json["ChallengeParameters"]
        return scripted.pool.wire.call(
            "RespondToAuthChallenge",
            ClientId=scripted.client.id,
            ChallengeName="PASSWORD_VERIFIER",
            Session=begun.json["Session"],
            ChallengeResponses=attempt.responses(),
        )

    assert prove("Wrong-Horse-1").error == INCORRECT
    challenge = prove(PASSWORD)
    assert challenge.json["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert not scripted.requests("CreateAuthChallenge")[:-1], "no other challenge is made by the trigger"
    assert scripted.answer(name, challenge, "word 3").has_tokens
    assert scripted.requests("DefineAuthChallenge")[-1]["session"] == [
        entry("SRP_A", True),
        entry("PASSWORD_VERIFIER", True),
        entry("CUSTOM_CHALLENGE", True, "metadata 3"),
    ]


def test_a_challenge_name_may_say_what_is_anyway(scripted: Scripted, name: str) -> None:
    challenge = scripted.initiate(name, CHALLENGE_NAME="CUSTOM_CHALLENGE")
    assert scripted.answer(name, challenge, "word 1").has_tokens
    assert scripted.requests("DefineAuthChallenge")[0]["session"] == []
    assert scripted.initiate(name, CHALLENGE_NAME="SRP_A").error == (
        "InvalidParameterException",
        "Missing required parameter SRP_A",
    )
    assert scripted.initiate(name, CHALLENGE_NAME="SMS_MFA").error[0] == "InvalidParameterException"


def test_a_malformed_srp_a_ends_it(scripted: Scripted, name: str) -> None:
    scripted.play("DefineAuthChallenge", responding(challengeName="PASSWORD_VERIFIER"))
    for srp_a in ("xyz", "00"):
        refused = scripted.initiate(name, CHALLENGE_NAME="SRP_A", SRP_A=srp_a)
        assert refused.error[0] == "InvalidParameterException"


def test_public_parameters_do_not_rename_the_user(scripted: Scripted, name: str) -> None:
    scripted.play("CreateAuthChallenge", responding(publicChallengeParameters={"USERNAME": "somebody"}))
    assert scripted.initiate(name).json["ChallengeParameters"] == {"USERNAME": name}


def test_an_alias_signs_in(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, *CUSTOM, AliasAttributes=["email"])
    name = scripted.pool.user(email="ann@example.org", email_verified="true")
    challenge = scripted.initiate("ann@example.org")
    assert challenge.json["ChallengeParameters"]["USERNAME"] == name
    assert {event["userName"] for _, event in scripted.events} == {name}
    assert scripted.answer(name, challenge, "word 1").has_tokens


def test_a_wrong_answer_uses_the_session_up(scripted: Scripted, name: str) -> None:
    first = scripted.initiate(name)
    second = scripted.answer(name, first, "wrong")
    assert second.json["Session"] != first.json["Session"]
    code, message = scripted.answer(name, first, "word 1").error
    assert (code, message.split(",")[0]) == ("NotAuthorizedException", "Invalid session for the user")
    assert scripted.answer(name, second, "word 2").has_tokens


def test_a_right_answer_uses_the_session_up(scripted: Scripted, name: str) -> None:
    challenge = scripted.initiate(name)
    assert scripted.answer(name, challenge, "word 1").has_tokens
    assert scripted.answer(name, challenge, "word 1").error[0] == "NotAuthorizedException"


def test_a_session_does_not_outlive_its_validity(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, *CUSTOM, client={"AuthSessionValidity": 5})
    name = scripted.pool.user()
    early, late = scripted.initiate(name), scripted.initiate(name)
    service.clock.advance(timedelta(minutes=4, seconds=58))
    assert scripted.answer(name, early, "word 1").has_tokens
    service.clock.advance(timedelta(seconds=3))
    assert scripted.answer(name, late, "word 1").error[0] == "NotAuthorizedException"


def test_a_session_is_one_users_and_one_clients(scripted: Scripted, name: str) -> None:
    other = scripted.pool.user()
    challenge = scripted.initiate(name)
    assert scripted.answer(other, challenge, "word 1").error[0] == "NotAuthorizedException"
    elsewhere = scripted.pool.client("ALLOW_CUSTOM_AUTH")
    here = scripted.client
    scripted.client = elsewhere
    assert scripted.answer(name, challenge, "word 1").error[0] == "NotAuthorizedException"
    scripted.client = here
    assert scripted.answer(name, challenge, "word 1").has_tokens, "the attempts of others use nothing up"


def test_of_parallel_answers_to_one_session_one_is_judged(scripted: Scripted, name: str) -> None:
    together = threading.Barrier(20)

    def guess(session: str, number: int) -> int:
        connection = Wire(scripted.pool.service.endpoint)
        together.wait(10)
        status = scripted.answer(name, session, f"guess {number}", wire=connection).status
        connection.close()
        return status

    session = scripted.initiate(name).json["Session"]
    with ThreadPoolExecutor(20) as guessers:
        statuses = list(guessers.map(lambda number: guess(session, number), range(20)))
    assert sorted(statuses) == [200] + [400] * 19
    assert len(scripted.requests("VerifyAuthChallengeResponse")) == 1


def test_secret_hash_is_demanded_in_both_steps(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, *CUSTOM, secret=True)
    name = scripted.pool.user()
    assert scripted.initiate(name, SECRET_HASH="abc").error[0] == "NotAuthorizedException"
    challenge = scripted.initiate(name)
    assert scripted.answer(name, challenge, "word 1", SECRET_HASH="abc").error[0] == "NotAuthorizedException"
    assert scripted.answer(name, challenge, "word 1").has_tokens


def test_unknown_names_run_the_triggers_on_enabled_clients_only(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, *CUSTOM, client=ENABLED)
    known, unknown = scripted.initiate(scripted.pool.user()), scripted.initiate("nobody")
    assert [request["userNotFound"] for request in scripted.requests("DefineAuthChallenge")] == [False, True]
    assert scripted.requests("CreateAuthChallenge")[1]["userNotFound"] is True
    assert set(known.json) == set(unknown.json)
    assert len(known.json["Session"]) == len(unknown.json["Session"])
    assert scripted.answer("nobody", unknown, "word 1").error == INCORRECT, "whatever the triggers say"
    assert scripted.requests("VerifyAuthChallengeResponse")[0]["userNotFound"] is True
    legacy = Scripted.make(service, wire, *CUSTOM)
    assert legacy.initiate("nobody").error == ("UserNotFoundException", "User does not exist.")
    assert legacy.events == []


@pytest.mark.parametrize("missing", [*CUSTOM, "all"])
def test_without_triggers_no_challenge_is_invented(service: EmbeddedPool, wire: Wire, missing: str) -> None:
    scripted = Scripted.make(service, wire, *(trigger for trigger in CUSTOM if missing not in {trigger, "all"}))
    assert scripted.initiate(scripted.pool.user()).error == (
        "InvalidParameterException",
        "Custom auth lambda trigger is not configured for the user pool.",
    )


def test_the_flow_has_to_be_allowed(scripted: Scripted, name: str) -> None:
    scripted.client = scripted.pool.client("ALLOW_USER_SRP_AUTH")
    assert scripted.initiate(name).error == ("InvalidParameterException", "CUSTOM_AUTH is not enabled for the client.")


def _disable(pool: UserPool, name: str) -> None:
    pool.wire.did("AdminDisableUser", UserPoolId=pool.id, Username=name)


def _reset(pool: UserPool, name: str) -> None:
    pool.wire.did("AdminResetUserPassword", UserPoolId=pool.id, Username=name)


def _make_temporary(pool: UserPool, name: str) -> None:
    pool.set_password(name, PASSWORD, permanent=False)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_disable, "NotAuthorizedException"),
        (_reset, "PasswordResetRequiredException"),
        (_make_temporary, "NotAuthorizedException"),
    ],
)
@pytest.mark.parametrize("when", ["before", "between"])
def test_a_user_in_another_state_gets_no_tokens(
    scripted: Scripted, name: str, change: Any, code: str, when: str
) -> None:
    if when == "before":
        change(scripted.pool, name)
    challenge = scripted.initiate(name)
    if when == "between":
        change(scripted.pool, name)
    refused = challenge if challenge.status != 200 else scripted.answer(name, challenge, "word 1")
    assert refused.error[0] == code
    with scripted.pool.service.faults.switched_on("pool.custom-auth.every-state-admitted"):
        assert scripted.answer(name, scripted.initiate(name), "word 1").has_tokens


def test_an_unconfirmed_user_gets_no_tokens(scripted: Scripted) -> None:
    scripted.pool.wire.did("SignUp", ClientId=scripted.client.id, Username="newcomer", Password=PASSWORD)
    assert scripted.initiate("newcomer").error[0] == "UserNotConfirmedException"


def test_an_administrator_can_start_and_answer(scripted: Scripted, name: str) -> None:
    admin = {"UserPoolId": scripted.pool.id, "ClientId": scripted.client.id}
    begun = scripted.pool.wire.did(
        "AdminInitiateAuth", **admin, AuthFlow="CUSTOM_AUTH", AuthParameters={"USERNAME": name}
    )
    done = scripted.pool.wire.did(
        "AdminRespondToAuthChallenge",
        **admin,
        ChallengeName="CUSTOM_CHALLENGE",
        Session=begun["Session"],
        ChallengeResponses={"USERNAME": name, "ANSWER": "word 1"},
    )
    assert done["AuthenticationResult"]["AccessToken"]


@pytest.mark.parametrize(
    "response",
    [
        {"issueTokens": False, "failAuthentication": True},
        {"issueTokens": True, "failAuthentication": True},
    ],
)
def test_define_can_end_it(scripted: Scripted, name: str, response: dict[str, Any]) -> None:
    scripted.play("DefineAuthChallenge", responding(**response))
    assert scripted.initiate(name).error == INCORRECT


@pytest.mark.parametrize(
    ("trigger", "response"),
    [
        ("DefineAuthChallenge", {}),
        ("DefineAuthChallenge", {"issueTokens": "true"}),
        ("DefineAuthChallenge", {"challengeName": 7}),
        ("DefineAuthChallenge", {"challengeName": "SMS_MFA"}),
        ("DefineAuthChallenge", {"challengeName": "SRP_A"}),
        ("DefineAuthChallenge", {"challengeName": "PASSWORD_VERIFIER"}),
        ("CreateAuthChallenge", {"publicChallengeParameters": {"options": {"a": "b"}}}),
        ("CreateAuthChallenge", {"publicChallengeParameters": ["a"]}),
        ("CreateAuthChallenge", {"privateChallengeParameters": {"attempts": 3}}),
        ("CreateAuthChallenge", {"challengeMetadata": {"a": "b"}}),
        ("VerifyAuthChallengeResponse", {"answerCorrect": "yes"}),
    ],
)
def test_what_a_trigger_may_not_answer(scripted: Scripted, name: str, trigger: str, response: dict[str, Any]) -> None:
    scripted.play(trigger, responding(**response))
    refused = scripted.initiate(name)
    if trigger == "VerifyAuthChallengeResponse":
        refused = scripted.answer(name, refused, "word 1")
    assert refused.error == ("InvalidLambdaResponseException", "Unrecognizable lambda output")


def test_a_failing_trigger_burns_the_session(scripted: Scripted, name: str) -> None:
    def fail(_event: object) -> object:
        raise FunctionFailed("ValueError", "the table is gone")

    challenge = scripted.initiate(name)
    scripted.play("VerifyAuthChallengeResponse", fail)
    assert scripted.answer(name, challenge, "word 1").error == (
        "UserLambdaValidationException",
        "VerifyAuthChallengeResponse failed with error the table is gone.",
    )
    scripted.play("VerifyAuthChallengeResponse", verify_against_private)
    assert scripted.answer(name, challenge, "word 1").error[0] == "NotAuthorizedException"


def test_a_password_challenge_needs_its_session(scripted: Scripted, name: str) -> None:
    scripted.play("DefineAuthChallenge", responding(challengeName="PASSWORD_VERIFIER"))
    attempt = SrpSignIn(scripted.pool, scripted.client, name)
    begun = scripted.initiate(name, CHALLENGE_NAME="SRP_A", SRP_A=attempt.srp_a)
    attempt.challenge = begun.json["ChallengeParameters"]
    assert attempt.answer().error[0] == "NotAuthorizedException"
