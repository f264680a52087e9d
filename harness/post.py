"""Messages that a request may have sent: there at once, or awaited no longer than needed where they have to travel."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.mailboxes.mailbox import Mailbox, Mark
    from harness.mailboxes.message import Message

_MARGIN = 2.0
"""A message that must not come is waited for so many times as long as the slowest that came."""


@dataclass(frozen=True)
class Moment:
    """Taken before a request; what it sends comes later."""

    mark: Mark
    seconds: float


class Post:
    """The messages of one kind, mails or texts, to one worker's users.

    Args:
        mailbox: where they can be read.
        quiet_seconds: how long after a request a message may still come that is not expected. None where each message
            stands in the mailbox before the request that sent it is answered; then those to others stand there too.
        waiting: entered as long as a message is waited for.
        seconds: a clock to measure with.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        quiet_seconds: float | None = None,
        waiting: Callable[[], AbstractContextManager[None]] = nullcontext,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mailbox = mailbox
        self.is_instant = quiet_seconds is None
        self._quiet = quiet_seconds or 0.0
        self._slowest = 0.0
        self._waiting, self._seconds = waiting, seconds

    def moment(self) -> Moment:
        """The present."""
        return Moment(self.mailbox.mark(), self._seconds())

    def came(self, after: Moment, address: str) -> tuple[Message, ...]:
        """What came, as soon as there is something; nothing where a quiet period after the request brought nothing.

        To the address, or, where the mailbox is instant, to anybody. Raises Inconclusive when it cannot be looked for.
        """
        if self.is_instant:
            return self.mailbox.sent_since(after.mark, address)
        with self._waiting():
            if self.mailbox.none_within(address, self._left(after), after.mark):
                return ()
        return self.mailbox.all_within(address, 0, after.mark)

    def came_in_all(self, after: Moment, address: str) -> tuple[Message, ...]:
        """The same, when the whole quiet period is over."""
        if self.is_instant:
            return self.mailbox.sent_since(after.mark, address)
        with self._waiting():
            return self.mailbox.all_within(address, self._left(after), after.mark)

    def expect(self, after: Moment, address: str) -> tuple[Message, ...]:
        """What came, waited for as long as the mailbox does. Raises Inconclusive where one that waits has nothing."""
        if self.is_instant:
            return self.mailbox.sent_since(after.mark, address)
        if self.mailbox.none_within(address, 0, after.mark):
            with self._waiting():
                self.mailbox.wait_for(address, after.mark)
            self._slowest = max(self._slowest, self._seconds() - after.seconds)
        return self.mailbox.all_within(address, 0, after.mark)

    def _left(self, after: Moment) -> float:
        """Of the quiet period; it begins with the request, however late somebody asks."""
        return max(0.0, max(self._quiet, _MARGIN * self._slowest) - (self._seconds() - after.seconds))


class Awaited:
    """The messages of one request, looked for when somebody asks."""

    def __init__(self, post: Post, after: Moment, address: str) -> None:
        self._post, self._after, self._address = post, after, address
        if post.is_instant:
            self.messages  # noqa: B018 - what comes later is another request's

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """As Post.came, asked for once."""
        return self._post.came(self._after, self._address)

    def expect(self) -> None:
        """Wait for one that has to come. Raises Inconclusive as Post.expect."""
        if not self._post.is_instant and not self.__dict__.get("messages"):
            self.messages = self._post.expect(self._after, self._address)
