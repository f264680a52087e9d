"""A custom sign-in sends what an honest client sends, but for the one thing that a check changes."""

from __future__ import annotations

import random
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from harness.arrangement import AppClient, Names, TestUser, UserPool
from harness.custom_auth import CUSTOM_CHALLENGE, CustomAuthSignIn, CustomChange, at_once, must_not_sign_in
from harness.dialects import Say
from harness.findings import Finding
from harness.sign_in import Left, Outcome
from harness.transcript import Transcript
from harness.wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

MARTA = TestUser("marta", "not used")
SAID = Say("the answer", {"method": "link", "uri": "https://app.example.com/"})


class Scripted(Wire):
    """A wire that answers from a list and keeps what was asked."""

    def __init__(self, *answers: str) -> None:
        super().__init__("http://127.0.0.1:9", transcript=Transcript(), timeout_seconds=1)
        self.answers = list(answers)
        self.asked: list[tuple[str, Any, Any]] = []

    def call(
        self,
        operation: str,
        request: Mapping[str, Any] | bytes,
        *,
        patiently: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self.asked.append((operation, request, headers))
        return Answer(operation, 200, {}, self.answers.pop(0).encode(), 0.0)


def challenge(session: str, username: str = "the-sub") -> str:
    return (
        f'{{"ChallengeName": "{CUSTOM_CHALLENGE}", "Session": "{session}",'
        f' "ChallengeParameters": {{"USERNAME": "{username}"}}}}'
    )


def sign_in(wire: Wire, change: CustomChange | None = None, secret: str | None = None) -> CustomAuthSignIn:
    pool = UserPool(wire, Names(random.Random(1), "canary"), "us-east-1_Example")  # noqa: S311 - test data
    return CustomAuthSignIn(
        pool, AppClient("us-east-1_Example", "client", secret), MARTA, change=change or CustomChange()
    )


def test_each_answer_carries_the_newest_session_and_the_challenges_own_user_name() -> None:
    wire = Scripted(challenge("first"), challenge("second"), challenge("third"))
    sign_in(wire).say(SAID, SAID)
    (started, begun, _), (_, one, _), (_, two, _) = wire.asked
    assert started == "InitiateAuth"
    assert begun["AuthParameters"] == {"USERNAME": "marta"}
    assert [one["Session"], two["Session"]] == ["first", "second"]
    assert one["ChallengeResponses"] == {"USERNAME": "the-sub", "ANSWER": "the answer"}
    assert one["ClientMetadata"] == {"method": "link", "uri": "https://app.example.com/"}


def test_saying_ends_with_the_first_answer_that_is_no_challenge() -> None:
    wire = Scripted(challenge("first"), "{}")
    outcome = sign_in(wire).say(SAID, SAID, SAID)
    assert outcome.challenge_name is None
    assert len(wire.asked) == 2


@pytest.mark.parametrize(
    ("change", "member", "value"),
    [
        (CustomChange(session="another"), "Session", "another"),
        (CustomChange(client_id="another"), "ClientId", "another"),
        (CustomChange(challenge_name="SMS_MFA"), "ChallengeName", "SMS_MFA"),
        (CustomChange(username="paul"), "ChallengeResponses", {"USERNAME": "paul", "ANSWER": "the answer"}),
        (CustomChange(username=Left.OUT), "ChallengeResponses", {"ANSWER": "the answer"}),
        (CustomChange(answer="other"), "ChallengeResponses", {"USERNAME": "the-sub", "ANSWER": "other"}),
        (CustomChange(answer=""), "ChallengeResponses", {"USERNAME": "the-sub", "ANSWER": ""}),
        (CustomChange(metadata={"uri": Left.OUT}), "ClientMetadata", {"method": "link"}),
        (CustomChange(metadata={"more": "x"}), "ClientMetadata", {**SAID.metadata, "more": "x"}),
        (CustomChange(all_metadata={"x": "y"}), "ClientMetadata", {"x": "y"}),
    ],
)
def test_a_change_changes_one_member_of_the_answer(change: CustomChange, member: str, value: object) -> None:
    wire = Scripted(challenge("first"), "{}")
    begun = sign_in(wire)
    begun.initiate()
    honest = begun.prepare(SAID)
    begun.change = change
    changed = begun.prepare(SAID)
    assert changed[member] == value
    assert {name for name in honest if honest[name] != changed.get(name)} == {member}


def test_a_client_with_a_secret_proves_it_in_every_request() -> None:
    wire = Scripted(challenge("first"), "{}")
    sign_in(wire, secret="s3cret").say(SAID)
    started, answered = (request for _, request, _ in wire.asked)
    assert started["AuthParameters"]["SECRET_HASH"] != answered["ChallengeResponses"]["SECRET_HASH"]


def test_headers_go_with_every_request() -> None:
    wire = Scripted(challenge("first"), "{}")
    sign_in(wire, CustomChange(headers={"X-Forwarded-Host": "evil.example"})).say(SAID)
    assert [headers for _, _, headers in wire.asked] == [{"X-Forwarded-Host": "evil.example"}] * 2


def test_a_further_challenge_is_no_sign_in_and_an_empty_answer_no_refusal() -> None:
    wire = Scripted(challenge("first"))
    must_not_sign_in(sign_in(wire).initiate(), "nothing")
    with pytest.raises(Finding, match="no clean refusal of nothing"):
        must_not_sign_in(Outcome(Answer("InitiateAuth", 200, {}, b"{}", 0.0)), "nothing")
    tokens = Answer("InitiateAuth", 200, {}, b'{"AuthenticationResult": {"AccessToken": "a"}}', 0.0)
    with pytest.raises(Finding, match="tokens were issued for nothing"):
        must_not_sign_in(Outcome(tokens), "nothing")


async def test_calls_made_at_once_run_at_once_and_keep_their_order() -> None:
    together = threading.Barrier(30)

    def call(number: int) -> int:
        together.wait(20)
        return number

    assert await at_once([partial(call, number) for number in range(30)]) == list(range(30))
