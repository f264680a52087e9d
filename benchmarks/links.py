"""Milliseconds for a warm sign-in by link: asked for, mailed, read, redeemed, tokens in hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from harness.bench import Bench, RunIdentity
from harness.settings import load_settings
from harness.targets import EmbeddedTarget
from harness.trigger_flows import LinkFlow, must_sign_in
from harness.triggers import TriggersUnderTest

IN_NODE = Path(__file__).parents[1] / "examples" / "node-links" / "conformance.toml"
SIGN_INS_A_ROUND = 12


@dataclass(frozen=True)
class LinkSignIns:
    """Milliseconds in the median: with the reference triggers in process, with an example's in the Node host."""

    reference: float
    node: float


def measured_links(*, rounds: int) -> LinkSignIns:
    """Both, one after the other, each at a pool of its own. Raises Inconclusive when a sign-in fails."""
    return LinkSignIns(_milliseconds(None, rounds), _milliseconds(IN_NODE, rounds))


def _milliseconds(configuration: Path | None, rounds: int) -> float:
    settings = load_settings(configuration)
    bench = Bench(settings, RunIdentity.of(settings), "benchmark")
    assert isinstance(bench.target, EmbeddedTarget)
    try:
        bench.begin_case()
        bench.wire.allow_seconds(settings.run.check_seconds)
        triggers = TriggersUnderTest(settings, bench.target, bench.arrangements)
        try:
            _seconds(triggers, bench)  # a cold start
            return 1000 * median(median(_seconds(triggers, bench)) for _ in range(rounds))
        finally:
            triggers.close()
    finally:
        bench.close()


def _seconds(triggers: TriggersUnderTest, bench: Bench) -> list[float]:
    """The seconds of each sign-in of a round, each with a user of its own, at an app client of the round's own."""
    assert isinstance(bench.target, EmbeddedTarget)
    triggers.begin_case()
    bench.begin_case()
    links = LinkFlow(triggers, bench.target)
    took = []
    for user in [links.new_user() for _ in range(SIGN_INS_A_ROUND)]:
        started = time.perf_counter()
        must_sign_in(links.sign_in(user), "the link")
        took.append(time.perf_counter() - started)
    return took
