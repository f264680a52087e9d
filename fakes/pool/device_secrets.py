"""DeviceSecretVerifierConfig: the salt and verifier that a device registers, held against what they must be.

Both are base64 of P(n), Java's two's complement: a first byte of 0x80 or more makes the number
negative, and the service refuses it (`reported`: pull request 46 of AWS's .NET extensions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import InvalidParameter, missing_parameter
from fakes.pool.secret_block import decode_base64
from protocol.cognito_srp import COGNITO

TAKES_NEGATIVES = declare_fault(
    "pool.devices.takes-negative-numbers", "a salt or verifier whose first byte says negative is read without sign"
)
TAKES_SHORT_VERIFIERS = declare_fault("pool.devices.takes-short-verifiers", "a verifier may be any positive number")
TAKES_ANY_TEXT = declare_fault(
    "pool.devices.takes-what-is-not-base64", "characters outside base64 are passed over in a salt or verifier"
)
SALT_FILLED_UP = declare_fault(
    "pool.devices.salt-filled-up-to-16-bytes", "a salt shorter than 16 bytes is kept with zeros behind it"
)
SALT_CUT = declare_fault("pool.devices.salt-cut-to-16-bytes", "of a salt of 17 bytes, 00 and a high bit, 16 are kept")
VERIFIER_FIXED_WIDTH = declare_fault(
    "pool.devices.verifier-of-384-bytes-only", "a verifier of fewer than 384 bytes is refused as short"
)
VERIFIER_CUT = declare_fault(
    "pool.devices.verifier-cut-to-384-bytes", "of a verifier of 385 bytes, 00 and a high bit, 384 are kept"
)

_SALT_BYTES = 16
_MOST_SALT_BYTES = 256  # it is hashed, and sent back, at every sign-in
_WIDTH = COGNITO.group.width
_LEAST_VERIFIER = 1 << (8 * _WIDTH - 128)
"""A real verifier g^x mod N is shorter one time in 2^128; v = 0, 1 or g would be anybody's."""


@dataclass(frozen=True)
class DeviceSecret:
    """What the pool keeps of a device's password."""

    salt: int
    verifier: int


def read_device_secret(configuration: Mapping[str, str] | None, faults: FaultSwitches) -> DeviceSecret:
    """The salt and the verifier out of the request. Raises InvalidParameter."""
    sent = configuration or {}
    for name in ("PasswordVerifier", "Salt"):
        if not sent.get(name):
            raise missing_parameter(name)
    salt = _octets(sent["Salt"], "Salt", faults)
    verifier = _octets(sent["PasswordVerifier"], "PasswordVerifier", faults)
    if faults.on(SALT_FILLED_UP):
        salt = salt.ljust(_SALT_BYTES, b"\0")
    if faults.on(SALT_CUT):
        salt = salt[:_SALT_BYTES]
    if faults.on(VERIFIER_CUT):
        verifier = verifier[:_WIDTH]
    secret = DeviceSecret(_positive(salt, "Salt", faults), _positive(verifier, "PasswordVerifier", faults))
    if len(salt) > _MOST_SALT_BYTES:
        raise InvalidParameter("Salt is too long.")
    short = secret.verifier < _LEAST_VERIFIER or (faults.on(VERIFIER_FIXED_WIDTH) and len(verifier) < _WIDTH)
    if (short and not faults.on(TAKES_SHORT_VERIFIERS)) or secret.verifier >= COGNITO.group.prime:
        raise InvalidParameter("PasswordVerifier is out of range.")
    return secret


def _octets(text: str, name: str, faults: FaultSwitches) -> bytes:
    if faults.on(TAKES_ANY_TEXT):
        text = "".join(char for char in text if char.isascii() and (char.isalnum() or char in "+/="))
    try:
        return decode_base64(text)
    except ValueError:
        raise InvalidParameter(f"Invalid {name} format. Must be a Base64 string.") from None


def _positive(octets: bytes, name: str, faults: FaultSwitches) -> int:
    number = int.from_bytes(octets, "big", signed=not faults.on(TAKES_NEGATIVES))
    if number <= 0:
        raise InvalidParameter(f"{name} is not a positive number.")
    return number
