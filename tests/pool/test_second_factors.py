"""Second factors in detail: settings, words of the errors, and what reaches the user."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from protocol.totp import totp
from tests.pool.caller import PASSWORD, Answer, Client, UserPool, Wire
from tests.pool.conftest import EVERY_FLOW

TOKEN: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
SMS: dict[str, Any] = {
    "SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/a"}}
}
EMAIL: dict[str, Any] = {"EmailMfaConfiguration": {"Message": "Your code is {####}", "Subject": "Your code"}}
INVALID = "InvalidParameterException"


def pool_with(service: EmbeddedPool, wire: Wire, mode: str, **settings: Any) -> UserPool:
    pool = UserPool.make(service, wire)
    wire.did("SetUserPoolMfaConfig", UserPoolId=pool.id, MfaConfiguration=mode, **settings)
    return pool


@pytest.fixture
def pool(service: EmbeddedPool, wire: Wire) -> UserPool:
    return pool_with(service, wire, "OPTIONAL", **TOKEN, **SMS, **EMAIL)


@pytest.fixture
def client(pool: UserPool) -> Client:
    return pool.client(*EVERY_FLOW)


@pytest.fixture
def user(pool: UserPool) -> str:
    return pool.user(email="ann@example.org", phone_number="+15555550123")


def sign_in(pool: UserPool, client: Client, user: str) -> Answer:
    return pool.wire.call(
        "InitiateAuth",
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=client.id,
        AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD} | client.hash(user),
    )


def respond(pool: UserPool, client: Client, user: str, challenged: Answer, **responses: str) -> Answer:
    return pool.wire.call(
        "RespondToAuthChallenge",
        ClientId=client.id,
        ChallengeName=challenged.json["ChallengeName"],
        Session=challenged.json["Session"],
        ChallengeResponses={"USERNAME": user} | client.hash(user) | responses,
    )


def prefer(pool: UserPool, user: str, **settings: dict[str, bool]) -> Answer:
    return pool.wire.call("AdminSetUserMFAPreference", UserPoolId=pool.id, Username=user, **settings)


ON = {"Enabled": True, "PreferredMfa": True}


def software_token(pool: UserPool, client: Client, user: str) -> bytes:
    """A verified secret; the pool's clock has gone on by a step since, and stands there, so that no code grows old."""
    pool.service.clock.set(pool.service.clock.now())
    access = sign_in(pool, client, user).tokens["AccessToken"]
    secret = base64.b32decode(pool.wire.did("AssociateSoftwareToken", AccessToken=access)["SecretCode"])
    code = totp(secret, pool.service.clock.now())
    assert pool.wire.did("VerifySoftwareToken", AccessToken=access, UserCode=code) == {"Status": "SUCCESS"}
    pool.service.clock.advance(timedelta(seconds=30))
    return secret


# Settings


def test_the_settings_of_a_pool_are_answered_as_they_were_given(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire)
    assert wire.did("GetUserPoolMfaConfig", UserPoolId=pool.id) == {"MfaConfiguration": "OFF"}
    given = {"MfaConfiguration": "OPTIONAL", **TOKEN, **SMS, **EMAIL}
    assert wire.did("SetUserPoolMfaConfig", UserPoolId=pool.id, **given) == given
    assert wire.did("GetUserPoolMfaConfig", UserPoolId=pool.id) == given
    described = wire.did("DescribeUserPool", UserPoolId=pool.id)["UserPool"]
    assert described["MfaConfiguration"] == "OPTIONAL"


def test_mfa_is_not_turned_on_without_a_factor(service: EmbeddedPool, wire: Wire) -> None:
    pool = UserPool.make(service, wire)
    for mode in ("ON", "OPTIONAL"):
        assert wire.call("SetUserPoolMfaConfig", UserPoolId=pool.id, MfaConfiguration=mode).error[0] == INVALID


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SoftwareTokenMfaSettings": ON}, "User has not verified software token mfa"),
        ({"EmailMfaSettings": ON, "SMSMfaSettings": ON}, "Only one MFA type can be the preferred one."),
        ({"SMSMfaSettings": {"Enabled": False, "PreferredMfa": True}}, "A preferred MFA type has to be enabled."),
    ],
)
def test_a_preference_that_cannot_be_is_refused(
    pool: UserPool, user: str, settings: dict[str, Any], words: str
) -> None:
    assert prefer(pool, user, **settings).error == (INVALID, words)


def test_a_factor_without_an_address_or_outside_the_pool_is_not_enabled(service: EmbeddedPool, wire: Wire) -> None:
    pool = pool_with(service, wire, "OPTIONAL", **SMS)
    user = pool.user()
    without = "User does not have delivery config set to turn on SMS_MFA"
    assert prefer(pool, user, SMSMfaSettings=ON).error == (INVALID, without)
    assert prefer(pool, user, EmailMfaSettings=ON).error[0] == INVALID


def test_what_a_user_has_set_up_is_shown_to_them_and_to_administrators(
    pool: UserPool, client: Client, user: str
) -> None:
    access = sign_in(pool, client, user).tokens["AccessToken"]
    pool.wire.did("SetUserMFAPreference", AccessToken=access, EmailMfaSettings=ON, SMSMfaSettings={"Enabled": True})
    for shown in (
        pool.wire.did("GetUser", AccessToken=access),
        pool.wire.did("AdminGetUser", UserPoolId=pool.id, Username=user),
    ):
        assert shown["UserMFASettingList"] == ["EMAIL_OTP", "SMS_MFA"]
        assert shown["PreferredMfaSetting"] == "EMAIL_OTP"


# Codes that are sent


def test_a_text_goes_to_the_users_number_and_its_code_signs_in(
    service: EmbeddedPool, pool: UserPool, client: Client, user: str
) -> None:
    prefer(pool, user, SMSMfaSettings=ON)
    challenged = sign_in(pool, client, user)
    parameters = challenged.json["ChallengeParameters"]
    assert challenged.json["ChallengeName"] == "SMS_MFA"
    assert parameters["CODE_DELIVERY_DELIVERY_MEDIUM"] == "SMS"
    assert parameters["CODE_DELIVERY_DESTINATION"].endswith("0123")
    assert "555555" not in parameters["CODE_DELIVERY_DESTINATION"]
    message = service.phone.to("+15555550123")[-1]
    assert abs(message.sent_at - service.clock.now()) < timedelta(seconds=30)
    code = next(word.strip(".") for word in message.text.split() if word.strip(".").isdigit())
    assert len(code) == 6
    wrong = ("CodeMismatchException", "Invalid code or auth state for the user.")
    assert respond(pool, client, user, challenged, SMS_MFA_CODE="000000" if code != "000000" else "1").error == wrong
    assert respond(pool, client, user, challenged, SMS_MFA_CODE=code).has_tokens
    used = "Invalid session for the user, session can only be used once."
    assert respond(pool, client, user, challenged, SMS_MFA_CODE=code).error == ("NotAuthorizedException", used)


def test_a_mail_goes_to_the_users_address_through_ses(
    service: EmbeddedPool, wire: Wire, pool: UserPool, client: Client, user: str
) -> None:
    prefer(pool, user, EmailMfaSettings=ON)
    challenged = sign_in(pool, client, user)
    assert challenged.json["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "a***@e***"
    message = service.mailbox.to("ann@example.org")[-1]
    code = next(word.strip(".") for word in message.text.split() if word.strip(".").isdigit())
    assert len(code) == 8
    assert message.subject
    assert respond(pool, client, user, challenged, EMAIL_OTP_CODE=code).has_tokens
    sent = wire.send(
        "POST",
        "/",
        b"Action=GetSendQuota&Version=2010-12-01",
        {
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{service.region}/ses/aws4_request",
            "Content-Type": "application/x-www-form-urlencoded",
            "Host": f"email.{service.region}.amazonaws.com",
        },
    )
    assert b"<SentLast24Hours>0" not in sent.body


def test_a_number_that_no_text_reaches_is_an_error_and_no_way_in(pool: UserPool, client: Client) -> None:
    user = pool.user(phone_number="not a number")
    prefer(pool, user, SMSMfaSettings=ON)
    assert sign_in(pool, client, user).error[0] == INVALID


# Software tokens


def test_the_words_of_a_wrong_code_and_of_a_used_one(pool: UserPool, client: Client, user: str) -> None:
    secret = software_token(pool, client, user)
    prefer(pool, user, SoftwareTokenMfaSettings=ON)
    challenged = sign_in(pool, client, user)
    mismatch = ("CodeMismatchException", "Invalid code received for user")
    wrong = totp(secret, pool.service.clock.now() + timedelta(minutes=10))
    assert respond(pool, client, user, challenged, SOFTWARE_TOKEN_MFA_CODE=wrong).error == mismatch
    code = totp(secret, pool.service.clock.now())
    assert respond(pool, client, user, challenged, SOFTWARE_TOKEN_MFA_CODE=code).has_tokens
    used = ("ExpiredCodeException", "Your software token has already been used once.")
    again = sign_in(pool, client, user)
    assert respond(pool, client, user, again, SOFTWARE_TOKEN_MFA_CODE=code).error == used


def test_the_code_that_verified_a_token_does_not_sign_in(pool: UserPool, client: Client, user: str) -> None:
    secret = software_token(pool, client, user)
    pool.service.clock.advance(timedelta(seconds=-30))
    prefer(pool, user, SoftwareTokenMfaSettings=ON)
    code = totp(secret, pool.service.clock.now())
    answer = respond(pool, client, user, sign_in(pool, client, user), SOFTWARE_TOKEN_MFA_CODE=code)
    assert answer.error[0] == "ExpiredCodeException"


def test_a_token_that_is_set_up_again_counts_once_it_is_verified(pool: UserPool, client: Client, user: str) -> None:
    old = software_token(pool, client, user)
    access = sign_in(pool, client, user).tokens["AccessToken"]
    prefer(pool, user, SoftwareTokenMfaSettings=ON)
    new = base64.b32decode(pool.wire.did("AssociateSoftwareToken", AccessToken=access)["SecretCode"])
    now = pool.service.clock.now()
    challenged = sign_in(pool, client, user)
    assert respond(pool, client, user, challenged, SOFTWARE_TOKEN_MFA_CODE=totp(new, now)).error
    assert respond(pool, client, user, challenged, SOFTWARE_TOKEN_MFA_CODE=totp(old, now)).has_tokens
    mismatch = pool.wire.call("VerifySoftwareToken", AccessToken=access, UserCode="000000")
    assert mismatch.error == ("EnableSoftwareTokenMFAException", "Code mismatch")


def test_a_token_is_not_set_up_where_the_pool_has_none(service: EmbeddedPool, wire: Wire) -> None:
    pool = pool_with(service, wire, "OPTIONAL", **SMS)
    client, user = pool.client(*EVERY_FLOW), pool.user()
    access = sign_in(pool, client, user).tokens["AccessToken"]
    assert wire.call("AssociateSoftwareToken", AccessToken=access).error[0] == "SoftwareTokenMFANotFoundException"
    assert wire.call("AssociateSoftwareToken").error[0] == INVALID


# What is demanded of whom


def test_a_pool_without_mfa_asks_nobody(service: EmbeddedPool, pool: UserPool, client: Client, user: str) -> None:
    prefer(pool, user, SMSMfaSettings=ON)
    pool.wire.did("SetUserPoolMfaConfig", UserPoolId=pool.id, MfaConfiguration="OFF")
    assert sign_in(pool, client, user).has_tokens


def test_where_mfa_is_on_an_address_is_a_factor_without_being_set_up(service: EmbeddedPool, wire: Wire) -> None:
    pool = pool_with(service, wire, "ON", **TOKEN, **SMS, **EMAIL)
    client = pool.client(*EVERY_FLOW)
    by_mail = sign_in(pool, client, pool.user(email="ann@example.org")).json
    assert by_mail["ChallengeName"] == "EMAIL_OTP"
    either = sign_in(pool, client, pool.user(email="ann@example.org", phone_number="+15555550123")).json
    assert either["ChallengeName"] == "SELECT_MFA_TYPE"
    assert json.loads(either["ChallengeParameters"]["MFAS_CAN_CHOOSE"]) == ["SMS_MFA", "EMAIL_OTP"]
    nothing = sign_in(pool, client, pool.user()).json
    assert nothing["ChallengeName"] == "MFA_SETUP"
    can = json.loads(nothing["ChallengeParameters"]["MFAS_CAN_SETUP"])
    assert can == ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]


@pytest.mark.parametrize("change", ["reset", "temporary"])
def test_a_password_changed_by_an_administrator_ends_a_half_finished_sign_in(
    pool: UserPool, client: Client, change: str
) -> None:
    user = pool.user(email="ann@example.org", email_verified="true")
    secret = software_token(pool, client, user)
    prefer(pool, user, SoftwareTokenMfaSettings=ON)
    challenged = sign_in(pool, client, user)
    if change == "reset":
        pool.wire.did("AdminResetUserPassword", UserPoolId=pool.id, Username=user)
    else:
        pool.set_password(user, "Temporary-Word-1", permanent=False)
    code = totp(secret, pool.service.clock.now())
    assert respond(pool, client, user, challenged, SOFTWARE_TOKEN_MFA_CODE=code).error
