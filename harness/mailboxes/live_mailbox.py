"""Messages read where they arrive, waited for: whatever else arrives, in whatever order, however often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from harness.findings import Inconclusive
from harness.mailboxes.mailbox import Mark
from harness.mailboxes.message import Message, Received
from harness.mailboxes.reading import Letter, normal, read

if TYPE_CHECKING:
    from harness.mailboxes.settings import ReadingSettings
    from harness.mailboxes.source import Source

MOST_KEPT = 5_000
"""Messages kept in memory; a run that sends more is not what this is made for."""

_RESOLUTION = timedelta(seconds=1)
"""Of the Date of a mail, and of the time at which S3 and IMAP servers say that they got it."""


class LiveMailbox:
    """Messages where they arrive, looked for again and again.

    It keeps what went to the run's own users (`watch`) and to addresses that the settings' template could have made;
    of everything else it keeps nothing. Duplicates are kept once. It deletes only what went to none but the run's own
    users, and only when `delete_read` is set.

    Args:
        source: where messages arrive.
        settings: of the mailbox or phone.
        now: this machine's time.
        seconds: a clock to measure waiting with.
        pause: waits so many seconds.
    """

    def __init__(
        self,
        source: Source,
        settings: ReadingSettings,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seconds: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self._source = source
        self._now, self._seconds, self._pause = now, seconds, pause
        self._skew = timedelta(seconds=settings.clock_skew_seconds) + _RESOLUTION
        self._opened = now()
        self._lock = threading.Lock()
        self._own: set[str] = set()
        self._kept: list[Received] = []
        self._known: set[str] = set()
        self._spared: dict[str, frozenset[str]] = {}
        """Keys and recipients of what may yet be deleted: it was read before its recipients were known as the run's."""
        self._turned_up = 0

    @property
    def name(self) -> str:
        """What messages call it."""
        return self._source.name

    def recipient_of(self, name: str) -> str:
        """The address or number of a test user, which is watched from now on. Raises ValueError for an unfit name."""
        recipient = self.settings.recipient_of(name)
        self.watch(recipient)
        return recipient

    def watch(self, address: str) -> None:
        """As Mailbox has it."""
        with self._lock:
            self._own.add(normal(address))

    @property
    def messages(self) -> tuple[Message, ...]:
        """As Mailbox has it: to the run's own users."""
        return self._of_own(0)

    def to(self, address: str) -> tuple[Message, ...]:
        """As Mailbox has it. Raises Inconclusive."""
        self._look(address, self._opened - self._skew)
        return _usable(message for message in self._kept_now() if normal(message.to) == normal(address))

    def mark(self) -> Mark:
        """As Mailbox has it."""
        return Mark(self._now(), len(self._kept))

    def wait_for(self, address: str, after: Mark) -> Message:
        """As Mailbox has it; the one that was sent first, where several came. Raises Inconclusive."""
        before = self._turned_up
        found = self._wait(address, after, self.settings.timeout_seconds, at_once=True)
        if not found:
            raise Inconclusive(self._why_none(address, after, self._turned_up - before))
        return min(found, key=lambda message: message.sent_at)

    def sent_since(self, after: Mark, address: str) -> tuple[Message, ...]:
        """As Mailbox has it. Raises Inconclusive when it cannot be looked for."""
        if not self._wait(address, after, self.settings.timeout_seconds, at_once=True):
            return ()
        return tuple(message for message in self._of_own(after.number) if self._is_after(message, after))

    def all_within(self, address: str, seconds: float, after: Mark) -> tuple[Message, ...]:
        """As Mailbox has it. Raises Inconclusive when it cannot be looked for."""
        return self._wait(address, after, seconds, at_once=False)

    def none_within(self, address: str, seconds: float, after: Mark) -> bool:
        """As Mailbox has it; false as soon as one is there. Raises Inconclusive when it cannot be looked for."""
        return not self._wait(address, after, seconds, at_once=True)

    def try_out(self) -> str:
        """A harmless call that proves access; what it saw. Raises ConfigurationError or Inconclusive."""
        with self._lock:
            return self._source.try_out()

    def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            self._source.close()

    def _wait(self, address: str, after: Mark, seconds: float, *, at_once: bool) -> tuple[Received, ...]:
        """Look until the time is over, or until something is there; the last look is at its very end."""
        self.watch(address)
        ends = self._seconds() + seconds
        while True:
            self._look(address, after.moment - self._skew)
            found = _usable(
                message
                for message in self._kept_now()[after.number :]
                if normal(message.to) == normal(address) and self._is_after(message, after)
            )
            left = ends - self._seconds()
            if (found and at_once) or left <= 0:
                return found
            self._pause(min(self.settings.poll_seconds, left))

    def _look(self, address: str, since: datetime) -> None:
        """One look, into what is kept."""
        with self._lock:
            self._own.add(normal(address))
            try:
                seen = self._source.look(address, since)
                self._turned_up += seen.others
                for arrival in seen.arrivals:
                    letter = read(arrival)
                    if self._keep(letter):
                        self._turned_up += arrival.received >= since
                    if self.settings.delete_read and all(map(self.settings.holds, letter.everybody)):
                        self._spared[arrival.key] = letter.everybody
            except BaseException:
                self._settle_quietly()
                raise
            delete = [key for key, everybody in self._spared.items() if everybody and everybody <= self._own]
            self._source.settle(delete)
            for key in delete:
                del self._spared[key]

    def _settle_quietly(self) -> None:
        """After a failure, which is the one to tell of."""
        try:
            self._source.settle(())
        except Inconclusive:
            return

    def _keep(self, letter: Letter) -> bool:
        """Keep a message once for each addressee that matters; whether it was new."""
        if letter.identity in self._known:
            return False
        self._known.add(letter.identity)
        for recipient in sorted(letter.everybody):
            if recipient not in self._own and not self.settings.holds(recipient):
                continue
            if len(self._kept) >= MOST_KEPT:
                raise Inconclusive(f"more than {MOST_KEPT} messages came to {self.name}; give the run one of its own")
            self._kept.append(
                Received(
                    to=recipient,
                    text=letter.text,
                    sent_at=letter.sent_at,
                    subject=letter.subject,
                    html=letter.html,
                    sender=letter.sender,
                    recipients=letter.recipients,
                    problem=letter.problem,
                )
            )
        return True

    def _kept_now(self) -> list[Received]:
        with self._lock:
            return list(self._kept)

    def _of_own(self, start: int) -> tuple[Received, ...]:
        with self._lock:
            return tuple(message for message in self._kept[start:] if message.to in self._own)

    def _is_after(self, message: Message, mark: Mark) -> bool:
        return message.sent_at >= mark.moment - self._skew

    def _why_none(self, address: str, after: Mark, turned_up: int) -> str:
        early = [
            message
            for message in self._kept_now()[after.number :]
            if normal(message.to) == normal(address) and not self._is_after(message, after)
        ]
        others = max(0, turned_up - len(early))
        why = (
            f"no message to {address} came to {self.name} within {self.settings.timeout_seconds:g} s; "
            f"{others} other messages arrived meanwhile"
        )
        if early:
            by = (after.moment - max(message.sent_at for message in early)).total_seconds()
            why += (
                f"; {len(early)} to this address came, but say that they were sent {by:.0f} s or more before they were "
                "asked for: set the clocks, or raise clock_skew_seconds"
            )
        else:
            why += "; if it is only slow, raise timeout_seconds"
        return why


def _usable(messages: Iterable[Received]) -> tuple[Received, ...]:
    """The messages, if all can be used. Raises Inconclusive for one that cannot."""
    found = tuple(messages)
    for message in found:
        if message.problem:
            raise Inconclusive(f"the message to {message.to} {message.problem}")
    return found
