"""What the parts of the verifier share."""

from __future__ import annotations

from collections.abc import Callable

On = Callable[[str], bool]
"""Whether a fault is switched on."""


class Refused(Exception):
    """The token is refused; the message says why."""


def demand(condition: bool, why: str) -> None:
    """Raise Refused unless the condition holds."""
    if not condition:
        raise Refused(why)
