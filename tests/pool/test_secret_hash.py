"""SECRET_HASH on every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from fakes.pool import EmbeddedPool
from tests.pool.caller import PASSWORD, Answer, Client, SrpSignIn, UserPool, Wire
from tests.pool.conftest import EVERY_FLOW

NOT_AUTHORIZED = "NotAuthorizedException"
Step = Callable[[UserPool, Client, str, Mapping[str, str]], Answer]


def start(pool: UserPool, client: Client, user: str, more: Mapping[str, str]) -> Answer:
    attempt = SrpSignIn(pool, Client(client.id, None), user)
    return pool.wire.call(
        "InitiateAuth",
        AuthFlow="USER_SRP_AUTH",
        ClientId=client.id,
        AuthParameters={"USERNAME": user, "SRP_A": attempt.srp_a, **more},
    )


def answer(pool: UserPool, client: Client, user: str, more: Mapping[str, str]) -> Answer:
    attempt = SrpSignIn(pool, client, user).start()
    responses = {name: value for name, value in attempt.responses().items() if name != "SECRET_HASH"}
    return attempt.answer(responses | dict(more))


def with_password(pool: UserPool, client: Client, user: str, more: Mapping[str, str]) -> Answer:
    parameters = {"USERNAME": user, "PASSWORD": PASSWORD, **more}
    return pool.wire.call("InitiateAuth", AuthFlow="USER_PASSWORD_AUTH", ClientId=client.id, AuthParameters=parameters)


def refresh(pool: UserPool, client: Client, user: str, more: Mapping[str, str]) -> Answer:
    token = SrpSignIn(pool, client, user).finish().tokens["RefreshToken"]
    return pool.wire.call(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=client.id,
        AuthParameters={"REFRESH_TOKEN": token, **more},
    )


STEPS: dict[str, Step] = {"start": start, "answer": answer, "password": with_password, "refresh": refresh}
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


@each_step
def test_the_right_hash_passes(pool: UserPool, secret_client: Client, user: str, step: Step) -> None:
    assert step(pool, secret_client, user, secret_client.hash(user)).status == 200


@each_step
def test_a_missing_hash_is_refused_in_the_reported_words(
    pool: UserPool, secret_client: Client, user: str, step: Step
) -> None:
    assert step(pool, secret_client, user, {}).error == (
        NOT_AUTHORIZED,
        f"Client {secret_client.id} is configured with secret but SECRET_HASH was not received",
    )


@each_step
@pytest.mark.parametrize("wrong", ["other user", "other client's id", "other client's secret", "text", "not ASCII"])
def test_a_wrong_hash_is_refused_in_the_reported_words(
    pool: UserPool, secret_client: Client, user: str, step: Step, wrong: str
) -> None:
    other = pool.client(*EVERY_FLOW, secret=True)
    hashes = {
        "other user": secret_client.hash("somebody"),
        "other client's id": Client(other.id, secret_client.secret).hash(user),
        "other client's secret": Client(secret_client.id, other.secret).hash(user),
        "text": {"SECRET_HASH": "abc"},
        "not ASCII": {"SECRET_HASH": "ä"},
    }
    assert step(pool, secret_client, user, hashes[wrong]).error == (
        NOT_AUTHORIZED,
        f"Unable to verify secret hash for client {secret_client.id}",
    )


@pytest.mark.parametrize("step", [start, with_password])
def test_a_surplus_hash_is_refused_at_the_start(pool: UserPool, client: Client, user: str, step: Step) -> None:
    assert step(pool, client, user, {"SECRET_HASH": "abc"}).error == (
        "InvalidParameterException",
        f"App client {client.id} is not configured for secret but secret hash was received",
    )


@pytest.mark.parametrize("step", [answer, refresh])
def test_a_surplus_hash_is_passed_over_later(pool: UserPool, client: Client, user: str, step: Step) -> None:
    assert step(pool, client, user, {"SECRET_HASH": "abc"}).has_tokens


def test_with_an_alias_the_hash_is_over_what_was_typed_and_then_over_the_users_name(
    service: EmbeddedPool, wire: Wire
) -> None:
    pool = UserPool.make(service, wire, AliasAttributes=["email"])
    pool.user(email="a@example.org", email_verified="true")
    client = pool.client(secret=True)
    attempt = SrpSignIn(pool, client, "a@example.org").start()
    assert attempt.answer().has_tokens
    assert attempt.answer(attempt.responses() | client.hash("a@example.org")).error[0] == NOT_AUTHORIZED


def test_an_invalid_refresh_token_is_refused_before_the_hash_is_looked_at(
    pool: UserPool, secret_client: Client
) -> None:
    refused = pool.wire.call(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        ClientId=secret_client.id,
        AuthParameters={"REFRESH_TOKEN": "nothing"},
    )
    assert refused.error == (NOT_AUTHORIZED, "Invalid Refresh Token")


def test_self_service_calls_demand_the_hash(pool: UserPool, secret_client: Client, client: Client) -> None:
    members = {"ClientId": secret_client.id, "Username": "newcomer", "Password": PASSWORD}
    assert pool.wire.call("SignUp", **members).error[0] == NOT_AUTHORIZED
    right = secret_client.hash("newcomer")["SECRET_HASH"]
    assert pool.wire.call("SignUp", **members, SecretHash=right).status == 200
    surplus = pool.wire.call("SignUp", ClientId=client.id, Username="x", Password=PASSWORD, SecretHash="abc")
    assert surplus.error[0] == "InvalidParameterException"
