"""What makes a device: NewDeviceMetadata and ConfirmDevice, DEV-01 and DEV-04."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, MUST, POOL, REPORTED, cases, check
from harness.devices import Device, device_secret, registered, salt_with, tracked_user
from harness.token_calls import must_be_taken, must_not_be_taken
from protocol.cognito_srp import COGNITO
from protocol.numbers import unsigned_bytes
from protocol.shapes import WIDTHS, Shape, has_shape

if TYPE_CHECKING:
    import random

    from harness.arrangement import Arrangements
    from harness.fixtures import HonestOf

N = COGNITO.group.prime

Secret = Callable[[Device], dict[str, str]]


def base64_of(octets: bytes) -> str:
    """Bytes as ConfirmDevice carries them."""
    return base64.b64encode(octets).decode()


def its_own(device: Device) -> dict[str, str]:
    """What the device itself registers."""
    return device_secret(device)


def with_verifier(text: Callable[[Device], str]) -> Secret:
    """The device's own salt beside another verifier."""
    return lambda device: device_secret(device) | {"PasswordVerifier": text(device)}


def with_salt(text: Callable[[Device], str]) -> Secret:
    """The device's own verifier beside another salt."""
    return lambda device: device_secret(device) | {"Salt": text(device)}


def negative_verifier(device: Device) -> dict[str, str]:
    """The verifier without the sign byte that it needs."""
    signed = device.with_salt_so_that(lambda tried: has_shape(tried.verifier, WIDTHS["S"], "high-bit"))
    return device_secret(signed) | {"PasswordVerifier": base64_of(unsigned_bytes(signed.verifier))}


def negative_salt(device: Device) -> dict[str, str]:
    """A salt without the sign byte that it needs."""
    return device_secret(device) | {"Salt": base64_of(b"\x80" + bytes(range(1, 16)))}


def with_a_foreign_character(text: str) -> str:
    """A base64 text with one character in it that base64 does not have."""
    return f"{text[:8]}!{text[8:]}"


SECRETS: dict[str, Secret] = {
    "its own": its_own,
    "a negative verifier": negative_verifier,
    "a negative salt": negative_salt,
    "the verifier 1": with_verifier(lambda device: registered(1)),
    "the verifier g": with_verifier(lambda device: registered(COGNITO.group.generator)),
    "a verifier cut to 16 bytes": with_verifier(lambda device: registered(device.verifier >> 8 * 368)),
    "the verifier 0": with_verifier(lambda device: registered(0)),
    "the verifier N": with_verifier(lambda device: registered(N)),
    "a verifier with a character outside base64": with_verifier(
        lambda device: with_a_foreign_character(registered(device.verifier))
    ),
    "a salt with a character outside base64": with_salt(
        lambda device: with_a_foreign_character(registered(device.salt))
    ),
    "an empty verifier": with_verifier(lambda device: ""),
    "an empty salt": with_salt(lambda device: ""),
}


@check(
    "DEV-01",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, working with user devices; ConfirmDevice",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "devices"},
    killed_by={
        "pool.devices.no-new-device-metadata": "brought no NewDeviceMetadata",
        "pool.devices.metadata-without-group-key": "NewDeviceMetadata lacks DeviceGroupKey",
        "pool.devices.confirms-nothing": "is not among the user's devices",
        "pool.devices.takes-negative-numbers": "a device with a negative",
        "pool.devices.takes-short-verifiers": "a device with the verifier 1",
        "pool.devices.takes-what-is-not-base64": "with a character outside base64",
    },
)
@cases("sent", {name: name for name in SECRETS})
def test_a_device_is_confirmed_with_a_sound_verifier_only(
    arrangements: Arrangements, honest_of: HonestOf, sent: str
) -> None:
    """A sign-in on a new device brings its keys, and ConfirmDevice takes a verifier that only a password can have.

    Without the keys no device is ever remembered. A verifier of 1, 0 or N is met by anybody, without
    the device; a negative one or a text that is no base64 is another number to the pool than to the
    device, which then never gets in. Read both as P(n), refuse a first byte of 0x80 or more, and
    hold the verifier against the size of N.
    """
    tracked = tracked_user(arrangements, honest_of)
    device, access_token = tracked.new_device()
    if sent != "its own":
        tracked.given_device()
        what = f"a device with {sent}"
        must_not_be_taken(tracked.confirm(device, access_token, SECRETS[sent](device)), what)
    confirmed = tracked.confirm(device, access_token)
    must_be_taken(confirmed, "a device with its own verifier")
    assert (confirmed.json or {}).get("UserConfirmationNecessary") is not True, (
        "UserConfirmationNecessary is true in a pool that always remembers"
    )
    listed = tracked.pool.wire.call("ListDevices", {"AccessToken": access_token, "Limit": 10})
    keys = {shown.get("DeviceKey") for shown in (listed.json or {}).get("Devices", []) if isinstance(shown, dict)}
    assert device.key in keys, "a confirmed device is not among the user's devices"
    shown = tracked.pool.wire.call("GetDevice", {"AccessToken": access_token, "DeviceKey": device.key})
    must_be_taken(shown, "a confirmed device's key")


SHAPES: tuple[Shape, ...] = ("leading-zero-nibble", "leading-zero-byte", "high-bit")


def device_with_salt(shape: Shape, randomness: random.Random) -> Callable[[Device], Device]:
    """Gives a device a salt of the shape."""
    salt = salt_with(shape, randomness)
    return lambda device: device.with_salt(salt)


def device_with_verifier(shape: Shape, randomness: random.Random) -> Callable[[Device], Device]:
    """Gives a device a salt under which its verifier has the shape."""
    del randomness
    return lambda device: device.with_salt_so_that(lambda tried: has_shape(tried.verifier, WIDTHS["S"], shape))


@check(
    "DEV-04",
    level=MUST,
    severity=HIGH,
    clause="Cognito SRP profile, P(n); a client's pull request 46 met the pool's refusal of negative numbers",
    evidence=REPORTED,
    subject=POOL,
    needs={"srp", "users", "configure", "device-sign-in"},
    killed_by={
        "pool.devices.salt-filled-up-to-16-bytes": "a device with a leading-zero-byte in its salt did not sign in",
        "pool.devices.salt-cut-to-16-bytes": "a device with a high-bit in its salt did not sign in",
        "pool.devices.negative-salt": "holds what a device cannot compute with",
        "pool.devices.verifier-of-384-bytes-only": "ConfirmDevice refused a sound device",
        "pool.devices.verifier-cut-to-384-bytes": "a device with a high-bit in its verifier did not sign in",
    },
)
@cases("shape", {shape: shape for shape in SHAPES})
@cases("quantity", {"salt": device_with_salt, "verifier": device_with_verifier})
def test_a_devices_salt_and_verifier_may_begin_with_anything(
    arrangements: Arrangements,
    honest_of: HonestOf,
    randomness: random.Random,
    quantity: Callable[[Shape, random.Random], Callable[[Device], Device]],
    shape: Shape,
) -> None:
    """A device whose salt or verifier has a leading zero or a high first bit is confirmed and signs in like any other.

    P(n) then has a byte fewer or more than usual. A pool that keeps 16 or 384 bytes, or forgets the
    sign byte, locks out one device in 2 or in 256, and nobody can say why.
    """
    tracked = tracked_user(arrangements, honest_of)
    device = tracked.confirmed_device(quantity(shape, randomness))
    which = "salt" if quantity is device_with_salt else "verifier"
    tracked.sign_in(device).must_yield_tokens(f"a device with a {shape} in its {which}")
