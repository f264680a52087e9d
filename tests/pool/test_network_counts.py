"""What the network counts: it is what a live run's pace is judged by."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
import urllib3

from fakes.pool import EmbeddedPool
from fakes.pool.entropy import Entropy
from fakes.pool.errors import Throttled, TooManyRequests
from fakes.pool.network import Network
from tests.pool.caller import Wire


class _Watched:
    """A network whose time is told to it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.network = Network(lambda: self.now, Entropy(1))

    def comes(self, moments: Iterable[float]) -> None:
        for self.now in moments:
            try:
                asyncio.run(self.network.admit("X"))
            except (Throttled, TooManyRequests):
                continue


@pytest.mark.parametrize(
    ("moments", "most"),
    [
        ([], 0),
        ([0.0, 1.0, 2.0], 1),
        ([0.0, 0.999, 1.0], 2),
        ([0.0, 0.5, 0.75, 1.25, 1.49, 9.0], 4),
        ([step / 32 for step in range(100)], 32),
    ],
)
def test_the_fullest_second_is_found_wherever_it_begins(moments: list[float], most: int) -> None:
    watched = _Watched()
    watched.comes(moments)
    assert watched.network.most_in_a_second == most


def test_what_is_refused_for_the_rate_is_told_from_what_is_refused_by_chance() -> None:
    watched = _Watched()
    watched.network.requests_per_second = 4
    watched.comes([0.0] * 6)
    assert (watched.network.over_rate, watched.network.throttled) == (2, 0)
    watched.network.throttling_probability = 1
    watched.comes([10.0] * 3)
    assert (watched.network.over_rate, watched.network.throttled) == (2, 3)
    assert watched.network.requests_seen["X"] == 9
    watched.network.forget()
    assert (watched.network.over_rate, watched.network.throttled, watched.network.most_in_a_second) == (0, 0, 0)


def test_the_limit_is_that_of_operations_not_of_documents_or_other_services(service: EmbeddedPool, wire: Wire) -> None:
    pool_id = wire.did("CreateUserPool", PoolName="limited")["UserPool"]["Id"]
    service.network.forget()
    service.network.requests_per_second = 0.001
    assert wire.call("ListUserPools", MaxResults=1).status == 200
    assert wire.call("ListUserPools", MaxResults=1).error[0] == "TooManyRequestsException"
    assert urllib3.request("GET", f"{service.endpoint}/{pool_id}/.well-known/jwks.json").status == 200
    assert service.network.over_rate == 1
    assert service.network.requests_seen.total() == 3
