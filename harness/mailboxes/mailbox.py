"""What the target sent to its users, behind one Protocol; and the embedded pool's outbox as such a mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from harness.findings import Inconclusive

if TYPE_CHECKING:
    from fakes.pool.deliveries import Outbox
    from harness.mailboxes.message import Message


@dataclass(frozen=True)
class Mark:
    """A point before which everything is of no interest: taken before an action, shown when its message is awaited.

    Attributes:
        moment: by this machine's clock.
        number: how many messages had been read.
    """

    moment: datetime
    number: int


class Mailbox(Protocol):
    """Mails, or texts, that the target sent. May be used from several threads."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything that was read so far, in the order of reading; does not look for more."""

    def to(self, address: str) -> tuple[Message, ...]:
        """What went to one address or number since the mailbox was opened, after one look for more."""

    def watch(self, address: str) -> None:
        """Make an address known as the run's own, before anything is sent to it."""

    def mark(self) -> Mark:
        """The present point."""

    def wait_for(self, address: str, after: Mark) -> Message:
        """The first message to an address that was sent after the mark. Raises Inconclusive when none comes in time."""

    def sent_since(self, after: Mark, address: str) -> tuple[Message, ...]:
        """Wait as `wait_for` does; then all that went to the run's users since the mark. Empty when none came."""

    def all_within(self, address: str, seconds: float, after: Mark) -> tuple[Message, ...]:
        """Wait the whole time; then what came to the address since the mark."""

    def none_within(self, address: str, seconds: float, after: Mark) -> bool:
        """Whether nothing sent after the mark comes to the address within a quiet period from now."""


class OutboxMailbox:
    """The embedded pool's outbox, in which a message stands before the request that sent it is answered."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    @property
    def messages(self) -> tuple[Message, ...]:
        """As Mailbox has it: all that was sent."""
        return self._outbox.messages

    def to(self, address: str) -> tuple[Message, ...]:
        """As Mailbox has it."""
        return self._outbox.to(address)

    def watch(self, address: str) -> None:
        """As Mailbox has it: the outbox keeps everything."""

    def mark(self) -> Mark:
        """As Mailbox has it; the number alone counts, for the pool's clock may be anywhere."""
        return Mark(datetime.now(UTC), len(self._outbox.messages))

    def wait_for(self, address: str, after: Mark) -> Message:
        """As Mailbox has it, at once."""
        found = self.all_within(address, 0, after)
        if not found:
            others = len(self.sent_since(after, address))
            raise Inconclusive(f"no message was sent to {address}; {others} were sent to others meanwhile")
        return found[0]

    def sent_since(self, after: Mark, address: str) -> tuple[Message, ...]:
        """As Mailbox has it, at once, and to anybody."""
        del address
        return self._outbox.messages[after.number :]

    def all_within(self, address: str, seconds: float, after: Mark) -> tuple[Message, ...]:
        """As Mailbox has it, at once."""
        del seconds
        return tuple(message for message in self.sent_since(after, address) if message.to == address)

    def none_within(self, address: str, seconds: float, after: Mark) -> bool:
        """As Mailbox has it, at once."""
        return not self.all_within(address, seconds, after)
