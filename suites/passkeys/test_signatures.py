"""How signatures may be written: WA-KEY-12 to WA-KEY-14."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MEDIUM, MUST, RFC, TRIGGERS, W3C, check
from harness.webauthn_cases import keys
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}


@check(
    "WA-KEY-12",
    level=MUST,
    severity=CRITICAL,
    clause="FIPS 186-5 section 6.4.2; CVE-2022-21449",
    evidence=RFC,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-zero-for-r-or-s": "accepted an authentication (r = 0, s = 0",
        "triggers.passkeys.takes-ber": "accepted an authentication (r beyond n",
    },
)
def test_r_and_s_are_in_range(fido2_court: Fido2Court) -> None:
    """An ECDSA signature whose r or s is not between 1 and n - 1 is refused.

    Zeros verify for every message and every key where the range is not looked at. The values are the special ones
    of project Wycheproof. Leave it to a service that has been tested with them.
    """
    fido2_court.must_be_right_about_authenticating(custom(keys.ecdsa_numbers()))


@check(
    "WA-KEY-13",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.5.5; RFC 3279 section 2.2.3; X.690 section 10",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-p1363": "accepted an authentication (r and s one after the other",
        "triggers.passkeys.takes-ber": "accepted an authentication (a long form of the length",
    },
)
def test_ecdsa_signatures_are_der(fido2_court: Fido2Court) -> None:
    """An ECDSA signature is DER, to the byte.

    Every other form of the same numbers is a second signature that verifies, which whoever remembers signatures
    does not know. Parse strictly.
    """
    fido2_court.must_be_right_about_authenticating(custom(keys.ecdsa_forms()))


@check(
    "WA-KEY-14",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 6.5.5; RFC 8017 section 8.2.2",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-any-rsa-padding": "accepted an authentication (RSASSA-PSS",
    },
)
def test_rs256_is_pkcs1_with_sha256(fido2_court: Fido2Court) -> None:
    """RS256 is RSASSA-PKCS1-v1_5 with SHA-256, and the padding fills the block.

    A verifier that searches for the hash, or lets bytes follow it, takes forgeries that need no private key where
    the exponent is small. Compare the whole block.
    """
    fido2_court.must_be_right_about_authenticating(custom(keys.rsa_forms()))
