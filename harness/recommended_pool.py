"""A user pool as AWS, OWASP and the IETF would have it: the one that is reviewed where a team brings none."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from harness.posture import CUSTOM_AUTH_TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import Arrangements, UserPool

RECOMMENDED: dict[str, Any] = {
    "DeletionProtection": "ACTIVE",
    "UserPoolTier": "PLUS",
    "UserPoolAddOns": {
        "AdvancedSecurityMode": "ENFORCED",
        "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "ENFORCED"},
    },
    "Policies": {
        "PasswordPolicy": {"MinimumLength": 15, "TemporaryPasswordValidityDays": 1},
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]},
    },
    "UsernameAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "AutoVerifiedAttributes": ["email"],
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True},
    "EmailConfiguration": {
        "EmailSendingAccount": "DEVELOPER",
        "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/accounts@example.org",
    },
}
"""Members of CreateUserPool."""

SECOND_FACTORS: dict[str, Any] = {
    "MfaConfiguration": "ON",
    "SoftwareTokenMfaConfiguration": {"Enabled": True},
    "WebAuthnConfiguration": {
        "RelyingPartyId": "example.org",
        "UserVerification": "required",
        "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
    },
}
"""Members of SetUserPoolMfaConfig."""

RISKS: dict[str, Any] = {
    "CompromisedCredentialsRiskConfiguration": {"Actions": {"EventAction": "BLOCK"}},
    "AccountTakeoverRiskConfiguration": {
        "Actions": {
            "MediumAction": {"Notify": False, "EventAction": "MFA_REQUIRED"},
            "HighAction": {"Notify": False, "EventAction": "BLOCK"},
        }
    },
}
"""Members of SetRiskConfiguration."""

CLIENT: dict[str, Any] = {
    "reveals_unknown_users": False,
    "AccessTokenValidity": 15,
    "IdTokenValidity": 15,
    "RefreshTokenValidity": 12,
    "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"},
    "AuthSessionValidity": 3,
    "EnableTokenRevocation": True,
    "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "CallbackURLs": ["https://app.example.org/signed-in"],
    "LogoutURLs": ["https://app.example.org/signed-out"],
    "WriteAttributes": ["email", "name"],
}
"""What the public and the confidential client have in common."""

PUBLIC_FLOWS = ("ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
SERVER_FLOWS = ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH")

_RUNTIME = "nodejs24.x"


def arrange_recommended_pool(arrangements: Arrangements, aws: Callable[[str], Any]) -> UserPool:
    """Make the pool, its triggers' functions, a public and a confidential client.

    Args:
        arrangements: what makes pools at the target.
        aws: makes boto3 clients of the services beside Cognito there.
    """
    pool = arrangements.pool(**RECOMMENDED, LambdaConfig=_deployed(aws))
    for operation, members in (("SetUserPoolMfaConfig", SECOND_FACTORS), ("SetRiskConfiguration", RISKS)):
        pool.wire.ask(operation, {"UserPoolId": pool.user_pool_id, **members})
    pool.client(which="public", flows=PUBLIC_FLOWS, **CLIENT)
    pool.client(which="confidential", flows=SERVER_FLOWS, with_secret=True, **CLIENT)
    return pool


def _deployed(aws: Callable[[str], Any]) -> dict[str, str]:
    """The custom-auth triggers, deployed; nobody calls them, only their configuration is looked at."""
    role = aws("iam").create_role(RoleName="triggers", AssumeRolePolicyDocument='{"Version":"2012-10-17"}')
    functions, code = aws("lambda"), _empty_archive()
    return {
        trigger: functions.create_function(
            FunctionName=trigger,
            Runtime=_RUNTIME,
            Handler="index.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": code},
            Timeout=5,
            Environment={"Variables": {"LINK_KEY_ARN": "arn:aws:kms:us-east-1:123456789012:key/links"}},
        )["FunctionArn"]
        for trigger in CUSTOM_AUTH_TRIGGERS
    }


def _empty_archive() -> bytes:
    with io.BytesIO() as archive:
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr(zipfile.ZipInfo("index.mjs"), "export const handler = async (event) => event;\n")
        return archive.getvalue()
