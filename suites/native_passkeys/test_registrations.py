"""What a registration must be: WA-REG-03n to WA-REG-25bn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, W3C
from harness.webauthn_cases import registration
from harness.webauthn_requirements import forms_of_registrations, registrations
from harness.webauthn_requirements.requirement import check_of_pool

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check_of_pool("WA-REG-03n", forms_of_registrations.REG_03)
def test_only_a_registration_response_registers(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What is no registration response is refused, cleanly, and registers nothing.

    A page can send anything, and what is taken for a registration without being one has not been through the steps
    that follow. Demand the members that the standard names, of their types.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-03bn", forms_of_registrations.REG_03B)
def test_every_id_is_the_same(native_passkeys: PasskeyCourt, case: Case) -> None:
    """id, rawId and the credential id in the authenticator data are one and the same.

    Of two ids one is stored and the other looked for, and a user can register under somebody else's. Compare all
    three, and decode none leniently.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-13n", forms_of_registrations.REG_13)
def test_the_attestation_object_is_whole(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An attestation object is a CBOR map with fmt, attStmt and authData, each of its type.

    A reader that makes up for what is missing accepts what no authenticator sends. Refuse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-13bn", forms_of_registrations.REG_13B)
def test_nothing_stands_behind_the_attestation_object(native_passkeys: PasskeyCourt, case: Case) -> None:
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-13dn", forms_of_registrations.REG_13D, evidence=W3C)
def test_cbor_that_promises_too_much_is_refused(native_passkeys: PasskeyCourt, case: Case) -> None:
    """CBOR that announces more than it holds, or nests without end, is refused at once.

    A parser that reserves what a length announces can be stopped with a dozen bytes by any signed-in user. Hold
    lengths against what is left, and depths against a limit.
    """
    native_passkeys.must_be_quickly_right_about_registering(case)


@check_of_pool("WA-REG-14n", registrations.REG_14)
def test_the_rp_id_hash_is_the_pools(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The authenticator data is about the pool's RP ID.

    A passkey of another service is one that this pool's user cannot use, or its owner uses elsewhere. Compare all
    32 bytes.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-15n", registrations.REG_15)
def test_a_user_was_present(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey is registered only when a user was present.

    Software alone can answer without one. Demand the flag UP.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-16n", registrations.REG_16)
def test_the_user_was_verified_where_that_is_required(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Where the pool requires user verification, a registration without it is refused.

    A passkey stands for two factors only if the device asked who holds it. Demand the flag UV by the pool's
    setting, never by the request.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-16bn", registrations.REG_16B)
def test_user_verification_is_not_demanded_otherwise(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Where the pool prefers user verification, a registration without it passes.

    Some security keys cannot verify anybody, and `preferred` promises that they can be used. Look at UV only where
    it is required.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-17n", registrations.REG_17)
def test_only_what_can_be_backed_up_is(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A credential that is backed up can be backed up.

    What says otherwise is no authenticator's, and synced passkeys say both. Refuse BS without BE, and nothing else.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-F1n", forms_of_registrations.REG_F1)
def test_attested_data_goes_with_its_flag(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Attested credential data is there where the flag AT says so, and only there.

    What reads on regardless takes a key from bytes that mean something else. Believe the flag, and demand the data.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-F2n", forms_of_registrations.REG_F2)
def test_extensions_go_with_their_flag(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Extension outputs are there where the flag ED says so, and nothing is left over.

    Left-over bytes are signed and read by nobody, until somebody reads them. Refuse what the flags do not account
    for.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool(
    "WA-REG-F2bn",
    forms_of_registrations.REG_F2B,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 P-1",
    caught={
        "keeps-extensions-in-the-key": "a sign-in with a passkey it registered (a credential with",
        "refuses-extensions": "a registration (a credential with credProtect",
    },
)
def test_extensions_are_no_part_of_the_key(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey that came with extension outputs signs in afterwards.

    Where all that follows the credential id is stored for the key, those users can never sign in. Store the COSE
    key alone.
    """
    native_passkeys.must_sign_in_after_registering(case)


@check_of_pool("WA-REG-F3n", forms_of_registrations.REG_F3, clause="WebAuthn L3 section 6.1 (bits for future use)")
def test_reserved_flags_are_recorded(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What becomes of reserved flags that are set is recorded.

    The standard tells authenticators to leave them clear, and relying parties nothing.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-F4n", forms_of_registrations.REG_F4)
def test_authenticator_data_that_is_cut_off_is_refused(native_passkeys: PasskeyCourt) -> None:
    """Authenticator data that ends too soon is refused, wherever it ends.

    A reader that goes on beyond the end takes an id and a key from somewhere else, or falls over. Hold every length
    against what is left.
    """
    native_passkeys.must_refuse_each("register", registration.truncations())


@check_of_pool(
    "WA-REG-20n",
    registrations.REG_20,
    caught={
        "ignores-which-algorithms-were-offered": "accepted a registration (ES384 where ES256 is offered",
    },
)
def test_the_algorithm_was_offered(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey of an algorithm that was not offered is refused.

    Who takes more than it offers takes what it has not thought about. Hold the key's alg against pubKeyCredParams.
    """
    native_passkeys.must_be_right_about_offered_algorithms(case)


@check_of_pool("WA-REG-21n", registrations.REG_21)
def test_the_format_is_a_known_one(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An attestation statement of a format that nobody knows is refused.

    Taken for no attestation, it lets anything through that calls itself something new. Match the identifier
    exactly.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-25n", registrations.REG_25, severity=LOW)
def test_ids_have_up_to_1023_bytes(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A credential id has up to 1023 bytes.

    Longer ones break what stores them, shorter limits lock security keys out that put everything into the id. Take
    1023 and refuse 1024.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-REG-25bn", registrations.REG_25B, severity=LOW, clause="WebAuthn L3 section 7.1 step 25")
def test_the_longest_id_signs_in(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey with the longest id registers, and signs in.

    A store that cuts ids off takes the one and does not know the other. Keep all of it.
    """
    native_passkeys.must_sign_in_after_registering(case)
