"""Wall times of whole commands, from start to exit."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.processes import seconds_taken

ONE_CHECK = "SRP-01"
PASSKEYS = ("WA", "CRED", "NP")


@dataclass(frozen=True)
class CommandTimes:
    """Seconds."""

    list_checks: float
    explain_check: float
    one_check: float


@dataclass(frozen=True)
class SuiteTimes:
    """Seconds for the checks of passkeys, and for the whole suite, on the embedded pool."""

    passkeys: float
    one_worker: float
    two_workers: float


def measured_commands(*, rounds: int) -> CommandTimes:
    """`list`, `explain` and the cold start of one check, in turns; the medians over the rounds."""
    with tempfile.TemporaryDirectory() as reports:
        one_check = ("run", "--only", ONE_CHECK, "--out", reports)
        return CommandTimes(*_medians((("list",), ("explain", ONE_CHECK), one_check), rounds))


def measured_suite(*, rounds: int) -> SuiteTimes:
    """Its part about passkeys, then all of it with one and with two workers, in turns; the medians over the rounds."""
    with tempfile.TemporaryDirectory() as reports:
        whole = ("run", "--out", reports)
        passkeys = (*whole, *(word for section in PASSKEYS for word in ("--only", section)))
        return SuiteTimes(*_medians((passkeys, whole, (*whole, "-n", "2")), rounds))


def _medians(commands: Sequence[tuple[str, ...]], rounds: int) -> list[float]:
    for command in commands:
        seconds_taken(*command)
    measured = [[seconds_taken(*command) for command in commands] for _ in range(rounds)]
    return [median(times) for times in zip(*measured, strict=True)]
