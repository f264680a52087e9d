"""Pools that are configured badly: an honest answer about the configuration, with one setting weakened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.aws_requests import AwsRequest
from fakes.pool.moto_gateway import MotoAnswer

JsonObject = dict[str, Any]
Weaken = Callable[[JsonObject], JsonObject]

_POOL, _CLIENT = "DescribeUserPool", "DescribeUserPoolClient"
_MFA, _RISK = "GetUserPoolMfaConfig", "DescribeRiskConfiguration"
_FUNCTION = "GetFunctionConfiguration"
_PARTS = {_POOL: "UserPool", _CLIENT: "UserPoolClient", _RISK: "RiskConfiguration"}
"""The member of an answer in which the settings stand; GetUserPoolMfaConfig answers them as they are."""

_weaknesses: dict[str, tuple[str, Weaken]] = {}


def weakened(operation: str, answer: JsonObject, faults: FaultSwitches) -> JsonObject:
    """An answer of Cognito as it is sent."""
    for id in faults.active & _weaknesses.keys():
        where, weaken = _weaknesses[id]
        if where == operation:
            part = _PARTS.get(operation)
            answer = answer | {part: weaken(answer[part])} if part else weaken(answer)
    return answer


def weakened_function(request: AwsRequest, answer: MotoAnswer, faults: FaultSwitches) -> MotoAnswer:
    """Lambda's answer about a function as it is sent."""
    if answer.status != 200 or request.service != "lambda" or not request.path.endswith("/configuration"):
        return answer
    if faults.on(GONE):
        told = {"Type": "User", "Message": "Function not found"}
        return MotoAnswer(404, (("x-amzn-errortype", "ResourceNotFoundException"),), json.dumps(told).encode())
    for id in faults.active & _weaknesses.keys():
        where, weaken = _weaknesses[id]
        if where == _FUNCTION:
            answer = MotoAnswer(answer.status, answer.headers, json.dumps(weaken(json.loads(answer.body))).encode())
    return answer


def _weakness(name: str, what: str, where: str, weaken: Weaken | Mapping[str, Any]) -> None:
    id = declare_fault(f"pool.posture.{name}", what)
    _weaknesses[id] = (where, weaken if callable(weaken) else lambda settings: settings | dict(weaken))


def _without(name: str) -> Weaken:
    return lambda settings: {member: value for member, value in settings.items() if member != name}


def _more_flows(flow: str) -> Weaken:
    """One flow more, at clients without a secret."""

    def weaken(client: JsonObject) -> JsonObject:
        return client if "ClientSecret" in client else client | {"ExplicitAuthFlows": [*_flows(client), flow]}

    return weaken


def _flows(client: JsonObject) -> list[str]:
    flows: list[str] = client.get("ExplicitAuthFlows") or []
    return flows


def _in(member: str, **changed: Any) -> Weaken:
    """The settings with something changed inside one of their members."""
    return lambda settings: settings | {member: (settings.get(member) or {}) | changed}


def _password_policy(**changed: Any) -> Weaken:
    def weaken(pool: JsonObject) -> JsonObject:
        policies = pool.get("Policies") or {}
        policy = (policies.get("PasswordPolicy") or {}) | changed
        return pool | {"Policies": policies | {"PasswordPolicy": policy}}

    return weaken


def _life(token: str, amount: int, unit: str) -> Weaken:
    """A token's life, in another unit than the others have."""

    def weaken(client: JsonObject) -> JsonObject:
        units = client.get("TokenValidityUnits") or {}
        return client | {f"{token}Validity": amount, "TokenValidityUnits": units | {token: unit}}

    return weaken


GONE = declare_fault("pool.posture.trigger-is-gone", "LambdaConfig names functions that do not exist")

_weakness("reveals-users", "clients tell who is a user", _CLIENT, {"PreventUserExistenceErrors": "LEGACY"})
_weakness(
    "public-password-flow", "public clients take bare passwords", _CLIENT, _more_flows("ALLOW_USER_PASSWORD_AUTH")
)
_weakness(
    "passwords-without-srp", "clients take bare passwords and no SRP", _CLIENT,
    {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]},
)  # fmt: skip
_weakness("server-flow-without-secret", "a server's client has no secret", _CLIENT, _without("ClientSecret"))
_weakness("long-challenges", "challenges may be answered for 15 minutes", _CLIENT, {"AuthSessionValidity": 15})
_weakness("long-access-tokens", "access tokens live for a day", _CLIENT, _life("AccessToken", 1, "days"))
_weakness("long-id-tokens", "id tokens live for a day", _CLIENT, _life("IdToken", 24, "hours"))
_weakness("long-refresh-tokens", "refresh tokens live for a year", _CLIENT, _life("RefreshToken", 365, "days"))
_weakness("no-revocation", "refresh tokens cannot be revoked", _CLIENT, {"EnableTokenRevocation": False})
_weakness("no-rotation", "refresh tokens are not rotated", _CLIENT, _without("RefreshTokenRotation"))
_weakness("callback-over-http", "codes go over http", _CLIENT, {"CallbackURLs": ["http://app.example.org/in"]})
_weakness("logout-over-http", "signing out leads over http", _CLIENT, {"LogoutURLs": ["http://app.example.org/out"]})
_weakness("wildcard-callback", "a callback URL has a wildcard", _CLIENT, {"CallbackURLs": ["https://*.example.org/"]})
_weakness("generic-scheme", "codes go to a scheme that any app can claim", _CLIENT, {"CallbackURLs": ["myapp://in"]})
_weakness("implicit", "the implicit grant is allowed", _CLIENT, {"AllowedOAuthFlows": ["code", "implicit"]})
_weakness(
    "machine-without-secret", "clients without secret get tokens of their own", _CLIENT,
    lambda client: client | ({} if "ClientSecret" in client else {"AllowedOAuthFlows": ["client_credentials"]}),
)  # fmt: skip
_weakness(
    "self-service-scope", "OAuth clients may change users' accounts", _CLIENT,
    {"AllowedOAuthScopes": ["openid", "aws.cognito.signin.user.admin"]},
)  # fmt: skip
_weakness(
    "writable-verification", "users write that their address is verified", _CLIENT,
    {"WriteAttributes": ["email", "email_verified"]},
)  # fmt: skip
_weakness("writable-role", "users write their own role", _CLIENT, {"WriteAttributes": ["email", "custom:role"]})
_weakness(
    "open-registration", "anybody registers app clients", _POOL,
    {"DcrConfiguration": {"EnableStatus": "Enabled", "OpenDcrEnabled": True}},
)  # fmt: skip
_weakness("unverified-updates", "a new address counts at once", _POOL, _without("UserAttributeUpdateSettings"))
_weakness("unverified-names", "addresses are signed in with unverified", _POOL, {"AutoVerifiedAttributes": []})
_weakness("case-sensitive", "names differ by case", _POOL, _without("UsernameConfiguration"))
_weakness("self-sign-up", "anybody signs up", _POOL, _in("AdminCreateUserConfig", AllowAdminCreateUserOnly=False))
_weakness("short-passwords", "passwords may have 6 characters", _POOL, _password_policy(MinimumLength=6))
_weakness(
    "long-temporary-passwords", "temporary passwords last a month", _POOL,
    _password_policy(TemporaryPasswordValidityDays=30),
)  # fmt: skip
_weakness("composition-rules", "passwords must hold symbols", _POOL, _password_policy(RequireSymbols=True))
_weakness("password-history", "old passwords are remembered", _POOL, _password_policy(PasswordHistorySize=5))
_weakness("legacy-recovery", "how passwords are recovered is not set", _POOL, _without("AccountRecoverySetting"))
_weakness("no-mfa", "there are no second factors", _MFA, {"MfaConfiguration": "OFF"})
_weakness(
    "texts-only", "codes by text are the only second factor", _MFA,
    {"SmsMfaConfiguration": {}, "SoftwareTokenMfaConfiguration": {"Enabled": False}},
)  # fmt: skip
_weakness(
    "remembers-every-device", "every device stands for the second factor afterwards", _POOL,
    _in("DeviceConfiguration", DeviceOnlyRememberedOnUserPrompt=False),
)  # fmt: skip
_weakness(
    "passkeys-of-anybody", "a passkey needs no user verification", _MFA,
    _in("WebAuthnConfiguration", UserVerification="preferred"),
)  # fmt: skip
_weakness(
    "shared-relying-party", "passkeys are for a domain of everybody's", _MFA,
    _in("WebAuthnConfiguration", RelyingPartyId="amazoncognito.com"),
)  # fmt: skip
_weakness("audit-only", "threat protection only watches", _POOL, _in("UserPoolAddOns", AdvancedSecurityMode="AUDIT"))
_weakness(
    "custom-auth-unprotected", "threat protection leaves custom auth out", _POOL,
    _in("UserPoolAddOns", AdvancedSecurityAdditionalFlows={}),
)  # fmt: skip
_weakness(
    "takes-compromised-passwords", "nothing is done about compromised passwords", _RISK,
    {"CompromisedCredentialsRiskConfiguration": {"Actions": {"EventAction": "NO_ACTION"}}},
)  # fmt: skip
_weakness(
    "ignores-high-risk", "nothing is done about sign-ins of high risk", _RISK,
    {
        "AccountTakeoverRiskConfiguration": {
            "Actions": {"HighAction": {"Notify": False, "EventAction": "NO_ACTION"}}
        }
    },
)  # fmt: skip
_weakness("deletable", "the pool can be deleted by one call", _POOL, {"DeletionProtection": "INACTIVE"})
_weakness(
    "two-triggers-of-three", "custom auth has no VerifyAuthChallengeResponse", _POOL,
    lambda pool: pool | {"LambdaConfig": _without("VerifyAuthChallengeResponse")(pool.get("LambdaConfig") or {})},
)  # fmt: skip
_weakness("custom-auth-without-triggers", "clients allow custom auth, nobody answers", _POOL, {"LambdaConfig": {}})
_weakness("slow-triggers", "triggers run on when nobody waits any more", _FUNCTION, {"Timeout": 30})
_weakness("old-runtime", "triggers run on what nobody mends", _FUNCTION, {"Runtime": "nodejs16.x"})
_weakness(
    "secrets-in-the-environment", "triggers have secrets among their variables", _FUNCTION,
    {"Environment": {"Variables": {"LINK_SIGNING_SECRET": "hunter2"}}},
)  # fmt: skip
_weakness(
    "default-mail-sender", "mails leave through the service's own sender", _POOL,
    {"EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"}},
)  # fmt: skip
_weakness(
    "mails-fail", "mails cannot be sent", _POOL, {"EmailConfigurationFailure": "The SES identity is not verified"}
)
_weakness(
    "texts-without-external-id", "the role for texts is not bound to the pool", _POOL,
    {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/texts", "SnsRegion": "us-east-1"}},
)  # fmt: skip
