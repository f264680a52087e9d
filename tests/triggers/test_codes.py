"""Step-up codes: the honest way, what is refused, what comes at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from tests.pool.caller import PASSWORD, UserPool, Wire
from tests.triggers.cognito import ASKS_FOR_A_CODE, Deployment, SignIn, new_user, step_up_answer


@dataclass
class Signed:
    """A user of a real pool who is signed in."""

    at: Deployment
    pool: UserPool
    client_id: str
    attributes: dict[str, str]
    tokens: dict[str, Any]

    @classmethod
    def new(cls, at: Deployment, pool: UserPool, client_id: str) -> Signed:
        name = pool.user()
        described = pool.wire.did("AdminGetUser", UserPoolId=pool.id, Username=name)
        sub = next(each["Value"] for each in described["UserAttributes"] if each["Name"] == "sub")
        signed = cls(at, pool, client_id, new_user(sub=sub), {})
        signed.tokens = pool.wire.did(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]
        return signed

    def asks(self) -> SignIn:
        return SignIn(self.at, self.attributes, pool_id=self.pool.id, client_id=self.client_id).ask(ASKS_FOR_A_CODE)

    @property
    def codes(self) -> list[str]:
        return self.at.codes_to(self.attributes)

    def answer(self, code: object, token: str | None = None) -> str:
        return step_up_answer(code, self.tokens["AccessToken"] if token is None else token)


@pytest.fixture(scope="module")
def pool(service: EmbeddedPool) -> Iterator[UserPool]:
    wire = Wire(service.endpoint)
    yield UserPool.make(service, wire)
    wire.close()


@pytest.fixture(scope="module")
def client_id(pool: UserPool) -> str:
    return pool.client("ALLOW_USER_PASSWORD_AUTH").id


@pytest.fixture
def signed(at: Deployment, pool: UserPool, client_id: str) -> Signed:
    return Signed.new(at, pool, client_id)


def test_a_code_steps_up_once_and_only_in_its_session(signed: Signed) -> None:
    first = signed.asks()
    signed.at.clock.advance(60)
    second = signed.asks()
    code, other = signed.codes
    assert first.answer(signed.answer(other), ASKS_FOR_A_CODE) == "challenged"
    assert first.answer(signed.answer(code), ASKS_FOR_A_CODE) == "tokens"
    assert not first.verify(signed.answer(code), ASKS_FOR_A_CODE)
    assert second.answer(signed.answer(other), ASKS_FOR_A_CODE) == "tokens"


def test_wrong_answers_of_any_form_are_answered_and_end_the_session_at_the_third(signed: Signed) -> None:
    signed.asks()
    (code,) = signed.codes
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    for wrong in (int(code), [code], f"0{code}", wide, f"{code}\n", "", None):
        signed.at.clock.advance(60)
        sign_in = signed.asks()
        newest = signed.codes[-1]
        assert sign_in.answer(signed.answer(wrong), ASKS_FOR_A_CODE) == "challenged"
        assert sign_in.answer("\ud800 no JSON", ASKS_FOR_A_CODE) == "challenged"
        assert sign_in.answer("[" * 9000, ASKS_FOR_A_CODE) == "failed"
        assert not sign_in.verify(signed.answer("1" + newest), ASKS_FOR_A_CODE)


def test_a_code_dies_after_five_minutes(signed: Signed) -> None:
    sign_in = signed.asks()
    signed.at.clock.advance(300)
    assert not sign_in.verify(signed.answer(signed.codes[0]), ASKS_FOR_A_CODE)


def test_parallel_guesses_are_counted(signed: Signed) -> None:
    sign_in = signed.asks()
    (code,) = signed.codes
    wrong = f"{(int(code) + 1) % 10**6:06}"
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda _: sign_in.verify(signed.answer(wrong), ASKS_FOR_A_CODE), range(20)))
    assert not sign_in.verify(signed.answer(code), ASKS_FOR_A_CODE)


def test_of_parallel_right_answers_one_wins(signed: Signed) -> None:
    sign_in = signed.asks()
    (code,) = signed.codes
    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(lambda _: sign_in.verify(signed.answer(code), ASKS_FOR_A_CODE), range(20))) == 1


def test_failures_are_counted_over_sessions(signed: Signed) -> None:
    for _ in range(4):
        sign_in = signed.asks()
        wrong = f"{(int(signed.codes[-1]) + 1) % 10**6:06}"
        for _ in range(3):
            assert not sign_in.verify(signed.answer(wrong), ASKS_FOR_A_CODE)
        signed.at.clock.advance(60)
    sign_in = signed.asks()
    assert not sign_in.verify(signed.answer(signed.codes[-1]), ASKS_FOR_A_CODE)
    signed.at.clock.advance(900)
    sign_in = signed.asks()
    assert sign_in.verify(signed.answer(signed.codes[-1]), ASKS_FOR_A_CODE)


def test_the_same_event_three_times_sends_one_code_which_is_good(signed: Signed) -> None:
    sign_in = signed.asks()
    for _ in range(2):
        signed.at.clock.advance(5)
        sign_in.create(ASKS_FOR_A_CODE)
    (code,) = signed.codes
    for _ in range(3):
        assert sign_in.verify(signed.answer(code), ASKS_FOR_A_CODE)
        signed.at.clock.advance(5)


def test_twenty_sessions_bring_one_text_a_minute(signed: Signed) -> None:
    for _ in range(20):
        signed.asks()
    assert len(signed.codes) == 1


def test_only_a_live_access_token_of_the_same_user_and_client_counts(
    signed: Signed, pool: UserPool, client_id: str
) -> None:
    other_client = pool.client("ALLOW_USER_PASSWORD_AUTH").id
    header, payload, signature = signed.tokens["AccessToken"].split(".")
    tokens = {
        "none": "",
        "no token": "a.b.c",
        "id token": signed.tokens["IdToken"],
        "another user's": Signed.new(signed.at, pool, client_id).tokens["AccessToken"],
        "another client's": Signed.new(signed.at, pool, other_client).tokens["AccessToken"],
        "alg none": f"eyJhbGciOiJub25lIn0.{payload}.",
        "wrong signature": f"{header}.{payload}.{signature[:-8]}AAAAAAAA",
    }
    sign_in = signed.asks()
    (code,) = signed.codes
    for kind, token in tokens.items():
        assert not sign_in.verify(signed.answer(code, token), ASKS_FOR_A_CODE), kind
    assert sign_in.verify(signed.answer(code), ASKS_FOR_A_CODE)


def test_a_token_that_was_signed_out_does_not_count(signed: Signed) -> None:
    sign_in = signed.asks()
    signed.pool.wire.did("GlobalSignOut", AccessToken=signed.tokens["AccessToken"])
    assert not sign_in.verify(signed.answer(signed.codes[0]), ASKS_FOR_A_CODE)


@pytest.mark.parametrize(
    "user",
    [None, new_user(phone_number_verified="false"), new_user(phone_number="12345")],
    ids=["unknown", "unverified", "no number"],
)
def test_who_gets_no_code_sees_a_mask_too(at: Deployment, user: dict[str, str] | None) -> None:
    texts, rows = len(at.service.phone.messages), len(at.rows())
    shown = SignIn(at, user).ask(ASKS_FOR_A_CODE).challenge["publicChallengeParameters"]
    known = SignIn(at, new_user()).ask(ASKS_FOR_A_CODE).challenge["publicChallengeParameters"]
    assert shown.keys() == known.keys()
    assert {len(each["phoneNumber"]) for each in (shown, known)} == {11}
    assert len(at.service.phone.messages) == texts + 1
    assert len(at.rows()) == rows + 3
