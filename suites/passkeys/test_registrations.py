"""What a registration must be: WA-REG-13 to WA-REG-28, but client data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MAY, MEDIUM, MUST, RFC, SHOULD, TRIGGERS, W3C, check
from harness.webauthn_cases import registration
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}

_HEAD, _STRIDE = 57, 9
"""Authenticator data is cut off at each byte of its head, and at every ninth byte of id and key."""


@check(
    "WA-REG-13",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 13; FIDO AttResp-3 F-1 to F-8",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.fills-in-the-attestation-object": "accepted a registration (fmt left out",
    },
)
def test_the_attestation_object_is_whole(fido2_court: Fido2Court) -> None:
    """An attestation object is a CBOR map with fmt, attStmt and authData, each of its type.

    A service that makes up for what is missing accepts what no authenticator sends. Refuse it.
    """
    fido2_court.must_be_right_about_registering(custom(registration.attestation_objects()))


@check(
    "WA-REG-13b",
    level=MUST,
    severity=LOW,
    clause="CTAP 2.1 section 8; FIDO AttResp-3 F-12",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-bytes-after-cbor": "accepted a registration (an empty map behind it",
    },
)
def test_nothing_stands_behind_the_attestation_object(fido2_court: Fido2Court) -> None:
    """Bytes behind the attestation object are refused.

    What one parser passes over, another one reads. Demand that the object is all there is.
    """
    fido2_court.must_be_right_about_registering(custom(registration.bytes_after()))


@check(
    "WA-REG-13c",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 2.4; CTAP 2.1 section 8 (canonical form)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.reads-cbor-loosely": "accepted a registration (authData twice",
    },
)
def test_cbor_is_canonical(fido2_court: Fido2Court) -> None:
    """CBOR that is not in CTAP2's canonical form is refused where it could be read in two ways.

    Of two authData, one parser takes the first and another the last. Refuse keys that stand twice and lengths that
    are left open.
    """
    fido2_court.must_be_right_about_registering(custom(registration.loose_cbor()))


@check(
    "WA-REG-13d",
    level=SHOULD,
    severity=MEDIUM,
    clause="robustness; RFC 8949 section 10",
    evidence=RFC,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.passes-over-unreadable-cbor": "accepted a registration (a member of ten thousand arrays",
    },
)
def test_cbor_that_promises_too_much_is_refused(fido2_court: Fido2Court) -> None:
    """CBOR that announces more than it holds, or nests without end, is refused at once.

    A parser that reserves what a length announces, or follows every level, can be stopped with a dozen bytes by
    anybody. Hold lengths against what is left, and depths against a limit.
    """
    fido2_court.must_be_right_about_registering(custom(registration.exhausting()), cleanly=True, quickly=True)


@check(
    "WA-REG-14",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 14",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-rp-id-hash": "accepted a registration (a hash of another RP ID",
    },
)
def test_the_rp_id_hash_is_the_services(fido2_court: Fido2Court) -> None:
    """The authenticator data is about this service: rpIdHash is the SHA-256 of its RP ID.

    A credential of another service would be registered that this service's users can never use, or its owner uses
    elsewhere. Compare all 32 bytes.
    """
    fido2_court.must_be_right_about_registering(custom(registration.rp_id_hashes()))


@check(
    "WA-REG-15",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 15; CVE-2021-38299",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-user-presence": "accepted a registration (UP not set",
    },
)
def test_a_user_was_present(fido2_court: Fido2Court) -> None:
    """A credential is registered only when a user was present.

    Software alone can answer without one. Demand the flag UP unless the credential was asked for without a prompt.
    """
    fido2_court.must_be_right_about_registering(custom(registration.user_presence()))


@check(
    "WA-REG-16",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 16; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-user-verification": "accepted a registration (UV not set though required",
    },
)
def test_the_user_was_verified_where_that_is_required(fido2_court: Fido2Court) -> None:
    """Where user verification is required, a registration without it is refused.

    A passkey stands for two factors only if the device asked who is holding it. Demand the flag UV, by the
    service's own policy.
    """
    fido2_court.must_be_right_about_registering(custom(registration.user_verification()))


@check(
    "WA-REG-17",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 17; section 6.1.3",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-backup-flags": "accepted a registration (BS set and BE not",
        "triggers.passkeys.refuses-backup": "a registration (BE set and BS not",
    },
)
def test_only_what_can_be_backed_up_is(fido2_court: Fido2Court) -> None:
    """BS is set only where BE is.

    A credential that says it is backed up and cannot be is no authenticator's. Refuse it, and take every other pair
    of the two.
    """
    fido2_court.must_be_right_about_registering(custom(registration.backup_flags()))


@check(
    "WA-REG-F1",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 F-9 to F-11",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-flag-at": "accepted a registration (attested data without AT",
    },
)
def test_the_flag_at_says_what_follows(fido2_court: Fido2Court) -> None:
    """Attested credential data stands where the flag AT says so, and only there.

    What a flag does not announce, another reader takes for something else. Read by the flags.
    """
    fido2_court.must_be_right_about_registering(custom(registration.attested_data()))


@check(
    "WA-REG-F2",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 P-1, F-12",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-bytes-after-authenticator-data": "accepted a registration (a zero byte behind the ",
        "triggers.passkeys.ignores-missing-extensions": "accepted a registration (ED without a map",
        "triggers.passkeys.refuses-extensions": "a registration (ED and a map",
    },
)
def test_the_flag_ed_says_what_follows(fido2_court: Fido2Court) -> None:
    """Extension outputs are a map, stand where the flag ED says so, and nothing stands behind them.

    Bytes that nobody reads are bytes that somebody else reads. Refuse what the flags do not account for.
    """
    fido2_court.must_be_right_about_registering(custom(registration.extension_data()))


@check(
    "WA-REG-F2b",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 sections 6.1 and 6.5.2; FIDO AttResp-3 P-1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.refuses-extensions": "a registration (a credential with credProtect",
        "triggers.passkeys.keeps-extensions-in-the-key": "refused a sign-in with a passkey that it registered",
    },
)
def test_extensions_are_no_part_of_the_key(fido2_court: Fido2Court) -> None:
    """What is written down for the public key is the public key, without what stands behind it.

    A service that stores the rest of the authenticator data registers a user whose first sign-in fails. Store the
    bytes of the COSE_Key.
    """
    fido2_court.must_sign_in_after_registering(custom(registration.signs_in_with_extensions()))


@check(
    "WA-REG-F3",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (bits reserved for future use)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.refuses-reserved-flags": "a registration (RFU1 set): refused",
    },
)
def test_reserved_flags_are_recorded(fido2_court: Fido2Court) -> None:
    """What becomes of reserved flags that are set is recorded.

    The standard tells authenticators to leave them alone, and relying parties nothing; a service that refuses them
    may refuse tomorrow's authenticators.
    """
    fido2_court.must_be_right_about_registering(custom(registration.reserved_flags()))


@check(
    "WA-REG-F4",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; robustness",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.reads-beyond-the-end": "accepted a registration (the first ",
    },
)
def test_authenticator_data_that_is_cut_off_is_refused(fido2_court: Fido2Court) -> None:
    """Authenticator data that ends too soon is refused, wherever it ends.

    A reader that goes on beyond the end reads what was there before: another user's. Hold every length against what
    is left.
    """
    every = list(registration.truncations().items())
    fido2_court.must_refuse_each("register", dict(every[:_HEAD] + every[_HEAD::_STRIDE]), cleanly=True)


@check(
    "WA-REG-20",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 20",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-which-algorithms-were-offered": "accepted a registration (ES384 where ES256 is off",
        "triggers.passkeys.takes-a-key-without-alg": "accepted a registration (no alg",
    },
)
def test_the_algorithm_was_offered(fido2_court: Fido2Court) -> None:
    """The credential's algorithm is one of those that the options offered.

    Else a client chooses what the service did not want, the weak algorithm among them, or registers what cannot
    sign in. Compare alg of the key with the list.
    """
    fido2_court.must_be_right_about_registering(custom(registration.algorithms()))


@check(
    "WA-REG-21",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 21; FIDO AttResp-5 F-1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-any-format": "accepted a registration (the format 'bogus'",
    },
)
def test_the_format_is_known(fido2_court: Fido2Court) -> None:
    """An attestation statement format that the service does not know is refused.

    A statement that nobody can verify vouches for nothing. Match the identifier exactly, and have no default.
    """
    fido2_court.must_be_right_about_registering(custom(registration.formats()))


@check(
    "WA-REG-25",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 25; section 6.5.1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-length-of-ids": "accepted a registration (an id of 1024 bytes",
        "triggers.passkeys.refuses-long-ids": "a registration (an id of 1023 bytes",
    },
)
def test_credential_ids_have_a_length_that_can_be_stored(fido2_court: Fido2Court) -> None:
    """A credential id has at most 1023 bytes, and one of 1023 passes.

    Longer ones are an attack on whoever stores them; shorter limits lock out authenticators that keep the key
    inside the id.
    """
    fido2_court.must_be_right_about_registering(custom(registration.id_lengths()))


@check(
    "WA-REG-25b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 25; section 16.1 (long credential id)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.refuses-long-ids": "a registration (an id of 1023 bytes",
    },
)
def test_a_long_id_signs_in(fido2_court: Fido2Court) -> None:
    """A credential whose id has 1023 bytes signs in.

    That it was registered is of no use if it is cut off where it is stored or looked for.
    """
    fido2_court.must_sign_in_after_registering(custom(registration.signs_in_with_a_long_id()))
