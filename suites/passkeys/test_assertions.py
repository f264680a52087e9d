"""What an authentication must be: WA-AUT-05 to WA-AUT-22b, but client data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.webauthn_cases import authentication, registration
from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_requirements import authentications, signatures
from harness.webauthn_requirements.requirement import check_of_triggers

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

_STRIDE = 4
"""Of what is signed every fourth byte is changed: each costs two calls of functions that may be far away."""


@check_of_triggers("WA-AUT-06", authentications.AUT_06)
def test_the_user_handle_is_the_accounts(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_06.cases))


@check_of_triggers("WA-AUT-06c", authentications.AUT_06C)
def test_the_user_handle_is_text(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_06C.cases))


@check_of_triggers("WA-AUT-15", authentications.AUT_15)
def test_the_rp_id_hash_is_the_services(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(registration.rp_id_hashes(fido2_court.flow.relying_party)))


@check_of_triggers("WA-AUT-16", authentications.AUT_16)
def test_a_user_was_present(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_16.cases))


@check_of_triggers(
    "WA-AUT-17",
    authentications.AUT_17,
    caught={
        "ignores-user-verification": "accepted an authentication (UV not set though required",
    },
)
def test_the_user_was_verified_where_that_is_required(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_17.cases))


@check_of_triggers("WA-AUT-18", authentications.AUT_18)
def test_only_what_can_be_backed_up_is(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_18.cases))


@check_of_triggers("WA-AUT-19", authentications.AUT_19)
def test_backup_eligibility_never_changes(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_19.cases))


@check_of_triggers("WA-AUT-F1", authentications.AUT_F1)
def test_an_assertion_attests_no_credential(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_F1.cases))


@check_of_triggers("WA-AUT-F2", authentications.AUT_F2)
def test_the_flags_say_what_follows(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_F2.cases))


@check_of_triggers("WA-AUT-F3", authentications.AUT_F3)
def test_authenticator_data_that_is_cut_off_is_refused(fido2_court: Fido2Court) -> None:
    fido2_court.must_refuse_each("authenticate", authentication.truncations(), cleanly=True)


@check_of_triggers("WA-AUT-21", signatures.AUT_21)
def test_the_signature_is_verified(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(signatures.AUT_21.cases))


@check_of_triggers("WA-AUT-21c", signatures.AUT_21C)
def test_every_byte_is_signed(fido2_court: Fido2Court) -> None:
    for variants in authentication.flipped_bits().values():
        fido2_court.must_refuse_each("authenticate", dict(list(variants.items())[::_STRIDE]))


@check_of_triggers(
    "WA-AUT-22",
    authentications.AUT_22,
    caught={
        "ignores-the-counter": "accepted an authentication (0 after 5",
        "refuses-counters-of-zero": "an authentication (0 after 0",
    },
)
def test_the_counter_grows(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_22.cases))


@check_of_triggers("WA-AUT-22b", authentications.AUT_22B)
def test_the_counter_has_32_bits(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(authentications.AUT_22B.cases))


@check_of_triggers("WA-KEY-15", signatures.KEY_15)
def test_the_key_is_the_records(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(signatures.KEY_15.cases))
