"""Where messages come from: one of the kinds of mailbox, behind one Protocol."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from harness.mailboxes.message import Arrival


@dataclass(frozen=True)
class Look:
    """What one look brought.

    Attributes:
        arrivals: messages to the address that was asked for, and any other that the source cannot tell apart.
        others: how many more messages turned up since the look before.
    """

    arrivals: tuple[Arrival, ...]
    others: int = 0


class Source(Protocol):
    """A place where messages arrive. Entered by one thread at a time; between two looks `settle` is called."""

    name: str
    """What messages call it: `the folder INBOX of … at …`."""

    def look(self, address: str, since: datetime) -> Look:
        """What is there for an address, received since a moment or shortly before; may hold what was there already.

        Raises:
            MailboxUnusable: it refuses.
            MailboxUnreachable: it does not answer.
        """

    def settle(self, delete: Collection[str]) -> None:
        """Delete the messages with these keys, if there are any, and let go of all others. Raises as `look`."""

    def try_out(self) -> str:
        """Prove access without changing anything; what was seen. Raises as `look`, and ConfigurationError."""

    def close(self) -> None:
        """Let go of connections."""
