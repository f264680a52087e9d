"""The one place that decides what comes after a proved first factor.

Every flow ends here and none makes tokens itself, so that no step that a user owes (a new
password, later a second factor or a device) can be passed by in one of the flows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.faults import FaultSwitches
from fakes.pool.claims_trigger import AUTHENTICATION, DEVICE, NEW_PASSWORD, Occasion
from fakes.pool.devices import Device, Devices
from fakes.pool.errors import NotAuthorized
from fakes.pool.lockout import Lockout
from fakes.pool.moto_directory import AppClient, User, UserPool
from fakes.pool.second_factors import SecondFactors
from fakes.pool.sessions import Sessions
from fakes.pool.tokens import Tokens
from fakes.pool.triggers import Triggers
from fakes.pool.user_states import (
    TOKENS_WITHOUT_NEW_PASSWORD,
    demand_no_reset,
    must_choose_new_password,
    passes_in_any_state,
)

Answer = dict[str, Any]

DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"


@dataclass(frozen=True)
class Caller:
    """Who asks: an app client, or an administrator for it.

    ClientMetadata is `validation_data` when a sign-in begins, and goes to the triggers that may
    refuse that; in an answer it is `client_metadata`, and goes to the others (`aws-doc`).
    """

    pool: UserPool
    client: AppClient
    by_administrator: bool
    validation_data: Mapping[str, str] = field(default_factory=dict)
    client_metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FirstFactor:
    """A user who has just proved who they are; made by the flows, and by nothing else.

    `device_key` is what DEVICE_KEY named, and proves nothing; `device_proved` says that it did
    prove itself.
    """

    caller: Caller
    user: User
    typed_username: str
    device_key: str | None = None
    device_proved: bool = False
    flow: str = ""
    """What was proved: an AuthFlow, or NEW_PASSWORD_REQUIRED. Only triggers are told, and faults look at it."""
    is_two_factors: bool = False
    """Whether what was proved stands for the second factor too: a passkey whose user was verified, where the pool
    says so."""


class SignIn:
    """Takes a sign-in from its first factor to the next challenge or to tokens."""

    def __init__(
        self,
        *,
        devices: Devices,
        faults: FaultSwitches,
        lockout: Lockout,
        second_factors: SecondFactors,
        sessions: Sessions,
        tokens: Tokens,
        triggers: Triggers,
    ) -> None:
        self._devices = devices
        self._faults = faults
        self._lockout = lockout
        self._second_factors = second_factors
        self._sessions = sessions
        self._tokens = tokens
        self._triggers = triggers

    async def continue_after_first_factor(self, proved: FirstFactor) -> Answer:
        """The next challenge that the user owes, or tokens. Raises PasswordResetRequired."""
        demand_no_reset(proved.user, self._faults)
        if must_choose_new_password(proved.user) and not self._faults.on(TOKENS_WITHOUT_NEW_PASSWORD):
            return self.new_password_required(proved)
        if not proved.is_two_factors and not self._skips_second_factor(proved):
            owed = self._second_factors.challenge(proved)
            if owed is not None:
                return owed
        return await self.finish(proved)

    async def finish(self, proved: FirstFactor) -> Answer:
        """After the last factor: the proof of a remembered device, or tokens. Raises ResourceNotFound.

        What an administrator has done to the password since the first factor counts.
        """
        if not passes_in_any_state(proved.flow, self._faults):
            demand_no_reset(proved.user, self._faults)
            if must_choose_new_password(proved.user) and not self._faults.on(TOKENS_WITHOUT_NEW_PASSWORD):
                raise NotAuthorized("Invalid session for the user.")
        if not proved.device_proved and self._devices.must_prove_itself(self._named_device(proved)):
            return self._device_srp_auth(proved)
        self._lockout.succeeded(proved.user)
        return await self._with_tokens(proved)

    def _skips_second_factor(self, proved: FirstFactor) -> bool:
        """Whether a remembered device will be asked for its own proof instead; raises ResourceNotFound."""
        device = self._named_device(proved)
        return self._devices.stands_for_second_factor(proved.caller.pool, device, named=proved.device_key)

    def _named_device(self, proved: FirstFactor) -> Device | None:
        return self._devices.named_at_sign_in(proved.caller.pool, proved.user, proved.device_key)

    def _device_srp_auth(self, proved: FirstFactor) -> Answer:
        session = self._sessions.open(
            DEVICE_SRP_AUTH, proved.caller.client, proved.user, proved.typed_username, device_key=proved.device_key
        )
        return {"ChallengeName": DEVICE_SRP_AUTH, "Session": session, "ChallengeParameters": {}}

    def new_password_required(self, proved: FirstFactor) -> Answer:
        """The challenge that a temporary password, once proved, brings."""
        user, required = proved.user, proved.caller.pool.required_attributes
        shown = {name: value for name, value in user.attributes.items() if name != "sub"}
        lacking = [f"userAttributes.{name}" for name in required if name not in shown]
        return {
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": self._sessions.open(
                "NEW_PASSWORD_REQUIRED",
                proved.caller.client,
                user,
                proved.typed_username,
                device_key=proved.device_key,
            ),
            "ChallengeParameters": {
                "USER_ID_FOR_SRP": user.username,
                "requiredAttributes": json.dumps(lacking),
                "userAttributes": json.dumps(shown),
            },
        }

    async def _with_tokens(self, proved: FirstFactor) -> Answer:
        caller = proved.caller
        device_key, new_device = self._devices.of_tokens(caller.pool, proved.user, proved.device_key)
        await self._triggers.post_authentication(
            caller.pool,
            caller.client,
            proved.user,
            new_device=bool(new_device),
            client_metadata=caller.client_metadata,
        )
        result = await self._tokens.of_new_sign_in(
            caller.pool,
            caller.client,
            proved.user,
            occasion=Occasion(_source(proved), caller.client_metadata),
            device_key=device_key,
        )
        return {"AuthenticationResult": result | new_device, "ChallengeParameters": {}}


def _source(proved: FirstFactor) -> str:
    if proved.device_proved:
        return DEVICE
    return NEW_PASSWORD if proved.flow == "NEW_PASSWORD_REQUIRED" else AUTHENTICATION


def attribute_answers(responses: Mapping[str, str]) -> dict[str, str]:
    """The `userAttributes.x` entries of an answer, by attribute name."""
    prefix = "userAttributes."
    return {name.removeprefix(prefix): value for name, value in responses.items() if name.startswith(prefix)}
