"""What every part of the faulty arithmetic starts from."""

from __future__ import annotations

from fakes.faults import FaultSwitches
from protocol.arithmetic import OwnArithmetic


class Spoilable(OwnArithmetic):
    """The honest arithmetic, and the switches that each call looks at."""

    def __init__(self, switches: FaultSwitches) -> None:
        self._switches = switches
        self._on = switches.on

    @property
    def _honest(self) -> bool:
        return not self._switches.active
