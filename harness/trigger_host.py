"""A trigger host, as everybody who invokes a function sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class TriggerHost(Protocol):
    """Whatever runs the functions under test. Its methods may be called from many threads."""

    name: str
    functions: frozenset[str]
    capabilities: frozenset[str]
    """`clock`, `recycle`, `logs`: which of the methods of these names mean anything."""

    def invoke(self, function: str, event: Mapping[str, Any]) -> object:
        """Give a function an event; what it returned, whole.

        Raises:
            FunctionFailed: the function raised, crashed, cannot be loaded, or returned what JSON cannot say.
            FunctionTimedOut: it ran longer than it may.
            Inconclusive: the host itself failed.
        """

    def set_clock(self, moment: datetime | None) -> None:
        """Let the functions' clock stand at an aware moment; None: follow real time. Nothing without `clock`."""

    def recycle(self) -> None:
        """Have the next event of each function meet a cold start. Nothing without `recycle`."""

    def logs(self) -> str:
        """What the functions printed since the host started, the newest 1 MB. Empty without `logs`."""

    def close(self) -> None:
        """End everything that the host started; harmless when it has ended."""
