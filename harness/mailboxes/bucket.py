"""Mails in an S3 bucket, one object each, as a receipt rule of SES writes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from harness.mailboxes.aws import client_of, needing
from harness.mailboxes.errors import MailboxUnusable
from harness.mailboxes.message import LARGEST_MESSAGE, Arrival
from harness.mailboxes.source import Look

if TYPE_CHECKING:
    from harness.mailboxes.settings import MailboxSettings, ReadingSettings

MOST_LISTED = 20_000
"""Objects under the prefix: S3 lists them by name only, all of them at each look."""

_MOST_AT_ONCE = 200


class Bucket:
    """A bucket that may be read."""

    def __init__(self, settings: ReadingSettings, session: Any) -> None:
        assert settings.bucket is not None
        self.name = f"the S3 bucket {settings.bucket}"
        self._bucket = settings.bucket
        self._settings, self._session = settings, session
        self._client: Any = None

    @property
    def client(self) -> Any:
        """The boto3 client, made when it is first wanted."""
        if self._client is None:
            self._client = client_of("s3", self._settings, self._session)
        return self._client

    def mail(self, key: str, recipients: tuple[str, ...] = (), *, also: str = "") -> Arrival | None:
        """An object's beginning, as a mail that is received when it was written. None when it is gone by now.

        `also` is what a refusal names beside the permission to read it.
        """
        from botocore.exceptions import ClientError

        with needing(f"s3:GetObject{also} on {key}", self.name):
            try:
                answer = self.client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes=0-{LARGEST_MESSAGE - 1}")
            except ClientError as refusal:
                if refusal.response.get("Error", {}).get("Code") in ("NoSuchKey", "InvalidRange"):
                    return None  # deleted meanwhile, or empty
                raise
            content = answer["Body"].read(LARGEST_MESSAGE)
        total = str(answer.get("ContentRange", "")).rpartition("/")[2]
        size = int(total) if total.isdigit() else int(answer.get("ContentLength", len(content)))
        return Arrival(key, answer["LastModified"], content, max(size, len(content)), recipients)

    def can_be_read(self, key: str) -> None:
        """Read one byte of an object. Raises MailboxUnusable without s3:GetObject."""
        from botocore.exceptions import ClientError

        with needing("s3:GetObject", self.name):
            try:
                answer = self.client.get_object(Bucket=self._bucket, Key=key, Range="bytes=0-0")
                answer["Body"].close()
            except ClientError as refusal:
                if refusal.response.get("Error", {}).get("Code") not in ("NoSuchKey", "InvalidRange"):
                    raise

    def delete(self, key: str) -> None:
        """Delete an object."""
        with needing(f"s3:DeleteObject on {key}", self.name):
            self.client.delete_object(Bucket=self._bucket, Key=key)

    def close(self) -> None:
        """Let go of connections."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class BucketSource:
    """The objects under a prefix."""

    def __init__(self, settings: MailboxSettings, session: Any) -> None:
        self._bucket = Bucket(settings, session)
        self._name, self._prefix = settings.bucket, settings.prefix
        self.name = f"{self._bucket.name}, under {settings.prefix!r}" if settings.prefix else self._bucket.name
        self._read: set[tuple[str, str]] = set()

    def look(self, address: str, since: datetime) -> Look:
        """As Source has it: every object written since, whomever it is for, once."""
        del address
        new = sorted(
            (each for each in self._listed() if each["LastModified"] >= since and _version(each) not in self._read),
            key=lambda each: each["LastModified"],
        )[:_MOST_AT_ONCE]
        arrivals = []
        for each in new:
            arrival = self._bucket.mail(each["Key"])
            self._read.add(_version(each))
            if arrival is not None:
                arrivals.append(arrival)
        return Look(tuple(arrivals))

    def settle(self, delete: Collection[str]) -> None:
        """As Source has it."""
        for key in delete:
            self._bucket.delete(key)

    def try_out(self) -> str:
        """As Source has it: list one object and read a byte of it."""
        with needing("s3:ListBucket", self.name):
            answer = self._bucket.client.list_objects_v2(Bucket=self._name, Prefix=self._prefix, MaxKeys=1)
        first = next((each["Key"] for each in answer.get("Contents", [])), None)
        if first is None:
            return f"{self.name} can be listed; it is empty, so that reading (s3:GetObject) could not be tried"
        self._bucket.can_be_read(first)
        return f"{self.name} can be listed and read; it holds mails"

    def close(self) -> None:
        """As Source has it."""
        self._bucket.close()

    def _listed(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = []
        with needing("s3:ListBucket", self.name):
            pages = self._bucket.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._name, Prefix=self._prefix):
                listed += page.get("Contents", [])
                if len(listed) > MOST_LISTED:
                    raise MailboxUnusable(
                        f"{self.name} holds more than {MOST_LISTED} objects; give test mails a prefix of their own and "
                        "a lifecycle rule that removes them after a day"
                    )
        return listed


def _version(listed: dict[str, Any]) -> tuple[str, str]:
    return listed["Key"], listed.get("ETag", "")
