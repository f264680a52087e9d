"""The fixtures of checks that judge passkeys in custom auth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    import random

    from harness.authenticators import AuthenticatorBench
    from harness.bench import Bench
    from harness.fido2_court import Fido2Court
    from harness.fido2_flow import Fido2Flow
    from harness.fixtures import Observe
    from harness.targets import Target
    from harness.trigger_fixtures import TriggersBench
    from harness.triggers import TriggersUnderTest


@pytest.fixture
def fido2(
    triggers: TriggersUnderTest,
    target: Target,
    bench: Bench,
    authenticator_bench: AuthenticatorBench,
    randomness: random.Random,
) -> Fido2Flow:
    """Registering passkeys through the credential API and signing in with them, with the run's authenticator."""
    from harness.fido2_flow import Fido2Flow

    # `prove` runs a case again and again at the same table, where no credential id is good twice
    own = bench.randomness(f"{randomness.random()} {sorted(target.faults.active)}")
    return Fido2Flow(triggers, target, authenticator_bench.response_maker(f"run {bench.settings.run.seed}", own))


@pytest.fixture
def preferring_court(
    triggers_bench: TriggersBench,
    fido2: Fido2Flow,
    target: Target,
    observe: Observe,
    needing: Callable[[str], NoReturn],
) -> Fido2Court:
    """The same under a second policy, by which user verification is preferred. Raises Inconclusive where it is not."""
    from harness.fido2_court import Fido2Court
    from harness.fido2_flow import Fido2Flow
    from harness.findings import Inconclusive

    triggers = triggers_bench.varied("verification-preferred")
    triggers.begin_case()
    court = Fido2Court(Fido2Flow(triggers, target, fido2.maker), observe=observe, needing=needing)
    if court.requires_verification:
        raise Inconclusive("triggers.variants.verification-preferred: the options require user verification")
    return court


@pytest.fixture
def fido2_court(fido2: Fido2Flow, observe: Observe, needing: Callable[[str], NoReturn]) -> Fido2Court:
    """The triggers and their credential API, before which the WebAuthn cases are put."""
    from harness.fido2_court import Fido2Court

    return Fido2Court(fido2, observe=observe, needing=needing)
