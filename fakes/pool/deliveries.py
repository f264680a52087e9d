"""What the pool sends to its users: mails through moto's SES, texts through moto's SNS, each kept to be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fakes.pool.clock import Clock
from fakes.pool.errors import InvalidParameter
from fakes.pool.moto_gateway import MotoFailed, MotoGateway

SENDER = "no-reply@verificationemail.com"
"""The address that a pool without a mail configuration of its own sends from (`aws-doc`)."""


@dataclass(frozen=True)
class Message:
    """One mail or text as one addressee gets it: to whom, what, and when by the pool's clock.

    `text` and `html` are a mail's two bodies, decoded, empty where it has none; a text message has
    neither `html` nor `subject`. `recipients` is everybody that a mail was sent to, `to` one of them.
    """

    to: str
    text: str
    sent_at: datetime
    subject: str = ""
    html: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()


class Outbox:
    """Everything that was sent one way, oldest first. May be read from any thread."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._watchers: list[Callable[[Message], None]] = []

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of it."""
        return tuple(self._messages)

    def to(self, address: str) -> tuple[Message, ...]:
        """What went to one address or number."""
        return tuple(message for message in self._messages if message.to == address)

    def clear(self) -> None:
        """Forget what was sent."""
        self._messages.clear()

    def watch(self, watcher: Callable[[Message], None]) -> None:
        """Show somebody each message that is sent from now on, in the pool's thread: nobody must wait there."""
        self._watchers.append(watcher)

    def keep(self, message: Message) -> None:
        """Add a message that has been sent."""
        self._messages.append(message)
        for watcher in self._watchers:
            watcher(message)


class Courier:
    """Sends."""

    def __init__(self, *, gateway: MotoGateway, clock: Clock, mailbox: Outbox, phone: Outbox) -> None:
        self._gateway = gateway
        self._clock = clock
        self._mailbox = mailbox
        self._phone = phone
        self._sender_is_known = False

    def mail(self, address: str, subject: str, text: str) -> None:
        """Send a mail. Raises InvalidParameter when SES takes no such address."""
        if not self._sender_is_known:
            self._ask("ses", Action="VerifyEmailIdentity", EmailAddress=SENDER)
            self._sender_is_known = True
        self._ask(
            "ses",
            **{
                "Action": "SendEmail",
                "Source": SENDER,
                "Destination.ToAddresses.member.1": address,
                "Message.Subject.Data": subject,
                "Message.Body.Text.Data": text,
            },
        )
        self._mailbox.keep(Message(address, text, self._clock.now(), subject, sender=SENDER, recipients=(address,)))

    def text(self, number: str, text: str) -> None:
        """Send a text message. Raises InvalidParameter when SNS takes no such number."""
        self._ask("sns", Action="Publish", PhoneNumber=number, Message=text)
        self._phone.keep(Message(number, text, self._clock.now()))

    def _ask(self, service: str, **parameters: str) -> None:
        region = self._gateway.region
        headers = {
            "Host": f"{service}.{region}.amazonaws.com",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=pool/20260101/{region}/{service}/aws4_request",
        }
        try:
            answer = self._gateway.send(method="POST", target="/", headers=headers, body=urlencode(parameters).encode())
        except MotoFailed as failure:
            raise InvalidParameter("The code cannot be delivered to this user.") from failure
        if answer.status != 200:
            raise InvalidParameter("The code cannot be delivered to this user.")
