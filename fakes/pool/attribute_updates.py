"""Changing attributes: what may be written, and when a new address counts.

A new e-mail address or number is unverified. Where the pool's
AttributesRequireVerificationBeforeUpdate names it, the old one even stays, verified as it was, until
the code that was sent to the new one has come back (`aws-doc`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.access_tokens import AccessTokens
from fakes.pool.clock import Clock
from fakes.pool.deliveries import Courier
from fakes.pool.entropy import Entropy
from fakes.pool.errors import (
    AliasExists,
    CodeMismatch,
    ExpiredCode,
    InvalidParameter,
    NotAuthorized,
    ResourceNotFound,
    user_does_not_exist,
)
from fakes.pool.moto_directory import STANDARD_ATTRIBUTES, AppClient, MotoDirectory, User, UserPool
from fakes.pool.one_time_codes import masked_address, masked_number
from fakes.pool.sign_in import Answer
from fakes.pool.user_lookup import UserLookup

COUNTS_UNVERIFIED = declare_fault(
    "pool.attributes.new-address-counts-unverified",
    "a user's new e-mail address or number counts at once, and as verified, whatever the pool demands",
)
WRITES_VERIFIED = declare_fault(
    "pool.attributes.verified-by-the-user", "a user may set email_verified and phone_number_verified"
)

_VERIFIED = {"email": "email_verified", "phone_number": "phone_number_verified"}
_NEVER_THE_USERS = frozenset({*_VERIFIED.values(), "sub", "identities"})
_CODE_SECONDS = 24 * 3600
_DIGITS = 6


@dataclass(frozen=True)
class _Pending:
    """A code on its way to an address that may not count yet. Time in seconds since the epoch."""

    value: str
    code: str
    expires_at: float


class AttributeUpdates:
    """UpdateUserAttributes, AdminUpdateUserAttributes, and the verification of addresses."""

    def __init__(
        self,
        *,
        access_tokens: AccessTokens,
        clock: Clock,
        courier: Courier,
        directory: MotoDirectory,
        entropy: Entropy,
        faults: FaultSwitches,
        lookup: UserLookup,
    ) -> None:
        self._access_tokens = access_tokens
        self._clock = clock
        self._courier = courier
        self._directory = directory
        self._entropy = entropy
        self._faults = faults
        self._lookup = lookup
        self._pending: dict[tuple[str, str, str], _Pending] = {}

    async def update(self, request: Mapping[str, Any]) -> Answer:
        """UpdateUserAttributes. Raises NotAuthorized for what the client may not write, AliasExists."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        wanted = _wanted(request)
        for name in wanted:
            if not self._may_write(bearer.client, name):
                raise NotAuthorized("A client attempted to write unauthorized attribute")
        return {"CodeDeliveryDetailsList": self._update(bearer.pool, bearer.user, wanted)}

    async def admin_update(self, request: Mapping[str, Any]) -> Answer:
        """AdminUpdateUserAttributes, which may say that an address is verified, and so needs no code."""
        pool = self._directory.user_pool(request["UserPoolId"])
        if pool is None:
            raise ResourceNotFound(f"User pool {request['UserPoolId']} does not exist.")
        user = self._lookup.in_directory(pool, request["Username"])
        if user is None:
            raise user_does_not_exist()
        self._update(pool, user, _wanted(request))
        return {}

    async def send_code(self, request: Mapping[str, Any]) -> Answer:
        """GetUserAttributeVerificationCode: to the new address where one waits, else to the present one."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        name = request["AttributeName"]
        waiting = self._pending.get(_key(bearer.user, name))
        value = waiting.value if waiting is not None else bearer.user.attributes.get(name)
        if name not in _VERIFIED or not value:
            raise InvalidParameter(f"There is no {name} to verify.")
        return {"CodeDeliveryDetails": self._send(bearer.user, name, value)}

    async def verify(self, request: Mapping[str, Any]) -> Answer:
        """VerifyUserAttribute. Raises CodeMismatch, ExpiredCode, AliasExists."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        user, name = bearer.user, request["AttributeName"]
        waiting = self._pending.get(_key(user, name))
        if waiting is None or waiting.expires_at <= self._clock.timestamp():
            raise ExpiredCode("Invalid code provided, please request a code again.")
        if not hmac.compare_digest(waiting.code.encode(), request["Code"].encode()):
            raise CodeMismatch("Invalid verification code provided, please try again.")
        self._demand_free(bearer.pool, user, name, waiting.value)
        del self._pending[_key(user, name)]
        self._directory.set_attributes(user, {name: waiting.value, _VERIFIED[name]: "true"})
        return {}

    def _update(self, pool: UserPool, user: User, wanted: Mapping[str, str]) -> list[dict[str, str]]:
        """Set what counts now, send the codes that are owed, and say where they went."""
        now, details = dict(wanted), []
        for name, verified in _VERIFIED.items():
            value = wanted.get(name)
            if value is None or value == user.attributes.get(name):
                continue
            self._demand_free(pool, user, name, value)
            self._pending.pop(_key(user, name), None)
            if wanted.get(verified) == "true" or (self._faults.on(COUNTS_UNVERIFIED) and value):
                now[verified] = "true"
                continue
            if not value:
                now[verified] = "false"
                continue
            if name in pool.verified_before_update:
                del now[name]
            else:
                now[verified] = "false"
            if name in pool.verified_before_update or name in pool.auto_verified:
                details.append(self._send(user, name, value))
        if now:
            self._directory.set_attributes(user, now)
        return details

    def _may_write(self, client: AppClient, name: str) -> bool:
        if name in _NEVER_THE_USERS:
            return name in _VERIFIED.values() and self._faults.on(WRITES_VERIFIED)
        return name in (STANDARD_ATTRIBUTES if client.write_attributes is None else client.write_attributes)

    def _demand_free(self, pool: UserPool, user: User, name: str, value: str) -> None:
        """Raise AliasExists for an address that somebody else signs in with."""
        if not value or name not in pool.username_attributes | pool.alias_attributes:
            return
        holder = self._lookup.by_name_or_alias(pool, value)
        if holder is not None and holder.sub != user.sub:
            raise AliasExists(f"An account with the given {name} already exists.")

    def _send(self, user: User, name: str, value: str) -> dict[str, str]:
        code = f"{self._entropy.bits(64) % 10**_DIGITS:0{_DIGITS}}"
        self._pending[_key(user, name)] = _Pending(value, code, self._clock.timestamp() + _CODE_SECONDS)
        by_mail = name == "email"
        if by_mail:
            self._courier.mail(value, "Your verification code", f"Your verification code is {code}.")
        else:
            self._courier.text(value, f"Your verification code is {code}.")
        return {
            "Destination": masked_address(value) if by_mail else masked_number(value),
            "DeliveryMedium": "EMAIL" if by_mail else "SMS",
            "AttributeName": name,
        }


def _key(user: User, name: str) -> tuple[str, str, str]:
    return user.user_pool_id, user.sub, name


def _wanted(request: Mapping[str, Any]) -> dict[str, str]:
    return {attribute["Name"]: attribute.get("Value") or "" for attribute in request["UserAttributes"]}
