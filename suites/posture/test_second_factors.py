"""Second factors, remembered devices and passkeys: POS-29 to POS-33."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, LOW, MEDIUM, OWN, POOL, SHOULD, W3C, check
from harness.posture import demand_none

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.posture import PoolPosture

SHARED_DOMAIN = "amazoncognito.com"
LABELS_OF_A_PREFIX_DOMAIN = 5
"""`prefix.auth.region.amazoncognito.com` is one pool's own; what is above it is everybody's."""


@check(
    "POS-29",
    level=SHOULD,
    severity=HIGH,
    clause="Security Hub Cognito.5; ASVS 5.0 6.3.3",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.no-mfa": "MfaConfiguration is OFF"},
)
def test_second_factors_are_on(posture: PoolPosture, observe: Observe) -> None:
    """Who signs in with a password can be asked for a second factor.

    A password is stolen, guessed or known from another site; without a second factor it is the account. Set
    MfaConfiguration to ON, or to OPTIONAL while users are getting used to it (recorded), with software tokens or
    passkeys. OPTIONAL protects only those who have set one up.
    """
    observe("second factors", f"{posture.mfa or 'not told'}: {', '.join(sorted(posture.second_factors)) or 'none'}")
    observe("first factors", ", ".join(sorted(posture.first_factors)))
    demand_none(
        ["MfaConfiguration is OFF, and passwords sign in"]
        if posture.mfa == "OFF" and "PASSWORD" in posture.first_factors
        else [],
        "MfaConfiguration = ON (SetUserPoolMfaConfig)",
    )


@check(
    "POS-30",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 6.6.1 (codes by text only beside a stronger method); NIST SP 800-63B 5.1.3.3 (restricted)",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.texts-only": "no software tokens"},
)
def test_texts_are_not_the_only_second_factor(posture: PoolPosture, observe: Observe) -> None:
    """Where codes come by text, software tokens are offered too.

    Numbers are taken over at the shop of the phone company, and texts read on the way; and a text costs you money that
    somebody else can spend. Set SoftwareTokenMfaConfiguration to Enabled. Codes by mail, which ASVS does not count at
    its third level (6.3.6), are recorded.
    """
    on = posture.second_factors
    observe("codes by mail as a second factor", "offered" if "EMAIL_OTP" in on else "not offered")
    demand_none(
        ["codes come by text, and there are no software tokens"]
        if posture.mfa != "OFF" and "SMS_MFA" in on and "SOFTWARE_TOKEN_MFA" not in on
        else [],
        "SoftwareTokenMfaConfiguration.Enabled = true",
    )


@check(
    "POS-31",
    level=SHOULD,
    severity=LOW,
    clause="Cognito API reference, DeviceConfigurationType; developer guide, Working with user devices; ASVS 5.0 6.3.4",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.remembers-every-device": "is remembered without asking"},
)
def test_devices_are_remembered_on_request_only(posture: PoolPosture) -> None:
    """A device that then stands for the second factor is remembered only when its user says so.

    With ChallengeRequiredOnNewDevice a remembered device signs in without the second factor. Remembered without asking,
    the computer of a library is one for ever. Set DeviceOnlyRememberedOnUserPrompt to true, and ask.
    """
    devices = posture.devices
    silently = devices.get("ChallengeRequiredOnNewDevice") and not devices.get("DeviceOnlyRememberedOnUserPrompt")
    demand_none(
        ["every device stands for the second factor afterwards: it is remembered without asking"]
        if silently and posture.mfa != "OFF"
        else [],
        "DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt = true",
    )


@check(
    "POS-32",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito API reference, WebAuthnConfigurationType; WebAuthn L3 5.8.6; ASVS 5.0 6.3.3",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.passkeys-of-anybody": "need no user verification"},
)
def test_passkeys_verify_their_user(posture: PoolPosture, observe: Observe) -> None:
    """A passkey signs in only when its user was verified, by a finger, a face or a PIN.

    Otherwise whoever holds the security key, or the phone that lies open, is the user: a passkey is then one factor,
    and here the first and last. Set UserVerification of WebAuthnConfiguration to required (SetUserPoolMfaConfig). What
    a pool does that was not told is not documented; that is recorded.
    """
    told = posture.passkeys
    if "WEB_AUTHN" not in posture.first_factors:
        observe("passkeys", "not among the first factors")
        return
    observe("passkeys", f"UserVerification {told.get('UserVerification', 'not told')}")
    observe("passkeys as second factor", str(told.get("FactorConfiguration", "not told")))
    demand_none(
        ["passkeys need no user verification (preferred)"] if told.get("UserVerification") == "preferred" else [],
        "WebAuthnConfiguration.UserVerification = required",
    )


@check(
    "POS-33",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 5.1.3 and 13.4.8 (RP ID and its domains); Cognito API reference, WebAuthnConfigurationType",
    evidence=W3C,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.shared-relying-party": "is shared with everybody"},
)
def test_passkeys_belong_to_a_domain_of_ones_own(posture: PoolPosture, observe: Observe) -> None:
    """The relying party id is a domain of your own, and that of the pool's pages where they have a custom domain.

    Passkeys work on that domain and on all below it: on one that is shared, other people's pages can ask for them, and
    on another than the pages' own they cannot be used there at all. Changing it later leaves every registered passkey
    useless. Set RelyingPartyId of WebAuthnConfiguration.
    """
    told = posture.passkeys.get("RelyingPartyId")
    if not told:
        observe("relying party id", "not told")
        return
    observe("relying party id", told)
    demand_none(
        _unsuitable(told.lower(), str(posture.settings.get("CustomDomain") or "").lower()),
        "WebAuthnConfiguration.RelyingPartyId = your own domain, or the custom domain",
    )


def _unsuitable(relying_party_id: str, custom_domain: str) -> list[str]:
    parts = relying_party_id.split(".")
    if f".{relying_party_id}".endswith(f".{SHARED_DOMAIN}") and len(parts) < LABELS_OF_A_PREFIX_DOMAIN:
        return [f"the relying party id {relying_party_id} is shared with everybody"]
    if len(parts) == 1:
        return [f"the relying party id {relying_party_id} is no domain that passkeys work on outside one machine"]
    if custom_domain and not f".{custom_domain}".endswith(f".{relying_party_id}"):
        return [f"passkeys of {relying_party_id} cannot be used on the custom domain {custom_domain}"]
    return []
