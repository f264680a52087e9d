"""A message as checks read it, and as a source hands it over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from harness.sent_mail import Sent

LARGEST_MESSAGE = 2**20
"""Bytes that are read of one message; a longer one is refused."""


class Message(Sent, Protocol):
    """One mail or text as one addressee got it. `text` and `html` are the two bodies of a mail."""

    @property
    def sender(self) -> str:
        """From whom; empty where nothing says so."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody that it was sent to; `to` is one of them."""


@dataclass(frozen=True)
class Received:
    """A message that was read: see Message. Where a mail has only an HTML body, `text` is what is visible of it.

    Nothing that may hold a link or a code stands in its repr.

    Attributes:
        problem: why its content cannot be used, to complete "the mail …"; empty when it can.
    """

    to: str
    text: str = field(repr=False)
    sent_at: datetime
    subject: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    sender: str = ""
    recipients: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Arrival:
    """What a source found, not read yet.

    Attributes:
        key: its name at the source, under which it can be deleted. A duplicate may have another.
        received: when it got there, by the source's clock.
        content: a MIME message from its beginning, or UTF-8 text.
        size: bytes of the whole; more than `content` holds where that was too much to read.
        recipients: who else is known to get it: those of the envelope, and a text's number.
        is_mail: whether `content` is MIME.
        identity: what its sender calls it, equal for duplicates that have several keys; empty where nothing says so. A
            mail's Message-ID goes before.
    """

    key: str
    received: datetime
    content: bytes = field(repr=False)
    size: int
    recipients: tuple[str, ...] = ()
    is_mail: bool = True
    identity: str = ""
