"""The arithmetic of the protocol, honest unless a fault is on."""

from __future__ import annotations

from fakes.arithmetic.claims import FaultyClaims
from fakes.arithmetic.keyed_hash import FaultyKeyedHash
from fakes.arithmetic.srp import FaultySrp
from fakes.arithmetic.timestamps import FaultyTimestamps
from fakes.faults import FaultSwitches
from protocol.arithmetic import Arithmetic


class _FaultyArithmetic(FaultySrp, FaultyClaims, FaultyKeyedHash, FaultyTimestamps):
    """Every part, each with its own faults."""


def arithmetic_with(switches: FaultSwitches) -> Arithmetic:
    """The project's own arithmetic, spoilt by whichever `arithmetic.*` faults are on at each call."""
    return _FaultyArithmetic(switches)
