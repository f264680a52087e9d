"""Mails and texts in an SQS queue that AWS's notifications end up in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.mailboxes.aws import client_of, needing
from harness.mailboxes.bucket import Bucket
from harness.mailboxes.errors import MailboxUnusable
from harness.mailboxes.message import Arrival
from harness.mailboxes.notifications import Pointer, notified
from harness.mailboxes.reading import normal
from harness.mailboxes.source import Look

if TYPE_CHECKING:
    from harness.mailboxes.settings import ReadingSettings

MOST_AT_ONCE = 500
"""Messages that one look takes out of the queue; they are all put back, but for those that are deleted."""

SECONDS_HIDDEN = 60
"""For how long a look hides what it takes from other readers, should it never come to put it back."""

_LONGEST_POLL = 20
_OF_GONE = " (and s3:ListBucket, without which S3 says so of objects that are gone)"
_NO_HANDLE = "cognito-conformance-tries-out"


class QueueSource:
    """A queue. Each look takes every message out, and `settle` puts back what is not deleted, for its other readers."""

    def __init__(self, settings: ReadingSettings, session: Any) -> None:
        assert settings.queue_url is not None
        self._url = settings.queue_url
        self.name = f"the SQS queue {self._url.rpartition('/')[2]}"
        self._settings, self._session = settings, session
        self._bucket = Bucket(settings, session) if settings.bucket else None
        self._client: Any = None
        self._held: dict[str, str] = {}
        self._objects: dict[str, Arrival | None] = {}
        self._others: set[str] = set()

    def look(self, address: str, since: datetime) -> Look:
        """As Source has it: everything that is in the queue."""
        del since
        arrivals, before = [], len(self._others)
        for message in self._taken():
            arrival = self._arrival(message, address)
            if arrival is None:
                self._others.add(message["MessageId"])
            else:
                arrivals.append(arrival)
        return Look(tuple(arrivals), len(self._others) - before)

    def settle(self, delete: Collection[str]) -> None:
        """As Source has it: what is not deleted can be received again at once."""
        held, self._held = self._held, {}
        with needing("sqs:DeleteMessage", self.name):
            for key in delete:
                if key in held:
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=held[key])
        with needing("sqs:ChangeMessageVisibility", self.name):
            back = [handle for key, handle in held.items() if key not in delete]
            for start in range(0, len(back), 10):
                self._sqs.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                        for number, handle in enumerate(back[start : start + 10])
                    ],
                )

    def try_out(self) -> str:
        """As Source has it: receive without hiding, and ask for what no handle is for."""
        with needing("sqs:ReceiveMessage", self.name):
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=1, VisibilityTimeout=0)
        with needing("sqs:ChangeMessageVisibility", self.name):
            self._refuses(self._sqs.change_message_visibility, VisibilityTimeout=0)
        if self._settings.delete_read:
            with needing("sqs:DeleteMessage", self.name):
                self._refuses(self._sqs.delete_message)
        seen = "holds messages" if answer.get("Messages") else "gave no message just now"
        return f"{self.name} can be received from; it {seen}"

    def close(self) -> None:
        """As Source has it."""
        client, self._client = self._client, None
        if client is not None:
            client.close()
        if self._bucket is not None:
            self._bucket.close()

    @property
    def _sqs(self) -> Any:
        if self._client is None:
            self._client = client_of("sqs", self._settings, self._session)
        return self._client

    def _taken(self) -> list[dict[str, Any]]:
        """What can be received at present, each message held until `settle`."""
        taken: dict[str, dict[str, Any]] = {}
        # A long poll asks every server of the queue; a stand-in for AWS may have but one, which would do nothing else.
        wait = 0 if self._settings.endpoint else min(_LONGEST_POLL, max(1, int(self._settings.poll_seconds)))
        with needing("sqs:ReceiveMessage", self.name):
            while True:
                answer = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=SECONDS_HIDDEN,
                    WaitTimeSeconds=0 if taken else wait,
                    MessageSystemAttributeNames=["SentTimestamp"],
                )
                received = answer.get("Messages", [])
                for message in received:
                    self._held[message["MessageId"]] = message["ReceiptHandle"]
                    taken[message["MessageId"]] = message
                if not received:
                    return list(taken.values())
                if len(taken) > MOST_AT_ONCE:
                    raise MailboxUnusable(
                        f"{self.name} holds more than {MOST_AT_ONCE} messages; give the run one of its own, purge it "
                        "and set delete_read = true"
                    )

    def _arrival(self, message: dict[str, Any], address: str) -> Arrival | None:
        """The message that a notification brings; None when it brings none, or points to a mail for somebody else."""
        key = message["MessageId"]
        sent = datetime.fromtimestamp(int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000, UTC)
        found = notified(message.get("Body", ""), key=key, received=sent)
        if not isinstance(found, Pointer):
            return found
        wanted = [to for to in map(normal, found.recipients) if self._settings.holds(to) or to == normal(address)]
        if found.recipients and not wanted:
            return None
        if key not in self._objects:
            self._objects[key] = self._object(found, key)
        return self._objects[key]

    def _object(self, pointer: Pointer, key: str) -> Arrival | None:
        if self._bucket is None:
            raise MailboxUnusable(
                f"{self.name} holds notifications that point to the S3 bucket {pointer.bucket}; name it as the "
                "mailbox's bucket, and allow s3:GetObject there"
            )
        if pointer.bucket != self._settings.bucket:
            return None  # only what the configuration names is read
        mail = self._bucket.mail(pointer.key, pointer.recipients, also=_OF_GONE)
        return replace(mail, key=key, identity=f"{pointer.bucket}/{pointer.key}") if mail else None

    def _refuses(self, call: Any, **more: Any) -> None:
        """Call with a handle that is none: whoever may call it is told so."""
        from botocore.exceptions import ClientError

        try:
            call(QueueUrl=self._url, ReceiptHandle=_NO_HANDLE, **more)
        except ClientError as refusal:
            code = refusal.response.get("Error", {}).get("Code", "")
            if code not in ("ReceiptHandleIsInvalid", "InvalidParameterValue", "InvalidParameterValueException"):
                raise
