"""Milliseconds for a warm sign-in with a passkey in custom auth: asked for, signed, verified, tokens in hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.at_triggers import SIGN_INS_A_ROUND, milliseconds_at
from benchmarks.processes import ProgramFailed
from harness.fido2_flow import Fido2Flow
from harness.settings import load_settings
from harness.trigger_flows import must_sign_in
from harness.webauthn_cases.making import ResponseMaker

if TYPE_CHECKING:
    from harness.bench import Bench
    from harness.embedded_triggers import EmbeddedTriggers
    from harness.targets import EmbeddedTarget

PROFILES = Path(__file__).parents[1] / "adapters" / "triggers"


@dataclass(frozen=True)
class PasskeySignIns:
    """Milliseconds in the median: with the reference triggers in process, with a released sample's in the Node host."""

    reference: float
    node: float


def measured_passkeys(*, rounds: int) -> PasskeySignIns:
    """Both, one after the other, each at a pool of its own.

    Raises:
        Inconclusive: a registration or a sign-in failed.
        ProgramFailed: no ready profile has passkeys.
    """
    return PasskeySignIns(
        milliseconds_at(None, rounds, measured_round), milliseconds_at(in_node(), rounds, measured_round)
    )


def in_node() -> Path:
    """The configuration of a ready profile with passkeys. Raises ProgramFailed."""
    for configuration in sorted(PROFILES.glob("*/conformance.toml")):
        triggers = load_settings(configuration).triggers
        if triggers.host == "node" and "fido2_credentials_api" in triggers.handlers:
            return configuration
    raise ProgramFailed(f"no profile in {PROFILES} brings passkeys for Node.js")


def measured_round(triggers: EmbeddedTriggers, bench: Bench, target: EmbeddedTarget) -> list[float]:
    """The seconds of each sign-in of a round, each of another user, who has registered a passkey before."""
    passkeys = Fido2Flow(triggers, target, ResponseMaker("benchmark", bench.randomness(str(target.now()))))
    holders = [passkeys.new_holder() for _ in range(SIGN_INS_A_ROUND)]
    credentials = [passkeys.register(holder) for holder in holders]
    took = []
    for holder, credential in zip(holders, credentials, strict=True):
        started = time.perf_counter()
        must_sign_in(passkeys.sign_in(holder, credential), "the passkey")
        took.append(time.perf_counter() - started)
    return took
