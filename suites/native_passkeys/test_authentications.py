"""What an assertion must be: WA-AUT-06n to WA-AUT-22bn, WA-KEY-12n to WA-KEY-15n."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, MUST, POOL, W3C, cases, check
from harness.webauthn_cases import authentication, keys
from harness.webauthn_requirements import authentications, signatures
from harness.webauthn_requirements.requirement import check_of_pool

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case
    from harness.webauthn_cases.edits import Edits


@check_of_pool("WA-AUT-06n", authentications.AUT_06)
def test_the_user_handle_is_the_accounts(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The user handle, where there is one, is that of the account that is signing in.

    Else one account's passkey signs in to another. Compare the bytes, whole.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-06cn", authentications.AUT_06C)
def test_the_user_handle_is_text(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A user handle that is no text is refused.

    What is no text compares as nothing, and a check that skips it lets everybody through. Demand base64url.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-15n", authentications.AUT_15)
def test_the_rp_id_hash_is_the_pools(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The authenticator data is about the pool's RP ID.

    What a user signed for another service must not sign in here. Compare all 32 bytes.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-16n", authentications.AUT_16)
def test_a_user_was_present(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Nobody signs in without being present.

    Software can ask an authenticator for a signature without a user. FIDO's AssResp-3 P-4 and P-7 let it pass, the
    W3C does not, and is followed. Demand UP.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-17n", authentications.AUT_17)
def test_the_user_was_verified_where_that_is_required(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Where the pool requires user verification, and only there, a sign-in without it is refused.

    A stolen key with no PIN behind it is one factor. Demand the flag UV, by the pool's own setting.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-18n", authentications.AUT_18)
def test_only_what_can_be_backed_up_is(native_passkeys: PasskeyCourt, case: Case) -> None:
    """BS is set only where BE is, and may change from one sign-in to the next.

    A credential that is backed up and cannot be is no authenticator's. Refuse it.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-19n", authentications.AUT_19)
def test_backup_eligibility_never_changes(native_passkeys: PasskeyCourt, case: Case) -> None:
    """BE is what it was when the passkey was registered.

    A credential that was bound to a device and suddenly is not has been moved out of it. Keep BE and compare.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-F1n", authentications.AUT_F1)
def test_an_assertion_attests_no_credential(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An assertion with attested credential data is refused.

    Only registrations attest; what takes both can be given a key at sign-in. Demand that AT is not set.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-F2n", authentications.AUT_F2)
def test_the_flags_say_what_follows(native_passkeys: PasskeyCourt, case: Case) -> None:
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-F3n", authentications.AUT_F3)
def test_authenticator_data_that_is_cut_off_is_refused(native_passkeys: PasskeyCourt) -> None:
    native_passkeys.must_refuse_each("authenticate", authentication.truncations())


@check_of_pool("WA-AUT-21n", signatures.AUT_21)
def test_the_signature_is_verified(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Nobody signs in without the passkey's signature over exactly this authenticator data and client data.

    A signature that is not verified, or whose result is not looked at, on any path, lets everybody in. Verify it
    always.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-21cn", signatures.AUT_21C)
@cases("variants", authentication.flipped_bits())
def test_every_byte_is_signed(native_passkeys: PasskeyCourt, variants: dict[str, Edits]) -> None:
    """A bit that changes after it was signed, anywhere in what is signed or in the signature, is found out.

    What is not covered can be exchanged by whoever is between. Hash the whole of what was received.
    """
    native_passkeys.must_refuse_each("authenticate", variants)


@check_of_pool("WA-AUT-22n", authentications.AUT_22)
def test_the_counter_grows(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A signature counter that does not grow is refused; one that stays 0 is not.

    It is a sign of a copied authenticator. Refuse unless you have decided otherwise, and let passkeys, which do not
    count, pass.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-22bn", authentications.AUT_22B)
def test_the_counter_has_32_bits(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Counters from 2^31 to 2^32 - 1 are as good as others.

    Read with a sign they are negative, and the passkey is locked out. Read 32 bits, unsigned, big-endian.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-KEY-15n", signatures.KEY_15)
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


@check_of_pool("WA-KEY-13n", signatures.KEY_13)
def test_ecdsa_signatures_are_der(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An ECDSA signature is DER, to the byte.

    Every other form of the same numbers is a second signature that verifies. Parse strictly.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-KEY-14n", signatures.KEY_14, needs={"passkeys.rs256"})
def test_rs256_is_pkcs1_with_sha256(native_passkeys: PasskeyCourt, case: Case) -> None:
    """RS256 is RSASSA-PKCS1-v1_5 with SHA-256, and the padding fills the block.

    A verifier that searches for the hash takes forgeries that need no private key where the exponent is small.
    Compare the whole block.
    """
    native_passkeys.must_be_right_about_authenticating(case)
