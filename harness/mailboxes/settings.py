"""The sections `mailbox` and `phone` of the configuration: where the target's mails and texts can be read."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from harness.secret_source import Secret

MailboxKind = Literal["imap", "s3", "sqs", "command"]
PhoneKind = Literal["sqs", "command"]

_WANTED = {
    "imap": ("host", "user", "password"),
    "s3": ("bucket",),
    "sqs": ("queue_url",),
    "command": ("command",),
}
_ALSO_TAKEN = {
    "imap": ("port", "tls", "ca_file", "folder"),
    "s3": ("prefix", "region", "endpoint"),
    "sqs": ("bucket", "region", "endpoint"),
    "command": (),
}
_EXAMPLE = "conformance+{name}@staging.example.com"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.IGNORECASE)
_LONGEST_LOCAL_PART = 64
"""RFC 5321 section 4.5.3.1.1."""


class ReadingSettings(BaseModel):
    """What every kind of mailbox and phone has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: MailboxKind | PhoneKind = Field(description="where messages arrive")
    queue_url: str | None = Field(default=None, description="for sqs: the queue that notifications end up in")
    bucket: str | None = Field(
        default=None, description="for s3: where SES writes mails; for sqs: the one that its notifications may point to"
    )
    region: str | None = Field(default=None, description="of the queue or bucket; absent: the AWS session's")
    endpoint: str | None = Field(default=None, description="URL in place of AWS's, for a rehearsal")
    command: list[str] = Field(
        default_factory=list, description="for command: called with an address and a moment, prints JSON lines"
    )
    timeout_seconds: float = Field(default=60, gt=0, le=600, description="how long a message is waited for")
    poll_seconds: float = Field(default=1, gt=0, le=60, description="between two looks; the first is at once")
    clock_skew_seconds: float = Field(
        default=3, ge=0, le=300, description="how far this machine's clock and the senders' may be apart"
    )
    delete_read: bool = Field(
        default=False, description="whether messages to the run's own users are deleted once they are read"
    )

    @field_validator("queue_url", "endpoint")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value is not None and not (value.startswith(("http://", "https://")) and urlsplit(value).hostname):
            raise ValueError(f"{value!r} is no URL; write https://host/path")
        return value

    @model_validator(mode="after")
    def _fits_its_kind(self) -> ReadingSettings:
        for name in _WANTED[self.kind]:
            if not getattr(self, name):
                raise ValueError(f'kind = "{self.kind}" wants {name}')
        mine = {*_WANTED[self.kind], *_ALSO_TAKEN[self.kind]}
        foreign = {name for names in (*_WANTED.values(), *_ALSO_TAKEN.values()) for name in names} - mine
        if wrong := sorted(name for name in foreign if self._is_given(name)):
            raise ValueError(
                f'{", ".join(wrong)}: not for kind = "{self.kind}"; leave it out, or set the kind it is for'
            )
        if self.kind == "command" and self.delete_read:
            raise ValueError('delete_read is not for kind = "command": the command only prints; leave it out')
        return self

    def _is_given(self, name: str) -> bool:
        """Whether a field says more than its default: workers get the settings whole, defaults written out."""
        field = type(self).model_fields.get(name)
        return field is not None and getattr(self, name) != field.get_default(call_default_factory=True)

    def recipient_of(self, name: str) -> str:
        """The address, or number, of a test user. Raises ValueError for a name that does not fit in."""
        raise NotImplementedError

    def holds(self, recipient: str) -> bool:
        """Whether it is one that `recipient_of` could have made: mails to any other are never deleted."""
        raise NotImplementedError


class MailboxSettings(ReadingSettings):
    """Where mails can be read."""

    kind: MailboxKind = Field(description="where mails arrive")
    address: str = Field(
        description=f"the address of each test user, whose mails all end up here; {{name}} is replaced: {_EXAMPLE}"
    )
    host: str | None = Field(default=None, description="for imap: the server")
    port: int = Field(default=993, ge=1, le=65_535, description="for imap: the server's port")
    tls: bool = Field(default=True, description="false only for a server on loopback")
    ca_file: Path | None = Field(default=None, description="certificates to trust in place of the system's, PEM")
    user: str | None = Field(default=None, description="for imap: the user name", min_length=1)
    password: Secret | None = Field(default=None, description='for imap: { env = "NAME" } or { command = [...] }')
    folder: str = Field(
        default="INBOX", pattern=r"^[\x20-\x7e]+$", description="in IMAP's own spelling (modified UTF-7, RFC 3501)"
    )
    prefix: str = Field(default="", description="for s3: the beginning of the objects' keys, as in the receipt rule")

    @field_validator("address")
    @classmethod
    def _tells_users_apart(cls, value: str) -> str:
        local, at, domain = value.rpartition("@")
        if not at or not domain or local.count("{name}") != 1 or "{" in domain:
            raise ValueError(
                f"{value!r} must hold {{name}} once before the @: conformance+{{name}}@staging.example.com"
            )
        if not re.fullmatch(r"[\w.+=~-]*\{name\}[\w.+=~-]*", local, re.ASCII) or not re.fullmatch(
            r"[a-z0-9.-]+", domain, re.IGNORECASE
        ):
            raise ValueError(f"{value!r} is no address; write it like {_EXAMPLE}")
        return value.lower()

    @model_validator(mode="after")
    def _is_encrypted(self) -> MailboxSettings:
        if self.kind == "imap" and not self.tls and not _is_loopback(self.host or ""):
            raise ValueError(f"tls = false would send the password to {self.host} in the clear; leave it out")
        return self

    def recipient_of(self, name: str) -> str:
        """As ReadingSettings has it; in lower case."""
        address = self.address.replace("{name}", name.lower())
        if not _NAME.fullmatch(name) or len(address.partition("@")[0]) > _LONGEST_LOCAL_PART:
            raise ValueError(f"{name!r} makes no address from {self.address}: letters, digits, . _ -, and not too long")
        return address

    def holds(self, recipient: str) -> bool:
        """As ReadingSettings has it."""
        before, _, after = (re.escape(part) for part in self.address.partition("{name}"))
        return re.fullmatch(before + _NAME.pattern + after, recipient, re.IGNORECASE) is not None


class PhoneSettings(ReadingSettings):
    """Where texts can be read."""

    kind: PhoneKind = Field(description="where texts arrive")
    number: str = Field(
        pattern=r"^\+[0-9#]{6,15}$",
        description="the number of each test user; each # becomes a digit made from the user's name; without any, all "
        "users share one phone, and their checks must not run at the same time",
    )

    def recipient_of(self, name: str) -> str:
        """As ReadingSettings has it: the same name gives the same digits."""
        digits = reversed(str(int.from_bytes(hashlib.sha256(name.encode()).digest())).zfill(len(self.number)))
        return "".join(next(digits) if character == "#" else character for character in self.number)

    def holds(self, recipient: str) -> bool:
        """As ReadingSettings has it."""
        return re.fullmatch(re.escape(self.number).replace(r"\#", "[0-9]"), recipient) is not None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
