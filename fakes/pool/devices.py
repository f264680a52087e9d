"""The devices of the users: which keys were given out, which were confirmed, and what a device stands for.

A device key is given out with the tokens of a sign-in that named none. ConfirmDevice makes it a
device; whether that is remembered follows from the pool's setting and UpdateDeviceStatus (`aws-doc`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.clock import Clock
from fakes.pool.device_secrets import DeviceSecret
from fakes.pool.entropy import Entropy
from fakes.pool.errors import DeviceKeyExists, InvalidParameter, NotAuthorized, ResourceNotFound
from fakes.pool.moto_directory import User, UserPool

CONFIRMS_NOTHING = declare_fault("pool.devices.confirms-nothing", "ConfirmDevice answers, and keeps nothing")
OF_ANOTHER_USER = declare_fault("pool.devices.device-of-another-user", "a device is looked up by its key alone")
NOT_FORGOTTEN = declare_fault("pool.devices.forgotten-in-name-only", "ForgetDevice answers, and forgets nothing")
STATUS_IGNORED = declare_fault(
    "pool.devices.status-ignored", "UpdateDeviceStatus answers, and a device stays remembered"
)
OVERRIDES_NOTHING = declare_fault(
    "pool.devices.never-stands-for-a-second-factor", "a remembered device is asked for the second factor all the same"
)
UNCONFIRMED_OVERRIDES = declare_fault(
    "pool.devices.unconfirmed-stands-for-a-second-factor", "a key that was given out and never confirmed brings tokens"
)
KEY_ALONE = declare_fault(
    "pool.devices.key-alone-suffices", "a remembered device is not asked to prove itself; its key stands for it"
)
NO_METADATA = declare_fault("pool.devices.no-new-device-metadata", "a sign-in gives out no device key")
NO_GROUP_KEY = declare_fault("pool.devices.metadata-without-group-key", "NewDeviceMetadata lacks DeviceGroupKey")
TOKENS_WITHOUT_DEVICE = declare_fault("pool.devices.tokens-without-device", "tokens do not say whose device they are")
REFRESH_FROM_ANY_DEVICE = declare_fault(
    "pool.devices.refresh-from-any-device", "a refresh token is taken whatever DEVICE_KEY comes with it"
)


@dataclass(frozen=True)
class Device:
    """A confirmed device. Times are seconds since the epoch."""

    key: str
    group_key: str
    name: str | None
    secret: DeviceSecret
    remembered: bool
    created_at: float
    modified_at: float
    authenticated_at: float


class Devices:
    """Every user's devices."""

    def __init__(self, clock: Clock, entropy: Entropy, faults: FaultSwitches) -> None:
        self._clock = clock
        self._entropy = entropy
        self._faults = faults
        self._group_keys: dict[str, str] = {}
        self._given_out: dict[tuple[str, str], set[str]] = {}
        self._confirmed: dict[tuple[str, str], dict[str, Device]] = {}

    def group_key(self, pool: UserPool) -> str:
        """The pool's DeviceGroupKey: a hyphen and eight hex digits; its real form is `unknown`."""
        return self._group_keys.setdefault(pool.id, f"-{self._entropy.octets(4).hex()}")

    def confirm(self, pool: UserPool, user: User, key: str, name: str | None, secret: DeviceSecret) -> Device:
        """Make a key that was given to this user a device of theirs. Raises InvalidParameter, DeviceKeyExists."""
        if key not in self._given_out.get(_owner(user), ()):
            raise InvalidParameter("Invalid device key given.")
        if key in self._confirmed.get(_owner(user), {}):
            raise DeviceKeyExists("Device already exists.")
        now = self._clock.timestamp()
        tracking = pool.device_tracking
        device = Device(
            key=key,
            group_key=self.group_key(pool),
            name=name,
            secret=secret,
            remembered=tracking is not None and not tracking.only_on_user_prompt,
            created_at=now,
            modified_at=now,
            authenticated_at=now,
        )
        if not self._faults.on(CONFIRMS_NOTHING):
            self._confirmed.setdefault(_owner(user), {})[key] = device
        return device

    def of(self, user: User) -> list[Device]:
        """The user's confirmed devices, in the order they were confirmed."""
        return list(self._confirmed.get(_owner(user), {}).values())

    def device(self, user: User, key: str) -> Device:
        """The user's confirmed device of this key. Raises ResourceNotFound in the reported words."""
        if self._faults.on(OF_ANOTHER_USER):
            found = next((devices[key] for devices in self._confirmed.values() if key in devices), None)
        else:
            found = self._confirmed.get(_owner(user), {}).get(key)
        if found is None:
            raise _no_such_device()
        return found

    def remember(self, user: User, key: str, remembered: bool) -> None:
        """Set a device's status. Raises ResourceNotFound."""
        device = self.device(user, key)
        if not self._faults.on(STATUS_IGNORED):
            self._keep(user, replace(device, remembered=remembered, modified_at=self._clock.timestamp()))

    def forget(self, user: User, key: str) -> None:
        """Forget a device and its key. Raises ResourceNotFound."""
        device = self.device(user, key)
        if not self._faults.on(NOT_FORGOTTEN):
            self._confirmed.get(_owner(user), {}).pop(device.key, None)
            self._given_out.get(_owner(user), set()).discard(device.key)

    def authenticated(self, user: User, key: str) -> None:
        """The device has proved itself in a sign-in."""
        self._keep(user, replace(self.device(user, key), authenticated_at=self._clock.timestamp()))

    # At sign-in and refresh

    def named_at_sign_in(self, pool: UserPool, user: User, key: str | None) -> Device | None:
        """The confirmed device that DEVICE_KEY names; None without one, and for a key that is not confirmed yet.

        Raises ResourceNotFound for a key that is not this user's, or no longer (`reported`: the
        service says "Device does not exist." to the right password, and clients sign in again without).
        """
        if pool.device_tracking is None or key is None:
            return None
        if key in self._given_out.get(_owner(user), ()) and key not in self._confirmed.get(_owner(user), {}):
            return None
        return self.device(user, key)

    def stands_for_second_factor(self, pool: UserPool, device: Device | None, *, named: str | None) -> bool:
        """Whether the device's own proof is asked for in the place of a second factor (`aws-doc`).

        It is for a remembered device, in a pool with ChallengeRequiredOnNewDevice.
        """
        tracking = pool.device_tracking
        if tracking is None or not tracking.challenge_on_new_device or self._faults.on(OVERRIDES_NOTHING):
            return False
        if device is None:
            return named is not None and self._faults.on(UNCONFIRMED_OVERRIDES)
        return device.remembered

    def must_prove_itself(self, device: Device | None) -> bool:
        """Whether a sign-in that names this device goes on with DEVICE_SRP_AUTH (`aws-doc`).

        A device that is not remembered is treated as if it had never been used.
        """
        return device is not None and device.remembered and not self._faults.on(KEY_ALONE)

    def of_tokens(self, pool: UserPool, user: User, named: str | None) -> tuple[str | None, dict[str, Any]]:
        """The device key that a sign-in's tokens are linked to, and NewDeviceMetadata when it is a new one."""
        if pool.device_tracking is None or (named is None and self._faults.on(NO_METADATA)):
            return None, {}
        key, shown = named, {}
        if key is None:
            key = self._give_out_key(pool, user)
            shown = {"NewDeviceMetadata": {"DeviceKey": key, "DeviceGroupKey": self.group_key(pool)}}
            if self._faults.on(NO_GROUP_KEY):
                del shown["NewDeviceMetadata"]["DeviceGroupKey"]
        return (None if self._faults.on(TOKENS_WITHOUT_DEVICE) else key), shown

    def demand_same_at_refresh(self, pool: UserPool, user: User, *, bound_to: str | None, sent: str | None) -> None:
        """Refuse a refresh token on another device than its own, or whose device is unconfirmed or forgotten.

        `aws-doc`: with device tracking, tokens are linked to a single device, and forgetting it ends
        them; that it has to be confirmed first is `reported`. Raises NotAuthorized.
        """
        if pool.device_tracking is None or bound_to is None or self._faults.on(REFRESH_FROM_ANY_DEVICE):
            return
        if sent != bound_to or bound_to not in self._confirmed.get(_owner(user), {}):
            raise NotAuthorized("Invalid Refresh Token")

    def _give_out_key(self, pool: UserPool, user: User) -> str:
        """A new device key, `{region}_{UUID}`, for the user to confirm (`aws-doc`)."""
        key = f"{pool.region}_{self._entropy.uuid()}"
        self._given_out.setdefault(_owner(user), set()).add(key)
        return key

    def _keep(self, user: User, device: Device) -> None:
        self._confirmed.setdefault(_owner(user), {})[device.key] = device


def _owner(user: User) -> tuple[str, str]:
    return (user.user_pool_id, user.sub)


def _no_such_device() -> ResourceNotFound:
    return ResourceNotFound("Device does not exist.")
