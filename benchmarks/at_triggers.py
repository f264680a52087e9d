"""Triggers behind an embedded pool of their own, and the milliseconds of warm sign-ins at them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

from harness.bench import Bench, RunIdentity
from harness.embedded_triggers import EmbeddedTriggers
from harness.settings import load_settings
from harness.targets import EmbeddedTarget

SIGN_INS_A_ROUND = 12

SecondsOfARound = Callable[[EmbeddedTriggers, Bench, EmbeddedTarget], list[float]]
"""Goes through a round of sign-ins, and gives the seconds of each."""


def milliseconds_at(configuration: Path | None, rounds: int, seconds: SecondsOfARound) -> float:
    """The median over the rounds of each round's median; the round with the cold start does not count.

    Args:
        configuration: of the triggers; None for the reference triggers.
        rounds: how many.
        seconds: what is measured.
    """
    settings = load_settings(configuration)
    bench = Bench(settings, RunIdentity.of(settings), "benchmark")
    target = bench.target
    assert isinstance(target, EmbeddedTarget)

    def measured(triggers: EmbeddedTriggers) -> float:
        triggers.begin_case()
        bench.begin_case()
        return median(seconds(triggers, bench, target))

    try:
        bench.begin_case()
        bench.wire.allow_seconds(settings.run.check_seconds)
        triggers = EmbeddedTriggers(settings, target, bench.arrangements)
        try:
            measured(triggers)
            return 1000 * median(measured(triggers) for _ in range(rounds))
        finally:
            triggers.close()
    finally:
        bench.close()
