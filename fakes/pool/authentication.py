"""InitiateAuth, RespondToAuthChallenge and their administrator's twins: from a request to its flow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.auth_flows import demand_flow
from fakes.pool.code_answers import CodeAnswers
from fakes.pool.custom_auth_flow import CUSTOM_CHALLENGE, CustomAuthFlow
from fakes.pool.device_flow import DEVICE_PASSWORD_VERIFIER, DeviceFlow
from fakes.pool.errors import InvalidParameter, ResourceNotFound
from fakes.pool.moto_directory import MotoDirectory
from fakes.pool.new_password import NewPassword
from fakes.pool.passkey_settings import WEB_AUTHN
from fakes.pool.password_flow import PasswordFlow
from fakes.pool.refresh_flow import RefreshFlow
from fakes.pool.second_factors import MFA_SETUP, SELECT_MFA_TYPE, SOFTWARE_TOKEN_MFA
from fakes.pool.sign_in import DEVICE_SRP_AUTH, Answer, Caller
from fakes.pool.software_token_flow import SoftwareTokenFlow
from fakes.pool.srp_flow import SrpFlow
from fakes.pool.user_auth_flow import PASSWORD, PASSWORD_SRP, SELECT_CHALLENGE, UserAuthFlow

METADATA_HANDED_ON = declare_fault(
    "pool.custom-auth.metadata-of-initiate-handed-on",
    "the ClientMetadata of InitiateAuth is given to the triggers that it is not meant for",
)

Request = Mapping[str, Any]
Start = Callable[[Caller, Mapping[str, str]], Awaitable[Answer]]
Respond = Callable[[Caller, Mapping[str, str], str | None], Awaitable[Answer]]


class Authentication:
    """Routes by AuthFlow and ChallengeName."""

    def __init__(
        self,
        *,
        directory: MotoDirectory,
        faults: FaultSwitches,
        srp: SrpFlow,
        password: PasswordFlow,
        refresh: RefreshFlow,
        new_password: NewPassword,
        codes: CodeAnswers,
        software_token: SoftwareTokenFlow,
        user_auth: UserAuthFlow,
        device: DeviceFlow,
        custom_auth: CustomAuthFlow,
    ) -> None:
        self._directory = directory
        self._faults = faults
        self._starts: dict[str, Start] = {
            "USER_SRP_AUTH": srp.start,
            "USER_PASSWORD_AUTH": password.start,
            "ADMIN_USER_PASSWORD_AUTH": password.start,
            "ADMIN_NO_SRP_AUTH": password.start,
            "USER_AUTH": user_auth.start,
            "CUSTOM_AUTH": custom_auth.start,
            "REFRESH_TOKEN_AUTH": refresh.start,
            "REFRESH_TOKEN": refresh.start,
        }
        self._responds: dict[str, Respond] = {
            "PASSWORD_VERIFIER": custom_auth.answer_password_verifier,
            CUSTOM_CHALLENGE: custom_auth.answer,
            "NEW_PASSWORD_REQUIRED": new_password.answer,
            "SMS_MFA": codes.sms_mfa,
            "EMAIL_OTP": codes.email_otp,
            "SMS_OTP": codes.sms_otp,
            SOFTWARE_TOKEN_MFA: software_token.answer,
            SELECT_MFA_TYPE: software_token.answer_select,
            MFA_SETUP: software_token.answer_setup,
            SELECT_CHALLENGE: user_auth.answer_select,
            PASSWORD: user_auth.answer_password,
            PASSWORD_SRP: user_auth.answer_password_srp,
            WEB_AUTHN: user_auth.answer_web_authn,
            DEVICE_SRP_AUTH: device.begin,
            DEVICE_PASSWORD_VERIFIER: device.answer,
        }

    async def initiate(self, request: Request) -> Answer:
        """InitiateAuth."""
        return await self._initiate(request, self._caller(request))

    async def admin_initiate(self, request: Request) -> Answer:
        """AdminInitiateAuth."""
        return await self._initiate(request, self._caller_for_administrator(request))

    async def respond(self, request: Request) -> Answer:
        """RespondToAuthChallenge."""
        return await self._respond(request, self._caller(request))

    async def admin_respond(self, request: Request) -> Answer:
        """AdminRespondToAuthChallenge."""
        return await self._respond(request, self._caller_for_administrator(request))

    async def _initiate(self, request: Request, caller: Caller) -> Answer:
        flow = request["AuthFlow"]
        demand_flow(caller.client, flow, administrator=caller.by_administrator, faults=self._faults)
        metadata = _given(request.get("ClientMetadata"))
        caller = replace(
            caller,
            validation_data=metadata,
            client_metadata=metadata if self._faults.on(METADATA_HANDED_ON) else {},
        )
        start = self._starts.get(flow)
        if start is None:
            raise InvalidParameter(f"{flow} is not configured for this user pool.")
        return await start(caller, _given(request.get("AuthParameters")))

    async def _respond(self, request: Request, caller: Caller) -> Answer:
        respond = self._responds.get(request["ChallengeName"])
        if respond is None:
            raise InvalidParameter(f"{request['ChallengeName']} is not a challenge of this user pool.")
        caller = replace(caller, client_metadata=_given(request.get("ClientMetadata")))
        return await respond(caller, _given(request.get("ChallengeResponses")), request.get("Session"))

    def _caller(self, request: Request) -> Caller:
        served = self._directory.client_and_pool(request["ClientId"])
        if served is None:
            raise ResourceNotFound(f"User pool client {request['ClientId']} does not exist.")
        client, pool = served
        return Caller(pool=pool, client=client, by_administrator=False)

    def _caller_for_administrator(self, request: Request) -> Caller:
        pool = self._directory.user_pool(request["UserPoolId"])
        if pool is None:
            raise ResourceNotFound(f"User pool {request['UserPoolId']} does not exist.")
        client = self._directory.client(request["ClientId"])
        if client is None or client.user_pool_id != pool.id:
            raise ResourceNotFound(f"User pool client {request['ClientId']} does not exist.")
        return Caller(pool=pool, client=client, by_administrator=True)


def _given(parameters: Mapping[str, str | None] | None) -> dict[str, str]:
    """The parameters that have a value: a released client sends `DEVICE_KEY: null` when it knows no device."""
    return {name: value for name, value in (parameters or {}).items() if value is not None}
