"""How a user pool is configured, in the words of the checks that review it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.findings import Finding
from harness.posture_clients import ClientPosture
from harness.posture_functions import FunctionPosture

if TYPE_CHECKING:
    from harness.posture_reading import PostureReader

CUSTOM_AUTH_TRIGGERS = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
CONTACTS = frozenset({"email", "phone_number"})
"""The attributes that a code can be sent to."""

_MOST_NAMED = 20
_RISKS = {"CompromisedCredentialsRiskConfiguration", "AccountTakeoverRiskConfiguration"}


def demand_none(weaknesses: Iterable[str], remedy: str) -> None:
    """Raise one Finding that names every weakness found, and what to set; nothing when there is none."""
    found = list(weaknesses)
    if found:
        more = f"; and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise Finding(f"{'; '.join(found[:_MOST_NAMED])}{more}. Remedy: {remedy}")


@dataclass(frozen=True)
class PoolPosture:
    """One user pool. Each document is read when it is first asked for; what may not be read raises NotApplicable."""

    reader: PostureReader

    @property
    def settings(self) -> Mapping[str, Any]:
        """Members of DescribeUserPool."""
        return self.reader.user_pool()

    @property
    def clients(self) -> tuple[ClientPosture, ...]:
        """Every app client."""
        return tuple(ClientPosture(settings) for settings in self.reader.clients())

    @property
    def user_clients(self) -> tuple[ClientPosture, ...]:
        """The app clients through which users sign in."""
        return tuple(client for client in self.clients if client.signs_users_in)

    # Passwords and factors

    @property
    def password_policy(self) -> Mapping[str, Any]:
        """PasswordPolicy."""
        return self._of("Policies").get("PasswordPolicy") or {}

    @property
    def first_factors(self) -> frozenset[str]:
        """AllowedFirstAuthFactors; passwords alone where there is no sign-in policy."""
        policy = self._of("Policies").get("SignInPolicy") or {}
        return frozenset(policy.get("AllowedFirstAuthFactors") or ("PASSWORD",))

    @property
    def mfa(self) -> str:
        """MfaConfiguration: `OFF`, `OPTIONAL` or `ON`; empty where it is not told."""
        return str(self.reader.mfa().get("MfaConfiguration") or "")

    @property
    def second_factors(self) -> frozenset[str]:
        """The second factors that are turned on: `SMS_MFA`, `SOFTWARE_TOKEN_MFA`, `EMAIL_OTP`."""
        told = self.reader.mfa()
        turned_on = {
            "SMS_MFA": "SmsMfaConfiguration" in told,
            "SOFTWARE_TOKEN_MFA": bool((told.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled")),
            "EMAIL_OTP": "EmailMfaConfiguration" in told,
        }
        return frozenset(name for name, on in turned_on.items() if on)

    @property
    def passkeys(self) -> Mapping[str, Any]:
        """WebAuthnConfiguration, empty where passkeys are not among the first factors."""
        return self.reader.mfa().get("WebAuthnConfiguration") or {} if "WEB_AUTHN" in self.first_factors else {}

    @property
    def devices(self) -> Mapping[str, Any]:
        """DeviceConfiguration, empty where devices are not remembered."""
        return self._of("DeviceConfiguration")

    # Users

    @property
    def recovery(self) -> tuple[str, ...] | None:
        """What a forgotten password is recovered with, the preferred first; None where it is not configured."""
        told = self._of("AccountRecoverySetting").get("RecoveryMechanisms")
        if not told:
            return None
        return tuple(str(each.get("Name")) for each in sorted(told, key=lambda each: each.get("Priority") or 0))

    @property
    def sign_in_contacts(self) -> frozenset[str]:
        """The addresses and numbers that users sign in with."""
        return CONTACTS & {*(self.settings.get("AliasAttributes") or ()), *self._username_attributes}

    @property
    def _username_attributes(self) -> tuple[str, ...]:
        return tuple(self.settings.get("UsernameAttributes") or ())

    @property
    def auto_verified(self) -> frozenset[str]:
        """AutoVerifiedAttributes."""
        return frozenset(self.settings.get("AutoVerifiedAttributes") or ())

    @property
    def verified_before_update(self) -> frozenset[str]:
        """AttributesRequireVerificationBeforeUpdate."""
        told = self._of("UserAttributeUpdateSettings").get("AttributesRequireVerificationBeforeUpdate")
        return frozenset(told or ())

    @property
    def users_sign_themselves_up(self) -> bool:
        """Whether anybody may become a user: AllowAdminCreateUserOnly is off."""
        return not self._of("AdminCreateUserConfig").get("AllowAdminCreateUserOnly")

    # Protection

    @property
    def threat_protection(self) -> str:
        """AdvancedSecurityMode: `OFF`, `AUDIT` or `ENFORCED`."""
        return str(self._of("UserPoolAddOns").get("AdvancedSecurityMode") or "OFF")

    @property
    def threat_protection_of_custom_auth(self) -> str:
        """CustomAuthMode: `OFF`, `AUDIT` or `ENFORCED`."""
        further = self._of("UserPoolAddOns").get("AdvancedSecurityAdditionalFlows") or {}
        return str(further.get("CustomAuthMode") or "OFF")

    def risk_configurations(self) -> dict[str, Mapping[str, Any]]:
        """What is done about risks, of the pool and of each client that has settings of its own, by whose they are."""
        found = {"the pool": self.reader.risk()}
        for client in self.user_clients:
            own = self.reader.risk(client.client_id)
            if own.get("ClientId") and own.keys() & _RISKS:
                found[str(client)] = own
        return found

    # Messages and triggers

    @property
    def sms(self) -> Mapping[str, Any]:
        """SmsConfiguration, empty where no texts are sent."""
        return self._of("SmsConfiguration") or (
            (self.reader.mfa().get("SmsMfaConfiguration") or {}).get("SmsConfiguration") or {}
        )

    @property
    def triggers(self) -> dict[str, str]:
        """The ARNs of the functions in LambdaConfig, by the trigger's name there."""
        found: dict[str, str] = {}
        for name, told in self._of("LambdaConfig").items():
            if name == "KMSKeyID" or not told:
                continue
            arn = told.get("LambdaArn") if isinstance(told, Mapping) else told
            if arn:
                found[name.removesuffix("Config")] = str(arn)
        return found

    @property
    def functions(self) -> tuple[FunctionPosture, ...]:
        """The triggers' functions, as Lambda describes them."""
        return tuple(FunctionPosture(name, arn, self.reader.function(arn)) for name, arn in self.triggers.items())

    def _of(self, member: str) -> Mapping[str, Any]:
        return self.settings.get(member) or {}
