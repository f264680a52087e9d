"""What a registration must be: WA-REG-03r to WA-REG-28r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MAY, MEDIUM, MUST, RELYING_PARTY, RFC, SHOULD, W3C, cases, check
from harness.webauthn_cases import registration
from harness.webauthn_cases.cases import USUAL, Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check(
    "WA-REG-03r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 3; FIDO AttResp-1 F-4 to F-8",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-any-credential-type": "accepted a registration (type of another kind",
    },
)
@cases("case", each(registration.shapes()))
def test_only_a_registration_response_registers(relying_party: CeremonyCourt, case: Case) -> None:
    """What is no registration response is refused, and does not break the library.

    A page can send anything. What is taken for a registration without being one has not been through the steps that
    follow. Demand the members that the standard names, of their types.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-03br",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.1 (rawId, id); FIDO AttResp-1 F-1 to F-3",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.reads-only-the-raw-id": "accepted a registration (id another than rawId",
        "rp.ignores-the-attested-id": "accepted a registration (id and rawId another than is attested",
        "rp.reads-plain-base64": "accepted a registration (id and rawId in plain base64",
    },
)
@cases("case", each(registration.ids()))
def test_every_id_is_the_same(relying_party: CeremonyCourt, case: Case) -> None:
    """id, rawId and the credential id in the authenticator data are one and the same.

    A service that stores the one and later looks for the other lets a user register under another credential's id.
    Compare all three, and decode none of them leniently.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-13r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 13; FIDO AttResp-3 F-1 to F-8",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.fills-in-the-attestation-object": "accepted a registration (fmt left out",
    },
)
@cases("case", each(registration.attestation_objects()))
def test_the_attestation_object_is_whole(relying_party: CeremonyCourt, case: Case) -> None:
    """An attestation object is a CBOR map with fmt, attStmt and authData, each of its type.

    A library that makes up for what is missing accepts what no authenticator sends. Refuse it.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-13br",
    level=MUST,
    severity=LOW,
    clause="CTAP 2.1 section 8; FIDO AttResp-3 F-12",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-bytes-after-cbor": "accepted a registration (an empty map behind it",
    },
)
@cases("case", each(registration.bytes_after()))
def test_nothing_stands_behind_the_attestation_object(relying_party: CeremonyCourt, case: Case) -> None:
    """Bytes behind the attestation object are refused.

    What one parser passes over, another one reads. Demand that the object is all there is.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-13cr",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 2.4; CTAP 2.1 section 8 (canonical form)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.reads-cbor-loosely": "accepted a registration (authData twice",
    },
)
@cases("case", each(registration.loose_cbor()))
def test_cbor_is_canonical(relying_party: CeremonyCourt, case: Case) -> None:
    """CBOR that is not in CTAP2's canonical form is refused where it could be read in two ways.

    Of two authData, one parser takes the first and another the last. Refuse keys that stand twice and lengths that
    are left open.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-13dr",
    level=SHOULD,
    severity=MEDIUM,
    clause="robustness; RFC 8949 section 10",
    evidence=RFC,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.passes-over-unreadable-cbor": "accepted a registration (a member of ten thousand arrays",
    },
)
@cases("case", each(registration.exhausting()))
def test_cbor_that_promises_too_much_is_refused(relying_party: CeremonyCourt, case: Case) -> None:
    """CBOR that announces more than it holds, or nests without end, is refused at once.

    A parser that reserves what a length announces, or follows every level, can be stopped with a dozen bytes by
    anybody. Hold lengths against what is left, and depths against a limit.
    """
    relying_party.must_be_quickly_right_about_registering(case)


@check(
    "WA-REG-14r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 14",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-rp-id-hash": "accepted a registration (a hash of another RP ID",
    },
)
@cases("case", each(registration.rp_id_hashes()))
def test_the_rp_id_hash_is_the_services(relying_party: CeremonyCourt, case: Case) -> None:
    """The authenticator data is about this service: rpIdHash is the SHA-256 of its RP ID.

    A credential of another service would be registered that this service's users can never use, or its owner uses
    elsewhere. Compare all 32 bytes.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-15r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 15; CVE-2021-38299",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-user-presence": "accepted a registration (UP not set",
    },
)
@cases("case", each(registration.user_presence()))
def test_a_user_was_present(relying_party: CeremonyCourt, case: Case) -> None:
    """A credential is registered only when a user was present.

    Software alone can answer without one. Demand the flag UP unless the credential was asked for without a prompt.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-15br",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 15 (mediation conditional)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.demands-presence-always": "conditional create): refused",
    },
)
@cases("case", each(registration.created_without_a_prompt()))
def test_a_credential_created_without_a_prompt_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """Whether a credential passes that was created without a prompt, and without a user, is recorded.

    The standard lets it pass where the options said so. WA-REG-15r shows that nothing else does.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-16r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 16; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-user-verification": "accepted a registration (UV not set though required",
    },
)
@cases("case", each(registration.user_verification()))
def test_the_user_was_verified_where_that_is_required(relying_party: CeremonyCourt, case: Case) -> None:
    """Where user verification is required, a registration without it is refused.

    A passkey stands for two factors only if the device asked who is holding it. Demand the flag UV, by the
    service's own policy.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-16br",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 16",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.demands-verification-always": "a registration (UV not set where it is preferred",
    },
)
@cases("case", each(registration.user_verification_not_required()))
def test_user_verification_is_not_demanded_otherwise(relying_party: CeremonyCourt, case: Case) -> None:
    """Where user verification is not required, a registration without it passes.

    Some security keys cannot verify anybody; `preferred` promises that they can be used. Look at UV only where the
    options said `required`.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-17r",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 17; section 6.1.3",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-backup-flags": "accepted a registration (BS set and BE not",
        "rp.refuses-backup": "a registration (BE set and BS not",
    },
)
@cases("case", each(registration.backup_flags()))
def test_only_what_can_be_backed_up_is(relying_party: CeremonyCourt, case: Case) -> None:
    """BS is set only where BE is.

    A credential that says it is backed up and cannot be is no authenticator's. Refuse it, and take every other pair
    of the two.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-F1r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 F-9 to F-11",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-flag-at": "accepted a registration (attested data without AT",
    },
)
@cases("case", each(registration.attested_data()))
def test_the_flag_at_says_what_follows(relying_party: CeremonyCourt, case: Case) -> None:
    """Attested credential data stands where the flag AT says so, and only there.

    What a flag does not announce, another reader takes for something else. Read by the flags.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-F2r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 P-1, F-12",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-bytes-after-authenticator-data": "accepted a registration (a zero byte behind the data",
        "rp.ignores-missing-extensions": "accepted a registration (ED without a map",
        "rp.refuses-extensions": "a registration (ED and a map",
    },
)
@cases("case", each(registration.extension_data()))
def test_the_flag_ed_says_what_follows(relying_party: CeremonyCourt, case: Case) -> None:
    """Extension outputs are a map, stand where the flag ED says so, and nothing stands behind them.

    Bytes that nobody reads are bytes that somebody else reads. Refuse what the flags do not account for.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-F2br",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 sections 6.1 and 6.5.2; FIDO AttResp-3 P-1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.keeps-extensions-in-the-key": "wrote down another public_key",
        "rp.refuses-extensions": "a registration (a credential with credProtect",
    },
)
@cases("case", each(registration.signs_in_with_extensions()))
def test_extensions_are_no_part_of_the_key(relying_party: CeremonyCourt, case: Case) -> None:
    """What is written down for the public key is the public key, without what stands behind it.

    A library that stores the rest of the authenticator data registers a user whose first sign-in fails. Store the
    bytes of the COSE_Key.
    """
    relying_party.must_sign_in_after_registering(case)


@check(
    "WA-REG-F3r",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (bits reserved for future use)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.refuses-reserved-flags": "a registration (RFU1 set): refused",
    },
)
@cases("case", each(registration.reserved_flags()))
def test_reserved_flags_are_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """What becomes of reserved flags that are set is recorded.

    The standard tells authenticators to leave them alone, and relying parties nothing; a library that refuses them
    may refuse tomorrow's authenticators.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-F4r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; robustness",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.reads-beyond-the-end": "accepted a registration (the first ",
    },
)
def test_authenticator_data_that_is_cut_off_is_refused(relying_party: CeremonyCourt) -> None:
    """Authenticator data that ends too soon is refused, wherever it ends.

    A reader that goes on beyond the end reads what was there before: another user's. Hold every length against what
    is left.
    """
    relying_party.must_refuse_each("register", registration.truncations(), USUAL)


@check(
    "WA-REG-20r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 20",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.algorithms"},
    killed_by={
        "rp.ignores-which-algorithms-were-offered": "accepted a registration (ES384 where ES256 is offered",
        "rp.takes-a-key-without-alg": "accepted a registration (no alg",
    },
)
@cases("case", each(registration.algorithms()))
def test_the_algorithm_was_offered(relying_party: CeremonyCourt, case: Case) -> None:
    """The credential's algorithm is one of those that the options offered.

    Else a client chooses what the service did not want, the weak algorithm among them, or registers what cannot
    sign in. Compare alg of the key with the list.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-21r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 21; FIDO AttResp-5 F-1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-any-format": "accepted a registration (the format 'bogus'",
    },
)
@cases("case", each(registration.formats()))
def test_the_format_is_known(relying_party: CeremonyCourt, case: Case) -> None:
    """An attestation statement format that the library does not know is refused.

    A statement that nobody can verify vouches for nothing. Match the identifier exactly, and have no default.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-25r",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 25; section 6.5.1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-length-of-ids": "accepted a registration (an id of 1024 bytes",
        "rp.refuses-long-ids": "a registration (an id of 1023 bytes",
    },
)
@cases("case", each(registration.id_lengths()))
def test_credential_ids_have_a_length_that_can_be_stored(relying_party: CeremonyCourt, case: Case) -> None:
    """A credential id has at most 1023 bytes, and one of 1023 passes.

    Longer ones are an attack on whoever stores them; shorter limits lock out authenticators that keep the key
    inside the id.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-25br",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 25; section 16.1 (long credential id)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.refuses-long-ids": "a registration (an id of 1023 bytes",
    },
)
@cases("case", each(registration.signs_in_with_a_long_id()))
def test_a_long_id_signs_in(relying_party: CeremonyCourt, case: Case) -> None:
    """A credential whose id has 1023 bytes signs in.

    That it was registered is of no use if it is cut off where it is stored or looked for.
    """
    relying_party.must_sign_in_after_registering(case)


@check(
    "WA-REG-26r",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 26",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.unique-credentials"},
    killed_by={
        "rp.ignores-who-has-the-id": "accepted a registration (an id that is registered",
    },
)
@cases("case", each(registration.registered_ids()))
def test_a_credential_id_is_registered_once(relying_party: CeremonyCourt, case: Case) -> None:
    """A credential id that is registered already is refused, whoever has it.

    Else a user registers under the id of somebody else's credential, and the service may find the wrong one when it
    is used. Look it up among all users.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-28r",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 28",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.demands-what-was-asked-for": "a registration (credProps that were asked for and are not there",
    },
)
@cases("case", each(registration.extension_results()))
def test_extension_outputs_may_be_more_or_less(relying_party: CeremonyCourt, case: Case) -> None:
    """Extension outputs that nobody asked for, and asked ones that are not there, fail no registration.

    Clients and authenticators add and leave out extensions as they like. Read those that you use, and ignore the
    rest.
    """
    relying_party.must_be_right_about_registering(case)
