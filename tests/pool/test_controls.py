"""The clock, the network and the random source of a pool."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from fakes.pool import EmbeddedPool
from fakes.pool.clock import Clock
from fakes.pool.entropy import Entropy
from fakes.pool.errors import Throttled, TooManyRequests
from fakes.pool.network import Network
from tests.pool.caller import SrpSignIn, Wire

Begin = Callable[..., SrpSignIn]
MOMENT = datetime(2026, 11, 5, 0, 3, 9, tzinfo=UTC)


def test_a_clock_follows_real_time_until_it_is_set() -> None:
    clock = Clock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    clock.advance(timedelta(days=1))
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=1)) < timedelta(seconds=5)
    clock.set(MOMENT)
    assert clock.now() == MOMENT
    clock.advance(timedelta(hours=1))
    assert clock.now() == MOMENT + timedelta(hours=1)
    assert clock.timestamp() == (MOMENT + timedelta(hours=1)).timestamp()
    clock.follow_real_time()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_keeps_utc_and_takes_no_naive_moment() -> None:
    clock = Clock()
    clock.set(MOMENT.astimezone(timezone(timedelta(hours=5))))
    assert clock.now().tzinfo is UTC
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2026, 11, 5))


def test_entropy_repeats_with_its_seed_and_never_within_a_run() -> None:
    one, again, other = Entropy(1), Entropy(1), Entropy(2)
    values = [one.octets(32) for _ in range(100)]
    assert values == [again.octets(32) for _ in range(100)]
    assert len(set(values)) == 100
    assert other.octets(32) not in values
    assert Entropy(None).seed != Entropy(None).seed
    assert all(0 <= one.fraction() < 1 for _ in range(50))


def test_requests_are_counted_by_operation(service: EmbeddedPool, sign_in: Begin) -> None:
    before = service.network.requests_seen.copy()
    sign_in().finish()
    seen = service.network.requests_seen - before
    assert (seen["InitiateAuth"], seen["RespondToAuthChallenge"]) == (1, 1)


def test_latency_is_waited_on_every_request(service: EmbeddedPool, wire: Wire) -> None:
    service.network.latency_seconds = 0.05
    started = time.perf_counter()
    wire.call("ListUserPools", MaxResults=1)
    assert time.perf_counter() - started >= 0.05


def test_throttling_answers_in_awss_two_ways(service: EmbeddedPool, wire: Wire) -> None:
    service.network.throttling_probability = 1
    assert wire.call("ListUserPools", MaxResults=1).error == ("ThrottlingException", "Rate exceeded")
    service.network.throttling_probability = 0
    service.network.requests_per_second = 1
    answers = [wire.call("ListUserPools", MaxResults=1) for _ in range(5)]
    assert answers[0].status == 200
    assert next(answer.error[0] for answer in answers if answer.status != 200) == "TooManyRequestsException"
    service.network.requests_per_second = None
    assert wire.call("ListUserPools", MaxResults=1).status == 200


def test_the_limit_lets_the_rate_through_and_no_more() -> None:
    now = 0.0
    network = Network(lambda: now, Entropy(1))
    network.requests_per_second = 4

    def admitted(count: int) -> int:
        passed = 0
        for _ in range(count):
            try:
                asyncio.run(network.admit("X"))
                passed += 1
            except TooManyRequests:
                pass
        return passed

    assert admitted(10) == 4
    now = 0.5
    assert admitted(10) == 2
    now = 100.0
    assert admitted(10) == 4
    assert network.requests_seen["X"] == 30


def test_a_throttling_probability_throttles_about_that_share() -> None:
    network = Network(lambda: 0.0, Entropy(1))
    network.throttling_probability = 0.25
    throttled = 0
    for _ in range(400):
        try:
            asyncio.run(network.admit("X"))
        except Throttled:
            throttled += 1
    assert 60 < throttled < 140
