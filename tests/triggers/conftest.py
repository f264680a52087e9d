"""An embedded pool a test module with the reference triggers beside it; every test makes its own users."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakes.pool import EmbeddedPool, PoolOptions
from tests.triggers.cognito import Clock, Deployment


@pytest.fixture(scope="module")
def service() -> Iterator[EmbeddedPool]:
    with EmbeddedPool.start(PoolOptions(seed=20261105)) as pool:
        yield pool
        assert pool.crashes == ()


@pytest.fixture(scope="module")
def deployed(service: EmbeddedPool) -> Deployment:
    return Deployment.at(service)


@pytest.fixture
def at(deployed: Deployment) -> Iterator[Deployment]:
    yield deployed
    deployed.faults.switch_off_all()
    deployed.clock.moment = Clock.moment
