"""A user's devices: their keys, the password that only the device knows, and the sign-in in which it proves that."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.findings import Finding, Inconclusive, TargetUnreachable
from harness.flows import respond
from harness.sign_in import (
    PRIVATE_VALUE_BITS,
    HonestTwin,
    Left,
    Outcome,
    Text,
    decoded_secret_block,
)
from protocol.claims import claim_signature, secret_hash
from protocol.cognito_srp import COGNITO, password_key, private_key, verifier
from protocol.errors import ProtocolError
from protocol.numbers import hex_of, minimal_bytes, parse_hex
from protocol.shapes import WIDTHS, Shape, has_shape
from protocol.timestamps import format_timestamp

if TYPE_CHECKING:
    import random

    from harness.arrangement import AppClient, Arrangements, UserPool
    from harness.fixtures import HonestOf
    from harness.wire import Answer

DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"
DEVICE_PASSWORD_VERIFIER = "DEVICE_PASSWORD_VERIFIER"  # noqa: S105 - the name of a challenge

ALWAYS_REMEMBERED = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": False}
"""The DeviceConfiguration under which ConfirmDevice is all it takes, and a device stands for a second factor."""

_PASSWORD_BYTES = 40
_SALT_BYTES = 16


@dataclass(frozen=True)
class Device:
    """A device's keys, as NewDeviceMetadata gave them, and what it made of them: its password and its salt."""

    key: str
    group_key: str
    password: str = field(repr=False)
    salt: int

    @property
    def verifier(self) -> int:
        """The verifier v = g^x of the device's password: the group key for the pool's name, the key for the user."""
        return verifier(self._private_key())

    def _private_key(self) -> int:
        return private_key(salt=self.salt, pool_name=self.group_key, user_id=self.key, password=self.password)

    def with_salt(self, salt: int) -> Device:
        """The same device with another salt, and the verifier that goes with it."""
        return replace(self, salt=salt)

    def with_salt_so_that(self, holds: Callable[[Device], bool]) -> Device:
        """The same device with the next salt for which something holds."""
        device = self
        while not holds(device):
            device = replace(device, salt=device.salt + 1)
        return device


def salt_with(shape: Shape, randomness: random.Random) -> int:
    """A salt of the shape at 16 bytes."""
    while True:
        bits = {"high-bit": 128, "leading-zero-nibble": 124, "leading-zero-byte": 119, "two-zero-bytes": 111}[shape]
        salt = randomness.getrandbits(bits - 1) | 1 << (bits - 1)
        if has_shape(salt, WIDTHS["salt"], shape):
            return salt


def registered(number: int) -> str:
    """A number as ConfirmDevice carries it: base64 of P(n)."""
    return base64.b64encode(minimal_bytes(number)).decode()


def device_secret(device: Device) -> dict[str, str]:
    """DeviceSecretVerifierConfig of a device."""
    return {"PasswordVerifier": registered(device.verifier), "Salt": registered(device.salt)}


@dataclass(frozen=True)
class DeviceChange:
    """The one departure from an honest device sign-in. None leaves the honest value.

    `started_key` and `answered_key` replace DEVICE_KEY in the two answers, `premaster_secret` replaces S.
    """

    password: str | None = None
    a_sent: str | None = None
    premaster_secret: int | None = None
    started_key: Text = None
    answered_key: Text = None


class DeviceSignIn:
    """The device's part of one sign-in: from the DEVICE_SRP_AUTH challenge to its end."""

    def __init__(self, twin: HonestTwin, device: Device, change: DeviceChange | None = None) -> None:
        self._pool, self._client = twin.pool, twin.client
        self._username = twin.user.username
        self._now = twin.now
        self._device = device
        self._change = change or DeviceChange()
        self._a = twin.randomness.getrandbits(PRIVATE_VALUE_BITS) | 1
        self._client_public = COGNITO.client_public(self._a)

    def run(self, asked: Outcome) -> Outcome:
        """Answer DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER; anything else that was asked is the outcome."""
        if asked.challenge_name != DEVICE_SRP_AUTH:
            return asked
        started = self.start(asked.session)
        return self.answer(started) if started.challenge_name == DEVICE_PASSWORD_VERIFIER else started

    def start(self, session: str | None) -> Outcome:
        """Answer DEVICE_SRP_AUTH."""
        return self._respond(
            DEVICE_SRP_AUTH,
            {
                "USERNAME": self._username,
                "DEVICE_KEY": _put(self._change.started_key, self._device.key),
                "SRP_A": self._change.a_sent if self._change.a_sent is not None else hex_of(self._client_public),
            },
            session,
        )

    def answer(self, started: Outcome) -> Outcome:
        """Answer DEVICE_PASSWORD_VERIFIER with the proof of the device's password."""
        block = _text(started.parameters, "SECRET_BLOCK")
        timestamp = format_timestamp(self._now())
        signature = claim_signature(
            key=self._password_key(started.parameters),
            pool_name=self._device.group_key,
            user_id=self._device.key,
            secret_block=decoded_secret_block(block),
            timestamp=timestamp,
        )
        return self._respond(
            DEVICE_PASSWORD_VERIFIER,
            {
                "USERNAME": self._username,
                "DEVICE_KEY": _put(self._change.answered_key, self._device.key),
                "TIMESTAMP": timestamp,
                "PASSWORD_CLAIM_SECRET_BLOCK": block,
                "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
            },
            started.session,
        )

    def _password_key(self, parameters: Mapping[str, Any]) -> bytes:
        """K, as the client has it. Raises Finding for a challenge that a client could not compute with."""
        change, device = self._change, self._device
        sent = self._client_public if change.a_sent is None else parse_hex(change.a_sent)
        try:
            salt, server_public = parse_hex(_text(parameters, "SALT")), parse_hex(_text(parameters, "SRP_B"))
            scrambler = COGNITO.scrambler(sent, server_public)
            if change.premaster_secret is not None:
                return password_key(premaster_secret=change.premaster_secret, scrambler=scrambler)
            x = private_key(
                salt=salt,
                pool_name=device.group_key,
                user_id=device.key,
                password=device.password if change.password is None else change.password,
            )
            secret = COGNITO.client_premaster_secret(
                a=self._a, client_public=self._client_public, server_public=server_public, x=x
            )
        except ProtocolError as error:
            raise Finding(f"{DEVICE_PASSWORD_VERIFIER} holds what a device cannot compute with: {error}") from error
        return password_key(premaster_secret=secret, scrambler=scrambler)

    def _respond(self, challenge: str, responses: dict[str, str | Left], session: str | None) -> Outcome:
        client = self._client
        if client.secret is not None:
            responses["SECRET_HASH"] = secret_hash(
                client_secret=client.secret, username=self._username, client_id=client.client_id
            )
        given = {name: value for name, value in responses.items() if isinstance(value, str)}
        return respond(self._pool, client, challenge, session, given)


class Tracked:
    """A user of a pool that tracks devices, with whatever else signs the user in beside the password.

    `finish` takes an outcome of the first factor through the second one, where the user has one.
    """

    def __init__(self, twin: HonestTwin, finish: Callable[[Outcome], Outcome] = lambda outcome: outcome) -> None:
        self.twin = twin
        self.finish = finish

    @property
    def pool(self) -> UserPool:
        """The user's pool."""
        return self.twin.pool

    @property
    def client(self) -> AppClient:
        """The app client of the sign-ins."""
        return self.twin.client

    def first_factor(self, device: Device | None = None) -> Outcome:
        """An honest proof of the password, with DEVICE_KEY for a device."""
        return self.twin.but(device_key=device.key if device else None)

    def new_device(self) -> tuple[Device, str]:
        """Sign in on a device that is not known yet: its keys and a password of its own, and the access token.

        Raises Finding when the sign-in brings no complete NewDeviceMetadata.
        """
        outcome = self.finish(self.first_factor())
        access_token = outcome.must_yield_tokens("a user on a new device").access
        metadata = outcome.result.get("NewDeviceMetadata")
        if not isinstance(metadata, dict):
            raise Finding("a sign-in on a new device brought no NewDeviceMetadata")
        for name in ("DeviceKey", "DeviceGroupKey"):
            if not isinstance(metadata.get(name), str) or not metadata[name]:
                raise Finding(f"NewDeviceMetadata lacks {name}")
        randomness = self.twin.randomness
        password = base64.b64encode(randomness.randbytes(_PASSWORD_BYTES)).decode()
        self.pool.wire.transcript.redactor.learn(password)
        salt = randomness.getrandbits(8 * _SALT_BYTES)
        return Device(metadata["DeviceKey"], metadata["DeviceGroupKey"], password, salt), access_token

    def confirm(self, device: Device, access_token: str, secret: Mapping[str, str] | None = None) -> Answer:
        """ConfirmDevice; `secret` is put in the place of the device's own DeviceSecretVerifierConfig."""
        return self.pool.wire.call(
            "ConfirmDevice",
            {
                "AccessToken": access_token,
                "DeviceKey": device.key,
                "DeviceName": "a test's device",
                "DeviceSecretVerifierConfig": dict(secret or device_secret(device)),
            },
        )

    def confirmed_device(self, made: Callable[[Device], Device] = lambda device: device) -> Device:
        """A device that is confirmed, and remembered where the pool remembers always.

        Raises Finding when the target does not confirm it.
        """
        device, access_token = self.new_device()
        device = made(device)
        confirmed = self.confirm(device, access_token)
        if confirmed.status != 200:
            raise Finding(f"ConfirmDevice refused a sound device: {confirmed.described()}")
        return device

    def given_device(self) -> Device:
        """A confirmed device, for a check that is about something else. Raises Inconclusive without one."""
        try:
            return self.confirmed_device()
        except Finding as finding:
            raise Inconclusive(f"set-up failed: {finding}") from finding

    def sign_in(self, device: Device, change: DeviceChange | None = None) -> Outcome:
        """The password, then the device's proof with one thing changed. No second factor is answered."""
        return DeviceSignIn(self.twin, device, change).run(self.first_factor(device))

    def administer(self, operation: str, device: Device, **members: Any) -> Answer:
        """An administrator's operation on a device of the user."""
        return self.pool.wire.call(
            operation,
            {
                "UserPoolId": self.pool.user_pool_id,
                "Username": self.twin.user.username,
                "DeviceKey": device.key,
                **members,
            },
        )


def tracked_user(arrangements: Arrangements, honest_of: HonestOf) -> Tracked:
    """A fresh user of a pool that remembers every confirmed device."""
    pool = arrangements.pool(DeviceConfiguration=ALWAYS_REMEMBERED)
    return Tracked(honest_of(pool, pool.client(), pool.new_user()))


def device_abilities(arrangements: Arrangements, twin: HonestTwin) -> frozenset[str]:
    """Which of the needs `devices` and `device-sign-in` a target meets, by trying. Raises TargetUnreachable."""
    listed = {"UserPoolId": twin.pool.user_pool_id, "Username": twin.user.username}
    if not twin.pool.wire.call("AdminListDevices", listed).succeeded:
        return frozenset()
    try:
        pool = arrangements.pool(DeviceConfiguration=ALWAYS_REMEMBERED)
        other = HonestTwin(pool, pool.client(), pool.new_user(), randomness=twin.randomness, now=twin.now)
        Tracked(other).confirmed_device()
    except TargetUnreachable:
        raise
    except (Finding, Inconclusive):
        return frozenset({"devices"})
    return frozenset({"devices", "device-sign-in"})


def _put(changed: Text, honest: str) -> str | Left:
    return honest if changed is None else changed


def _text(parameters: Mapping[str, Any], name: str) -> str:
    value = parameters.get(name)
    if not isinstance(value, str):
        raise Finding(f"{DEVICE_PASSWORD_VERIFIER} lacks {name}")
    return value
