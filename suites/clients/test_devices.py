"""Remembered devices: CLI-16."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CLIENT, MEDIUM, REPORTED, SHOULD, cases, check
from harness.devices import ALWAYS_REMEMBERED, DEVICE_SRP_AUTH, Tracked, salt_with
from harness.findings import Finding, Inconclusive
from harness.sign_in import HonestTwin
from protocol.cognito_srp import private_key, verifier

if TYPE_CHECKING:
    from random import Random

    from harness.client import ClientUnderTest
    from harness.client_attempt import Attempt
    from harness.client_stage import Account
    from protocol.shapes import Shape

DEVICES = 12
"""Half of all salts and verifiers have a high bit: so many devices show a client that forgets it."""

MEMBERS = {"key", "group_key", "password"}
SHAPES: dict[str, Shape] = {
    "a leading zero digit": "leading-zero-nibble",
    "a leading zero byte": "leading-zero-byte",
    "two leading zero bytes": "two-zero-bytes",
    "a high bit": "high-bit",
}


def account_with_devices(trial: ClientUnderTest) -> Account:
    """A fresh user of a pool that remembers every confirmed device."""
    return trial.stage.account(trial.stage.arrangements.pool(DeviceConfiguration=ALWAYS_REMEMBERED))


@check(
    "CLI-16",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API, ConfirmDevice: PasswordVerifier and Salt are base64 of P(n)",
    evidence=REPORTED,
    subject=CLIENT,
    needs={"client", "client.device"},
    killed_by={
        "client.device.negative-verifier": "sent a negative PasswordVerifier",
        "client.device.negative-salt": "sent a negative Salt",
        "client.device.salt-read-another-way": "sent a PasswordVerifier that is not its password's",
        "client.device.unrelated-verifier": "sent a PasswordVerifier that is not its password's",
    },
)
def test_a_device_is_confirmed_with_a_sound_verifier(trial: ClientUnderTest) -> None:
    """The verifier and the salt that a client registers for a device are positive, and belong to its password.

    They are read as two's complement: a first byte of 0x80 or more makes them negative, and the service refuses
    them, for half of all devices. A salt that is hashed in one form and sent in another makes a device that can
    never prove itself. Hash and send P(n): the fewest bytes, 00 before a high bit.
    """
    with trial.between_honest():
        for _ in range(DEVICES):
            _judge_confirmation(trial.attempt(account_with_devices(trial), answers={"remember_device": True}))


def _judge_confirmation(attempt: Attempt) -> None:
    sent = [exchange for exchange in attempt.exchanges if exchange.request.operation == "ConfirmDevice"]
    if not sent:
        raise Inconclusive(f"the client was to remember a device, and confirmed none: {attempt.described()}")
    secret = sent[-1].request.json.get("DeviceSecretVerifierConfig") or {}
    numbers = {name: _number(secret, name) for name in ("PasswordVerifier", "Salt")}
    device = attempt.answer.get("device")
    if isinstance(device, dict) and set(device) >= MEMBERS:
        x = private_key(
            salt=numbers["Salt"], pool_name=device["group_key"], user_id=device["key"], password=device["password"]
        )
        if verifier(x) != numbers["PasswordVerifier"]:
            raise Finding("the client sent a PasswordVerifier that is not its password's under the Salt that it sent")
    if sent[-1].reply.status != 200:
        raise Finding(f"the client's ConfirmDevice was refused: {attempt.described()}")


def _number(secret: dict[str, Any], name: str) -> int:
    """A number as ConfirmDevice carries it. Raises Finding for what is none, or negative."""
    try:
        octets = base64.b64decode(str(secret.get(name)), validate=True)
    except binascii.Error:
        octets = b""
    if not octets:
        raise Finding(f"the client sent a {name} that is no base64")
    if octets[0] >= 0x80:
        raise Finding(f"the client sent a negative {name}")
    return int.from_bytes(octets, "big")


@check(
    "CLI-16b",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client", "client.device"},
    killed_by={"client.device.user-for-the-key": "did not complete DEVICE_SRP_AUTH"},
)
def test_a_remembered_device_proves_itself(trial: ClientUnderTest) -> None:
    """A device that the client had remembered completes DEVICE_SRP_AUTH at the next sign-in.

    The device's SRP is the user's with DeviceGroupKey for the pool's name, DeviceKey for the user, and the device's
    own password. A client that cannot do it sends its users through the second factor each time, or nowhere.
    """
    account = account_with_devices(trial)
    with trial.between_honest():
        remembered = trial.attempt(account, answers={"remember_device": True})
        if not (remembered.claims_success and remembered.answer.get("device")):
            raise Inconclusive(f"no device was remembered: {remembered.described()}")
        _must_complete(trial, account, remembered.answer["device"], "its own device")


def _must_complete(trial: ClientUnderTest, account: Account, device: Any, what: str) -> None:
    attempt = trial.attempt(account, device=device)
    if DEVICE_SRP_AUTH not in attempt.challenges:
        raise Inconclusive(f"the client was not asked {DEVICE_SRP_AUTH}: {attempt.described()}")
    if not attempt.signed_in:
        raise Finding(f"the client did not complete {DEVICE_SRP_AUTH} with {what}: {attempt.described()}")


@check(
    "CLI-16c",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito's SRP profile: the salt is a number, hashed as P(salt)",
    evidence=AWS_DOC,
    subject=CLIENT,
    needs={"client", "client.device"},
    killed_by={
        "client.srp.salt-as-raw-bytes": "with a device whose salt has a high bit",
        "client.srp.odd-digit-dropped": "with a device whose salt has a leading zero digit",
    },
)
@cases("salt", {name: name for name in SHAPES})
def test_every_edge_of_a_devices_salt_completes(trial: ClientUnderTest, salt: str, randomness: Random) -> None:
    """A device completes DEVICE_SRP_AUTH when its salt has leading zeros, or a high bit.

    The client makes the salt, and gets it back in hex without leading zeros. One that reads it in another form than
    it wrote it loses one device in 260.
    """
    account = account_with_devices(trial)
    now = trial.stage.pool.clock.now
    twin = HonestTwin(account.pool, account.client, account.user, randomness=randomness, now=now)
    made = Tracked(twin).confirmed_device(lambda device: device.with_salt(salt_with(SHAPES[salt], randomness)))
    device = {"key": made.key, "group_key": made.group_key, "password": made.password}
    with trial.between_honest():
        _must_complete(trial, account, device, f"a device whose salt has {salt}")
