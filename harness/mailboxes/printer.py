"""Messages that a command of the user's prints: for whatever mailbox or phone has no kind of its own here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from harness.mailboxes.errors import MailboxUnusable
from harness.mailboxes.lines import NotAMessage, arrival_in
from harness.mailboxes.message import LARGEST_MESSAGE
from harness.mailboxes.source import Look
from harness.printed import DidNotPrint, printed_by

if TYPE_CHECKING:
    from harness.mailboxes.settings import ReadingSettings

MOST_PRINTED = 16 * LARGEST_MESSAGE
"""Bytes of one call's output."""

SECONDS = 30.0
"""For one call."""


class PrinterSource:
    """A command, called with an address and a moment; prints the messages since then, one a line (lines.py)."""

    def __init__(self, settings: ReadingSettings) -> None:
        self._command = list(settings.command)
        self._example = settings.recipient_of("doctor")
        self.name = f"the command {self._command[0]}"

    def look(self, address: str, since: datetime) -> Look:
        """As Source has it: what the command prints."""
        moment = since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        try:
            printed = printed_by([*self._command, address, moment], seconds=SECONDS, most_bytes=MOST_PRINTED)
        except DidNotPrint as failure:
            raise MailboxUnusable(f"{self.name}, which should print messages, {failure}") from None
        arrivals = []
        for number, line in enumerate(printed.splitlines(), 1):
            if line.strip():
                try:
                    arrivals.append(arrival_in(line))
                except NotAMessage as problem:
                    raise MailboxUnusable(f"{self.name} printed a line {number} that {problem}") from None
        return Look(tuple(arrivals))

    def settle(self, delete: Collection[str]) -> None:
        """As Source has it: nothing is held, and nothing can be deleted."""

    def try_out(self) -> str:
        """As Source has it: ask for an address that nobody has used."""
        found = self.look(self._example, datetime.now(UTC))
        return f"{self.name} ran and printed {len(found.arrivals)} messages for {self._example}"

    def close(self) -> None:
        """As Source has it: every call has ended."""
