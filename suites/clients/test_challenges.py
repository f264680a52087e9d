"""What comes after the password: CLI-15 and CLI-17."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CLIENT, HIGH, MEDIUM, SHOULD, cases, check
from harness.client_front import Reply
from harness.client_moves import challenge, code_replaced, instead_of_the_tokens, result_with
from harness.findings import Finding, Inconclusive
from harness.mail import newest_code, wrong_code
from harness.second_factors import SMS, SOFTWARE_TOKEN, AuthenticatorApp, pool_with_mfa, set_up_software_token
from harness.sign_in import HonestTwin

if TYPE_CHECKING:
    from random import Random

    from harness.client import ClientUnderTest
    from harness.client_stage import Account

UNANSWERED = {
    "NEW_PASSWORD_REQUIRED": challenge(
        "NEW_PASSWORD_REQUIRED", USER_ID_FOR_SRP="somebody", requiredAttributes="[]", userAttributes="{}"
    ),
    "SOFTWARE_TOKEN_MFA": challenge("SOFTWARE_TOKEN_MFA", USER_ID_FOR_SRP="somebody"),
    "SMS_MFA": challenge("SMS_MFA", USER_ID_FOR_SRP="somebody", CODE_DELIVERY_DESTINATION="+*******0100"),
    "DEVICE_SRP_AUTH": challenge("DEVICE_SRP_AUTH", USERNAME="somebody"),
    "CUSTOM_CHALLENGE": challenge("CUSTOM_CHALLENGE", USERNAME="somebody"),
    "a challenge of another day": challenge("PROVE_YOU_ARE_YOU", USERNAME="somebody"),
    "an empty answer": Reply(),
    "an empty AuthenticationResult": Reply(body=b'{"AuthenticationResult": {}, "ChallengeParameters": {}}'),
}


@check(
    "CLI-15",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito API, RespondToAuthChallenge: who is signed in has AuthenticationResult",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client"},
    killed_by={
        "client.success.challenge-taken-for-it": "took NEW_PASSWORD_REQUIRED for success",
        "client.success.without-tokens": "took an empty answer for success",
    },
)
@cases("answer", {name: name for name in UNANSWERED})
def test_a_challenge_is_never_success(trial: ClientUnderTest, answer: str) -> None:
    """A challenge after the password, or an answer without tokens, is reported, and never taken for success.

    The password alone does not sign in a user who has a second factor. An application that takes the client's word
    lets in whoever has the password. Count as signed in only who has tokens, and name the challenge otherwise.
    """
    account = trial.stage.account()
    with trial.between_honest():
        attempt = trial.attempt(account, script=instead_of_the_tokens(UNANSWERED[answer]), may_hang=True)
        if attempt.claims_success:
            raise Finding(f"the client took {answer} for success")
        if attempt.hung:
            raise Finding(f"the client hung after {answer}")
    trial.observe(answer, f"reported as {attempt.answer.get('challenge') or attempt.answer.get('error_type')}")


def judge_completion(trial: ClientUnderTest, name: str, account: Account, **how: Any) -> None:
    """A challenge that the client was given the answer to: completed or reported, never taken for success."""
    attempt = trial.attempt(account, **how)
    if name not in attempt.challenges:
        raise Inconclusive(f"the client was not asked {name}: {attempt.described()}")
    if attempt.claims_success and not attempt.issued:
        raise Finding(f"the client took {name} for success")
    if attempt.issued and not attempt.claims_success:
        raise Finding(f"the client completed {name}, and reported an error: {attempt.described()}")
    trial.observe(name, "completed" if attempt.claims_success else f"reported: {attempt.described()}")


@check(
    "CLI-15b",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API, RespondToAuthChallenge: NEW_PASSWORD_REQUIRED",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client", "client.new_password"},
    killed_by={"client.success.challenge-taken-for-it": "took NEW_PASSWORD_REQUIRED for success"},
)
def test_a_new_password_is_chosen(trial: ClientUnderTest) -> None:
    """A user with a temporary password chooses a new one and is signed in, or is told that one is wanted."""
    stage = trial.stage
    account = stage.account()
    account.pool.set_temporary_password(account.user.username, account.user.password)
    with trial.between_honest():
        judge_completion(trial, "NEW_PASSWORD_REQUIRED", account, answers={"new_password": stage.names.password()})


@check(
    "CLI-15c",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API, RespondToAuthChallenge: SOFTWARE_TOKEN_MFA",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client", "client.mfa"},
    killed_by={"client.success.challenge-taken-for-it": "took SOFTWARE_TOKEN_MFA for success"},
)
def test_a_code_of_an_authenticator_app_completes(trial: ClientUnderTest, randomness: Random) -> None:
    """A user with an authenticator app is signed in with its code, and not with a wrong one."""
    stage = trial.stage
    account = stage.account(pool_with_mfa(stage.arrangements, "OPTIONAL", SOFTWARE_TOKEN))
    app = _app_of(account, trial, randomness)
    with trial.between_honest():
        code = app.fresh_code()
        wrong = trial.attempt(account, answers={"totp": wrong_code(code)})
        if wrong.claims_success:
            raise Finding("the client took SOFTWARE_TOKEN_MFA for success, answered with a wrong code")
        judge_completion(trial, "SOFTWARE_TOKEN_MFA", account, answers={"totp": code})


def _app_of(account: Account, trial: ClientUnderTest, randomness: Random) -> AuthenticatorApp:
    """An authenticator app, set up by the user without the client."""
    now = trial.stage.pool.clock.now
    twin = HonestTwin(account.pool, account.client, account.user, randomness=randomness, now=now)
    return set_up_software_token(
        account.pool, account.user, twin.but(), now=now, advance=trial.stage.pool.clock.advance
    )


@check(
    "CLI-15d",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API, RespondToAuthChallenge: SMS_MFA",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client", "client.mfa"},
    killed_by={"client.success.challenge-taken-for-it": "took SMS_MFA for success"},
)
def test_a_code_that_is_sent_completes(trial: ClientUnderTest) -> None:
    """A user with a telephone is signed in with the code that is sent to it.

    The client is told a code before one is sent; on its way to the pool it is replaced by the one that was.
    """
    stage, number = trial.stage, "+12065550100"
    account = stage.account(pool_with_mfa(stage.arrangements, "OPTIONAL", SMS), phone_number=number)
    account.pool.administer(
        "AdminSetUserMFAPreference", account.user.username, SMSMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    with trial.between_honest():
        judge_completion(
            trial,
            "SMS_MFA",
            account,
            answers={"sms_code": "000000"},
            script=code_replaced("SMS_MFA_CODE", lambda: newest_code(stage.pool.phone, number)),
        )


def with_another_signature(token: str) -> str:
    """The token with another signature."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{signature[:-8]}{'A' * 8}"


def unsigned(token: str) -> str:
    """The token without a signature."""
    return token.rpartition(".")[0] + "."


FORGERIES: Mapping[str, Callable[[str], str]] = {
    "another signature": with_another_signature,
    "no signature": unsigned,
    "three words": lambda _: "not.a.token",
}


@check(
    "CLI-17",
    level=SHOULD,
    severity=HIGH,
    clause="AWS, verifying JSON web tokens",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client", "client.verifies_tokens"},
    killed_by={
        "client.tokens.forged-accepted": "reported success after AccessToken with",
        "client.tokens.id-token-unverified": "reported success after IdToken with",
    },
)
@cases("forgery", {name: name for name in FORGERIES})
@cases("token", {"AccessToken": "AccessToken", "IdToken": "IdToken"})
def test_forged_tokens_are_refused(trial: ClientUnderTest, token: str, forgery: str) -> None:
    """A client that verifies the tokens it is given refuses a forged one, and takes the pool's own.

    A server application that signs users in for them and reads their claims needs this where it does not trust
    the way to Cognito. Verify both tokens with the pool's published keys before a claim is read.
    """
    stage = trial.stage
    account = stage.account()
    pool_id = account.pool.user_pool_id
    told: dict[str, Any] = {
        "issuer": f"https://cognito-idp.{stage.region}.amazonaws.com/{pool_id}",
        "jwks_uri": f"{stage.front.url()}/{pool_id}/.well-known/jwks.json",
    }
    forge = FORGERIES[forgery]

    def honest(when: str) -> None:
        attempt = trial.attempt(account, **told)
        if not attempt.signed_in:
            raise Inconclusive(f"the honest twin failed {when} the change: {attempt.described()}")

    honest("before")
    trial.must_end_in_an_error(
        f"{token} with {forgery}",
        account,
        script=result_with(lambda result: {**result, token: forge(result[token])}),
        **told,
    )
    honest("after")
