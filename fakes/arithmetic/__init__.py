"""The arithmetic of the protocol, honest unless a fault is on."""

from __future__ import annotations

from fakes.arithmetic.ceremonies import Ceremonies
from fakes.arithmetic.claims import FaultyClaims
from fakes.arithmetic.keyed_hash import FaultyKeyedHash
from fakes.arithmetic.srp import FaultySrp
from fakes.arithmetic.timestamps import FaultyTimestamps
from fakes.faults import FaultSwitches
from protocol.arithmetic import Arithmetic


class _FaultyArithmetic(FaultySrp, FaultyClaims, FaultyKeyedHash, FaultyTimestamps):
    """Every part, each with its own faults."""


def ceremonies_with(switches: FaultSwitches) -> Ceremonies:
    """The project's own WebAuthn ceremonies, spoilt by whichever `arithmetic.webauthn.*` faults are on at each call."""
    return Ceremonies(switches)


def arithmetic_with(switches: FaultSwitches) -> Arithmetic:
    """The project's own arithmetic, spoilt by whichever `arithmetic.*` faults are on at each call."""
    return _FaultyArithmetic(switches)
