"""Mails as staging pools and mail servers make them, and the waiting of a test, in which no time passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

ANN = "conformance+ann@staging.example.com"
BOB = "conformance+bob@staging.example.com"
ADDRESS = "conformance+{name}@staging.example.com"
STRANGER = "somebody@elsewhere.example"
LINK = "https://app.example.com/sign-in#c2VjcmV0LXRoYXQtc2lnbnMtaW4"


def mail(
    to: str = ANN,
    text: str | None = f"Click {LINK} to sign in",
    *,
    sent: datetime | None = None,
    html: str | None = None,
    subject: str = "Sign in",
    cte: str | None = None,
    cc: str | None = None,
    message_id: str | None = None,
) -> bytes:
    """A MIME message, its lines ended as SMTP ends them."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Staging <no-reply@staging.example.com>", to, subject
    if cc is not None:
        made["Cc"] = cc
    made["Date"] = format_datetime(sent or datetime.now(UTC))
    made["Message-ID"] = message_id or make_msgid(domain="staging.example.com")
    if text is not None:
        made.set_content(text, cte=cte)
    if html is not None and text is None:
        made.set_content(html, subtype="html", cte=cte)
    elif html is not None:
        made.add_alternative(html, subtype="html", cte=cte)
    return made.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Time:
    """A clock that moves when somebody waits; what is planned for a moment happens when it is reached."""

    def __init__(self) -> None:
        self.start = datetime.now(UTC).replace(microsecond=0)  # as the Date of a mail has it
        self.passed = 0.0
        self._planned: list[tuple[float, Callable[[], object]]] = []

    def now(self) -> datetime:
        """The time of day."""
        return self.start + timedelta(seconds=self.passed)

    def seconds(self) -> float:
        """A clock to measure with."""
        return self.passed

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += seconds
        due = [each for each in self._planned if each[0] <= self.passed]
        self._planned = [each for each in self._planned if each[0] > self.passed]
        for _, happens in due:
            happens()

    def plan(self, after: float, happens: Callable[[], object]) -> None:
        """Have something happen so many seconds after the start."""
        self._planned.append((after, happens))
