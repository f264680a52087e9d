"""The tool's own wire to a live pool: for what looks at it before a run, and takes away after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.live.access import Access
from harness.live.pace import SharedPace
from harness.transcript import Transcript
from harness.wire import Wire

if TYPE_CHECKING:
    from harness.live.settings import LiveSettings
    from harness.settings import TargetSettings


def plain_wire(target: TargetSettings, live: LiveSettings, run: str) -> Wire:
    """A signed wire under the pace that all processes of the run share. AWS is asked nothing before its first use."""
    access = Access(target, live)
    return Wire(
        access.endpoint,
        transcript=Transcript(),
        timeout_seconds=target.timeout_seconds,
        sign=access.sign,
        pace=SharedPace.of_run(run, live.requests_per_second),
    )
