"""What each trigger answers, over all histories and whatever comes in."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.faults import FaultSwitches
from fakes.triggers import Configuration, InvalidConfiguration
from fakes.triggers.define_auth_challenge import Decision, decide
from fakes.triggers.refusals import SignInRefused, TriggerFailed
from fakes.triggers.rounds import CUSTOM_CHALLENGE, MAGIC_LINK, PROVIDE_AUTH_PARAMETERS, SMS_OTP_STEPUP, Round
from tests.triggers.cognito import ASKS_FOR_A_CODE, ASKS_FOR_A_LINK, HAS_A_LINK, Deployment, SignIn, new_user

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_MOST = 3


def test_tokens_follow_a_right_answer_in_the_last_round_and_nothing_else() -> None:
    kinds = [
        Round(name, result, asked, "")
        for name, asked in (
            (CUSTOM_CHALLENGE, PROVIDE_AUTH_PARAMETERS),
            (CUSTOM_CHALLENGE, MAGIC_LINK),
            (CUSTOM_CHALLENGE, SMS_OTP_STEPUP),
            ("PASSWORD_VERIFIER", ""),
        )
        for result in (True, False)
    ]
    for length in range(6):
        for rounds in itertools.product(kinds, repeat=length):
            decision = _decided(rounds)
            wrong = rounds[1:-1] if length > 1 else ()
            signed_in = (
                2 <= length <= 1 + _MOST
                and rounds[0] == Round(CUSTOM_CHALLENGE, False, PROVIDE_AUTH_PARAMETERS, "")
                and all(each == Round(CUSTOM_CHALLENGE, False, MAGIC_LINK, "") for each in wrong)
                and rounds[-1] == Round(CUSTOM_CHALLENGE, True, MAGIC_LINK, "")
            )
            assert (decision is Decision.TOKENS) == signed_in, rounds
            assert _decided(rounds, user_not_found=True) is (Decision.FAIL if signed_in else decision)
            with_a_link = _decided(rounds, has_a_link=True)
            if length == 1:
                at_once = rounds[0] == Round(CUSTOM_CHALLENGE, True, PROVIDE_AUTH_PARAMETERS, "")
                assert with_a_link is (Decision.TOKENS if at_once else Decision.FAIL)
                assert _decided(rounds, has_a_link=True, user_not_found=True) is Decision.FAIL
            else:
                assert with_a_link is decision


def _decided(rounds: tuple[Round, ...], *, has_a_link: bool = False, user_not_found: bool = False) -> Decision:
    return decide(rounds, MAGIC_LINK, has_a_link, user_not_found, most=_MOST, faults=FaultSwitches())


@pytest.mark.parametrize("method", ["NOPE", "", "__proto__", None, ["MAGIC_LINK"]])
def test_an_unknown_method_fails(at: Deployment, method: Any) -> None:
    sign_in = SignIn(at, new_user()).start()
    assert sign_in.answer("__dummy__", {} if method is None else {"signInMethod": method}) == "failed"


def test_the_method_cannot_change_on_the_way(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    assert sign_in.answer(at.mails_to(user)[0], ASKS_FOR_A_CODE) == "failed"


@given(event=_JSON, request=_JSON, session=_JSON, metadata=_JSON, private=_JSON, answer=_JSON)
def test_no_event_makes_a_trigger_answer_out_of_form(
    deployed: Deployment, event: Any, request: Any, session: Any, metadata: Any, private: Any, answer: Any
) -> None:
    whole = SignIn(deployed, new_user()).event(
        "any",
        None,
        session=session,
        clientMetadata=metadata,
        privateChallengeParameters=private,
        challengeAnswer=answer,
    )
    for each in (event, whole, whole | {"request": request}, whole | {"callerContext": request}):
        defined = deployed.triggers.define_auth_challenge(each)["response"]
        assert defined["issueTokens"] is False
        assert deployed.triggers.verify_auth_challenge_response(each)["response"]["answerCorrect"] is False
        deployed.triggers.pre_token_generation(each)
        created = _created(deployed, each)
        for shown in ("publicChallengeParameters", "privateChallengeParameters"):
            assert all(isinstance(value, str) for value in created.get(shown, {}).values())


def _created(deployed: Deployment, event: Any) -> Mapping[str, Any]:
    """What CreateAuthChallenge answers; nothing when it refuses in its own words."""
    try:
        return dict(deployed.triggers.create_auth_challenge(event)["response"])
    except (SignInRefused, TriggerFailed):
        return {}


def test_a_broken_inside_is_not_shown(at: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("arn:aws:dynamodb: secret words")

    user = new_user()
    sign_in = SignIn(at, user).start()
    with monkeypatch.context() as patched:
        patched.setattr(at.services.mails, "send", fail)
        with pytest.raises(TriggerFailed) as raised:
            sign_in.answer("__dummy__", ASKS_FOR_A_LINK)
    assert "secret" not in str(raised.value)
    assert "secret" not in str(at.logged)


@pytest.mark.parametrize("version", ["1", "2"])
def test_the_method_claim_comes_from_the_verified_flow_once(at: Deployment, version: str) -> None:
    user = new_user()
    sign_in = SignIn(at, user).ask(ASKS_FOR_A_LINK)
    assert sign_in.claims(version, signInMethod="FIDO2") == {}
    assert sign_in.answer(at.mails_to(user)[0], HAS_A_LINK) == "tokens"
    assert sign_in.claims(version, signInMethod="FIDO2") == {"sign_in_method": "MAGIC_LINK"}
    assert sign_in.claims(version, signInMethod="MAGIC_LINK") == {}
    assert sign_in.claims(version, source="TokenGeneration_RefreshTokens", signInMethod="FIDO2") == {}


def test_the_clients_metadata_sets_listed_short_claims_under_a_prefix(at: Deployment) -> None:
    said = {"theme": "dark", "sub": "other", "cognito:groups": "admin", "custom:admin": "1", "iss": "me"}
    assert SignIn(at, new_user()).claims(**said) == {"client:theme": "dark"}
    assert SignIn(at, new_user()).claims(theme="x" * 10_000) == {}


def test_signing_up_confirms_and_verifies_nothing(at: Deployment) -> None:
    event = SignIn(at, new_user()).event("PreSignUp_SignUp")
    response = at.triggers.pre_sign_up(event)["response"]
    assert response == {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}


ENVIRONMENT = {
    "SIGN_IN_TABLE": "sign-in",
    "SIGNING_KEY_ID": "alias/links",
    "HASHING_SECRET": "a secret of sixteen",
    "MAIL_SENDER": "no-reply@example.com",
    "LINK_ORIGINS": "https://app.example.com, https://www.example.com",
}


def test_the_environment_configures() -> None:
    read = Configuration.from_environment(ENVIRONMENT | {"LINK_SECONDS": "300"})
    assert read.link_origins == ("https://app.example.com", "https://www.example.com")
    assert read.link_seconds == 300


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in ENVIRONMENT),
        ("HASHING_SECRET", "short"),
        ("LINK_SECONDS", "-1"),
        ("LINK_SECONDS", "30"),
    ],
)
def test_a_wrong_environment_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidConfiguration, match=name):
        Configuration.from_environment(ENVIRONMENT | {name: value})
