"""What each check costs a user pool: requests, users, app clients, pools, refused sign-ins, mails and texts.

The figures are measured on the embedded pool (harness/live/measuring.py) and stand in footprints.json.
`make footprints` measures all again; `python -m harness.live.footprints ID…` some, `--missing` those that have none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.files import write_whole

FILE = Path(__file__).parent / "footprints.json"


@dataclass(frozen=True)
class Footprint:
    """What one check asks of a target, all its cases together, with the default number of examples."""

    requests: Mapping[str, int] = field(default_factory=dict)
    """By operation; those left out that make the pools and app clients below."""
    users: int = 0
    refused_sign_ins: int = 0
    """Sign-ins with a wrong password, proof or code, refused as such: they count towards a lockout."""
    mails: int = 0
    texts: int = 0
    pools: tuple[str, ...] = ()
    """The pools that it wants beside the plain one: a digest of each one's settings, equal where a pool is shared."""
    clients: tuple[str, ...] = ()
    """The app clients that it wants, likewise; of those in a pool of its own, `POOL/CLIENT`."""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Footprint:
        """A footprint as the file holds it: nothing is written that is nothing."""
        members: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in told.items()
        }
        return cls(**members)

    def written(self) -> dict[str, Any]:
        """The footprint as the file holds it."""
        return {name: value for name, value in vars(self).items() if value}


def load_footprints(file: Path = FILE) -> dict[str, Footprint]:
    """The footprint of each check, by id."""
    told = json.loads(file.read_text(encoding="utf-8"))
    return {id: Footprint.read(footprint) for id, footprint in told.items()}


def save_footprints(footprints: Mapping[str, Footprint], file: Path = FILE) -> None:
    """Write the file, one check a line, so that a change shows as the checks that it concerns."""
    lines = [f"{json.dumps(id)}: {json.dumps(footprints[id].written(), sort_keys=True)}" for id in sorted(footprints)]
    write_whole(file, "{\n" + ",\n".join(lines) + "\n}\n")


def main(arguments: Sequence[str]) -> int:
    """Measure, and write the file."""
    from harness.catalogue import all_checks
    from harness.live.measuring import measure

    ids = {check.id for check in all_checks()}
    known = load_footprints() if FILE.exists() else {}
    wanted = sorted(ids - known.keys()) if "--missing" in arguments else [*arguments]
    if "--missing" in arguments and not wanted:
        return 0
    measured = measure(wanted)
    save_footprints({id: found for id, found in (known | measured).items() if id in ids})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
