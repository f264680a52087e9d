"""Attestation statements: WA-ATT-N1 and WA-ATT-P1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, MEDIUM, MUST, TRIGGERS, W3C, check
from harness.webauthn_cases import attestation
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}


@check(
    "WA-ATT-N1",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 8.7; FIDO AttResp-7 F-1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-any-statement-for-none": "accepted a registration (a map with a member",
    },
)
def test_no_attestation_is_an_empty_map(fido2_court: Fido2Court) -> None:
    """The format none has an empty statement.

    A statement under that name is one that nobody verifies and somebody may later believe. Refuse whatever is in
    it.
    """
    fido2_court.must_be_right_about_registering(custom(attestation.none()))


@check(
    "WA-ATT-P1",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-6 P-1, F-1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "triggers.passkeys.ignores-attestation-statements": "accepted a registration (one bit of the signature",
    },
)
def test_self_attestation_is_signed_by_the_credential(fido2_court: Fido2Court) -> None:
    """A self attestation is signed with the credential's key, over this authenticator data and this client data.

    Unverified, it does not even show that the key's owner is there. Verify it like an assertion.
    """
    fido2_court.must_be_right_about_registering(custom(attestation.packed_self()))
