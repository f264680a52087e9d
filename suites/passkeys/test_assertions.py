"""What an authentication must be: WA-AUT-05 to WA-AUT-22b, but client data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, SHOULD, TRIGGERS, W3C, check
from harness.webauthn_cases import authentication, registration
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}

_STRIDE = 4
"""Of what is signed every fourth byte is changed: each costs two calls of functions that may be far away."""


@check(
    "WA-AUT-06",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user identified before)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-user-handle": "accepted an authentication (another account's user handle",
    },
)
def test_the_user_handle_is_the_accounts(fido2_court: Fido2Court) -> None:
    """The user handle, where there is one, is that of the account that is signing in.

    Else one account's credential signs in to another. Compare the bytes, whole.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.user_handles()))


@check(
    "WA-AUT-06c",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.1 (AuthenticationResponseJSON); FIDO AssResp-1 F-21",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-any-user-handle": "accepted an authentication (a user handle that is a number",
    },
)
def test_the_user_handle_is_text(fido2_court: Fido2Court) -> None:
    """A user handle that is no text is refused.

    What is no text compares as nothing: a check that skips it lets everybody through. Demand base64url.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.types_of_user_handles()))


@check(
    "WA-AUT-15",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 15; FIDO AssResp-3 F-2",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-rp-id-hash": "accepted an authentication (a hash of another RP ID",
    },
)
def test_the_rp_id_hash_is_the_services(fido2_court: Fido2Court) -> None:
    """The authenticator data is about this service: rpIdHash is the SHA-256 of its RP ID.

    What a user signed for another service must not sign in here. Compare all 32 bytes.
    """
    fido2_court.must_be_right_about_authenticating(custom(registration.rp_id_hashes()))


@check(
    "WA-AUT-16",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 16; CVE-2021-38299",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-user-presence": "accepted an authentication (UP not set",
    },
)
def test_a_user_was_present(fido2_court: Fido2Court) -> None:
    """Nobody signs in without being present.

    Software can ask an authenticator for a signature without a user, for other ends. FIDO's AssResp-3 P-4 and P-7
    let it pass; the W3C's standard does not, and is followed. Demand the flag UP.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.user_presence()))


@check(
    "WA-AUT-17",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 17; FIDO AssResp-3 F-5; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-user-verification": "accepted an authentication (UV not set though required",
    },
)
def test_the_user_was_verified_where_that_is_required(fido2_court: Fido2Court) -> None:
    """Where user verification is required, and only there, a sign-in without it is refused.

    A stolen key with no PIN behind it is one factor. Demand the flag UV, by the service's own policy.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.user_verification()))


@check(
    "WA-AUT-18",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 18; section 6.1.3",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-backup-flags": "accepted an authentication (BS set and BE not",
    },
)
def test_only_what_can_be_backed_up_is(fido2_court: Fido2Court) -> None:
    """BS is set only where BE is, and may change from one sign-in to the next.

    A credential that says it is backed up and cannot be is no authenticator's. Refuse it.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.backup_flags()))


@check(
    "WA-AUT-19",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 19; section 6.1.3",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-changes-of-backup-eligibility": "accepted an authentication (BE set, and not when ",
    },
)
def test_backup_eligibility_never_changes(fido2_court: Fido2Court) -> None:
    """BE is what it was when the credential was registered.

    A credential that was bound to a device and suddenly is not has been moved out of it. Keep BE with the record
    and compare.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.backup_eligibility()))


@check(
    "WA-AUT-F1",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1 (assertions attest no credential)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-attested-data-in-assertions": "accepted an authentication (AT and attested data",
    },
)
def test_an_assertion_attests_no_credential(fido2_court: Fido2Court) -> None:
    """An assertion with attested credential data is refused.

    Only registrations attest credentials; a service that takes both can be given a key at sign-in. Demand that AT
    is not set.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.attested_data()))


@check(
    "WA-AUT-F2",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-3 P-8, F-1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-bytes-after-authenticator-data": "accepted an authentication (a zero byte behind t",
        "triggers.passkeys.ignores-missing-extensions": "accepted an authentication (ED without a map",
        "triggers.passkeys.refuses-extensions": "an authentication (ED and a map",
    },
)
def test_the_flags_say_what_follows(fido2_court: Fido2Court) -> None:
    """Authenticator data has 37 bytes, or a map of extension outputs behind them where ED says so.

    The signature covers what is left over too, so nobody else complains. Refuse what the flags do not account for.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.extension_data()))


@check(
    "WA-AUT-F3",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-1 F-12 to F-15",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.reads-beyond-the-end": "accepted an authentication (the first ",
    },
)
def test_authenticator_data_that_is_cut_off_is_refused(fido2_court: Fido2Court) -> None:
    """Authenticator data of fewer than 37 bytes is refused, although its signature is right.

    A reader that goes on beyond the end takes flags and counter from somewhere else. Hold every length against what
    is left.
    """
    fido2_court.must_refuse_each("authenticate", authentication.truncations(), cleanly=True)


@check(
    "WA-AUT-21",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21; FIDO AssResp-1 F-20; CVE-2026-126952; CVE-2026-46419",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-signature": "accepted an authentication (a signature in ES256 by another key",
        "triggers.passkeys.skips-an-empty-signature": "accepted an authentication (no signature",
    },
)
def test_the_signature_is_verified(fido2_court: Fido2Court) -> None:
    """Nobody signs in without the credential's signature over exactly this authenticator data and client data.

    A signature that is not verified, or whose result is not looked at, on any path, lets everybody in. Verify it
    always, and heed an answer that says no without raising.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.signatures()))


@check(
    "WA-AUT-21c",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-signature": "of the authenticator data changed)",
    },
)
def test_every_byte_is_signed(fido2_court: Fido2Court) -> None:
    """A bit that changes after it was signed, anywhere in what is signed or in the signature, is found out.

    What is not covered by the hash can be exchanged by whoever is between. Hash the whole of what was received.
    """
    for variants in authentication.flipped_bits().values():
        fido2_court.must_refuse_each("authenticate", dict(list(variants.items())[::_STRIDE]))


@check(
    "WA-AUT-22",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 22 (policy; the default here: refuse); FIDO AssResp-3 P-1, F-4",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-counter": "accepted an authentication (0 after 5",
        "triggers.passkeys.refuses-counters-of-zero": "an authentication (0 after 0",
    },
)
def test_the_counter_grows(fido2_court: Fido2Court) -> None:
    """A signature counter that does not grow is refused; one that stays 0 is not.

    It is a sign of a copied authenticator, and Level 3 leaves it to the service what it makes of it. Refuse unless
    you have decided otherwise, and let passkeys, which do not count, pass.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.counters()))


@check(
    "WA-AUT-22b",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (signCount: 32 bits, unsigned, big-endian)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.reads-the-counter-with-a-sign": "an authentication (2^31 after 2^31 - 1",
    },
)
def test_the_counter_has_32_bits(fido2_court: Fido2Court) -> None:
    """Counters from 2^31 to 2^32 - 1 are as good as others.

    Read with a sign they are negative, and the credential is locked out. Read 32 bits, unsigned, big-endian.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.large_counters()))


@check(
    "WA-KEY-15",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21 (the key is the record's); RFC 8725 section 2.1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-the-key-from-the-response": "accepted an authentication (a key in the response that ",
    },
)
def test_the_key_is_the_records(fido2_court: Fido2Court) -> None:
    """The key, and its algorithm, come from the credential record and from nowhere else.

    A key that a response brings along is the attacker's. Use what was stored at the registration.
    """
    fido2_court.must_be_right_about_authenticating(custom(authentication.keys_in_the_response()))
