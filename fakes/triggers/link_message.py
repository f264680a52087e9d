"""What a link says: a message, its signature, and how both stand in the URL."""

from __future__ import annotations

import base64
import binascii
import json
import random
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from fakes.faults import FaultSwitches, declare_fault

SHORT_SECRET = declare_fault(
    "triggers.links.short-secret",
    "the link's secret is 4 random bytes: they stand where the signature would, no signature is made or verified, and "
    "the message has no nonce",
)
PREDICTABLE = declare_fault(
    "triggers.links.predictable-secret",
    "the link's secret comes from random.Random(the second): links made in the same second have the same bytes where "
    "the signature would stand, and the message has no nonce",
)
NAMES_THE_USER = declare_fault(
    "triggers.links.names-the-user", "the link's message holds userName and email, readable by anybody who sees the URL"
)
ANY_ENCODING = declare_fault(
    "triggers.links.takes-any-encoding",
    "the fragment is decoded leniently: padding, characters outside base64url, surplus bits and a third part after a "
    "second dot are passed over",
)

PURPOSE = "magic-link"
_LONGEST = 4096
_FRAGMENT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True)
class LinkMessage:
    """The signed part. It names nobody: `account` is the user's pseudonym. Times are seconds since 1970 (UTC)."""

    purpose: str
    pool: str
    client: str
    account: str
    iat: int
    exp: int
    nonce: str

    def written(self, **more: str) -> bytes:
        """The message as it is signed."""
        return json.dumps(asdict(self) | more, separators=(",", ":")).encode()

    @classmethod
    def read(cls, message: bytes) -> LinkMessage | None:
        """The message in these bytes, or None when it is not of this form."""
        try:
            content: Any = json.loads(message)
            return cls(**{name: content[name] for name in cls.__dataclass_fields__})
        except (ValueError, TypeError, KeyError, RecursionError):
            return None


def fresh_nonce(faults: FaultSwitches) -> str:
    """256 bits from the system's generator; a message with it cannot be guessed, whatever becomes of the key."""
    return "" if faults.on(SHORT_SECRET) or faults.on(PREDICTABLE) else secrets.token_urlsafe(32)


def unsigned_secret(second: int, faults: FaultSwitches) -> bytes | None:
    """What stands in the place of a signature under a fault; None in an honest link."""
    if faults.on(SHORT_SECRET):
        return secrets.token_bytes(4)
    if faults.on(PREDICTABLE):
        return random.Random(second).randbytes(32)  # noqa: S311 - that is the fault
    return None


def to_fragment(message: bytes, signature: bytes) -> str:
    """`base64url(message).base64url(signature)`, without padding (RFC 4648 section 5)."""
    return f"{_encoded(message)}.{_encoded(signature)}"


def from_fragment(fragment: object, faults: FaultSwitches) -> tuple[bytes, bytes] | None:
    """Message and signature, or None for anything but exactly what `to_fragment` writes."""
    if not isinstance(fragment, str) or len(fragment) > _LONGEST:
        return None
    if faults.on(ANY_ENCODING):
        parts = [*fragment.split("."), ""]
        try:
            message, signature = (base64.urlsafe_b64decode(part.rstrip("=") + "==") for part in parts[:2])
        except (binascii.Error, ValueError):
            return None
        return message, signature
    if not _FRAGMENT.fullmatch(fragment):
        return None
    try:
        message, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in fragment.split("."))
    except binascii.Error:
        return None
    return (message, signature) if to_fragment(message, signature) == fragment else None


def _encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
