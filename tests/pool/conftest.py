"""An embedded pool a test module, with one user pool in it; every test makes its own users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakes.pool import EmbeddedPool, PoolOptions
from tests.pool.caller import Client, SrpSignIn, UserPool, Wire

EVERY_FLOW = (
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
)


@pytest.fixture(scope="module")
def service() -> Iterator[EmbeddedPool]:
    with EmbeddedPool.start(PoolOptions(seed=20261105)) as pool:
        yield pool
        assert pool.crashes == ()


@pytest.fixture(autouse=True)
def _left_as_it_was(service: EmbeddedPool) -> Iterator[None]:
    yield
    service.faults.switch_off_all()
    service.clock.follow_real_time()
    service.network.latency_seconds = 0
    service.network.requests_per_second = None
    service.network.throttling_probability = 0


@pytest.fixture(scope="module")
def wire(service: EmbeddedPool) -> Iterator[Wire]:
    connection = Wire(service.endpoint)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def pool(service: EmbeddedPool, wire: Wire) -> UserPool:
    return UserPool.make(service, wire)


@pytest.fixture(scope="module")
def client(pool: UserPool) -> Client:
    return pool.client(*EVERY_FLOW)


@pytest.fixture(scope="module")
def secret_client(pool: UserPool) -> Client:
    return pool.client(*EVERY_FLOW, secret=True)


@pytest.fixture
def user(pool: UserPool) -> str:
    return pool.user()


@pytest.fixture
def sign_in(pool: UserPool, client: Client, user: str) -> Callable[..., SrpSignIn]:
    def begin(**changes: Any) -> SrpSignIn:
        members: dict[str, Any] = {"pool": pool, "client": client, "username": user} | changes
        return SrpSignIn(**members)

    return begin
