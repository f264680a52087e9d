"""Where user verification is preferred and not required: WA-REG-16b, WA-AUT-17b, WA-AUT-24b."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.check import LOW, MEDIUM, MUST, SHOULD, TRIGGERS, W3C, check
from harness.findings import Finding, Inconclusive
from harness.webauthn_cases import authentication, registration
from harness.webauthn_cases.cases import Setting
from harness.webauthn_cases.custom_auth import not_required
from harness.webauthn_cases.edits import Manner
from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import Flags

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from harness.fido2_court import Fido2Court, Registered

NEEDS = {"custom-auth", "fido2", "credential-api", "fido2.verification-preferred"}
_UNVERIFIED = Manner(flags=int(Flags.UP))


@check(
    "WA-REG-16b",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 16",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.demands-verification-always": "UV not set where it is preferred"},
)
def test_who_cannot_be_verified_registers_where_that_is_not_required(preferring_court: Fido2Court) -> None:
    """Where user verification is preferred only, a registration without it is taken.

    A security key without a PIN cannot verify anybody: a service that says it prefers verification and demands it
    locks these users out without a word. Demand the flag UV where the options required it, and nowhere else.
    """
    preferring_court.must_be_right_about_registering(not_required(registration.user_verification_not_required()))


@check(
    "WA-AUT-17b",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 17",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.demands-verification-always": "UV not set where it is preferred"},
)
def test_who_cannot_be_verified_signs_in_where_that_is_not_required(preferring_court: Fido2Court) -> None:
    """Where user verification is preferred only, a sign-in without it is taken.

    A finger that the reader does not know today, and a key without a PIN, are no reason to refuse where the options
    did not ask for more. Demand the flag UV where the options required it, and nowhere else.
    """
    preferring_court.must_be_right_about_authenticating(not_required(authentication.user_verification()))


@check(
    "WA-AUT-24b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 24 (uvInitialized)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={"triggers.passkeys.verified-by-signing-in": "counts as verified"},
)
def test_a_sign_in_alone_makes_no_verified_credential(
    preferring_court: Fido2Court, needing: Callable[[str], NoReturn]
) -> None:
    """A credential that was registered without user verification does not count as verified after a sign-in with it.

    Whoever finds a key without a PIN sets one: the flag UV then speaks of them. Where verified credentials may do
    more, another factor has to stand behind the step from false to true.
    """
    holder = preferring_court.flow.new_holder()
    verified = preferring_court.registered()
    registered = replace(verified, holder=holder, credential=preferring_court.flow.register(holder, _UNVERIFIED))
    told = _counts_as_verified(preferring_court, verified)
    if told is None:
        needing("fido2.tells-verification")
    if not told or _counts_as_verified(preferring_court, registered):
        raise Inconclusive("the list does not tell a verified credential from another one")
    preferring_court.twin_must_sign_in(registered, Setting(manner=_UNVERIFIED))
    preferring_court.twin_must_sign_in(registered)
    if _counts_as_verified(preferring_court, registered):
        raise Finding("a credential that was registered unverified counts as verified after a sign-in with it alone")


def _counts_as_verified(court: Fido2Court, registered: Registered) -> bool | None:
    """What the list tells of it; None where that is nothing. Raises Inconclusive where it is not listed."""
    id = base64url.encode(registered.credential.id)
    found = [each for each in court.flow.listed(registered.holder) if each.id == id]
    if not found:
        raise Inconclusive("a credential that was registered is not listed")
    return found[0].user_verified
