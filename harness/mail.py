"""Reading what the target sent to its users."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.findings import Finding

if TYPE_CHECKING:
    from fakes.pool.deliveries import Outbox

_CODE = re.compile(r"(?<!\d)\d{6,8}(?!\d)")


def newest_code(outbox: Outbox, address: str) -> str:
    """The code in the message that last went to an address or number. Raises Finding when none did."""
    sent = outbox.to(address)
    found = _CODE.search(sent[-1].text) if sent else None
    if found is None:
        raise Finding(f"no code was sent to {address}")
    return found[0]


def wrong_code(code: str) -> str:
    """A code of the same length that differs in its last digit."""
    return f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
