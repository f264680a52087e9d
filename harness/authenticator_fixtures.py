"""The fixtures of checks that need an authenticator's responses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest

from harness.plugin import SESSION_PLUGIN

if TYPE_CHECKING:
    import random

    from harness.authenticators import AuthenticatorBench
    from harness.bench import Bench
    from harness.session import CheckSession
    from harness.webauthn_cases.making import ResponseMaker


@pytest.fixture(scope="session")
def authenticator_bench(request: pytest.FixtureRequest) -> Iterator[AuthenticatorBench]:
    """This worker's authenticator."""
    from harness.authenticators import AuthenticatorBench

    session = cast("CheckSession", request.config.pluginmanager.get_plugin(SESSION_PLUGIN))
    bench = AuthenticatorBench(session.settings.authenticator)
    yield bench
    bench.close()


@pytest.fixture
def response_maker(authenticator_bench: AuthenticatorBench, bench: Bench, randomness: random.Random) -> ResponseMaker:
    """Makes credentials and responses with the run's authenticator, and changes them."""
    return authenticator_bench.response_maker(f"run {bench.settings.run.seed}", randomness)
