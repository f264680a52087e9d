"""What AWS puts into a queue when a mail or a text has come, read into where its content is.

SES notifies SNS with the content inline, raw or in base64 (the SNS action), or with the place of an S3 object (the S3
action); S3 itself notifies of a new object; AWS End User Messaging notifies of a text that one of its numbers got. SNS
wraps each in an envelope of its own unless raw delivery is on.
Sources: SES developer guide "Notifications for SES email receiving"; SNS "Raw message delivery"; S3 "Event message
structure"; End User Messaging SMS "Two-way SMS payload".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from harness.mailboxes.lines import NotAMessage, arrival_of, document_in, mime_in, moment_in
from harness.mailboxes.message import LARGEST_MESSAGE, Arrival


@dataclass(frozen=True)
class Pointer:
    """A mail that stands in an S3 object; `recipients` are those of the envelope, where they are told."""

    bucket: str
    key: str
    recipients: tuple[str, ...] = ()


def notified(body: str, *, key: str, received: datetime) -> Arrival | Pointer | None:
    """The message that a notification brings, or where it is; None for a notification of anything else.

    Args:
        body: of the message in the queue.
        key: its name there.
        received: when it got there.
    """
    document, identity = document_in(body) or {}, ""
    if document.get("Type") == "Notification" and isinstance(document.get("Message"), str):
        identity = str(document.get("MessageId") or "")
        received = moment_in(document.get("Timestamp")) or received
        document = document_in(document["Message"]) or {}
    if isinstance(document.get("mail"), dict):
        return _of_ses(document, key, identity, received)
    if isinstance(document.get("Records"), list):
        return _of_s3(document["Records"])
    if isinstance(document.get("destinationNumber"), str) and isinstance(document.get("messageBody"), str):
        content = document["messageBody"].encode("utf-8", "replace")
        return Arrival(
            key=key,
            received=received,
            content=content[:LARGEST_MESSAGE],
            size=len(content),
            recipients=(document["destinationNumber"],),
            is_mail=False,
            identity=str(document.get("inboundMessageId") or identity),
        )
    try:
        return arrival_of({"id": identity, **document}, key=key, received=received)
    except NotAMessage:
        return None


def _of_ses(document: Mapping[str, Any], key: str, identity: str, received: datetime) -> Arrival | Pointer | None:
    mail, receipt = document["mail"], _object(document.get("receipt"))
    action = _object(receipt.get("action"))
    named = receipt.get("recipients") or mail.get("destination")
    recipients = tuple(each for each in named if isinstance(each, str)) if isinstance(named, list) else ()
    if isinstance(document.get("content"), str):
        content = mime_in(document["content"])
        return Arrival(
            key=key,
            received=moment_in(mail.get("timestamp")) or received,
            content=content[:LARGEST_MESSAGE],
            size=len(content),
            recipients=recipients,
            identity=str(mail.get("messageId") or identity),
        )
    bucket, object_key = action.get("bucketName"), action.get("objectKey")
    if isinstance(bucket, str) and isinstance(object_key, str):
        return Pointer(bucket, object_key, recipients)
    return None


def _of_s3(records: list[Any]) -> Pointer | None:
    s3 = _object(_object(records[0] if records else None).get("s3"))
    bucket, key = _object(s3.get("bucket")).get("name"), _object(s3.get("object")).get("key")
    return Pointer(bucket, unquote_plus(key)) if isinstance(bucket, str) and isinstance(key, str) else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
