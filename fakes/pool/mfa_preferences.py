"""Which second factors a pool has, and which of them a user has set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.pool.access_tokens import AccessTokens
from fakes.pool.errors import InvalidParameter, ResourceNotFound, user_does_not_exist
from fakes.pool.moto_directory import MotoDirectory, User, UserPool, factors_in
from fakes.pool.one_time_codes import EMAIL_OTP, SMS_MFA
from fakes.pool.second_factors import SOFTWARE_TOKEN_MFA
from fakes.pool.sign_in import Answer
from fakes.pool.software_tokens import SoftwareTokens
from fakes.pool.user_lookup import UserLookup

Request = Mapping[str, Any]

_SETTINGS = {
    "SMSMfaSettings": (SMS_MFA, "phone_number"),
    "SoftwareTokenMfaSettings": (SOFTWARE_TOKEN_MFA, ""),
    "EmailMfaSettings": (EMAIL_OTP, "email"),
}


class MfaPreferences:
    """Set- and GetUserPoolMfaConfig, SetUserMFAPreference and AdminSetUserMFAPreference."""

    def __init__(
        self,
        *,
        access_tokens: AccessTokens,
        directory: MotoDirectory,
        lookup: UserLookup,
        software_tokens: SoftwareTokens,
    ) -> None:
        self._access_tokens = access_tokens
        self._directory = directory
        self._lookup = lookup
        self._software_tokens = software_tokens

    async def set_pool(self, request: Request) -> Answer:
        """SetUserPoolMfaConfig: the whole of it, as the service takes it. Raises InvalidParameter."""
        pool = self._pool(request["UserPoolId"])
        settings = {name: value for name, value in request.items() if name != "UserPoolId"}
        mode = settings.get("MfaConfiguration") or pool.mfa_configuration
        factors = factors_in(settings)
        if mode in {"ON", "OPTIONAL"} and not factors:
            raise InvalidParameter("Invalid MFA configuration given, can't turn on MFA without a factor.")
        self._directory.set_mfa_settings(pool, settings | {"MfaConfiguration": mode})
        return self._directory.mfa_settings(pool)

    async def get_pool(self, request: Request) -> Answer:
        """GetUserPoolMfaConfig."""
        return self._directory.mfa_settings(self._pool(request["UserPoolId"]))

    async def set_user(self, request: Request) -> Answer:
        """SetUserMFAPreference. Raises InvalidParameter for a factor that the pool or the user lacks."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        return self._set(bearer.pool, bearer.user, request)

    async def admin_set_user(self, request: Request) -> Answer:
        """AdminSetUserMFAPreference. Raises as `set_user` does, and UserNotFound."""
        pool = self._pool(request["UserPoolId"])
        user = self._lookup.in_directory(pool, request["Username"])
        if user is None:
            raise user_does_not_exist()
        return self._set(pool, user, request)

    def _set(self, pool: UserPool, user: User, request: Request) -> Answer:
        enabled, preferred = set(user.second_factors), user.preferred_second_factor
        chosen = [name for name in _SETTINGS if (request.get(name) or {}).get("PreferredMfa")]
        if len(chosen) > 1:
            raise InvalidParameter("Only one MFA type can be the preferred one.")
        for name, (factor, attribute) in _SETTINGS.items():
            settings = request.get(name)
            if settings is None:
                continue
            if settings.get("Enabled"):
                self._demand_can_enable(pool, user, factor, attribute)
                enabled.add(factor)
            else:
                enabled.discard(factor)
            if settings.get("PreferredMfa") and not settings.get("Enabled"):
                raise InvalidParameter("A preferred MFA type has to be enabled.")
            if settings.get("PreferredMfa"):
                preferred = factor
            elif preferred == factor:
                preferred = None
        self._directory.set_second_factors(user, frozenset(enabled), preferred=preferred)
        return {}

    def _demand_can_enable(self, pool: UserPool, user: User, factor: str, attribute: str) -> None:
        if factor not in pool.second_factors:
            raise InvalidParameter(f"User pool does not have {factor} enabled.")
        if factor == SOFTWARE_TOKEN_MFA and not self._software_tokens.is_verified(user):
            raise InvalidParameter("User has not verified software token mfa")
        if attribute and not user.attributes.get(attribute):
            raise InvalidParameter(f"User does not have delivery config set to turn on {factor}")

    def _pool(self, user_pool_id: str) -> UserPool:
        pool = self._directory.user_pool(user_pool_id)
        if pool is None:
            raise ResourceNotFound(f"User pool {user_pool_id} does not exist.")
        return pool
