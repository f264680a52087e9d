"""Cognito's operations: which are done here, and that all others go to moto."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fakes.faults import FaultSwitches
from fakes.pool.attribute_updates import AttributeUpdates
from fakes.pool.authentication import Authentication
from fakes.pool.callers import Callers
from fakes.pool.device_operations import DeviceOperations
from fakes.pool.directory_operations import DirectoryOperations
from fakes.pool.errors import ServiceError, UnknownOperation
from fakes.pool.forwarding import Forwarding, HttpRequest
from fakes.pool.input_validation import ServiceModelOfCognito
from fakes.pool.mfa_preferences import MfaPreferences
from fakes.pool.passkey_operations import PasskeyOperations
from fakes.pool.registration import Registration
from fakes.pool.revocation import Revocation
from fakes.pool.risk_configuration import RiskConfigurations
from fakes.pool.robustness_faults import spoiled_refusal
from fakes.pool.self_service import SelfService
from fakes.pool.software_token_flow import SoftwareTokenFlow
from fakes.pool.srp_server import COMPUTES_OVERSIZED_A
from fakes.pool.token_renewal import TokenRenewal
from fakes.pool.wire_format import JsonObject, parse_request

Perform = Callable[[JsonObject], Awaitable[dict[str, Any]]]


class Operations:
    """Performs an operation by its name in X-Amz-Target."""

    def __init__(
        self,
        *,
        model: ServiceModelOfCognito,
        faults: FaultSwitches,
        callers: Callers,
        authentication: Authentication,
        self_service: SelfService,
        token_renewal: TokenRenewal,
        revocation: Revocation,
        devices: DeviceOperations,
        mfa_preferences: MfaPreferences,
        passkeys: PasskeyOperations,
        software_token: SoftwareTokenFlow,
        directory_operations: DirectoryOperations,
        attribute_updates: AttributeUpdates,
        registration: Registration,
        risk_configurations: RiskConfigurations,
        forwarding: Forwarding,
    ) -> None:
        self._model = model
        self._faults = faults
        self._callers = callers
        self._registration = registration
        self._forwarding = forwarding
        self._own: dict[str, Perform] = {
            "InitiateAuth": authentication.initiate,
            "AdminInitiateAuth": authentication.admin_initiate,
            "RespondToAuthChallenge": authentication.respond,
            "AdminRespondToAuthChallenge": authentication.admin_respond,
            "GetUser": self_service.get_user,
            "ChangePassword": self_service.change_password,
            "GlobalSignOut": self_service.global_sign_out,
            "GetTokensFromRefreshToken": token_renewal.get_tokens_from_refresh_token,
            "RevokeToken": revocation.revoke_token,
            "AssociateSoftwareToken": software_token.associate,
            "VerifySoftwareToken": software_token.verify,
            "SetUserPoolMfaConfig": mfa_preferences.set_pool,
            "GetUserPoolMfaConfig": mfa_preferences.get_pool,
            "SetUserMFAPreference": mfa_preferences.set_user,
            "AdminSetUserMFAPreference": mfa_preferences.admin_set_user,
            "StartWebAuthnRegistration": passkeys.start,
            "CompleteWebAuthnRegistration": passkeys.complete,
            "ListWebAuthnCredentials": passkeys.list,
            "DeleteWebAuthnCredential": passkeys.delete,
            "GetUserAuthFactors": passkeys.factors,
            "ConfirmDevice": devices.confirm,
            "GetDevice": devices.get,
            "ListDevices": devices.list,
            "UpdateDeviceStatus": devices.update_status,
            "ForgetDevice": devices.forget,
            "AdminGetDevice": devices.admin_get,
            "AdminListDevices": devices.admin_list,
            "AdminUpdateDeviceStatus": devices.admin_update_status,
            "AdminForgetDevice": devices.admin_forget,
            "AdminDisableUser": directory_operations.admin_disable_user,
            "AdminUserGlobalSignOut": directory_operations.admin_user_global_sign_out,
            "AdminSetUserPassword": directory_operations.admin_set_user_password,
            "UpdateUserAttributes": attribute_updates.update,
            "AdminUpdateUserAttributes": attribute_updates.admin_update,
            "GetUserAttributeVerificationCode": attribute_updates.send_code,
            "VerifyUserAttribute": attribute_updates.verify,
            "SetRiskConfiguration": risk_configurations.set,
            "DescribeRiskConfiguration": risk_configurations.describe,
        }

    def demand_known(self, operation: str) -> None:
        """Raise UnknownOperation for a name that is not one of AWS's."""
        if not self._model.knows(operation):
            unknown = UnknownOperation(f"Unknown operation {operation[:64]}")
            raise spoiled_refusal(unknown, b"", self._faults)

    def demand_admitted(self, operation: str, http: HttpRequest) -> None:
        """Raise AccessDenied, or an error about the signature, where the caller may not do this."""
        self._callers.demand_admitted(operation, http, self._model)

    async def perform(self, operation: str, http: HttpRequest) -> JsonObject:
        """The answer to an operation. Raises ServiceError."""
        try:
            return await self._perform(operation, http)
        except ServiceError as error:
            spoiled = spoiled_refusal(error, http.body, self._faults)
            if spoiled is error:
                raise
            raise spoiled from error

    async def _perform(self, operation: str, http: HttpRequest) -> JsonObject:
        request = parse_request(http.body)
        self._model.validate(operation, request, bounded=not self._faults.on(COMPUTES_OVERSIZED_A))
        own = self._own.get(operation)
        if own is not None:
            return await own(request)
        if operation in self._registration.operations:
            return await self._registration.perform(operation, request, http)
        return self._forwarding.perform(operation, request, http)
