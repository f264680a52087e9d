"""Base64url as WebAuthn writes it: without padding, blanks or spare bits (section 3, RFC 4648 section 5)."""

from __future__ import annotations

import base64
import binascii

from protocol.webauthn.errors import MalformedBase64url


def encode(data: bytes) -> str:
    """The base64url text of some bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of a base64url text. Raises MalformedBase64url for any text that `encode` would not write."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedBase64url(f"not base64url: {text[:40]!r}") from error
    if encode(data) != text:
        raise MalformedBase64url(f"not base64url without padding, in its one form: {text[:40]!r}")
    return data
