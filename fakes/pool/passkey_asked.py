"""What a sign-in's Session remembers of the passkey that was asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PasskeyAsked:
    """The challenge of the request options, and the credential ids of their allowCredentials."""

    challenge: bytes
    allowed: frozenset[bytes]
