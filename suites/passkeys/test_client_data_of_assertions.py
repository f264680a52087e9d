"""What the client says of a sign-in: WA-AUT-08 to WA-AUT-21b."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.webauthn_cases import client_data
from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_requirements import client_data_of_authentications
from harness.webauthn_requirements.requirement import check_of_triggers

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court


@check_of_triggers("WA-AUT-08", client_data_of_authentications.AUT_08)
def test_a_byte_order_mark_is_stripped(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(client_data_of_authentications.AUT_08.cases))


@check_of_triggers("WA-AUT-10", client_data_of_authentications.AUT_10)
def test_the_type_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(client_data_of_authentications.AUT_10.cases))


@check_of_triggers("WA-AUT-11", client_data_of_authentications.AUT_11)
def test_the_challenge_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(client_data_of_authentications.AUT_11.cases))


@check_of_triggers("WA-AUT-11b", client_data_of_authentications.AUT_11B)
def test_the_challenge_is_compared_as_text(fido2_court: Fido2Court) -> None:
    fido2_court.telling = True
    fido2_court.must_be_right_about_authenticating(custom(client_data_of_authentications.AUT_11B.cases))


@check_of_triggers("WA-AUT-12", client_data_of_authentications.AUT_12)
def test_the_origin_is_one_of_the_list(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(client_data.origins(fido2_court.flow.relying_party)))


@check_of_triggers(
    "WA-AUT-13",
    client_data_of_authentications.AUT_13,
    caught={
        "ignores-cross-origin": "accepted an authentication (crossOrigin true",
        "takes-only-true-for-true": "accepted an authentication (crossOrigin the text true",
    },
)
def test_a_frame_of_another_origin_is_refused_unless_expected(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(client_data_of_authentications.AUT_13.cases))


@check_of_triggers("WA-AUT-14", client_data_of_authentications.AUT_14)
def test_the_page_around_a_frame_is_an_expected_one(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(client_data_of_authentications.AUT_14.cases))


@check_of_triggers("WA-AUT-21b", client_data_of_authentications.AUT_21B)
def test_the_bytes_are_hashed_as_they_came(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(client_data_of_authentications.AUT_21B.cases))
