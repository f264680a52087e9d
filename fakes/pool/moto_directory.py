"""The one door to moto's own objects: frozen views of pools, app clients and users, and the few writes we need.

Everything else of the pool knows these views only. moto keeps what it was told at creation in
`extended_config` dictionaries; the defaults filled in here are the API reference's (`aws-doc`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fakes.pool.moto_gateway import MotoGateway
from fakes.pool.passkey_settings import PasskeySettings
from fakes.pool.password_policy import PasswordPolicy

if TYPE_CHECKING:
    from moto.cognitoidp.models import (
        CognitoIdpBackend,
        CognitoIdpUser,
        CognitoIdpUserPool,
        CognitoIdpUserPoolClient,
    )

DEFAULT_FLOWS = frozenset({"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"})
STANDARD_ATTRIBUTES = frozenset(
    {
        "address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale",
        "middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture",
        "preferred_username", "profile", "updated_at", "website", "zoneinfo",
    }
)  # fmt: skip
_SETTINGS_FOR_GOOD = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
_OTHER_MFA_SETTINGS, _EMAIL_MFA = "other_mfa_settings", "email_mfa_enabled"
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


@dataclass(frozen=True)
class DeviceTracking:
    """A pool's DeviceConfiguration; a pool without one does not know devices (`aws-doc`)."""

    challenge_on_new_device: bool
    only_on_user_prompt: bool


@dataclass(frozen=True)
class UserPool:
    """A user pool's settings, as far as sign-in depends on them."""

    id: str
    region: str
    policy: PasswordPolicy
    username_attributes: frozenset[str]
    alias_attributes: frozenset[str]
    case_sensitive: bool
    required_attributes: tuple[str, ...]
    mfa_configuration: str
    second_factors: frozenset[str]
    """Those that the pool has turned on, by the names of their challenges."""
    first_factors: tuple[str, ...]
    """AllowedFirstAuthFactors of the sign-in policy, for USER_AUTH."""
    passkeys: PasskeySettings
    device_tracking: DeviceTracking | None
    triggers: Mapping[str, str]
    """The ARNs of the functions in LambdaConfig, by the trigger's name there."""
    claims_event_version: str
    auto_verified: frozenset[str]
    """Attributes that a code is sent for whenever they are new."""
    verified_before_update: frozenset[str]
    """Attributes whose new value counts only once it is verified."""

    @property
    def name(self) -> str:
        """What follows the underscore of the pool id, as SRP hashes it."""
        return self.id.partition("_")[2]


@dataclass(frozen=True)
class AppClient:
    """An app client's settings."""

    id: str
    user_pool_id: str
    secret: str | None
    explicit_auth_flows: frozenset[str]
    prevents_user_existence_errors: bool
    auth_session_validity: timedelta
    access_token_validity: timedelta
    id_token_validity: timedelta
    refresh_token_validity: timedelta
    token_revocation: bool
    write_attributes: frozenset[str] | None
    refresh_token_rotation: timedelta | None
    """The grace period of a replaced refresh token; None while rotation is off."""
    read_attributes: frozenset[str] | None


@dataclass(frozen=True)
class Group:
    """A group that a user is in."""

    name: str
    precedence: int | None
    role_arn: str | None


@dataclass(frozen=True)
class User:
    """A user as the directory has them now. `password` is None while none was set."""

    user_pool_id: str
    username: str
    sub: str
    password: str | None
    status: str
    enabled: bool
    attributes: Mapping[str, str]
    groups: tuple[Group, ...]
    second_factors: frozenset[str] = frozenset()
    preferred_second_factor: str | None = None
    exists: bool = True
    """False for the simulated user that stands for an unknown name."""


class MotoDirectory:
    """Reads and writes moto's backend objects of one account."""

    def __init__(self, gateway: MotoGateway) -> None:
        self._gateway = gateway

    # Reading

    def user_pool(self, user_pool_id: str) -> UserPool | None:
        """The pool of this id, or None."""
        found = self._pool_object(user_pool_id)
        return None if found is None else _user_pool_view(found)

    def client(self, client_id: str) -> AppClient | None:
        """The app client of this id in whatever pool, or None."""
        served = self.client_and_pool(client_id)
        return None if served is None else served[0]

    def client_and_pool(self, client_id: str) -> tuple[AppClient, UserPool] | None:
        """The app client of this id with its pool, or None."""
        for pool in self._pool_objects():
            found = pool.clients.get(client_id)
            if found is not None:
                return _client_view(found), _user_pool_view(pool)
        return None

    def clients_of(self, user_pool_id: str) -> list[AppClient]:
        """Every app client of a pool."""
        pool = self._pool_object(user_pool_id)
        return [] if pool is None else [_client_view(client) for client in pool.clients.values()]

    def user(self, user_pool_id: str, username: str) -> User | None:
        """The user whose name is exactly this, or None."""
        pool = self._pool_object(user_pool_id)
        found = None if pool is None else pool.users.get(username)
        return None if found is None else _user_view(found)

    def settings_for_good(self, pool: UserPool) -> dict[str, Any]:
        """The settings that a pool keeps from its making, whatever UpdateUserPool leaves out (`aws-doc`)."""
        found = self._pool_object(pool.id)
        settings = {} if found is None else found.extended_config
        return {name: settings[name] for name in _SETTINGS_FOR_GOOD if name in settings}

    def threat_protection(self, pool: UserPool) -> str:
        """The pool's AdvancedSecurityMode: OFF, AUDIT or ENFORCED."""
        found = self._pool_object(pool.id)
        add_ons = {} if found is None else found.extended_config.get("UserPoolAddOns") or {}
        return str(add_ons.get("AdvancedSecurityMode", "OFF"))

    def users(self, user_pool_id: str) -> Iterator[User]:
        """Every user of a pool, in the order they were made."""
        pool = self._pool_object(user_pool_id)
        for found in list(pool.users.values()) if pool is not None else ():
            yield _user_view(found)

    def described_user(self, user: User) -> dict[str, Any]:
        """The user as GetUser answers it, moto's own words."""
        return {
            "Username": user.username,
            "UserAttributes": [{"Name": name, "Value": value} for name, value in user.attributes.items()],
        } | self.described_second_factors(user)

    def described_second_factors(self, user: User) -> dict[str, Any]:
        """What the user has set up, as GetUser and AdminGetUser answer it; nothing when they have nothing."""
        preferred = user.preferred_second_factor
        return ({"PreferredMfaSetting": preferred} if preferred else {}) | (
            {"UserMFASettingList": sorted(user.second_factors)} if user.second_factors else {}
        )

    # Writing

    def set_password(self, user: User, password: str, *, status: str) -> None:
        """Give the user a password, and the status that goes with how it came about."""
        from moto.cognitoidp.models import UserStatus

        with self._gateway.entered():
            found = self._user_object(user)
            found.password = password
            found.status = UserStatus[status]

    def make_user(
        self, pool: UserPool, username: str, attributes: Mapping[str, str], password: str, *, status: str
    ) -> None:
        """Make a user who has a password already."""
        from moto.cognitoidp.models import UserStatus

        with self._gateway.entered():
            for backend in self._backends():
                if pool.id in backend.user_pools:
                    listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
                    made = backend.admin_create_user(pool.id, username, "SUPPRESS", password, listed)
                    made.status = UserStatus[status]

    def disable(self, user: User) -> None:
        """Disable the user."""
        with self._gateway.entered():
            self._user_object(user).enabled = False

    def set_attributes(self, user: User, attributes: Mapping[str, str]) -> None:
        """Set some of the user's attributes, leaving the others."""
        with self._gateway.entered():
            self._user_object(user).update_attributes(
                [{"Name": name, "Value": value} for name, value in attributes.items()]
            )

    def mfa_settings(self, pool: UserPool) -> dict[str, Any]:
        """The pool's settings of second factors, as GetUserPoolMfaConfig answers them."""
        found = self._pool_object(pool.id)
        return {} if found is None else _mfa_settings(found)

    def set_mfa_settings(self, pool: UserPool, settings: Mapping[str, Any]) -> None:
        """Replace the pool's settings of second factors."""
        found = self._pool_object(pool.id)
        if found is not None:
            found.mfa_config = settings["MfaConfiguration"]
            found.sms_mfa_config = settings.get("SmsMfaConfiguration")
            found.token_mfa_config = settings.get("SoftwareTokenMfaConfiguration")
            vars(found)[_OTHER_MFA_SETTINGS] = {  # what moto has no place for
                name: settings[name] for name in ("EmailMfaConfiguration", "WebAuthnConfiguration") if name in settings
            }

    def set_second_factors(self, user: User, enabled: frozenset[str], *, preferred: str | None) -> None:
        """Replace what the user has set up."""
        found = self._user_object(user)
        found.software_token_mfa_enabled = "SOFTWARE_TOKEN_MFA" in enabled
        found.sms_mfa_enabled = "SMS_MFA" in enabled
        vars(found)[_EMAIL_MFA] = "EMAIL_OTP" in enabled
        found.preferred_mfa_setting = preferred

    def relax_password_length(self) -> None:
        """Let passwords of up to 256 characters through moto, which stops at 98; the pool checks them before."""
        for backend in self._backends():
            vars(backend)["_validate_password"] = _accept_password  # of this account's backend, not of the class

    def set_client_secret(self, client: AppClient, secret: str) -> None:
        """Replace an app client's secret."""
        with self._gateway.entered():
            pool = self._pool_object(client.user_pool_id)
            if pool is not None:
                pool.clients[client.id].secret = secret

    def lend_token(self, user: User, client_id: str, access_token: str) -> None:
        """Let moto know one of our access tokens, so that its self-service operations find the user."""
        with self._gateway.entered():
            pool = self._pool_object(user.user_pool_id)
            if pool is not None:
                pool.access_tokens[access_token] = (client_id, user.username)

    def take_token_back(self, user: User, access_token: str) -> None:
        """Undo `lend_token`: moto itself knows neither expiry nor revocation."""
        with self._gateway.entered():
            pool = self._pool_object(user.user_pool_id)
            if pool is not None:
                pool.access_tokens.pop(access_token, None)

    # moto's objects

    def _backends(self) -> Iterator[CognitoIdpBackend]:
        from moto.cognitoidp.models import cognitoidp_backends

        yield from list(cognitoidp_backends[self._gateway.account_id].values())

    def _pool_objects(self) -> Iterator[CognitoIdpUserPool]:
        for backend in self._backends():
            yield from backend.user_pools.values()

    def _pool_object(self, user_pool_id: str) -> CognitoIdpUserPool | None:
        for backend in self._backends():
            found = backend.user_pools.get(user_pool_id)
            if found is not None:
                return found
        return None

    def _user_object(self, user: User) -> CognitoIdpUser:
        pool = self._pool_object(user.user_pool_id)
        if pool is None or user.username not in pool.users:
            raise LookupError(f"{user.username} is gone from {user.user_pool_id}")
        return pool.users[user.username]


def _accept_password(*_arguments: Any, **_named: Any) -> None:
    return None


def _user_pool_view(found: CognitoIdpUserPool) -> UserPool:
    config = found.extended_config
    lambdas = config.get("LambdaConfig") or {}
    required = tuple(name for name, schema in found.schema_attributes.items() if schema.required and name != "sub")
    return UserPool(
        id=found.id,
        region=found.region,
        policy=PasswordPolicy.from_configuration((config.get("Policies") or {}).get("PasswordPolicy") or {}),
        username_attributes=frozenset(config.get("UsernameAttributes") or ()),
        alias_attributes=frozenset(config.get("AliasAttributes") or ()),
        case_sensitive=bool((config.get("UsernameConfiguration") or {}).get("CaseSensitive", True)),
        required_attributes=required,
        mfa_configuration=found.mfa_config,
        second_factors=factors_in(_mfa_settings(found)),
        first_factors=tuple(
            ((config.get("Policies") or {}).get("SignInPolicy") or {}).get("AllowedFirstAuthFactors") or ("PASSWORD",)
        ),
        passkeys=PasskeySettings.from_configuration(
            _mfa_settings(found).get("WebAuthnConfiguration") or {}, _domain(found)
        ),
        device_tracking=_device_tracking(config.get("DeviceConfiguration") or {}),
        triggers=_triggers(lambdas),
        claims_event_version=(lambdas.get("PreTokenGenerationConfig") or {}).get("LambdaVersion") or "V1_0",
        auto_verified=frozenset(config.get("AutoVerifiedAttributes") or ()),
        verified_before_update=frozenset(
            (config.get("UserAttributeUpdateSettings") or {}).get("AttributesRequireVerificationBeforeUpdate") or ()
        ),
    )


def _domain(found: CognitoIdpUserPool) -> str | None:
    """The host of the pool's own pages: a custom domain, or a prefix below the service's (`aws-doc`)."""
    if found.domain is None:
        return None
    name: str = found.domain.domain
    return name if found.domain.custom_domain_config else f"{name}.auth.{found.region}.amazoncognito.com"


def _triggers(lambdas: Mapping[str, Any]) -> dict[str, str]:
    """The configured functions; PreTokenGenerationConfig says the same as PreTokenGeneration, and more."""
    arns = {name: value for name, value in lambdas.items() if isinstance(value, str) and value}
    versioned = lambdas.get("PreTokenGenerationConfig") or {}
    return arns | ({"PreTokenGeneration": versioned["LambdaArn"]} if versioned.get("LambdaArn") else {})


def _device_tracking(configuration: Mapping[str, Any]) -> DeviceTracking | None:
    """A value for any member switches tracking on (`aws-doc`)."""
    if not configuration:
        return None
    return DeviceTracking(
        challenge_on_new_device=bool(configuration.get("ChallengeRequiredOnNewDevice")),
        only_on_user_prompt=bool(configuration.get("DeviceOnlyRememberedOnUserPrompt")),
    )


def factors_in(settings: Mapping[str, Any]) -> frozenset[str]:
    """The second factors that settings of SetUserPoolMfaConfig turn on."""
    turned_on = {
        "SMS_MFA": "SmsMfaConfiguration" in settings,
        "SOFTWARE_TOKEN_MFA": (settings.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled", False),
        "EMAIL_OTP": "EmailMfaConfiguration" in settings,
    }
    return frozenset(name for name, on in turned_on.items() if on)


def _mfa_settings(found: CognitoIdpUserPool) -> dict[str, Any]:
    settings: dict[str, Any] = {"MfaConfiguration": found.mfa_config} | vars(found).get(_OTHER_MFA_SETTINGS, {})
    if found.token_mfa_config is not None:
        settings["SoftwareTokenMfaConfiguration"] = found.token_mfa_config
    if found.sms_mfa_config is not None:
        settings["SmsMfaConfiguration"] = found.sms_mfa_config
    elif found.mfa_config != "OFF" and "SmsConfiguration" in found.extended_config:
        settings["SmsMfaConfiguration"] = {"SmsConfiguration": found.extended_config["SmsConfiguration"]}
    return settings


def _client_view(found: CognitoIdpUserPoolClient) -> AppClient:
    config = found.extended_config
    units = config.get("TokenValidityUnits") or {}

    def validity(token: str, default_unit: str, default: timedelta) -> timedelta:
        amount = config.get(f"{token}Validity")
        return timedelta(seconds=amount * _UNITS[units.get(token, default_unit)]) if amount else default

    read, write = config.get("ReadAttributes"), config.get("WriteAttributes")
    return AppClient(
        id=found.id,
        user_pool_id=found.user_pool_id,
        secret=found.secret if found.generate_secret else None,
        explicit_auth_flows=frozenset(config.get("ExplicitAuthFlows") or DEFAULT_FLOWS),
        prevents_user_existence_errors=config.get("PreventUserExistenceErrors") == "ENABLED",
        auth_session_validity=timedelta(minutes=config.get("AuthSessionValidity") or 3),
        access_token_validity=validity("AccessToken", "hours", timedelta(hours=1)),
        id_token_validity=validity("IdToken", "hours", timedelta(hours=1)),
        refresh_token_validity=validity("RefreshToken", "days", timedelta(days=30)),
        token_revocation=bool(config.get("EnableTokenRevocation", True)),
        refresh_token_rotation=_grace_period(config.get("RefreshTokenRotation") or {}),
        read_attributes=frozenset(read) if read else None,
        write_attributes=frozenset(write) if write else None,
    )


def _grace_period(rotation: Mapping[str, Any]) -> timedelta | None:
    if rotation.get("Feature") != "ENABLED":
        return None
    return timedelta(seconds=rotation.get("RetryGracePeriodSeconds") or 0)


def _user_view(found: CognitoIdpUser) -> User:
    groups = sorted(found.groups, key=lambda group: (group.precedence is None, group.precedence or 0, group.group_name))
    return User(
        user_pool_id=found.user_pool_id,
        username=found.username,
        sub=found.id,
        password=found.password,
        status=str(getattr(found.status, "value", found.status)),
        enabled=found.enabled,
        attributes={attribute["Name"]: attribute["Value"] for attribute in found.attributes},
        second_factors=_second_factors(found),
        preferred_second_factor=found.preferred_mfa_setting or None,
        groups=tuple(Group(group.group_name, group.precedence, group.role_arn) for group in groups),
    )


def _second_factors(found: CognitoIdpUser) -> frozenset[str]:
    enabled = {
        "SOFTWARE_TOKEN_MFA": found.software_token_mfa_enabled,
        "SMS_MFA": found.sms_mfa_enabled,
        "EMAIL_OTP": vars(found).get(_EMAIL_MFA, False),
    }
    return frozenset(name for name, is_enabled in enabled.items() if is_enabled)
