"""What a registration must be: WA-REG-03n to WA-REG-25bn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MAY, MEDIUM, MUST, POOL, SHOULD, W3C, cases, check
from harness.webauthn_cases import registration
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check(
    "WA-REG-03n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 3; FIDO AttResp-1 F-4 to F-8",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-any-credential-type": "accepted a registration (type of another kind",
    },
)
@cases("case", native(registration.shapes()))
def test_only_a_registration_response_registers(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What is no registration response is refused, cleanly, and registers nothing.

    A page can send anything, and what is taken for a registration without being one has not been through the steps
    that follow. Demand the members that the standard names, of their types.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-03bn",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.1 (rawId, id); FIDO AttResp-1 F-1 to F-3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.reads-only-the-raw-id": "accepted a registration (id another than rawId",
        "pool.passkeys.ignores-the-attested-id": "accepted a registration (id and rawId another than is attested",
        "pool.passkeys.reads-plain-base64": "accepted a registration (id and rawId in plain base64",
    },
)
@cases("case", native(registration.ids()))
def test_every_id_is_the_same(native_passkeys: PasskeyCourt, case: Case) -> None:
    """id, rawId and the credential id in the authenticator data are one and the same.

    Of two ids one is stored and the other looked for, and a user can register under somebody else's. Compare all
    three, and decode none leniently.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-13n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 13; FIDO AttResp-3 F-1 to F-8",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.fills-in-the-attestation-object": "accepted a registration (fmt left out",
    },
)
@cases("case", native(registration.attestation_objects()))
def test_the_attestation_object_is_whole(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An attestation object is a CBOR map with fmt, attStmt and authData, each of its type.

    A reader that makes up for what is missing accepts what no authenticator sends. Refuse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-13bn",
    level=MUST,
    severity=LOW,
    clause="CTAP 2.1 section 8; FIDO AttResp-3 F-12",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-bytes-after-cbor": "accepted a registration (an empty map behind it",
    },
)
@cases("case", native(registration.bytes_after()))
def test_nothing_stands_behind_the_attestation_object(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Bytes behind the attestation object are refused.

    What one parser passes over, another one reads. Demand that the object is all there is.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-13dn",
    level=SHOULD,
    severity=MEDIUM,
    clause="robustness; RFC 8949 section 10",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.passes-over-unreadable-cbor": "accepted a registration (a member of ten thousand arrays",
    },
)
@cases("case", native(registration.exhausting()))
def test_cbor_that_promises_too_much_is_refused(native_passkeys: PasskeyCourt, case: Case) -> None:
    """CBOR that announces more than it holds, or nests without end, is refused at once.

    A parser that reserves what a length announces can be stopped with a dozen bytes by any signed-in user. Hold
    lengths against what is left, and depths against a limit.
    """
    native_passkeys.must_be_quickly_right_about_registering(case)


@check(
    "WA-REG-14n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 14",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-rp-id-hash": "accepted a registration (a hash of another RP ID",
    },
)
@cases("case", native(registration.rp_id_hashes()))
def test_the_rp_id_hash_is_the_pools(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The authenticator data is about the pool's RP ID.

    A passkey of another service is one that this pool's user cannot use, or its owner uses elsewhere. Compare all
    32 bytes.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-15n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 15; CVE-2021-38299",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-user-presence": "accepted a registration (UP not set",
    },
)
@cases("case", native(registration.user_presence()))
def test_a_user_was_present(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey is registered only when a user was present.

    Software alone can answer without one. Demand the flag UP.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-16n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 16; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-user-verification": "accepted a registration (UV not set though required",
    },
)
@cases("case", native(registration.user_verification()))
def test_the_user_was_verified_where_that_is_required(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Where the pool requires user verification, a registration without it is refused.

    A passkey stands for two factors only if the device asked who holds it. Demand the flag UV by the pool's
    setting, never by the request.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-16bn",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 16",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.demands-verification-always": "a registration (UV not set where it is preferred",
    },
)
@cases("case", native(registration.user_verification_not_required()))
def test_user_verification_is_not_demanded_otherwise(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Where the pool prefers user verification, a registration without it passes.

    Some security keys cannot verify anybody, and `preferred` promises that they can be used. Look at UV only where
    it is required.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-17n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 17; section 6.1.3",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-backup-flags": "accepted a registration (BS set and BE not",
        "pool.passkeys.refuses-backup": "a registration (BE set and BS not",
    },
)
@cases("case", native(registration.backup_flags()))
def test_only_what_can_be_backed_up_is(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A credential that is backed up can be backed up.

    What says otherwise is no authenticator's, and synced passkeys say both. Refuse BS without BE, and nothing else.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-F1n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 F-9 to F-11",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-flag-at": "accepted a registration (attested data without AT",
    },
)
@cases("case", native(registration.attested_data()))
def test_attested_data_goes_with_its_flag(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Attested credential data is there where the flag AT says so, and only there.

    What reads on regardless takes a key from bytes that mean something else. Believe the flag, and demand the data.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-F2n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 P-1, F-12",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-bytes-after-authenticator-data": "accepted a registration (a zero byte behind the data",
        "pool.passkeys.ignores-missing-extensions": "accepted a registration (ED without a map",
        "pool.passkeys.refuses-extensions": "a registration (ED and a map",
    },
)
@cases("case", native(registration.extension_data()))
def test_extensions_go_with_their_flag(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Extension outputs are there where the flag ED says so, and nothing is left over.

    Left-over bytes are signed and read by nobody, until somebody reads them. Refuse what the flags do not account
    for.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-F2bn",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 P-1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.keeps-extensions-in-the-key": "a sign-in with a passkey it registered (a credential with",
        "pool.passkeys.refuses-extensions": "a registration (a credential with credProtect",
    },
)
@cases("case", native(registration.signs_in_with_extensions()))
def test_extensions_are_no_part_of_the_key(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey that came with extension outputs signs in afterwards.

    Where all that follows the credential id is stored for the key, those users can never sign in. Store the COSE
    key alone.
    """
    native_passkeys.must_sign_in_after_registering(case)


@check(
    "WA-REG-F3n",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (bits for future use)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.refuses-reserved-flags": "a registration (RFU1 set): refused",
    },
)
@cases("case", native(registration.reserved_flags()))
def test_reserved_flags_are_recorded(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What becomes of reserved flags that are set is recorded.

    The standard tells authenticators to leave them clear, and relying parties nothing.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-F4n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; robustness",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.reads-beyond-the-end": "accepted a registration (the first ",
    },
)
def test_authenticator_data_that_is_cut_off_is_refused(native_passkeys: PasskeyCourt) -> None:
    """Authenticator data that ends too soon is refused, wherever it ends.

    A reader that goes on beyond the end takes an id and a key from somewhere else, or falls over. Hold every length
    against what is left.
    """
    native_passkeys.must_refuse_each("register", registration.truncations())


@check(
    "WA-REG-20n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 20",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-which-algorithms-were-offered": "accepted a registration (ES384 where ES256 is offered",
    },
)
@cases("case", native(registration.algorithms()))
def test_the_algorithm_was_offered(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey of an algorithm that was not offered is refused.

    Who takes more than it offers takes what it has not thought about. Hold the key's alg against pubKeyCredParams.
    """
    native_passkeys.must_be_right_about_offered_algorithms(case)


@check(
    "WA-REG-21n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 21; FIDO AttResp-5 F-1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-any-format": "accepted a registration (the format 'bogus'",
    },
)
@cases("case", native(registration.formats()))
def test_the_format_is_a_known_one(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An attestation statement of a format that nobody knows is refused.

    Taken for no attestation, it lets anything through that calls itself something new. Match the identifier
    exactly.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-25n",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 25; section 6.5.1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-length-of-ids": "accepted a registration (an id of 1024 bytes",
        "pool.passkeys.refuses-long-ids": "a registration (an id of 1023 bytes",
    },
)
@cases("case", native(registration.id_lengths()))
def test_ids_have_up_to_1023_bytes(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A credential id has up to 1023 bytes.

    Longer ones break what stores them, shorter limits lock security keys out that put everything into the id. Take
    1023 and refuse 1024.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-REG-25bn",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 25",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.refuses-long-ids": "a registration (an id of 1023 bytes",
    },
)
@cases("case", native(registration.signs_in_with_a_long_id()))
def test_the_longest_id_signs_in(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A passkey with the longest id registers, and signs in.

    A store that cuts ids off takes the one and does not know the other. Keep all of it.
    """
    native_passkeys.must_sign_in_after_registering(case)
