from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fakes.pool import EmbeddedPool, PoolOptions
from fakes.pool.options import Issuer
from tests.clients.driver import Driver, driver
from tests.clients.served_pool import AppClient, ServedPool, User, pool_behind, served_pool

ADAPTERS = {
    "pycognito": "pycognito_client.py",
    "amazon-cognito-identity-js": "amazon_cognito_identity_js.mjs",
    "amazon-cognito-passwordless-auth": "amazon_cognito_passwordless_auth.mjs",
    "aws-amplify": "aws_amplify.mjs",
    "cognito-srp-helper": "cognito_srp_helper.mjs",
}


@pytest.fixture(scope="session")
def pool() -> Iterator[ServedPool]:
    with served_pool(seed=1) as served:
        yield served


REMEMBERS_ALWAYS = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}


@pytest.fixture(scope="session")
def tracking_pool(pool: ServedPool) -> ServedPool:
    """A pool at the same endpoint that remembers every device."""
    return pool_behind(pool.endpoint, pool.region, DeviceConfiguration=REMEMBERS_ALWAYS)


@pytest.fixture(scope="session")
def mfa_pool(pool: ServedPool) -> ServedPool:
    """The same, where users may have software tokens."""
    with_mfa = pool_behind(pool.endpoint, pool.region, DeviceConfiguration=REMEMBERS_ALWAYS)
    with_mfa.directory.set_user_pool_mfa_config(
        UserPoolId=with_mfa.user_pool_id,
        SoftwareTokenMfaConfiguration={"Enabled": True},
        MfaConfiguration="OPTIONAL",
    )
    return with_mfa


@pytest.fixture(scope="session")
def mfa_client(mfa_pool: ServedPool) -> AppClient:
    return mfa_pool.add_app_client(with_secret=False)


@pytest.fixture(scope="session")
def tracking_client(tracking_pool: ServedPool) -> AppClient:
    return tracking_pool.add_app_client(with_secret=False)


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedPool]:
    """A pool in this process, whose controls a test can reach."""
    with EmbeddedPool.start(PoolOptions(seed=1, issuer=Issuer.ENDPOINT)) as started:
        yield started


@pytest.fixture(scope="session")
def controlled_pool(embedded: EmbeddedPool) -> ServedPool:
    return pool_behind(embedded.endpoint, embedded.region)


@pytest.fixture(scope="session")
def controlled_client(controlled_pool: ServedPool) -> AppClient:
    return controlled_pool.add_app_client(with_secret=False)


@pytest.fixture(scope="session")
def drivers() -> Iterator[dict[str, Driver]]:
    """Every client, started once."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(driver(adapter)) for name, adapter in ADAPTERS.items()}


@pytest.fixture(scope="session")
def public_client(pool: ServedPool) -> AppClient:
    return pool.add_app_client(with_secret=False)


@pytest.fixture(scope="session")
def confidential_client(pool: ServedPool) -> AppClient:
    return pool.add_app_client(with_secret=True)


@pytest.fixture
def user(pool: ServedPool) -> User:
    return pool.add_user(password="Correct-Horse-7")
