from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.processes import ProgramFailed, embedded_pool
from benchmarks.sign_ins import Client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with embedded_pool() as endpoint:
        yield Client.of(endpoint)


def test_the_measured_sign_in_succeeds_again_and_again_on_one_connection(client: Client) -> None:
    client.sign_in()
    connected = client.connection.sock
    client.sign_in()
    assert connected is not None
    assert client.connection.sock is connected


def test_the_rate_of_the_embedded_pool_is_one_of_verified_sign_ins(client: Client) -> None:
    with pytest.raises(ProgramFailed, match="NotAuthorizedException"):
        client.sign_in_without_proof()
