"""Where a client under test is started: its time zone, its locale, and with a shim its time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

SHIM = "faketime"
"""The program that shows another program another time (libfaketime)."""


def shim_is_installed() -> bool:
    """Whether a client without a clock of its own to set can be shown another time."""
    return shutil.which(SHIM) is not None


@dataclass(frozen=True)
class Surroundings:
    """The environment that a client is started in; None leaves what the harness itself has.

    Attributes:
        zone: TZ, a name of the IANA database.
        locale: LANG, LC_ALL and LANGUAGE.
        moment: what the clock shows when the program starts, by the shim.
    """

    zone: str | None = None
    locale: str | None = None
    moment: datetime | None = None

    def environment(self) -> dict[str, str]:
        """The environment's variables."""
        told: Mapping[str, str | None] = {
            "TZ": self.zone,
            "LANG": self.locale,
            "LC_ALL": self.locale,
            "LANGUAGE": self.locale and self.locale.partition(".")[0],
        }
        return {**os.environ, **{name: value for name, value in told.items() if value}}

    def command(self, command: Sequence[str]) -> list[str]:
        """The command, under the shim where a moment is given. The shim reads it as local time."""
        if self.moment is None:
            return list(command)
        local = self.moment.astimezone(ZoneInfo(self.zone or os.environ.get("TZ") or "UTC"))
        return [SHIM, "-f", f"@{local:%Y-%m-%d %H:%M:%S}", *command]


HERE = Surroundings()
"""The harness's own environment."""
