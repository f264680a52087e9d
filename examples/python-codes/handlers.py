"""Sign-in with a code that is sent by e-mail: three Cognito triggers in one file.

The code is never kept: the table holds a keyed hash of it, beside the sign-in that it was made for.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import boto3
from botocore.exceptions import ClientError

Event = dict[str, Any]
Handler = Callable[[Event, Any], Event]

TRIES = 3
FAILURES_BEFORE_LOCKED = 50
CODE_SECONDS = 300
SECONDS_BETWEEN_MAILS = 60
LOCKED_SECONDS = 3600

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_CODE = re.compile(r"[0-9]{6}")
_ROUND = re.compile(r"CODE:[A-Za-z0-9_-]{22}")
"""What stands in challengeMetadata: which sign-in this is."""

dynamodb = boto3.client("dynamodb")
ses = boto3.client("ses")


class NotNow(Exception):
    """What users are told of any failure."""


def saying_nothing(handler: Handler) -> Handler:
    """Cognito hands the message of an exception to the client: let it say nothing of the program."""

    @wraps(handler)
    def guarded(event: Event, context: Any) -> Event:
        try:
            return handler(event, context)
        except Exception as error:
            logging.getLogger().error("%s failed: %s", handler.__name__, type(error).__name__)
            raise NotNow("Signing in is not possible at the moment") from None

    return guarded


@saying_nothing
def define(event: Event, context: Any) -> Event:
    """DefineAuthChallenge: up to three tries, and nothing but our own challenge counts."""
    session, response = event["request"]["session"], event["response"]
    response.update(issueTokens=False, failAuthentication=False)
    own = all(
        entry["challengeName"] == "CUSTOM_CHALLENGE" and _ROUND.fullmatch(entry["challengeMetadata"] or "")
        for entry in session
    )
    wrong_before = all(not entry["challengeResult"] for entry in session[:-1])
    if not own or not wrong_before or len(session) > TRIES:
        response["failAuthentication"] = True
    elif session and session[-1]["challengeResult"] is True:
        known = not event["request"].get("userNotFound")
        response.update(issueTokens=known, failAuthentication=not known)
    elif len(session) == TRIES:
        response["failAuthentication"] = True
    else:
        response["challengeName"] = "CUSTOM_CHALLENGE"
    return event


@saying_nothing
def create(event: Event, context: Any) -> Event:
    """CreateAuthChallenge: the first challenge of a sign-in sends the code, the others ask for it again."""
    request = event["request"]
    if request["session"]:
        sign_in = str(request["session"][-1]["challengeMetadata"])
    else:
        sign_in = f"CODE:{secrets.token_urlsafe(16)}"
        if not request.get("userNotFound") and may_sign_in(request["userAttributes"]):
            send_code(request["userAttributes"], sign_in)
    event["response"].update(
        publicChallengeParameters={"kind": "code"},
        privateChallengeParameters={"signIn": sign_in},
        challengeMetadata=sign_in,
    )
    return event


@saying_nothing
def verify(event: Event, context: Any) -> Event:
    """VerifyAuthChallengeResponse: right once, in the sign-in that the code was made for, before it expires."""
    request = event["request"]
    answer, sign_in = request.get("challengeAnswer"), request.get("privateChallengeParameters", {}).get("signIn")
    event["response"]["answerCorrect"] = (
        not request.get("userNotFound")
        and may_sign_in(request["userAttributes"])
        and isinstance(answer, str)
        and isinstance(sign_in, str)
        and is_right(row_of(request["userAttributes"]), answer, sign_in)
    )
    return event


def may_sign_in(attributes: dict[str, str]) -> bool:
    """A confirmed user with a verified address that is one address and nothing else."""
    return (
        attributes.get("cognito:user_status") == "CONFIRMED"
        and attributes.get("email_verified") == "true"
        and _PLAIN_ADDRESS.fullmatch(attributes.get("email", "")) is not None
    )


def send_code(attributes: dict[str, str], sign_in: str) -> None:
    """Mail a code, unless one was mailed a moment ago. A new one takes the place of the old."""
    code, now = f"{secrets.randbelow(10**6):06}", int(time.time())
    try:
        dynamodb.update_item(
            TableName=os.environ["TABLE"],
            Key={"id": {"S": row_of(attributes)}},
            UpdateExpression="SET code_hash = :hash, sign_in = :in, good_until = :until, sent_at = :now, tries = :none",
            ConditionExpression="attribute_not_exists(sent_at) OR sent_at <= :before",
            ExpressionAttributeValues={
                ":hash": {"S": keyed_hash(sign_in, code)},
                ":in": {"S": keyed_hash(sign_in)},
                ":until": {"N": str(now + CODE_SECONDS)},
                ":now": {"N": str(now)},
                ":before": {"N": str(now - SECONDS_BETWEEN_MAILS)},
                ":none": {"N": "0"},
            },
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return
        raise
    ses.send_email(
        Source=os.environ["SENDER"],
        Destination={"ToAddresses": [attributes["email"]]},
        Message={
            "Subject": {"Data": "Your code"},
            "Body": {"Text": {"Data": f"Your code is {code}. It is good for five minutes. Never tell it to anybody."}},
        },
    )


def is_right(row: str, answer: str, sign_in: str) -> bool:
    """Count the try, whatever it is worth, and only then look at it: so parallel tries cannot outrun the count."""
    now = int(time.time())
    try:
        tried = dynamodb.update_item(
            TableName=os.environ["TABLE"],
            Key={"id": {"S": row}},
            UpdateExpression="SET failed_at = :now ADD tries :one, failures :one",
            ConditionExpression=(
                "sign_in = :in AND good_until > :now AND tries < :most AND "
                "(attribute_not_exists(failures) OR failures < :limit OR failed_at <= :unlocked)"
            ),
            ExpressionAttributeValues={
                ":in": {"S": keyed_hash(sign_in)},
                ":now": {"N": str(now)},
                ":one": {"N": "1"},
                ":most": {"N": str(TRIES)},
                ":limit": {"N": str(FAILURES_BEFORE_LOCKED)},
                ":unlocked": {"N": str(now - LOCKED_SECONDS)},
            },
            ReturnValues="ALL_NEW",
        )["Attributes"]
        if not _CODE.fullmatch(answer):
            return False
        if not hmac.compare_digest(tried["code_hash"]["S"], keyed_hash(sign_in, answer)):
            return False
        dynamodb.update_item(  # right once: whoever takes the hash away has used the code
            TableName=os.environ["TABLE"],
            Key={"id": {"S": row}},
            UpdateExpression="REMOVE code_hash, sign_in, failures",
            ConditionExpression="code_hash = :hash",
            ExpressionAttributeValues={":hash": tried["code_hash"]},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def row_of(attributes: dict[str, str]) -> str:
    """One row an account, under a name that tells nobody whose it is."""
    return keyed_hash("account", attributes["sub"])


def keyed_hash(*parts: str) -> str:
    """HMAC-SHA-256 under a secret that is not in the table, so that reading the table gives no code away."""
    return hmac.new(os.environ["HASHING_SECRET"].encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()
