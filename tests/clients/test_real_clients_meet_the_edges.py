"""Rare values of the exchange, forced: clients that share no code with the pool agree with it on each."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from fakes.pool import EmbeddedPool
from fakes.pool.entropy import Edge
from tests.clients.conftest import ADAPTERS
from tests.clients.driver import Driver
from tests.clients.served_pool import AppClient, ServedPool

AGREED = ["pycognito", "amazon-cognito-identity-js", "aws-amplify", "cognito-srp-helper"]
# Every second value has a high bit, so ordinary sign-ins meet that; two zero bytes take a long search.
MIXES = {
    "u byte, B and salt digit": [
        Edge("u", "leading-zero-byte"),
        Edge("B", "leading-zero-nibble"),
        Edge("salt", "leading-zero-nibble"),
    ],
    "B and salt byte, u digit": [
        Edge("B", "leading-zero-byte"),
        Edge("u", "leading-zero-nibble"),
        Edge("salt", "leading-zero-byte"),
    ],
    "S and K digit": [Edge("S", "leading-zero-nibble"), Edge("K", "leading-zero-nibble")],
    "S byte": [Edge("S", "leading-zero-byte")],
    "K byte": [Edge("K", "leading-zero-byte")],
}


@pytest.mark.parametrize("name", AGREED)
@pytest.mark.parametrize("edges", MIXES.values(), ids=MIXES)
def test_a_client_signs_in_at_the_edges(
    name: str,
    edges: list[Edge],
    drivers: dict[str, Driver],
    embedded: EmbeddedPool,
    controlled_pool: ServedPool,
    controlled_client: AppClient,
) -> None:
    with ExitStack() as forced:
        for edge in edges:
            forced.enter_context(embedded.entropy.force(edge))
        user = controlled_pool.add_user(password="Correct-Horse-7")
        answer = drivers[name].sign_in(controlled_pool, controlled_client, username=user.name, password=user.password)
    assert answer["ok"], answer


@pytest.mark.parametrize("name", ADAPTERS)
def test_it_is_the_pool_that_refuses_a_wrong_password(
    name: str,
    drivers: dict[str, Driver],
    embedded: EmbeddedPool,
    controlled_pool: ServedPool,
    controlled_client: AppClient,
) -> None:
    user = controlled_pool.add_user(password="Correct-Horse-7")
    with embedded.faults.switched_on("pool.srp.accepts-any-signature"):
        fooled = drivers[name].sign_in(controlled_pool, controlled_client, username=user.name, password="Wrong-Horse-7")
    honest = drivers[name].sign_in(controlled_pool, controlled_client, username=user.name, password="Wrong-Horse-7")
    assert fooled["ok"], fooled
    assert honest["error_type"] == "NotAuthorizedException"
