"""What a credential public key must be: WA-KEY-01 to WA-KEY-09."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_requirements import credential_keys
from harness.webauthn_requirements.requirement import check_of_triggers

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court


@check_of_triggers("WA-KEY-01", credential_keys.KEY_01)
def test_es256_goes_with_p256(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_01.cases))


@check_of_triggers("WA-KEY-02", credential_keys.KEY_02)
def test_the_key_type_goes_with_the_algorithm(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_02.cases))


@check_of_triggers("WA-KEY-03", credential_keys.KEY_03)
def test_the_point_is_on_the_curve(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_03.cases))


@check_of_triggers("WA-KEY-04", credential_keys.KEY_04)
def test_points_are_not_compressed(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_04.cases))


@check_of_triggers("WA-KEY-05", credential_keys.KEY_05)
def test_coordinates_have_their_length(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_05.cases))


@check_of_triggers("WA-KEY-06", credential_keys.KEY_06)
def test_rsa_keys_are_large_enough_and_not_too_large(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_06.cases))


@check_of_triggers("WA-KEY-07", credential_keys.KEY_07)
def test_a_public_key_has_no_private_part(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_07.cases))


@check_of_triggers("WA-KEY-08", credential_keys.KEY_08)
def test_a_label_stands_once(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(credential_keys.KEY_08.cases))
