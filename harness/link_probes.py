"""Steps that several checks of links take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.findings import Inconclusive
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from harness.arrangement import TestUser
    from harness.trigger_flows import Link, LinkFlow

A_WHILE = timedelta(seconds=61)
"""A usual wait between two links, and a second."""

DEFAULT_LIFE = timedelta(minutes=10)
"""The longest life of a link by ASVS 5.0 6.5.5 and SP 800-63B: what holds where nothing else is documented."""

_MOST_WAITS = 10


def life_of_links(links: LinkFlow) -> timedelta:
    """How long a link is good, by `triggers.link_seconds`."""
    seconds = links.triggers.settings.link_seconds
    return timedelta(seconds=seconds) if seconds else DEFAULT_LIFE


@contextmanager
def unharmed(links: LinkFlow, user: TestUser | None = None) -> Iterator[Link]:
    """A genuine link on which a negative is tried; afterwards an honest one signs in, or the case is inconclusive.

    That is the same link, or another user's where the triggers void a link on a wrong answer: whether they may
    is for a check of its own.
    """
    link = links.ask(user)
    yield link
    if not links.redeem(link).has_tokens:
        must_sign_in(links.sign_in(), "an honest link after the change")


def next_link(links: LinkFlow, user: TestUser) -> Link:
    """A further link for a user, as soon as one is sent. Moves the clock. Raises Inconclusive when none comes."""
    for _ in range(_MOST_WAITS):
        links.later(A_WHILE)
        asked = links.request(user)
        if asked.was_sent:
            return links.link_of(asked)
    raise Inconclusive(f"no second link came within {_MOST_WAITS * A_WHILE}")
