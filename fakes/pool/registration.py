"""Signing up and being made a user, with the triggers before and after: moto does the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import unrecognizable_lambda_output
from fakes.pool.forwarding import Forwarding, HttpRequest
from fakes.pool.moto_directory import AppClient, MotoDirectory, User, UserPool
from fakes.pool.trigger_events import attributes_of, flag_in, given
from fakes.pool.triggers import Triggers
from fakes.pool.user_lookup import UserLookup
from fakes.pool.wire_format import JsonObject

TAKES_NAMES_OVER = declare_fault(
    "pool.sign-up.takes-names-over", "signing up in the name of a user who exists gives that user the new password"
)

_PRE_SIGN_UP = {"SignUp": "SignUp", "AdminCreateUser": "AdminCreateUser"}
_CONFIRMS = frozenset({"ConfirmSignUp", "AdminConfirmSignUp"})


@dataclass(frozen=True)
class _Granted:
    """What PreSignUp granted."""

    confirmed: bool = False
    verified: tuple[str, ...] = ()


class Registration:
    """Performs the operations that make and confirm users."""

    operations = frozenset({*_PRE_SIGN_UP, *_CONFIRMS})

    def __init__(
        self,
        *,
        directory: MotoDirectory,
        faults: FaultSwitches,
        forwarding: Forwarding,
        lookup: UserLookup,
        triggers: Triggers,
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._forwarding = forwarding
        self._lookup = lookup
        self._triggers = triggers

    async def perform(self, operation: str, request: JsonObject, http: HttpRequest) -> JsonObject:
        """The operation with its triggers. Raises ServiceError, also when PreSignUp refuses."""
        pool, client = self._pool_and_client(request)
        if operation == "SignUp" and pool is not None and (taken := self._taken_over(pool, request)):
            return taken
        self._forwarding.demand_performable(operation, request)
        if pool is None:
            return self._forwarding.perform(operation, request, http)
        granted = _Granted()
        if operation in _PRE_SIGN_UP and request.get("MessageAction") != "RESEND":
            granted = await self._granted(operation, pool, client, request)
        answer = self._forwarding.perform(operation, request, http)
        user = self._lookup.in_directory(pool, answer.get("UserSub") or request["Username"])
        if user is None:
            return answer
        if operation == "SignUp":
            answer |= self._grant(pool, user, granted)
        if granted.confirmed or operation in _CONFIRMS:
            await self._post_confirmation(pool, client, user, request)
        return answer

    def _taken_over(self, pool: UserPool, request: Mapping[str, Any]) -> JsonObject | None:
        user = self._directory.user(pool.id, request["Username"])
        if user is None or not self._faults.on(TAKES_NAMES_OVER):
            return None
        self._directory.set_password(user, request["Password"], status="CONFIRMED")
        return {"UserConfirmed": True, "UserSub": user.sub}

    async def _granted(
        self, operation: str, pool: UserPool, client: AppClient | None, request: Mapping[str, Any]
    ) -> _Granted:
        attributes = _named_values(request.get("UserAttributes"))
        response = await self._triggers.call(
            "PreSignUp",
            _PRE_SIGN_UP[operation],
            pool=pool,
            client=client,
            username=request["Username"],
            request={"userAttributes": attributes, "validationData": _named_values(request.get("ValidationData"))}
            | given("clientMetadata", request.get("ClientMetadata") or {}),
            response={"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False},
        )
        if response is None or operation == "AdminCreateUser":
            return _Granted()  # AdminCreateUser passes over what the function grants (`aws-doc`)
        verified = tuple(
            name
            for name, flag in (("email", "autoVerifyEmail"), ("phone_number", "autoVerifyPhone"))
            if flag_in(response, flag)
        )
        if any(name not in attributes and name not in pool.username_attributes for name in verified):
            raise unrecognizable_lambda_output()
        return _Granted(flag_in(response, "autoConfirmUser"), verified)

    def _grant(self, pool: UserPool, user: User, granted: _Granted) -> JsonObject:
        """Make it so; what the answer has to say of it. What is not granted stays unverified.

        An address that is verified moves to the new user as their alias: whoever had it before has
        it unverified then (`aws-doc`).
        """
        for name in granted.verified:
            address = user.attributes.get(name)
            if address is None:
                continue
            for other in self._directory.users(pool.id) if name in pool.alias_attributes else ():
                if other.sub != user.sub and other.attributes.get(name) == address:
                    self._directory.set_attributes(other, {f"{name}_verified": "false"})
            self._directory.set_attributes(user, {f"{name}_verified": "true"})
        if not granted.confirmed:
            return {}
        self._directory.set_password(user, user.password or "", status="CONFIRMED")
        return {"UserConfirmed": True}

    async def _post_confirmation(
        self, pool: UserPool, client: AppClient | None, user: User, request: Mapping[str, Any]
    ) -> None:
        confirmed = self._directory.user(pool.id, user.username) or user
        await self._triggers.call(
            "PostConfirmation",
            "ConfirmSignUp",
            pool=pool,
            client=client,
            username=user.username,
            request={"userAttributes": attributes_of(confirmed)}
            | given("clientMetadata", request.get("ClientMetadata") or {}),
            response={},
        )

    def _pool_and_client(self, request: Mapping[str, Any]) -> tuple[UserPool | None, AppClient | None]:
        if "UserPoolId" in request:
            return self._directory.user_pool(request["UserPoolId"]), None
        served = self._directory.client_and_pool(request["ClientId"])
        return (None, None) if served is None else (served[1], served[0])


def _named_values(entries: list[dict[str, str]] | None) -> dict[str, str]:
    return {entry["Name"]: entry.get("Value") or "" for entry in entries or ()}
