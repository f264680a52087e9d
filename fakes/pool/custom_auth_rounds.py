"""What CUSTOM_AUTH remembers between a challenge and its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.faults import FaultSwitches, declare_fault

SPLIT = declare_fault(
    "pool.custom-auth.session-entry-split",
    "a completed round is two entries of the session, one with its metadata and one with its result",
)


@dataclass(frozen=True)
class Round:
    """One completed round. Only a CUSTOM_CHALLENGE has metadata (`measured`)."""

    challenge_name: str
    result: bool
    metadata: str | None = None


@dataclass(frozen=True)
class CustomAuth:
    """The rounds so far, and what the present CUSTOM_CHALLENGE was made with."""

    rounds: tuple[Round, ...]
    private_parameters: Mapping[str, Any] = field(default_factory=dict)
    metadata: str | None = None


def session_of(rounds: Iterable[Round], faults: FaultSwitches) -> list[dict[str, Any]]:
    """`request.session`: one entry a completed round, each with all three members (`measured`)."""
    entries: list[dict[str, Any]] = []
    for done in rounds:
        entry = {
            "challengeName": done.challenge_name,
            "challengeResult": done.result,
            "challengeMetadata": done.metadata,
        }
        if faults.on(SPLIT):
            entries += [entry | {"challengeResult": False}, entry | {"challengeMetadata": None}]
        else:
            entries.append(entry)
    return entries
