"""What the adapters promise of their clients, seen on the wire: their clock, whom they trust, what they answer."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from harness.client_certificates import Certificates
from harness.client_front import Forward, Front, Reply, Request
from protocol.timestamps import parse_timestamp
from tests.clients.conftest import ADAPTERS
from tests.clients.driver import Driver
from tests.clients.served_pool import AppClient, ServedPool, User, pool_behind
from tests.clients.test_real_clients_sign_in import assert_signed_in

PASSWORD = "Correct-Horse-7"
every_client = pytest.mark.parametrize("name", ADAPTERS)


@contextmanager
def watched(pool: ServedPool, certificate: ssl.SSLContext | None = None) -> Iterator[tuple[ServedPool, Front]]:
    """The pool behind a listener that keeps what arrives."""
    with closing(Front(pool.endpoint, certificate=certificate)) as front:
        yield replace(pool, endpoint=front.url()), front


def claimed_at(front: Front) -> str:
    """The TIMESTAMP of the one claim that arrived."""
    [claim] = [exchange.request.claim for exchange in front.exchanges() if exchange.request.claim]
    return str(claim["TIMESTAMP"])


@every_client
def test_its_clock_shows_what_it_is_told_in_one_sign_in(
    name: str,
    drivers: dict[str, Driver],
    embedded: EmbeddedPool,
    controlled_pool: ServedPool,
    controlled_client: AppClient,
) -> None:
    user = controlled_pool.add_user(password=PASSWORD)
    moment = datetime(2026, 11, 5, 0, 3, 9, tzinfo=UTC)
    with watched(controlled_pool) as (pool, front):
        embedded.clock.set(moment)
        try:
            there = drivers[name].sign_in(
                pool, controlled_client, username=user.name, password=PASSWORD, now="2026-11-05T00:03:09Z"
            )
        finally:
            embedded.clock.follow_real_time()
        assert_signed_in(there, pool, user)
        seen = claimed_at(front)
        assert seen.startswith("Thu Nov 5 00:03:"), seen
        assert timedelta() <= parse_timestamp(seen) - moment < timedelta(seconds=30)
    with watched(controlled_pool) as (pool, front):
        here = drivers[name].sign_in(pool, controlled_client, username=user.name, password=PASSWORD)
        assert_signed_in(here, pool, user)
        assert abs(parse_timestamp(claimed_at(front)) - datetime.now(UTC)) < timedelta(seconds=60)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@every_client
def test_it_trusts_a_certificate_only_in_the_sign_in_that_names_it(
    name: str,
    drivers: dict[str, Driver],
    controlled_pool: ServedPool,
    controlled_client: AppClient,
    certificates: Certificates,
) -> None:
    user = controlled_pool.add_user(password=PASSWORD)

    server = certificates.trusted()

    def sign_in(**members: object) -> tuple[Any, int]:
        with watched(controlled_pool, server) as (pool, front):
            answer = drivers[name].sign_in(pool, controlled_client, username=user.name, password=PASSWORD, **members)
            return answer, len(front.exchanges())

    stranger, came = sign_in()
    assert not stranger["ok"]
    assert came == 0, "something was sent to a server that nobody vouches for"
    acquainted, came = sign_in(ca_file=str(certificates.ca_file))
    assert acquainted["ok"], acquainted
    assert came >= 2
    assert not sign_in()[0]["ok"]


class AsksForAText:
    """An honest pool that wants a code from a text message, 123456, before it hands over the tokens."""

    def __init__(self) -> None:
        self._proved = Reply()

    def __call__(self, request: Request, forward: Forward) -> Reply:
        challenge = request.json.get("ChallengeName")
        if challenge == "SMS_MFA":
            if request.json["ChallengeResponses"].get("SMS_MFA_CODE") == "123456":
                return self._proved
            wrong = {"__type": "CodeMismatchException", "message": "Invalid verification code provided"}
            return Reply(status=400).with_json(wrong)
        answer = forward(request)
        if challenge != "PASSWORD_VERIFIER" or not answer.result:
            return answer
        self._proved = answer
        parameters = {"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******0123"}
        return answer.with_json({"ChallengeName": "SMS_MFA", "ChallengeParameters": parameters, "Session": "s" * 40})


@every_client
def test_a_code_that_was_texted_signs_in(
    name: str, drivers: dict[str, Driver], pool: ServedPool, public_client: AppClient, user: User
) -> None:
    with watched(pool) as (texting, front), front.playing(AsksForAText()):

        def sign_in(**answers: str) -> Any:
            return drivers[name].sign_in(
                texting, public_client, username=user.name, password=user.password, answers=answers
            )

        without = sign_in()
        assert not without["ok"], "tokens without the code"
        assert without.get("challenge", "SMS_MFA") == "SMS_MFA"
        assert sign_in(sms_code="654321")["error_type"] == "CodeMismatchException"
        assert_signed_in(sign_in(sms_code="123456"), pool, user)


def test_a_client_that_verifies_tokens_refuses_those_of_other_keys(
    drivers: dict[str, Driver], embedded: EmbeddedPool, controlled_pool: ServedPool, controlled_client: AppClient
) -> None:
    other = pool_behind(embedded.endpoint, embedded.region)
    user = controlled_pool.add_user(password=PASSWORD)

    def sign_in(keys_of: ServedPool, issuer: str) -> Any:
        return drivers["pycognito"].sign_in(
            controlled_pool,
            controlled_client,
            username=user.name,
            password=PASSWORD,
            issuer=issuer,
            jwks_uri=f"{keys_of.endpoint}/{keys_of.user_pool_id}/.well-known/jwks.json",
        )

    issuer = f"{controlled_pool.endpoint}/{controlled_pool.user_pool_id}"
    assert_signed_in(sign_in(controlled_pool, issuer), controlled_pool, user)
    assert not sign_in(other, issuer)["ok"]
    assert not sign_in(controlled_pool, f"https://elsewhere.example/{controlled_pool.user_pool_id}")["ok"]
