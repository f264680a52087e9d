"""Messages as JSON objects: the format that a user's command prints, one a line, and that a queue may hold.

| member | meaning |
|---|---|
| `to` | the address or number, or a list of them |
| `received` | when, RFC 3339 with an offset: `2026-11-21T15:04:05Z` |
| `raw` | the whole mail, MIME; as text, or in base64 |
| `text` | in place of `raw`: the text |
| `id` | optional: what its sender calls it, the same for a message that is printed again |
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.mailboxes.message import LARGEST_MESSAGE, Arrival


class NotAMessage(ValueError):
    """The text is none; the message says what is missing, and repeats nothing of it."""


def arrival_in(line: str | bytes) -> Arrival:
    """The message in a line. Raises NotAMessage."""
    document = document_in(line)
    if document is None:
        raise NotAMessage("is no JSON object")
    return arrival_of(document, key=hashlib.sha256(line if isinstance(line, bytes) else line.encode()).hexdigest())


def arrival_of(document: Mapping[str, Any], *, key: str, received: datetime | None = None) -> Arrival:
    """The message in a JSON object. Raises NotAMessage.

    Args:
        document: the object.
        key: its name at the source.
        received: when, for one that does not say.
    """
    to = document.get("to")
    recipients = (to,) if isinstance(to, str) else tuple(to) if isinstance(to, list) else ()
    if not recipients or not all(isinstance(each, str) and each for each in recipients):
        raise NotAMessage("has no `to`, an address or a list of them")
    when = moment_in(document.get("received")) or received
    if when is None:
        raise NotAMessage("has no `received`, a time with its offset: 2026-11-21T15:04:05Z")
    raw, text, identity = document.get("raw"), document.get("text"), document.get("id")
    if isinstance(raw, str):
        content = mime_in(raw)
    elif isinstance(text, str):
        content = text.encode("utf-8", "replace")
    else:
        raise NotAMessage("has neither `raw`, a MIME message, nor `text`")
    return Arrival(
        key=key,
        received=when,
        content=content[:LARGEST_MESSAGE],
        size=len(content),
        recipients=recipients,
        is_mail=isinstance(raw, str),
        identity=identity if isinstance(identity, str) else "",
    )


def document_in(text: str | bytes) -> dict[str, Any] | None:
    """A JSON object, or None for anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def mime_in(text: str) -> bytes:
    """A mail as it is, or in base64: a mail's first line has a colon, which base64 has not."""
    if ":" not in text.lstrip().partition("\n")[0]:
        try:
            return base64.b64decode(re.sub(r"\s", "", text), validate=True)
        except (binascii.Error, ValueError):
            pass
    return text.encode("utf-8", "surrogateescape" if _escaped(text) else "replace")


def moment_in(value: object) -> datetime | None:
    """A time of RFC 3339, in UTC; None for anything else, also for one without an offset."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None


def _escaped(text: str) -> bool:
    """Whether bytes that are no UTF-8 were put into the text by surrogates U+DC80 to U+DCFF, as Python does."""
    return all("\udc80" <= character <= "\udcff" for character in text if "\ud800" <= character <= "\udfff")
