"""What an assertion must be: WA-AUT-06n to WA-AUT-22bn, WA-KEY-12n to WA-KEY-15n."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, POOL, SHOULD, W3C, cases, check
from harness.webauthn_cases import authentication, keys, registration
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case
    from harness.webauthn_cases.edits import Edits


@check(
    "WA-AUT-06n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user identified before)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-user-handle": "accepted an authentication (another account's user handle",
    },
)
@cases("case", native(authentication.user_handles()))
def test_the_user_handle_is_the_accounts(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The user handle, where there is one, is that of the account that is signing in.

    Else one account's passkey signs in to another. Compare the bytes, whole.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-06cn",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.1 (AuthenticationResponseJSON); FIDO AssResp-1 F-21",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-any-user-handle": "accepted an authentication (a user handle that is a number",
    },
)
@cases("case", native(authentication.types_of_user_handles()))
def test_the_user_handle_is_text(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A user handle that is no text is refused.

    What is no text compares as nothing, and a check that skips it lets everybody through. Demand base64url.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-15n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 15; FIDO AssResp-3 F-2",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-rp-id-hash": "accepted an authentication (a hash of another RP ID",
    },
)
@cases("case", native(registration.rp_id_hashes()))
def test_the_rp_id_hash_is_the_pools(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The authenticator data is about the pool's RP ID.

    What a user signed for another service must not sign in here. Compare all 32 bytes.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-16n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 16; CVE-2021-38299",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-user-presence": "accepted an authentication (UP not set",
    },
)
@cases("case", native(authentication.user_presence()))
def test_a_user_was_present(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Nobody signs in without being present.

    Software can ask an authenticator for a signature without a user. FIDO's AssResp-3 P-4 and P-7 let it pass, the
    W3C does not, and is followed. Demand UP.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-17n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 17; FIDO AssResp-3 F-5; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-user-verification": "accepted an authentication (UV not set though required",
        "pool.passkeys.demands-verification-always": "an authentication (UV not set where it is preferred",
    },
)
@cases("case", native(authentication.user_verification()))
def test_the_user_was_verified_where_that_is_required(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Where the pool requires user verification, and only there, a sign-in without it is refused.

    A stolen key with no PIN behind it is one factor. Demand the flag UV, by the pool's own setting.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-18n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 18; section 6.1.3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-backup-flags": "accepted an authentication (BS set and BE not",
    },
)
@cases("case", native(authentication.backup_flags()))
def test_only_what_can_be_backed_up_is(native_passkeys: PasskeyCourt, case: Case) -> None:
    """BS is set only where BE is, and may change from one sign-in to the next.

    A credential that is backed up and cannot be is no authenticator's. Refuse it.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-19n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 19; section 6.1.3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-changes-of-backup-eligibility": "accepted an authentication (BE set, and not",
    },
)
@cases("case", native(authentication.backup_eligibility()))
def test_backup_eligibility_never_changes(native_passkeys: PasskeyCourt, case: Case) -> None:
    """BE is what it was when the passkey was registered.

    A credential that was bound to a device and suddenly is not has been moved out of it. Keep BE and compare.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-F1n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1 (assertions attest no credential)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-attested-data-in-assertions": "accepted an authentication (AT and attested data",
    },
)
@cases("case", native(authentication.attested_data()))
def test_an_assertion_attests_no_credential(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An assertion with attested credential data is refused.

    Only registrations attest; what takes both can be given a key at sign-in. Demand that AT is not set.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-F2n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-3 P-8, F-1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-bytes-after-authenticator-data": "accepted an authentication (a zero byte behind",
        "pool.passkeys.ignores-missing-extensions": "accepted an authentication (ED without a map",
        "pool.passkeys.refuses-extensions": "an authentication (ED and a map",
    },
)
@cases("case", native(authentication.extension_data()))
def test_the_flags_say_what_follows(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Authenticator data has 37 bytes, or a map of extension outputs behind them where ED says so.

    The signature covers what is left over too, so nobody else complains. Refuse what the flags do not account for.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-F3n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-1 F-12 to F-15",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.reads-beyond-the-end": "accepted an authentication (the first ",
    },
)
def test_authenticator_data_that_is_cut_off_is_refused(native_passkeys: PasskeyCourt) -> None:
    """Authenticator data of fewer than 37 bytes is refused, although its signature is right.

    A reader that goes on beyond the end takes flags and counter from somewhere else. Hold every length against what
    is left.
    """
    native_passkeys.must_refuse_each("authenticate", authentication.truncations())


@check(
    "WA-AUT-21n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21; FIDO AssResp-1 F-20; CVE-2026-126952; CVE-2026-46419",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-signature": "accepted an authentication (a signature in ES256 by another key",
        "pool.passkeys.skips-an-empty-signature": "accepted an authentication (no signature",
    },
)
@cases("case", native(authentication.signatures()))
def test_the_signature_is_verified(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Nobody signs in without the passkey's signature over exactly this authenticator data and client data.

    A signature that is not verified, or whose result is not looked at, on any path, lets everybody in. Verify it
    always.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-21cn",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-signature": "of the authenticator data changed)",
    },
)
@cases("variants", authentication.flipped_bits())
def test_every_byte_is_signed(native_passkeys: PasskeyCourt, variants: dict[str, Edits]) -> None:
    """A bit that changes after it was signed, anywhere in what is signed or in the signature, is found out.

    What is not covered can be exchanged by whoever is between. Hash the whole of what was received.
    """
    native_passkeys.must_refuse_each("authenticate", variants)


@check(
    "WA-AUT-22n",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 22 (policy; the default here: refuse); FIDO AssResp-3 P-1, F-4",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-counter": "accepted an authentication (4 after 5",
        "pool.passkeys.refuses-counters-of-zero": "an authentication (0 after 0",
    },
)
@cases("case", native(authentication.counters()))
def test_the_counter_grows(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A signature counter that does not grow is refused; one that stays 0 is not.

    It is a sign of a copied authenticator. Refuse unless you have decided otherwise, and let passkeys, which do not
    count, pass.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-22bn",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (signCount: 32 bits, unsigned, big-endian)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.reads-the-counter-with-a-sign": "an authentication (2^31 after 2^31 - 1",
    },
)
@cases("case", native(authentication.large_counters()))
def test_the_counter_has_32_bits(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Counters from 2^31 to 2^32 - 1 are as good as others.

    Read with a sign they are negative, and the passkey is locked out. Read 32 bits, unsigned, big-endian.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-KEY-15n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21 (the key is the record's); RFC 8725 section 2.1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-the-key-from-the-response": "accepted an authentication (a key in the response",
    },
)
@cases("case", native(authentication.keys_in_the_response()))
def test_the_key_is_the_records(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The key, and its algorithm, come from what was registered and from nowhere else.

    A key that a response brings along is the attacker's. Use what was stored.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-KEY-12n",
    level=MUST,
    severity=CRITICAL,
    clause="Wycheproof ecdsa_secp256r1_sha256; CVE-2022-21449",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-zero-for-r-or-s": "accepted an authentication (r = 0, s = 0",
        "pool.passkeys.takes-ber": "accepted an authentication (r beyond n",
    },
)
def test_r_and_s_are_in_range(native_passkeys: PasskeyCourt) -> None:
    """An ECDSA signature whose r or s is not between 1 and n - 1 is refused.

    Zeros verify for every message and every key where the range is not looked at. Use a library that was tested
    with these values.
    """
    changed = {each.what: each.edits for each in keys.ecdsa_numbers() if each.edits}
    native_passkeys.must_refuse_each("authenticate", changed)


@check(
    "WA-KEY-13n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.5.5; RFC 3279 section 2.2.3; X.690 section 10",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-p1363": "accepted an authentication (r and s one after the other",
        "pool.passkeys.takes-ber": "accepted an authentication (a long form of the length",
    },
)
@cases("case", native(keys.ecdsa_forms()))
def test_ecdsa_signatures_are_der(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An ECDSA signature is DER, to the byte.

    Every other form of the same numbers is a second signature that verifies. Parse strictly.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-KEY-14n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 6.5.5; RFC 8017 section 8.2.2",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.rs256"},
    killed_by={
        "pool.passkeys.takes-any-rsa-padding": "accepted an authentication (RSASSA-PSS",
    },
)
@cases("case", native(keys.rsa_forms()))
def test_rs256_is_pkcs1_with_sha256(native_passkeys: PasskeyCourt, case: Case) -> None:
    """RS256 is RSASSA-PKCS1-v1_5 with SHA-256, and the padding fills the block.

    A verifier that searches for the hash takes forgeries that need no private key where the exponent is small.
    Compare the whole block.
    """
    native_passkeys.must_be_right_about_authenticating(case)
