"""Mailboxes and phones, made from their settings."""

from __future__ import annotations

from typing import Any

from harness.mailboxes.live_mailbox import LiveMailbox
from harness.mailboxes.settings import MailboxSettings, PhoneSettings
from harness.mailboxes.source import Source


def open_mailbox(settings: MailboxSettings | PhoneSettings, session: Any = None) -> LiveMailbox:
    """The mailbox or phone that the settings name. Nothing is connected, and no secret read, before the first look.

    Args:
        settings: of the mailbox or phone.
        session: a boto3.Session for S3 and SQS; None for boto3's own search of profile and credentials.
    """
    return LiveMailbox(_source(settings, session), settings)


def _source(settings: MailboxSettings | PhoneSettings, session: Any) -> Source:
    if settings.kind == "sqs":
        from harness.mailboxes.queue import QueueSource

        return QueueSource(settings, session)
    if isinstance(settings, MailboxSettings) and settings.kind == "imap":
        from harness.mailboxes.imap import ImapSource

        return ImapSource(settings)
    if isinstance(settings, MailboxSettings) and settings.kind == "s3":
        from harness.mailboxes.bucket import BucketSource

        return BucketSource(settings, session)
    from harness.mailboxes.printer import PrinterSource

    return PrinterSource(settings)
