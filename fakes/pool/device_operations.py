"""What users and administrators do with devices: confirm, look at, remember and forget them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches
from fakes.pool.access_tokens import AccessTokens, Bearer
from fakes.pool.device_secrets import read_device_secret
from fakes.pool.devices import Device, Devices
from fakes.pool.errors import InvalidParameter, NotAuthorized, ResourceNotFound, ServiceError, user_does_not_exist
from fakes.pool.moto_directory import MotoDirectory, User
from fakes.pool.sign_in import Answer
from fakes.pool.user_lookup import UserLookup

Request = Mapping[str, Any]

_MOST_LISTED = 60


class DeviceOperations:
    """ConfirmDevice, GetDevice, ListDevices, UpdateDeviceStatus, ForgetDevice, and the administrator's twins."""

    def __init__(
        self,
        *,
        access_tokens: AccessTokens,
        directory: MotoDirectory,
        lookup: UserLookup,
        devices: Devices,
        faults: FaultSwitches,
    ) -> None:
        self._access_tokens = access_tokens
        self._directory = directory
        self._lookup = lookup
        self._devices = devices
        self._faults = faults

    async def confirm(self, request: Request) -> Answer:
        """ConfirmDevice: any access token of the user will do, also one of an earlier sign-in (`reported`)."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        secret = read_device_secret(request.get("DeviceSecretVerifierConfig"), self._faults)
        device = self._devices.confirm(
            bearer.pool, bearer.user, request["DeviceKey"], request.get("DeviceName"), secret
        )
        return {"UserConfirmationNecessary": not device.remembered}

    async def get(self, request: Request) -> Answer:
        """GetDevice."""
        return {"Device": _described(self._devices.device(self._bearer(request).user, request["DeviceKey"]))}

    async def list(self, request: Request) -> Answer:
        """ListDevices."""
        return self._listed(self._bearer(request).user, request)

    async def update_status(self, request: Request) -> Answer:
        """UpdateDeviceStatus."""
        return self._with_status(self._bearer(request).user, request)

    async def forget(self, request: Request) -> Answer:
        """ForgetDevice."""
        return self._forgotten(self._bearer(request).user, request)

    async def admin_get(self, request: Request) -> Answer:
        """AdminGetDevice."""
        return {"Device": _described(self._devices.device(self._looked_at(request), request["DeviceKey"]))}

    async def admin_list(self, request: Request) -> Answer:
        """AdminListDevices."""
        return self._listed(self._looked_at(request), request)

    async def admin_update_status(self, request: Request) -> Answer:
        """AdminUpdateDeviceStatus."""
        return self._with_status(self._changed(request), request)

    async def admin_forget(self, request: Request) -> Answer:
        """AdminForgetDevice."""
        return self._forgotten(self._changed(request), request)

    def _listed(self, user: User, request: Request) -> Answer:
        """A page of devices; PaginationToken is the key that the page before ended with."""
        devices = self._devices.of(user)
        token, limit = request.get("PaginationToken"), request.get("Limit") or _MOST_LISTED
        start = 0
        if token is not None:
            after = [index for index, device in enumerate(devices) if device.key == token]
            if not after:
                raise InvalidParameter("Invalid PaginationToken.")
            start = after[0] + 1
        page = devices[start : start + limit]
        more = {"PaginationToken": page[-1].key} if start + limit < len(devices) else {}
        return {"Devices": [_described(device) for device in page]} | more

    def _with_status(self, user: User, request: Request) -> Answer:
        self._devices.remember(user, request["DeviceKey"], request.get("DeviceRememberedStatus") == "remembered")
        return {}

    def _forgotten(self, user: User, request: Request) -> Answer:
        self._devices.forget(user, request["DeviceKey"])
        return {}

    def _bearer(self, request: Request) -> Bearer:
        token = request.get("AccessToken")
        if not token:  # the model lets some of these calls do without one
            raise NotAuthorized("Invalid Access Token")
        return self._access_tokens.bearer(token)

    def _looked_at(self, request: Request) -> User:
        """The user of AdminGetDevice and AdminListDevices, which model no UserNotFoundException."""
        return self._named(request, unknown=ResourceNotFound("User does not exist."))

    def _changed(self, request: Request) -> User:
        return self._named(request, unknown=user_does_not_exist())

    def _named(self, request: Request, *, unknown: ServiceError) -> User:
        pool = self._directory.user_pool(request["UserPoolId"])
        if pool is None:
            raise ResourceNotFound(f"User pool {request['UserPoolId']} does not exist.")
        user = self._lookup.in_directory(pool, request["Username"])
        if user is None:
            raise unknown
        return user


def _described(device: Device) -> dict[str, Any]:
    """A device as it is shown, with the attributes of AWS's own example that say something here."""
    attributes = {
        "device_status": "valid",
        **({"device_name": device.name} if device.name else {}),
        "dev:device_remembered_status": "remembered" if device.remembered else "not_remembered",
    }
    return {
        "DeviceKey": device.key,
        "DeviceAttributes": [{"Name": name, "Value": value} for name, value in attributes.items()],
        "DeviceCreateDate": device.created_at,
        "DeviceLastModifiedDate": device.modified_at,
        "DeviceLastAuthenticatedDate": device.authenticated_at,
    }
