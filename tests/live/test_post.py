"""A message that has to come is waited for, one that must not come no longer than a quiet period after its request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from fakes.pool.deliveries import Message, Outbox
from harness.findings import Inconclusive
from harness.mailboxes.mailbox import Mark, OutboxMailbox
from harness.post import Awaited, Post

MARTA, ZOE = "marta@users.example.com", "zoe@users.example.com"
START = datetime(2026, 11, 21, tzinfo=UTC)
PATIENCE = 60.0


@dataclass
class Slow:
    """A mailbox of its own time, in which messages arrive at given seconds."""

    arriving: dict[float, Message] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(message for at, message in sorted(self.arriving.items()) if at <= self.seconds)

    def to(self, address: str) -> tuple[Message, ...]:
        return tuple(message for message in self.messages if message.to == address)

    def watch(self, address: str) -> None:
        del address

    def mark(self) -> Mark:
        return Mark(START + timedelta(seconds=self.seconds), len(self.messages))

    def wait_for(self, address: str, after: Mark) -> Message:
        if self.none_within(address, PATIENCE, after):
            raise Inconclusive(f"no message to {address}")
        return self.all_within(address, 0, after)[0]

    def sent_since(self, after: Mark, address: str) -> tuple[Message, ...]:
        return self.all_within(address, 0, after)

    def all_within(self, address: str, seconds: float, after: Mark) -> tuple[Message, ...]:
        self.seconds += seconds
        return tuple(message for message in self.messages[after.number :] if message.to == address)

    def none_within(self, address: str, seconds: float, after: Mark) -> bool:
        ends = self.seconds + seconds
        for at, message in sorted(self.arriving.items()):
            if self.seconds < at <= ends and message.to == address:
                self.seconds = at
                return False
        if self.all_within(address, 0, after):
            return False
        self.seconds = ends
        return True


def mail(to: str, text: str = "") -> Message:
    return Message(to, text, START)


def post_of(mailbox: Slow, quiet_seconds: float = 10) -> Post:
    return Post(mailbox, quiet_seconds=quiet_seconds, seconds=lambda: mailbox.seconds)


def test_a_message_that_must_not_come_is_waited_for_until_a_quiet_period_after_its_request_is_over() -> None:
    mailbox = Slow({12.0: mail(MARTA)})
    post = post_of(mailbox)
    assert post.came(post.moment(), MARTA) == ()
    assert mailbox.seconds == 10


def test_the_quiet_period_begins_with_the_request_however_late_somebody_asks() -> None:
    mailbox = Slow()
    post = post_of(mailbox)
    before = [post.moment() for _ in range(20)]
    mailbox.seconds += 7
    assert [post.came(each, MARTA) for each in before] == [()] * 20
    assert mailbox.seconds == 10


def test_a_message_ends_the_wait_when_it_comes() -> None:
    mailbox = Slow({3.0: mail(MARTA, "first"), 4.0: mail(MARTA, "second"), 2.0: mail(ZOE)})
    post = post_of(mailbox)
    assert [message.text for message in post.came(post.moment(), MARTA)] == ["first"]
    assert mailbox.seconds == 3


def test_where_all_of_them_matter_the_whole_period_is_waited() -> None:
    mailbox = Slow({3.0: mail(MARTA, "first"), 4.0: mail(MARTA, "second")})
    post = post_of(mailbox)
    assert [message.text for message in post.came_in_all(post.moment(), MARTA)] == ["first", "second"]


def test_where_messages_are_slow_the_quiet_period_grows() -> None:
    mailbox = Slow({25.0: mail(MARTA)})
    post = post_of(mailbox)
    assert len(post.expect(post.moment(), MARTA)) == 1
    before = mailbox.seconds
    assert post.came(post.moment(), ZOE) == ()
    assert mailbox.seconds == before + 50


def test_a_message_that_has_to_come_and_does_not_decides_nothing() -> None:
    post = post_of(Slow())
    with pytest.raises(Inconclusive, match=MARTA):
        post.expect(post.moment(), MARTA)


def test_what_a_request_sent_is_looked_for_when_somebody_asks_and_longer_when_it_is_expected() -> None:
    mailbox = Slow({25.0: mail(MARTA, "late")})
    post = post_of(mailbox)
    awaited = Awaited(post, post.moment(), MARTA)
    assert mailbox.seconds == 0
    assert list(awaited.messages) == []
    awaited.expect()
    assert [message.text for message in awaited.messages] == ["late"]


def test_time_spent_waiting_can_be_left_out_of_account() -> None:
    waits: list[float] = []
    mailbox = Slow({3.0: mail(MARTA)})

    @contextmanager
    def waiting() -> Iterator[None]:
        before = mailbox.seconds
        yield
        waits.append(mailbox.seconds - before)

    post = Post(mailbox, quiet_seconds=10, waiting=waiting, seconds=lambda: mailbox.seconds)
    post.expect(post.moment(), MARTA)
    post.came(post.moment(), ZOE)
    assert waits == [3, 10]


def test_an_instant_mailbox_shows_what_went_to_anybody_and_nothing_that_a_later_request_sent() -> None:
    outbox = Outbox()
    post = Post(OutboxMailbox(outbox))
    before = post.moment()
    outbox.keep(mail(ZOE, "of the request"))
    awaited = Awaited(post, before, MARTA)
    outbox.keep(mail(MARTA, "of a later one"))
    awaited.expect()
    assert [message.text for message in awaited.messages] == ["of the request"]
