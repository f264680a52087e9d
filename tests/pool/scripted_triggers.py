"""A user pool whose triggers do what a test says, and remember every event that they got."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.pool import EmbeddedPool
from tests.pool.caller import Answer, Client, UserPool, Wire

Event = dict[str, Any]
Script = Callable[[Event], object]
CUSTOM = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
_numbers = itertools.count(1)


def responding(**members: Any) -> Script:
    """A function that answers the same each time."""
    return lambda event: event | {"response": members}


def define_by_rounds(event: Event) -> object:
    """Two right answers bring tokens, three wrong ones the end."""
    results = [entry["challengeResult"] for entry in event["request"]["session"]]
    if results[-1:] == [True]:
        return event | {"response": {"issueTokens": True, "failAuthentication": False}}
    if len(results) >= 3:
        return event | {"response": {"issueTokens": False, "failAuthentication": True}}
    return event | {
        "response": {"challengeName": "CUSTOM_CHALLENGE", "issueTokens": False, "failAuthentication": False}
    }


def verify_against_private(event: Event) -> object:
    """The right answer is the private parameter `answer`."""
    request = event["request"]
    right = request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]
    return event | {"response": {"answerCorrect": right}}


def create_for(event: Event) -> object:
    """The answer is a word that counts the rounds."""
    number = len(event["request"]["session"]) + 1
    return event | {
        "response": {
            "publicChallengeParameters": {"hint": f"round {number}"},
            "privateChallengeParameters": {"answer": f"word {number}"},
            "challengeMetadata": f"metadata {number}",
        }
    }


@dataclass
class Scripted:
    """Functions behind a user pool; every one may be replaced."""

    pool: UserPool
    client: Client
    arns: Mapping[str, str]
    events: list[tuple[str, Event]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def make(
        cls,
        service: EmbeddedPool,
        wire: Wire,
        *triggers: str,
        secret: bool = False,
        versioned: bool = False,
        client: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Scripted:
        """A user pool with these triggers, the custom-auth ones doing their part, and a client for all flows."""
        number = next(_numbers)
        arns = {name: f"arn:aws:lambda:us-east-1:123456789012:function:{name}-{number}" for name in triggers}
        lambdas: dict[str, Any] = dict(arns)
        if versioned:
            lambdas["PreTokenGenerationConfig"] = {
                "LambdaVersion": "V2_0",
                "LambdaArn": lambdas.pop("PreTokenGeneration"),
            }
        pool = UserPool.make(service, wire, LambdaConfig=lambdas, **settings)
        made = cls(
            pool,
            pool.client(
                "ALLOW_CUSTOM_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
                secret=secret,
                **(client or {}),
            ),
            arns,
        )
        honest = dict(zip(CUSTOM, (define_by_rounds, create_for, verify_against_private), strict=True))
        for name in triggers:
            made.play(name, honest.get(name, lambda event: event))
        return made

    def play(self, trigger: str, script: Script) -> None:
        """Put a function behind a trigger."""

        def remembering(event: Event) -> object:
            with self._lock:
                self.events.append((trigger, event))
            return script(event)

        self.pool.service.functions.deploy(self.arns[trigger], remembering)

    def requests(self, trigger: str) -> list[Event]:
        """What a trigger was asked, oldest first."""
        return [event["request"] for name, event in self.events if name == trigger]

    def initiate(self, username: str, *, metadata: Mapping[str, str] | None = None, **parameters: str) -> Answer:
        more = {"ClientMetadata": dict(metadata)} if metadata else {}
        return self.pool.wire.call(
            "InitiateAuth",
            AuthFlow="CUSTOM_AUTH",
            ClientId=self.client.id,
            AuthParameters={"USERNAME": username} | self.client.hash(username) | parameters,
            **more,
        )

    def answer(
        self,
        username: str,
        challenge: Answer | str,
        answer: str,
        *,
        wire: Wire | None = None,
        metadata: Mapping[str, str] | None = None,
        **responses: str,
    ) -> Answer:
        more = {"ClientMetadata": dict(metadata)} if metadata else {}
        session = challenge if isinstance(challenge, str) else challenge.json["Session"]
        return (wire or self.pool.wire).call(
            "RespondToAuthChallenge",
            ClientId=self.client.id,
            ChallengeName="CUSTOM_CHALLENGE",
            Session=session,
            ChallengeResponses={"USERNAME": username, "ANSWER": answer} | self.client.hash(username) | responses,
            **more,
        )
