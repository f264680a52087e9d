"""What a served pool sends, put where somebody can read it: files in a folder, objects in a bucket."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import queue
import sys
import threading
import time
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from harness.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.pool.deliveries import Message, Outbox


_MAIL, _TEXT = "eml", "json"


def mime_of(message: Message) -> bytes:
    """A mail as its addressee's server would keep it. Copies of one mail have the same Message-ID."""
    said = "\0".join([message.subject, message.text, message.html, message.sent_at.isoformat(), *message.recipients])
    mail = EmailMessage()
    mail["Delivered-To"] = message.to
    mail["Message-ID"] = f"<{hashlib.sha256(said.encode()).hexdigest()[:32]}@conformance.invalid>"
    mail["Date"] = format_datetime(message.sent_at)
    mail["From"] = message.sender
    mail["To"] = ", ".join(message.recipients or (message.to,))
    mail["Subject"] = " ".join(message.subject.splitlines())
    if message.text or not message.html:
        mail.set_content(message.text)
        if message.html:
            mail.add_alternative(message.html, subtype="html")
    else:
        mail.set_content(message.html, subtype="html")
    return mail.as_bytes()


def line_of(message: Message) -> str:
    """A text message as a JSON object: `to`, `received` (RFC 3339) and `text`, as a mailbox's command prints them."""
    return json.dumps({"to": message.to, "received": message.sent_at.isoformat(), "text": message.text})


class PostRoom:
    """Delivers in a thread of its own: what sends does not wait, as it would not at AWS.

    Args:
        folder: each mail becomes a file NAME.eml in it, each text NAME.json; whole at once, names in the order of time.
        bucket: each mail becomes an object in it, as a receipt rule of SES writes it; it is made.
        client: gives boto3 clients at the endpoint.

    Raises:
        ConfigurationError: the folder cannot be written to.
    """

    def __init__(self, *, folder: Path | None, bucket: str | None, client: Callable[[str], Any]) -> None:
        self._folder, self._bucket = folder, bucket
        self._client = client("s3") if bucket else None
        if self._client is not None:
            self._client.create_bucket(Bucket=bucket)
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as problem:
                raise ConfigurationError(f"{folder}: mails cannot be written there ({problem.strerror})") from problem
        self._numbers = itertools.count(1)
        self._waiting: queue.SimpleQueue[tuple[str, Message] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._deliver, name="post room", daemon=True)

    def collect(self, *, mails: Outbox, texts: Outbox) -> None:
        """From now on, deliver what is sent."""
        mails.watch(lambda message: self._waiting.put((_MAIL, message)))
        texts.watch(lambda message: self._waiting.put((_TEXT, message)))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _deliver(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            kind, message = waiting
            try:
                self._put_down(kind, mime_of(message) if kind == _MAIL else line_of(message).encode())
            except Exception as problem:  # of a folder, of boto3, of what cannot be a mail: the next one may do better
                sys.stderr.write(f"a message to {message.to} cannot be delivered: {problem}\n")

    def _put_down(self, kind: str, content: bytes) -> None:
        name = f"{time.time_ns()}-{next(self._numbers)}"
        if self._folder is not None:
            unfinished = self._folder / f".{name}"
            unfinished.write_bytes(content)
            os.replace(unfinished, self._folder / f"{name}.{kind}")
        if self._client is not None and kind == _MAIL:
            self._client.put_object(Bucket=self._bucket, Key=name, Body=content)
