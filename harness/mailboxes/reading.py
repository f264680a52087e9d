"""A message read out of its bytes: to whom, when sent, both bodies decoded. However broken it is, nothing is raised."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser

from harness.mailboxes.message import LARGEST_MESSAGE, Arrival

_TO_WHOM = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
_RECEIVED_FOR = re.compile(r"\bfor\s+<?([^\s;<>]+@[^\s;<>]+)>?", re.IGNORECASE)
_LIKE_AN_ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
_LONGEST_WAY = timedelta(minutes=20)
"""A Date that says the mail was under way for longer is not believed; one in a wrong time zone says so."""

_BLOCKS = frozenset({"br", "p", "div", "td", "tr", "li", "h1", "h2", "h3", "table", "title", "a", "button"})


@dataclass(frozen=True)
class Letter:
    """What a message says, for all its recipients.

    Attributes:
        identity: equal for two copies of one message, whatever their keys at the source.
        everybody: the normal form of each recipient, those of the envelope included.
        recipients: whom To and Cc name.
        problem: as Received has it.
    """

    identity: str
    everybody: frozenset[str]
    sent_at: datetime
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    sender: str = ""
    recipients: tuple[str, ...] = ()
    problem: str = ""


def normal(recipient: str) -> str:
    """An address or number in the one form in which two are compared: domains have no case, nor have mailboxes."""
    bare = recipient.strip()
    if "@" not in bare:
        return re.sub(r"[\s().-]", "", bare)
    return bare.casefold()


def read(arrival: Arrival) -> Letter:
    """Read a message."""
    if not arrival.is_mail:
        return _text(arrival)
    try:
        return _mail(arrival)
    except Exception as failure:  # the parser of the standard library raises many kinds on mails that are none
        everybody = frozenset(map(normal, arrival.recipients))
        problem = f"cannot be read ({type(failure).__name__}); is it a MIME message?"
        return Letter(_digest(arrival.identity or arrival.key), everybody, arrival.received, problem=problem)


def _text(arrival: Arrival) -> Letter:
    text = arrival.content.decode("utf-8", "replace")
    return Letter(
        identity=_digest(arrival.identity or arrival.key),
        everybody=frozenset(map(normal, arrival.recipients)),
        sent_at=arrival.received,
        text=text,
        recipients=arrival.recipients,
        problem=_too_large(arrival),
    )


def _mail(arrival: Arrival) -> Letter:
    problem = _too_large(arrival)
    content = arrival.content
    if problem:
        content = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0]
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    headers = [(name.lower(), str(value)) for name, value in message.raw_items()]
    named = [value for name, value in headers if name in _TO_WHOM]
    envelope = [found[1] for name, value in headers if name == "received" and (found := _RECEIVED_FOR.search(value))]
    visible = tuple(dict.fromkeys(_addresses([value for name, value in headers if name in ("to", "cc")])))
    html = "" if problem else _body(message, "html")
    text = "" if problem else _body(message, "plain")
    subject = _decoded(next((value for name, value in headers if name == "subject"), ""))
    message_id = next((value.strip() for name, value in headers if name == "message-id"), "")
    return Letter(
        identity=_digest(message_id or arrival.identity or arrival.key, subject, text, html),
        everybody=frozenset(map(normal, (*_addresses(named), *envelope, *arrival.recipients))),
        sent_at=_sent_at(next((value for name, value in headers if name == "date"), ""), arrival.received),
        text=text if text.strip() or not html else _visible(html),
        html=html,
        subject=subject,
        sender=next((value for name, value in headers if name == "from"), ""),
        recipients=visible or arrival.recipients,
        problem=problem,
    )


def _too_large(arrival: Arrival) -> str:
    if arrival.size <= LARGEST_MESSAGE:
        return ""
    return f"has {arrival.size} bytes, more than the {LARGEST_MESSAGE} that are read; send test users smaller ones"


def _addresses(values: list[str]) -> list[str]:
    found = [address for _, address in getaddresses(values) if "@" in address]
    return found or [found for value in values for found in _LIKE_AN_ADDRESS.findall(value)]


def _decoded(header: str) -> str:
    """A header without its encoded words and folds; as it stands when they cannot be decoded."""
    try:
        return re.sub(r"\r?\n", "", str(make_header(decode_header(header))))
    except (LookupError, ValueError):
        return header


def _sent_at(header: str, received: datetime) -> datetime:
    """When a mail was sent: its Date, as long as that fits the time at which it was received."""
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return received
    sent = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    return sent if abs(received - sent) <= _LONGEST_WAY else received


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _digest(*parts: str) -> str:
    whole = "\0".join(f"{len(part)} {part}" for part in parts)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


class _VisibleText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden += tag in ("style", "script")
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in ("style", "script")))
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _visible(html: str) -> str:
    """The text of an HTML body, so that a code in a mail that has no other body is found."""
    reader = _VisibleText()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)
