"""Cognito as the triggers see it: the events of one sign-in, one call at a time."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from fakes.faults import FaultSwitches
from fakes.pool import EmbeddedPool
from fakes.triggers import Configuration, ReferenceTriggers, Services

PAGE = "https://app.example.com/sign-in"
ASKS_FOR_A_LINK = {"signInMethod": "MAGIC_LINK", "redirectUri": PAGE, "alreadyHaveMagicLink": "no"}
HAS_A_LINK = ASKS_FOR_A_LINK | {"alreadyHaveMagicLink": "yes"}
CONFIRMED_ELSEWHERE = HAS_A_LINK | {"crossDevice": "confirmed"}
ASKS_FOR_A_CODE = {"signInMethod": "SMS_OTP_STEPUP"}
POOL_ID, CLIENT_ID = "eu-west-1_abcdefghi", "1example23456789"
PASSKEYS = "passkeys"
_numbers = itertools.count(1)


@dataclass
class Clock:
    """A clock that stands unless it is moved."""

    moment: datetime = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Deployment:
    """Reference triggers at an embedded pool's services, with a table and a key of their own."""

    service: EmbeddedPool
    configuration: Configuration
    services: Services
    clock: Clock = field(default_factory=Clock)
    faults: FaultSwitches = field(default_factory=FaultSwitches)
    logged: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cold_start()

    def cold_start(self) -> None:
        self.triggers = ReferenceTriggers(
            self.services, self.configuration, self.clock, self.faults, log=self.logged.append
        )

    @classmethod
    def at(cls, service: EmbeddedPool) -> Deployment:
        session = boto3.Session(aws_access_key_id="t", aws_secret_access_key="t", region_name=service.region)
        aws = {name: session.client(name, endpoint_url=service.endpoint) for name in ("dynamodb", "kms", "ses")}
        for table, key in (("sign-in", "id"), (PASSKEYS, "pk")):
            aws["dynamodb"].create_table(
                TableName=table,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        made = aws["kms"].create_key(KeySpec="RSA_3072", KeyUsage="SIGN_VERIFY")
        aws["kms"].create_alias(AliasName="alias/links", TargetKeyId=made["KeyMetadata"]["KeyId"])
        aws["ses"].verify_email_identity(EmailAddress="no-reply@example.com")
        configuration = Configuration(
            table="sign-in",
            signing_key="alias/links",
            hashing_secret=b"a secret of the tests, sixteen or more",
            sender="no-reply@example.com",
            link_origins=("https://app.example.com",),
            persisted_metadata=("theme",),
            passkeys_table=PASSKEYS,
        )
        return cls(service, configuration, Services.at(service.endpoint, service.region, session))

    def mails_to(self, user: Mapping[str, str]) -> list[str]:
        """The fragments that were mailed to a user, oldest first."""
        return [_fragment(message.text) for message in self.service.mailbox.to(user["email"])]

    def codes_to(self, user: Mapping[str, str]) -> list[str]:
        return [re.findall(r"\d{6}", message.text)[0] for message in self.service.phone.to(user["phone_number"])]

    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.services.database.scan(TableName="sign-in")["Items"]
        return found


def _fragment(text: str) -> str:
    (found,) = re.findall(r"https://[^\s#]+#(\S+)", text)
    return str(found)


def new_user(**attributes: str) -> dict[str, str]:
    """A user's attributes as events carry them."""
    number = next(_numbers)
    return {
        "sub": f"00000000-0000-4000-8000-{number:012}",
        "cognito:user_status": "CONFIRMED",
        "email": f"user-{number}@users.example.com",
        "email_verified": "true",
        "phone_number": f"+1555{number:07}",
        "phone_number_verified": "true",
    } | attributes


@dataclass
class SignIn:
    """One sign-in. `user` None is a user who does not exist."""

    at: Deployment
    user: Mapping[str, str] | None
    name: str = ""
    pool_id: str = POOL_ID
    client_id: str = CLIENT_ID
    session: list[dict[str, Any]] = field(default_factory=list)
    challenge: dict[str, Any] = field(default_factory=dict)

    def event(self, source: str, metadata: Mapping[str, str] | None = None, **request: Any) -> dict[str, Any]:
        told: dict[str, Any] = {"userAttributes": dict(self.user or {}), "session": copy.deepcopy(self.session)}
        if self.user is None:
            told["userNotFound"] = True
        if metadata is not None:
            told["clientMetadata"] = dict(metadata)
        return {
            "version": "1",
            "region": self.at.service.region,
            "userPoolId": self.pool_id,
            "userName": self.name or (self.user["sub"] if self.user else "nobody"),
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": self.client_id},
            "triggerSource": source,
            "request": told | request,
            "response": {},
        }

    def define(self, metadata: Mapping[str, str] | None = None) -> dict[str, Any]:
        event = self.event("DefineAuthChallenge_Authentication", metadata)
        return dict(self.at.triggers.define_auth_challenge(event)["response"])

    def create(self, metadata: Mapping[str, str] | None = None) -> dict[str, Any]:
        event = self.event("CreateAuthChallenge_Authentication", metadata, challengeName="CUSTOM_CHALLENGE")
        self.challenge = self.at.triggers.create_auth_challenge(event)["response"]
        return self.challenge

    def verifying(self, answer: object, metadata: Mapping[str, str]) -> dict[str, Any]:
        return self.event(
            "VerifyAuthChallengeResponse_Authentication",
            metadata,
            privateChallengeParameters=self.challenge["privateChallengeParameters"],
            challengeAnswer=answer,
        )

    def verify(self, answer: object, metadata: Mapping[str, str]) -> bool:
        returned = self.at.triggers.verify_auth_challenge_response(self.verifying(answer, metadata))
        correct = returned["response"]["answerCorrect"]
        assert isinstance(correct, bool)
        return correct

    def answer(self, answer: object, metadata: Mapping[str, str]) -> str:
        """RespondToAuthChallenge: "tokens", "failed", or "challenged" again."""
        correct = self.verify(answer, metadata)
        self.session.append(
            {
                "challengeName": "CUSTOM_CHALLENGE",
                "challengeResult": correct,
                "challengeMetadata": self.challenge["challengeMetadata"],
            }
        )
        decided = self.define(metadata)
        if decided["issueTokens"]:
            return "tokens"
        if decided["failAuthentication"]:
            return "failed"
        self.create(metadata)
        return "challenged"

    def start(self) -> SignIn:
        assert self.define()["challengeName"] == "CUSTOM_CHALLENGE"
        self.create()
        return self

    def ask(self, metadata: Mapping[str, str]) -> SignIn:
        assert self.start().answer("__dummy__", metadata) == "challenged"
        return self

    def claims(self, version: str = "1", source: str = "TokenGeneration_Authentication", **said: str) -> dict[str, Any]:
        event = self.event(source, said) | {"version": version}
        response = self.at.triggers.pre_token_generation(event)["response"]
        details = next(iter(response.values()))
        if version != "1":
            details = details["accessTokenGeneration"]
        return dict(details["claimsToAddOrOverride"])


def step_up_answer(code: object, token: str) -> str:
    return json.dumps({"secretCode": code, "jwt": token})
