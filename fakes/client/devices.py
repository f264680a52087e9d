"""Remembered devices: the password that the client makes for one, and the proof of it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.faults import declare_fault
from protocol.cognito_srp import verifier
from protocol.numbers import minimal_bytes, unsigned_bytes

NEGATIVE_VERIFIER = declare_fault("client.device.negative-verifier", "a verifier with a high bit is sent without 00")
NEGATIVE_SALT = declare_fault("client.device.negative-salt", "a salt with a high bit is sent without 00")
SALT_READ_ANOTHER_WAY = declare_fault(
    "client.device.salt-read-another-way", "x of a device takes its salt at 16 bytes, however short the number is"
)
UNRELATED_VERIFIER = declare_fault("client.device.unrelated-verifier", "the verifier sent is not the password's")
NO_DEVICE_PROOF = declare_fault("client.device.user-for-the-key", "the device's proof is over the user's name")


@dataclass(frozen=True)
class Device:
    """A device that the pool knows."""

    key: str
    group_key: str
    password: str = field(repr=False)

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Device:
        """A device as the driver protocol carries it."""
        return cls(str(members["key"]), str(members["group_key"]), str(members["password"]))

    @classmethod
    def new(cls, metadata: Mapping[str, Any]) -> Device:
        """A device of a fresh password, under the keys of NewDeviceMetadata."""
        password = base64.b64encode(secrets.token_bytes(40)).decode()
        return cls(metadata["DeviceKey"], metadata["DeviceGroupKey"], password)

    def members(self) -> dict[str, str]:
        """The device as the driver protocol carries it."""
        return {"key": self.key, "group_key": self.group_key, "password": self.password}

    def identity(self) -> bytes:
        """What x is hashed over, beside the salt."""
        return f"{self.group_key}{self.key}:{self.password}".encode()

    def secret(self, on: Callable[[str], bool]) -> dict[str, str]:
        """DeviceSecretVerifierConfig of a fresh salt."""
        salt = secrets.randbits(128)
        written = salt.to_bytes(16, "big") if on(SALT_READ_ANOTHER_WAY) else minimal_bytes(salt)
        identity = self.identity() + (b"?" if on(UNRELATED_VERIFIER) else b"")
        x = int.from_bytes(hashlib.sha256(written + hashlib.sha256(identity).digest()).digest(), "big")
        return {
            "PasswordVerifier": _base64((unsigned_bytes if on(NEGATIVE_VERIFIER) else minimal_bytes)(verifier(x))),
            "Salt": _base64((unsigned_bytes if on(NEGATIVE_SALT) else minimal_bytes)(salt)),
        }


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
