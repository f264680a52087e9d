"""The fixtures of checks that judge a user pool's own passkeys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from harness.plugin import case_id

if TYPE_CHECKING:
    from harness.arrangement import Arrangements
    from harness.authenticators import AuthenticatorBench
    from harness.bench import Bench
    from harness.fixtures import Observe
    from harness.passkey_court import Cast, PasskeyCourt
    from harness.passkeys import Passkeys, PasskeyUser
    from harness.targets import Target


@pytest.fixture(scope="session")
def passkey_cast() -> Cast:
    """The users of this worker who serve several cases."""
    from harness.passkey_court import Cast

    return Cast()


@pytest.fixture
def passkeys(
    arrangements: Arrangements,
    bench: Bench,
    authenticator_bench: AuthenticatorBench,
    passkey_cast: Cast,
    active_fault: str | None,
    request: pytest.FixtureRequest,
) -> Passkeys:
    """Pools with passkeys, and users in them.

    The authenticator draws from the run's seed, and under each fault otherwise: a credential id is registered once.
    """
    from harness.passkeys import Passkeys

    randomness = bench.randomness(f"{case_id(request.node)} {active_fault or 'honest'}")
    maker = authenticator_bench.response_maker(f"run {bench.settings.run.seed}", randomness)
    return Passkeys(arrangements, maker, passkey_cast.pools)


@pytest.fixture
def holder(passkeys: Passkeys) -> PasskeyUser:
    """A fresh user who is signed in at a pool with passkeys, and has none yet."""
    return passkeys.user()


@pytest.fixture
def native_passkeys(
    passkeys: Passkeys,
    passkey_cast: Cast,
    target: Target,
    observe: Observe,
    require: Callable[[str | None], None],
) -> PasskeyCourt:
    """The pool's passkeys, before which the WebAuthn cases are put."""
    from harness.passkey_court import PasskeyCourt

    return PasskeyCourt(passkeys, passkey_cast, observe=observe, require=require, faults=target.faults.active)
