"""boto3 clients of mailboxes, and what their failures mean to who set the mailbox up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.mailboxes.errors import MailboxUnreachable, MailboxUnusable

if TYPE_CHECKING:
    from harness.mailboxes.settings import ReadingSettings

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "403", "Forbidden", "AllAccessDisabled"})
_GONE = frozenset(
    {"NoSuchBucket", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "InvalidAddress", "404"}
)
_BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken",
        "SignatureDoesNotMatch", "UnrecognizedClientException",
    }
)  # fmt: skip
_ELSEWHERE = frozenset(
    {"PermanentRedirect", "301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)


def client_of(service: str, settings: ReadingSettings, session: Any) -> Any:
    """A client of S3 or SQS.

    Args:
        service: `s3` or `sqs`.
        settings: of the mailbox.
        session: a boto3.Session, whose credentials are used; None for boto3's own search.
    """
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "total_max_attempts": 4},
        s3={"addressing_style": "path"} if settings.endpoint else {},
    )
    session = session or boto3.Session()
    region = settings.region or _region_in(settings.queue_url or "") or session.region_name
    try:
        return session.client(service, region_name=region, endpoint_url=settings.endpoint, config=config)
    except (BotoCoreError, ValueError) as failure:
        raise MailboxUnusable(f"no client of {service} can be made: {failure}; set the mailbox's region") from failure


@contextmanager
def needing(permission: str, where: str) -> Iterator[None]:
    """Calls that need a permission at a place: their failures, told as what to do.

    Raises:
        MailboxUnusable: refused.
        MailboxUnreachable: no answer, or one that may be another next time.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

    try:
        yield
    except ClientError as refusal:
        raise _refused(refusal.response.get("Error", {}).get("Code", ""), permission, where) from refusal
    except (NoCredentialsError, PartialCredentialsError) as missing:
        raise MailboxUnusable(f"{where} wants AWS credentials and there are none; set a profile or a role") from missing
    except BotoCoreError as failure:
        raise MailboxUnreachable(f"{where} cannot be asked for {permission}: {failure}") from failure


def _refused(code: str, permission: str, where: str) -> MailboxUnusable | MailboxUnreachable:
    if code in _DENIED:
        return MailboxUnusable(f"{where}: {code}; allow the run's credentials {permission} there")
    if code in _GONE:
        return MailboxUnusable(f"{where}: {code}; check its name and its region")
    if code in _BAD_CREDENTIALS:
        return MailboxUnusable(f"{where}: {code}; renew the AWS credentials")
    if code in _ELSEWHERE:
        return MailboxUnusable(f"{where}: {code}; set the mailbox's region to where it is")
    return MailboxUnreachable(f"{where}: {permission} failed with {code or 'an error without a code'}")


def _region_in(queue_url: str) -> str | None:
    """The region that AWS's own queue URLs name."""
    host = (urlsplit(queue_url).hostname or "").split(".")
    return host[1] if len(host) > 3 and host[0] == "sqs" and host[2] == "amazonaws" else None
