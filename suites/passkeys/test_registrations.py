"""What a registration must be: WA-REG-13 to WA-REG-28, but client data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, MUST, TRIGGERS, W3C, check
from harness.webauthn_cases import registration
from harness.webauthn_cases.cases import Setting, good
from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_cases.edits import Manner
from harness.webauthn_requirements import forms_of_registrations, registrations
from harness.webauthn_requirements.requirement import check_of_triggers

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}

_HEAD, _STRIDE = 57, 9
"""Authenticator data is cut off at each byte of its head, and at every ninth byte of id and key."""


@check_of_triggers("WA-REG-13", forms_of_registrations.REG_13)
def test_the_attestation_object_is_whole(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(forms_of_registrations.REG_13.cases))


@check_of_triggers("WA-REG-13b", forms_of_registrations.REG_13B)
def test_nothing_stands_behind_the_attestation_object(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(forms_of_registrations.REG_13B.cases))


@check_of_triggers("WA-REG-13c", forms_of_registrations.REG_13C)
def test_cbor_is_canonical(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(forms_of_registrations.REG_13C.cases))


@check_of_triggers("WA-REG-13d", forms_of_registrations.REG_13D)
def test_cbor_that_promises_too_much_is_refused(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(
        custom(forms_of_registrations.REG_13D.cases), cleanly=True, quickly=True
    )


@check_of_triggers("WA-REG-14", registrations.REG_14)
def test_the_rp_id_hash_is_the_services(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(registration.rp_id_hashes(fido2_court.flow.relying_party)))


@check_of_triggers("WA-REG-15", registrations.REG_15)
def test_a_user_was_present(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(registrations.REG_15.cases))


@check_of_triggers("WA-REG-16", registrations.REG_16)
def test_the_user_was_verified_where_that_is_required(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(registrations.REG_16.cases))


@check_of_triggers("WA-REG-17", registrations.REG_17)
def test_only_what_can_be_backed_up_is(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(registrations.REG_17.cases))


@check_of_triggers("WA-REG-F1", forms_of_registrations.REG_F1)
def test_the_flag_at_says_what_follows(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(forms_of_registrations.REG_F1.cases))


@check_of_triggers("WA-REG-F2", forms_of_registrations.REG_F2)
def test_the_flag_ed_says_what_follows(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(forms_of_registrations.REG_F2.cases))


@check_of_triggers(
    "WA-REG-F2b",
    forms_of_registrations.REG_F2B,
    caught={
        "refuses-extensions": "a registration (a credential with credProtect",
        "keeps-extensions-in-the-key": "refused a sign-in with a passkey that it registered",
    },
)
def test_extensions_are_no_part_of_the_key(fido2_court: Fido2Court) -> None:
    fido2_court.must_sign_in_after_registering(custom(forms_of_registrations.REG_F2B.cases))


@check_of_triggers("WA-REG-F3", forms_of_registrations.REG_F3)
def test_reserved_flags_are_recorded(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(forms_of_registrations.REG_F3.cases))


@check_of_triggers("WA-REG-F4", forms_of_registrations.REG_F4)
def test_authenticator_data_that_is_cut_off_is_refused(fido2_court: Fido2Court) -> None:
    every = list(registration.truncations().items())
    fido2_court.must_refuse_each("register", dict(every[:_HEAD] + every[_HEAD::_STRIDE]), cleanly=True)


@check_of_triggers("WA-REG-20", registrations.REG_20)
def test_the_algorithm_was_offered(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(registrations.REG_20.cases))


@check_of_triggers("WA-REG-21", registrations.REG_21)
def test_the_format_is_known(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(registrations.REG_21.cases))


@check_of_triggers("WA-REG-25", registrations.REG_25)
def test_credential_ids_have_a_length_that_can_be_stored(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(registrations.REG_25.cases))


@check_of_triggers("WA-REG-25b", registrations.REG_25B)
def test_a_long_id_signs_in(fido2_court: Fido2Court) -> None:
    fido2_court.must_sign_in_after_registering(custom(registrations.REG_25B.cases))


@check(
    "WA-REG-28",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 28",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.refuses-extensions": "a registration (an authenticator's output that nobody asked for)",
        "triggers.passkeys.demands-what-it-asked-for": "a registration (nothing of what was asked for)",
    },
)
def test_extensions_change_nothing(fido2_court: Fido2Court) -> None:
    """Extension outputs that nobody asked for are passed over, and those that were asked for may be missing.

    Authenticators and browsers add outputs of their own accord, and leave out what they do not know: who refuses
    either locks users out. Read what you asked for where it is there, and go on without it where it is not.
    """
    own = Setting(manner=Manner(extensions={"exampleExtension": "output"}))
    fido2_court.must_be_right_about_registering(
        custom(
            good("nothing of what was asked for"),
            good("an authenticator's output that nobody asked for", (), own),
            registration.extension_results(),
        )
    )
