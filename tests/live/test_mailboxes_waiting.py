"""Waiting for the right message: whatever else arrives, in whatever order, however often."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from fakes.pool.deliveries import Message as Sent
from fakes.pool.deliveries import Outbox
from harness.findings import Inconclusive
from harness.mailboxes.live_mailbox import LiveMailbox
from harness.mailboxes.mailbox import Mailbox, OutboxMailbox
from harness.mailboxes.message import LARGEST_MESSAGE, Arrival
from harness.mailboxes.settings import MailboxSettings
from harness.mailboxes.source import Look
from tests.live.letters import ADDRESS, ANN, BOB, LINK, STRANGER, Time, mail


@dataclass
class Scripted:
    """A source that gives everything it has at each look, as a queue does."""

    time: Time
    name: str = "the scripted mailbox"
    there: list[Arrival] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    looks: int = 0
    settled: int = 0
    fails: Exception | None = None

    def deliver(self, raw: bytes, key: str | None = None, received: datetime | None = None) -> None:
        name = key or f"key {len(self.there)}"
        self.there.append(Arrival(name, received or self.time.now(), raw[:LARGEST_MESSAGE], len(raw)))

    def look(self, address: str, since: datetime) -> Look:
        self.looks += 1
        if self.fails is not None:
            raise self.fails
        return Look(tuple(self.there))

    def settle(self, delete: Collection[str]) -> None:
        self.settled += 1
        self.deleted += delete
        self.there = [each for each in self.there if each.key not in delete]

    def try_out(self) -> str:
        return "there"

    def close(self) -> None:
        return


@pytest.fixture
def at() -> Time:
    return Time()


@pytest.fixture
def source(at: Time) -> Scripted:
    return Scripted(at)


def opened(source: Scripted, **changed: object) -> LiveMailbox:
    settings = MailboxSettings.model_validate({"kind": "s3", "address": ADDRESS, "bucket": "mails"} | changed)
    return LiveMailbox(source, settings, now=source.time.now, seconds=source.time.seconds, pause=source.time.pause)


def test_a_message_that_is_there_is_found_without_waiting(source: Scripted, at: Time) -> None:
    mailbox = opened(source)
    mark = mailbox.mark()
    source.deliver(mail(ANN, sent=at.now()))
    message = mailbox.wait_for(ANN.upper(), mark)
    assert (message.to, LINK in message.text, at.passed) == (ANN, True, 0)


def test_a_message_that_comes_late_is_waited_for(source: Scripted, at: Time) -> None:
    mailbox = opened(source)
    at.plan(41.5, lambda: source.deliver(mail(ANN, sent=at.now())))
    mailbox.wait_for(ANN, mailbox.mark())
    assert at.passed == 42


def test_when_none_comes_it_is_said_where_for_whom_how_long_and_what_else_came(source: Scripted, at: Time) -> None:
    mailbox = opened(source, timeout_seconds=20)
    at.plan(3, lambda: source.deliver(mail(BOB)))
    at.plan(4, lambda: source.deliver(mail(STRANGER)))
    with pytest.raises(Inconclusive) as told:
        mailbox.wait_for(ANN, mailbox.mark())
    for words in (ANN, "the scripted mailbox", "within 20 s", "2 other messages arrived meanwhile", "timeout_seconds"):
        assert words in str(told.value)
    assert at.passed == 20
    assert LINK not in str(told.value)


def test_the_last_look_is_at_the_very_end(source: Scripted, at: Time) -> None:
    mailbox = opened(source, timeout_seconds=2.5, poll_seconds=1)
    at.plan(2.4, lambda: source.deliver(mail(ANN, sent=at.now())))
    mailbox.wait_for(ANN, mailbox.mark())
    assert at.passed == 2.5


def test_a_late_mail_of_an_earlier_request_is_not_taken_for_the_new_one(source: Scripted, at: Time) -> None:
    mailbox = opened(source)
    asked_before = at.now()
    at.pause(30)
    mark = mailbox.mark()
    at.plan(31, lambda: source.deliver(mail(ANN, "the first", sent=asked_before)))
    at.plan(35, lambda: source.deliver(mail(ANN, "the second", sent=at.start + timedelta(seconds=30))))
    assert mailbox.wait_for(ANN, mark).text.strip() == "the second"


def test_a_message_that_was_read_before_is_not_read_again_though_the_clocks_differ(source: Scripted, at: Time) -> None:
    mailbox = opened(source)
    first = mailbox.mark()
    source.deliver(mail(ANN, "the first", sent=at.now()))
    mailbox.wait_for(ANN, first)
    second = mailbox.mark()
    source.there.append(source.there[0])
    at.plan(2, lambda: source.deliver(mail(ANN, "the second", sent=at.now())))
    assert mailbox.wait_for(ANN, second).text.strip() == "the second"


def test_clocks_that_are_apart_are_told(source: Scripted, at: Time) -> None:
    mailbox = opened(source, timeout_seconds=5)
    mark = mailbox.mark()
    source.deliver(mail(ANN, sent=at.now() - timedelta(seconds=47)))
    with pytest.raises(Inconclusive, match=r"1 to this address came, .* 47 s or more before .* clock_skew_seconds"):
        mailbox.wait_for(ANN, mark)
    patient = opened(source, clock_skew_seconds=60)
    assert patient.wait_for(ANN, mark)


@pytest.mark.parametrize("seed", range(20))
def test_order_and_duplicates_do_not_matter(seed: int, source: Scripted, at: Time) -> None:
    randomness, mailbox = random.Random(seed), opened(source)  # noqa: S311 - shuffles a test
    mark = mailbox.mark()
    everything = [
        (f"{to} {number}", mail(to, f"{to} {number}", sent=at.now() + timedelta(seconds=number)))
        for to in (ANN, BOB, STRANGER)
        for number in range(3)
    ]
    copies = [each for each in everything for _ in range(randomness.randint(1, 3))]
    randomness.shuffle(copies)
    for number, (_, raw) in enumerate(copies):
        source.deliver(raw, f"{number}")
    assert mailbox.wait_for(ANN, mark).text.strip() == f"{ANN} 0"
    assert sorted(each.text.strip() for each in mailbox.to(ANN)) == [f"{ANN} {number}" for number in range(3)]
    assert sorted(each.text.strip() for each in mailbox.messages) == [f"{ANN} {number}" for number in range(3)]
    mailbox.watch(BOB)
    assert {each.to for each in mailbox.messages} == {ANN, BOB}
    assert len(mailbox.messages) == 6


def test_everything_since_a_mark_is_what_went_to_the_runs_users(source: Scripted, at: Time) -> None:
    mailbox = opened(source, timeout_seconds=10)
    mailbox.recipient_of("bob")
    mark = mailbox.mark()
    source.deliver(mail(f"{ANN}, {BOB}", sent=at.now()))
    source.deliver(mail(STRANGER, sent=at.now()))
    sent = mailbox.sent_since(mark, ANN)
    assert [message.to for message in sent] == [ANN, BOB]
    assert sent[0].recipients == (ANN, BOB)
    assert mailbox.sent_since(mailbox.mark(), ANN) == ()
    assert at.passed == 10


def test_that_none_comes_is_waited_for_as_long_as_was_said(source: Scripted, at: Time) -> None:
    mailbox = opened(source)
    mark = mailbox.mark()
    source.deliver(mail(BOB))
    at.plan(20, lambda: source.deliver(mail(ANN, sent=at.now())))
    assert mailbox.none_within(ANN, 7, mark)
    assert at.passed == 7
    assert not mailbox.none_within(ANN, 60, mark)
    assert at.passed == 20
    at.plan(24, lambda: source.deliver(mail(ANN, sent=at.now())))
    assert len(mailbox.all_within(ANN, 10, mark)) == 2
    assert at.passed == 30


def test_only_what_went_to_none_but_the_runs_users_is_deleted(source: Scripted, at: Time) -> None:
    mailbox = opened(source, delete_read=True)
    mark = mailbox.mark()
    mailbox.watch("a.given.account@example.com")
    for key, to in {
        "ann": ANN,
        "ann and a stranger": f"{ANN}, {STRANGER}",
        "ann and another run's": f"{ANN}, {BOB}",
        "another run's": BOB,
        "given": "a.given.account@example.com",
        "stranger": STRANGER,
        "nobody": "undisclosed-recipients:;",
    }.items():
        source.deliver(mail(to, f"to {key}", sent=at.now()), key)
    mailbox.wait_for(ANN, mark)
    assert source.deleted == ["ann"]
    assert len(mailbox.to(ANN)) == 3
    mailbox.recipient_of("bob")
    mailbox.to(BOB)
    assert source.deleted == ["ann", "ann and another run's", "another run's"]


def test_nothing_is_deleted_unless_that_is_wanted(source: Scripted, at: Time) -> None:
    mailbox = opened(source)
    source.deliver(mail(ANN, sent=at.now()))
    mailbox.wait_for(ANN, mailbox.mark())
    assert source.deleted == []


def test_a_huge_mail_is_refused_with_its_size_and_somebody_elses_is_not(source: Scripted, at: Time) -> None:
    mailbox = opened(source)
    mark = mailbox.mark()
    source.deliver(mail(BOB, "x" * 2_000_000, sent=at.now()))
    source.deliver(mail(ANN, sent=at.now()))
    assert mailbox.wait_for(ANN, mark)
    with pytest.raises(Inconclusive, match=rf"the message to {BOB.replace('+', '.')} has 2\d+ bytes, more than"):
        mailbox.wait_for(BOB, mark)


def test_a_source_that_fails_is_let_go_of_and_its_failure_told(source: Scripted) -> None:
    mailbox = opened(source)
    source.fails = Inconclusive("the server is down")
    with pytest.raises(Inconclusive, match="the server is down"):
        mailbox.wait_for(ANN, mailbox.mark())
    assert source.settled == source.looks == 1


def test_many_threads_get_each_their_own(at: Time) -> None:
    source = Scripted(at)
    mailbox = opened(source)
    names = [f"user{number}" for number in range(8)]
    mark = mailbox.mark()
    for name in reversed(names):
        source.deliver(mail(ADDRESS.replace("{name}", name), f"for {name}", sent=at.now()))
    found: dict[str, str] = {}

    def wait(name: str) -> None:
        found[name] = mailbox.wait_for(mailbox.recipient_of(name), mark).text.strip()

    threads = [threading.Thread(target=wait, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == {name: f"for {name}" for name in names}


def test_the_embedded_pools_outbox_is_a_mailbox_too(at: Time) -> None:
    outbox = Outbox()
    mailbox: Mailbox = OutboxMailbox(outbox)
    outbox.keep(Sent(ANN, "before", at.now()))
    mark = mailbox.mark()
    assert mailbox.none_within(ANN, 60, mark)
    with pytest.raises(Inconclusive, match=f"no message was sent to {ANN.replace('+', '.')}"):
        mailbox.wait_for(ANN, mark)
    outbox.keep(Sent(BOB, "to bob", at.now() - timedelta(days=400)))
    outbox.keep(Sent(ANN, "after", at.now() - timedelta(days=400)))
    assert mailbox.wait_for(ANN, mark).text == "after"
    assert [message.text for message in mailbox.sent_since(mark, ANN)] == ["to bob", "after"]
    assert [message.text for message in mailbox.to(ANN)] == ["before", "after"]
    assert len(mailbox.messages) == 3
    assert not mailbox.none_within(ANN, 60, mark)
