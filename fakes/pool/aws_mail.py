"""Mails sent through SES: both bodies decoded, one message an addressee.

SendEmail and SendRawEmail, and SES v2's SendEmail with a simple or a raw content. Mails made from a
template that SES holds are not among them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from fakes.pool.aws_requests import AwsRequest, members

_OUTBOUND = "/v2/email/outbound-emails"
_EVERYBODY = ("ToAddresses", "CcAddresses", "BccAddresses")


@dataclass(frozen=True)
class Mail:
    """A mail as it was handed in; `recipients` as they were written."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """The recipients' addresses without their names, each once."""
        return tuple(dict.fromkeys(address for _, address in getaddresses(self.recipients) if address))


def mail_in(request: AwsRequest) -> Mail | None:
    """The mail that a request to SES sends; None when it sends none."""
    if request.service != "ses" or request.method != "POST":
        return None
    if request.path == _OUTBOUND:
        return _second_version(request.document())
    form = request.form()
    match form.get("Action"):
        case "SendEmail":
            return Mail(
                sender=form.get("Source", ""),
                recipients=tuple(to for kind in _EVERYBODY for to in members(form, f"Destination.{kind}")),
                subject=form.get("Message.Subject.Data", ""),
                text=form.get("Message.Body.Text.Data", ""),
                html=form.get("Message.Body.Html.Data", ""),
            )
        case "SendRawEmail":
            return _raw(form.get("RawMessage.Data", ""), members(form, "Destinations"), form.get("Source", ""))
        case _:
            return None


def _second_version(document: dict[str, Any]) -> Mail | None:
    content, destination = document.get("Content") or {}, document.get("Destination") or {}
    recipients = [to for kind in _EVERYBODY for to in destination.get(kind) or ()]
    sender = document.get("FromEmailAddress") or ""
    if content.get("Raw"):
        return _raw(content["Raw"].get("Data") or "", recipients, sender)
    simple = content.get("Simple")
    if not simple:
        return None
    body = simple.get("Body") or {}
    return Mail(
        sender=sender,
        recipients=tuple(recipients),
        subject=(simple.get("Subject") or {}).get("Data") or "",
        text=(body.get("Text") or {}).get("Data") or "",
        html=(body.get("Html") or {}).get("Data") or "",
    )


def _raw(data: str, recipients: Sequence[str], sender: str) -> Mail | None:
    """A MIME message; its own headers say who gets it and from whom, unless the request does."""
    try:
        message = message_from_bytes(base64.b64decode(data), policy=policy.default)
    except (binascii.Error, ValueError, MessageError):
        return None
    named = [str(value) for header in ("to", "cc", "bcc") for value in message.get_all(header, ())]
    return Mail(
        sender=sender or str(message.get("from", "")),
        recipients=tuple(recipients or named),
        subject=str(message.get("subject", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
