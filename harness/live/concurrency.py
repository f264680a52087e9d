"""How many workers a live run wants: as few as keep the rate busy, since each makes pools and clients of its own."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from harness.live.footprints import load_footprints
from harness.plugin import matches_selection

if TYPE_CHECKING:
    from harness.settings import Settings
    from harness.transcript import Transcript

FEWEST, MOST = 2, 16

_OWN_SECONDS = 0.03
"""What a worker does between two exchanges, on a slow machine."""

_SPARE = 2.0
"""Workers are not always waiting for an answer: they start, judge, and some checks ask the pool nothing."""

_SECONDS_OF_A_POOL_UNSEEN = 0.1
_REQUESTS_WORTH_A_WORKER = 50


def workers_for(requests_per_second: float, exchange_seconds: float) -> int:
    """How many workers it takes to send so much, when one exchange takes so long (Little's law), with some to spare."""
    wanted = math.ceil(_SPARE * requests_per_second * (exchange_seconds + _OWN_SECONDS))
    return min(MOST, max(FEWEST, wanted))


def with_workers(settings: Settings, seen: Transcript) -> Settings:
    """The settings with a number of workers: the given one, or what follows from the exchanges seen so far.

    A small selection has fewer: each must have enough to do that it was worth its start.
    """
    if settings.run.workers is not None:
        return settings
    taken = [exchange.seconds for exchange in seen.exchanges() if exchange.status is not None]
    seconds = median(taken) if taken else _SECONDS_OF_A_POOL_UNSEEN
    workers = workers_for(settings.live.requests_per_second, seconds)
    worth_starting = max(1, _requests(settings.run.select) // _REQUESTS_WORTH_A_WORKER)
    run = settings.run.model_copy(update={"workers": min(workers, worth_starting)})
    return settings.model_copy(update={"run": run})


def _requests(selection: list[str]) -> int:
    """About how many requests the selected checks send."""
    checks = [wanted.partition("[")[0] for wanted in selection]
    footprints = load_footprints()
    chosen = [footprints[id] for id in footprints if matches_selection(checks, id, "")]
    return sum(sum(footprint.requests.values()) for footprint in chosen)
