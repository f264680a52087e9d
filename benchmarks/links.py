"""Milliseconds for a warm sign-in by link: asked for, mailed, read, redeemed, tokens in hand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.at_triggers import SIGN_INS_A_ROUND, milliseconds_at
from harness.trigger_flows import LinkFlow, must_sign_in

if TYPE_CHECKING:
    from harness.bench import Bench
    from harness.embedded_triggers import EmbeddedTriggers
    from harness.targets import EmbeddedTarget

IN_NODE = Path(__file__).parents[1] / "examples" / "node-links" / "conformance.toml"


@dataclass(frozen=True)
class LinkSignIns:
    """Milliseconds in the median: with the reference triggers in process, with an example's in the Node host."""

    reference: float
    node: float


def measured_links(*, rounds: int) -> LinkSignIns:
    """Both, one after the other, each at a pool of its own. Raises Inconclusive when a sign-in fails."""
    return LinkSignIns(milliseconds_at(None, rounds, _seconds), milliseconds_at(IN_NODE, rounds, _seconds))


def _seconds(triggers: EmbeddedTriggers, bench: Bench, target: EmbeddedTarget) -> list[float]:
    """The seconds of each sign-in of a round, each with a user of its own, at an app client of the round's own."""
    links = LinkFlow(triggers, target)
    took = []
    for user in [links.new_user() for _ in range(SIGN_INS_A_ROUND)]:
        started = time.perf_counter()
        must_sign_in(links.sign_in(user), "the link")
        took.append(time.perf_counter() - started)
    return took
