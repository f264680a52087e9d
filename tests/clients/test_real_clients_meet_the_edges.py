"""Rare values of the exchange, forced: clients that share no code with the pool agree with it on each."""

from __future__ import annotations

import pytest

from fakes.pool import EmbeddedPool
from fakes.pool.entropy import FORCIBLE, Edge
from protocol.shapes import Shape
from tests.clients.conftest import ADAPTERS
from tests.clients.driver import Driver
from tests.clients.served_pool import AppClient, ServedPool

# Every second value has a high bit, so ordinary sign-ins meet that; two zero bytes take a long search.
SHAPES: list[Shape] = ["leading-zero-nibble", "leading-zero-byte"]
EDGES = [Edge(quantity, shape) for quantity in FORCIBLE for shape in SHAPES]


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge.quantity}-{edge.shape}")
def test_a_client_signs_in_at_the_edge(
    name: str,
    edge: Edge,
    drivers: dict[str, Driver],
    embedded: EmbeddedPool,
    controlled_pool: ServedPool,
    controlled_client: AppClient,
) -> None:
    with embedded.entropy.force(edge):
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
