"""The handlers as Lambda calls them: configured by the environment, warm after the first event."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.triggers import lambda_handlers
from tests.triggers.cognito import ASKS_FOR_A_LINK, Deployment, SignIn, new_user


@pytest.fixture
def _deployed_as_functions(at: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    variables = {
        "AWS_ENDPOINT_URL": at.service.endpoint,
        "AWS_REGION": at.service.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SIGN_IN_TABLE": at.configuration.table,
        "SIGNING_KEY_ID": at.configuration.signing_key,
        "HASHING_SECRET": at.configuration.hashing_secret.decode(),
        "MAIL_SENDER": at.configuration.sender,
        "LINK_ORIGINS": "https://app.example.com",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    lambda_handlers._triggers.cache_clear()
    yield
    lambda_handlers._triggers.cache_clear()


@pytest.mark.usefixtures("_deployed_as_functions")
def test_the_handlers_carry_a_sign_in_to_its_claims(at: Deployment) -> None:
    user = new_user()
    sign_in = SignIn(at, user)
    event = lambda_handlers.define_auth_challenge(sign_in.event("DefineAuthChallenge_Authentication"), None)
    assert event["response"]["challengeName"] == "CUSTOM_CHALLENGE"
    created = lambda_handlers.create_auth_challenge(sign_in.event("CreateAuthChallenge_Authentication"), None)
    sign_in.session = [
        {
            "challengeName": "CUSTOM_CHALLENGE",
            "challengeResult": False,
            "challengeMetadata": created["response"]["challengeMetadata"],
        }
    ]
    asked = sign_in.event("CreateAuthChallenge_Authentication", ASKS_FOR_A_LINK)
    sign_in.challenge = lambda_handlers.create_auth_challenge(asked, None)["response"]
    verifying = sign_in.verifying(at.mails_to(user)[0], ASKS_FOR_A_LINK)
    assert lambda_handlers.verify_auth_challenge_response(verifying, None)["response"] == {"answerCorrect": True}
    claims = lambda_handlers.pre_token_generation(sign_in.event("TokenGeneration_Authentication"), None)["response"]
    assert claims == {"claimsOverrideDetails": {"claimsToAddOrOverride": {"sign_in_method": "MAGIC_LINK"}}}
    assert lambda_handlers.pre_sign_up(sign_in.event("PreSignUp_SignUp"), None)["response"]["autoConfirmUser"] is False
