"""The reference triggers as a trigger host: in this process, by the pool's clock, with the run's faults."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fakes.faults import FaultSwitches
from fakes.pool.functions import FunctionFailed
from fakes.triggers import Configuration, ReferenceTriggers, Services
from harness.concurrent_peer import KEPT_BYTES
from harness.stage import aws_session

if TYPE_CHECKING:
    from fakes.pool.clock import Clock
    from harness.stage import Stage

_SECONDS_OF_A_BUSY_MACHINE = 60.0


class ReferenceHost:
    """Runs `fakes.triggers`, configured by the stage's environment as a deployment of them would be.

    Args:
        stage: where they run.
        faults: what spoils them; absent, nothing does.
        clock: their clock as long as none was set; absent, real time.
    """

    name = "reference triggers"
    capabilities = frozenset({"clock", "recycle", "logs"})

    def __init__(self, stage: Stage, *, faults: FaultSwitches | None = None, clock: Clock | None = None) -> None:
        self._configuration = Configuration.from_environment(stage.shared_environment())
        # What answers stands in this process: when it is slow the machine is busy, and that is no finding.
        session = aws_session(stage.region)
        self._services = Services.at(stage.endpoint, stage.region, session, seconds=_SECONDS_OF_A_BUSY_MACHINE)
        self._faults = faults or FaultSwitches()
        self._clock = clock
        self._standing: datetime | None = None
        self._printed = ""
        self._lock = threading.Lock()
        self._triggers = self._cold()
        self.functions = frozenset(self._triggers.functions)

    def invoke(self, function: str, event: Mapping[str, Any]) -> object:
        """As TriggerHost has it."""
        found = self._triggers.functions.get(function)
        if found is None:
            raise FunctionFailed("ResourceNotFoundException", f"the reference triggers have no {function}")
        try:
            return found(dict(event))  # which they never change
        except Exception as error:  # of any kind: Lambda tells them all in the same way
            self._log(f"[ERROR] {function}: {type(error).__name__}: {error}")
            raise FunctionFailed(type(error).__name__, str(error)) from error

    def set_clock(self, moment: datetime | None) -> None:
        """As TriggerHost has it; None goes back to the pool's clock."""
        self._standing = moment

    def recycle(self) -> None:
        """As TriggerHost has it."""
        self._triggers = self._cold()

    def logs(self) -> str:
        """As TriggerHost has it."""
        return self._printed

    def close(self) -> None:
        """As TriggerHost has it: nothing was started."""

    def _cold(self) -> ReferenceTriggers:
        return ReferenceTriggers(self._services, self._configuration, self._now, self._faults, log=self._log)

    def _now(self) -> datetime:
        if self._standing is not None:
            return self._standing
        return self._clock.now() if self._clock else datetime.now(UTC)

    def _log(self, line: str) -> None:
        with self._lock:
            self._printed = (self._printed + line + "\n")[-KEPT_BYTES:]
