"""What a registration must be: WA-REG-03r to WA-REG-28r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import HIGH, LOW, MAY, MUST, RELYING_PARTY, SHOULD, W3C, cases, check
from harness.webauthn_cases import registration
from harness.webauthn_cases.cases import USUAL, Case, each
from harness.webauthn_requirements import forms_of_registrations, registrations
from harness.webauthn_requirements.requirement import check_of_library

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check_of_library("WA-REG-03r", forms_of_registrations.REG_03)
def test_only_a_registration_response_registers(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-03br", forms_of_registrations.REG_03B)
def test_every_id_is_the_same(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-13r", forms_of_registrations.REG_13)
def test_the_attestation_object_is_whole(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-13br", forms_of_registrations.REG_13B)
def test_nothing_stands_behind_the_attestation_object(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-13cr", forms_of_registrations.REG_13C)
def test_cbor_is_canonical(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-13dr", forms_of_registrations.REG_13D)
def test_cbor_that_promises_too_much_is_refused(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_quickly_right_about_registering(case)


@check_of_library("WA-REG-14r", registrations.REG_14)
def test_the_rp_id_hash_is_the_services(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-15r", registrations.REG_15)
def test_a_user_was_present(relying_party: CeremonyCourt, case: Case) -> None:
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


@check_of_library("WA-REG-16r", registrations.REG_16)
def test_the_user_was_verified_where_that_is_required(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-16br", registrations.REG_16B)
def test_user_verification_is_not_demanded_otherwise(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-17r", registrations.REG_17)
def test_only_what_can_be_backed_up_is(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-F1r", forms_of_registrations.REG_F1)
def test_the_flag_at_says_what_follows(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-F2r", forms_of_registrations.REG_F2)
def test_the_flag_ed_says_what_follows(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-F2br", forms_of_registrations.REG_F2B)
def test_extensions_are_no_part_of_the_key(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_sign_in_after_registering(case)


@check_of_library("WA-REG-F3r", forms_of_registrations.REG_F3)
def test_reserved_flags_are_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-F4r", forms_of_registrations.REG_F4)
def test_authenticator_data_that_is_cut_off_is_refused(relying_party: CeremonyCourt) -> None:
    relying_party.must_refuse_each("register", registration.truncations(), USUAL)


@check_of_library("WA-REG-20r", registrations.REG_20, needs={"relying-party.algorithms"})
def test_the_algorithm_was_offered(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-21r", registrations.REG_21)
def test_the_format_is_known(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-25r", registrations.REG_25)
def test_credential_ids_have_a_length_that_can_be_stored(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-25br", registrations.REG_25B)
def test_a_long_id_signs_in(relying_party: CeremonyCourt, case: Case) -> None:
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
