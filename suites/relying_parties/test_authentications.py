"""What an authentication must be: WA-AUT-05r to WA-AUT-22br, WA-KEY-15r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, RELYING_PARTY, SHOULD, W3C, cases, check
from harness.webauthn_cases import authentication, registration
from harness.webauthn_cases.cases import USUAL, Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt
    from harness.webauthn_cases.edits import Edits


@check(
    "WA-AUT-05r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.allow-credentials"},
    killed_by={
        "rp.ignores-allow-credentials": "accepted an authentication (a credential that is not allowed",
    },
)
@cases("case", each(authentication.allowed()))
def test_the_credential_is_one_of_those_allowed(relying_party: CeremonyCourt, case: Case) -> None:
    """Where the options name credentials, no other one passes.

    A service that asks for one particular credential, to step up or to confirm, has asked for nothing if any other
    will do. Look the id up in allowCredentials.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-06r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user identified before)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.user-handle"},
    killed_by={
        "rp.ignores-the-user-handle": "accepted an authentication (another account's user handle",
    },
)
@cases("case", each(authentication.user_handles()))
def test_the_user_handle_is_the_accounts(relying_party: CeremonyCourt, case: Case) -> None:
    """The user handle, where there is one, is that of the account that is signing in.

    Else one account's credential signs in to another. Compare the bytes, whole.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-06br",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user not identified before)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.user-handle"},
    killed_by={
        "rp.needs-no-user-handle": "accepted an authentication (no user handle",
    },
)
@cases("case", each(authentication.user_handles_that_identify()))
def test_a_user_who_was_not_named_is_named_by_the_handle(relying_party: CeremonyCourt, case: Case) -> None:
    """Where nobody said who signs in, the user handle says it, or nobody signs in.

    A library that goes on without one takes whichever account comes first. Demand it, and look the account up by
    it.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-06cr",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.1 (AuthenticationResponseJSON); FIDO AssResp-1 F-21",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-any-user-handle": "accepted an authentication (a user handle that is a number",
    },
)
@cases("case", each(authentication.types_of_user_handles()))
def test_the_user_handle_is_text(relying_party: CeremonyCourt, case: Case) -> None:
    """A user handle that is no text is refused.

    What is no text compares as nothing: a check that skips it lets everybody through. Demand base64url.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-15r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 15; FIDO AssResp-3 F-2",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-rp-id-hash": "accepted an authentication (a hash of another RP ID",
    },
)
@cases("case", each(registration.rp_id_hashes()))
def test_the_rp_id_hash_is_the_services(relying_party: CeremonyCourt, case: Case) -> None:
    """The authenticator data is about this service: rpIdHash is the SHA-256 of its RP ID.

    What a user signed for another service must not sign in here. Compare all 32 bytes.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-16r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 16; CVE-2021-38299",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-user-presence": "accepted an authentication (UP not set",
    },
)
@cases("case", each(authentication.user_presence()))
def test_a_user_was_present(relying_party: CeremonyCourt, case: Case) -> None:
    """Nobody signs in without being present.

    Software can ask an authenticator for a signature without a user, for other ends. FIDO's AssResp-3 P-4 and P-7
    let it pass; the W3C's standard does not, and is followed. Demand the flag UP.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-17r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 17; FIDO AssResp-3 F-5; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-user-verification": "accepted an authentication (UV not set though required",
        "rp.demands-verification-always": "an authentication (UV not set where it is preferred",
    },
)
@cases("case", each(authentication.user_verification()))
def test_the_user_was_verified_where_that_is_required(relying_party: CeremonyCourt, case: Case) -> None:
    """Where user verification is required, and only there, a sign-in without it is refused.

    A stolen key with no PIN behind it is one factor. Demand the flag UV, by the service's own policy.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-18r",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 18; section 6.1.3",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-backup-flags": "accepted an authentication (BS set and BE not",
    },
)
@cases("case", each(authentication.backup_flags()))
def test_only_what_can_be_backed_up_is(relying_party: CeremonyCourt, case: Case) -> None:
    """BS is set only where BE is, and may change from one sign-in to the next.

    A credential that says it is backed up and cannot be is no authenticator's. Refuse it.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-19r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 19; section 6.1.3",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.backup-eligibility"},
    killed_by={
        "rp.ignores-changes-of-backup-eligibility": "accepted an authentication (BE set, and not when it was",
    },
)
@cases("case", each(authentication.backup_eligibility()))
def test_backup_eligibility_never_changes(relying_party: CeremonyCourt, case: Case) -> None:
    """BE is what it was when the credential was registered.

    A credential that was bound to a device and suddenly is not has been moved out of it. Keep BE with the record
    and compare.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-F1r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1 (assertions attest no credential)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-attested-data-in-assertions": "accepted an authentication (AT and attested data",
    },
)
@cases("case", each(authentication.attested_data()))
def test_an_assertion_attests_no_credential(relying_party: CeremonyCourt, case: Case) -> None:
    """An assertion with attested credential data is refused.

    Only registrations attest credentials; a library that takes both can be given a key at sign-in. Demand that AT
    is not set.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-F2r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-3 P-8, F-1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-bytes-after-authenticator-data": "accepted an authentication (a zero byte behind the data",
        "rp.ignores-missing-extensions": "accepted an authentication (ED without a map",
        "rp.refuses-extensions": "an authentication (ED and a map",
    },
)
@cases("case", each(authentication.extension_data()))
def test_the_flags_say_what_follows(relying_party: CeremonyCourt, case: Case) -> None:
    """Authenticator data has 37 bytes, or a map of extension outputs behind them where ED says so.

    The signature covers what is left over too, so nobody else complains. Refuse what the flags do not account for.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-F3r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-1 F-12 to F-15",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.reads-beyond-the-end": "accepted an authentication (the first ",
    },
)
def test_authenticator_data_that_is_cut_off_is_refused(relying_party: CeremonyCourt) -> None:
    """Authenticator data of fewer than 37 bytes is refused, although its signature is right.

    A reader that goes on beyond the end takes flags and counter from somewhere else. Hold every length against what
    is left.
    """
    relying_party.must_refuse_each("authenticate", authentication.truncations(), USUAL)


@check(
    "WA-AUT-21r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21; FIDO AssResp-1 F-20; CVE-2026-126952; CVE-2026-46419",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-signature": "accepted an authentication (a signature in ES256 by another key",
        "rp.skips-an-empty-signature": "accepted an authentication (no signature",
    },
)
@cases("case", each(authentication.signatures()))
def test_the_signature_is_verified(relying_party: CeremonyCourt, case: Case) -> None:
    """Nobody signs in without the credential's signature over exactly this authenticator data and client data.

    A signature that is not verified, or whose result is not looked at, on any path, lets everybody in. Verify it
    always, and heed an answer that says no without raising.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-21cr",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-signature": "of the authenticator data changed)",
    },
)
@cases("variants", authentication.flipped_bits())
def test_every_byte_is_signed(relying_party: CeremonyCourt, variants: dict[str, Edits]) -> None:
    """A bit that changes after it was signed, anywhere in what is signed or in the signature, is found out.

    What is not covered by the hash can be exchanged by whoever is between. Hash the whole of what was received.
    """
    relying_party.must_refuse_each("authenticate", variants, USUAL)


@check(
    "WA-AUT-22r",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 22 (policy; the default here: refuse); FIDO AssResp-3 P-1, F-4",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.counter"},
    killed_by={
        "rp.ignores-the-counter": "accepted an authentication (4 after 5",
        "rp.refuses-counters-of-zero": "an authentication (0 after 0",
    },
)
@cases("case", each(authentication.counters()))
def test_the_counter_grows(relying_party: CeremonyCourt, case: Case) -> None:
    """A signature counter that does not grow is refused; one that stays 0 is not.

    It is a sign of a copied authenticator, and Level 3 leaves it to the service what it makes of it. Refuse unless
    you have decided otherwise, and let passkeys, which do not count, pass.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-22br",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (signCount: 32 bits, unsigned, big-endian)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.reads-the-counter-with-a-sign": "an authentication (2^31 after 2^31 - 1",
    },
)
@cases("case", each(authentication.large_counters()))
def test_the_counter_has_32_bits(relying_party: CeremonyCourt, case: Case) -> None:
    """Counters from 2^31 to 2^32 - 1 are as good as others.

    Read with a sign they are negative, and the credential is locked out. Read 32 bits, unsigned, big-endian.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-KEY-15r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21 (the key is the record's); RFC 8725 section 2.1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-the-key-from-the-response": "accepted an authentication (a key in the response that signed",
    },
)
@cases("case", each(authentication.keys_in_the_response()))
def test_the_key_is_the_records(relying_party: CeremonyCourt, case: Case) -> None:
    """The key, and its algorithm, come from the credential record and from nowhere else.

    A key that a response brings along is the attacker's. Use what was stored at the registration.
    """
    relying_party.must_be_right_about_authenticating(case)
