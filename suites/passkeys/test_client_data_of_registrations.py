"""What the client says of a registration: WA-REG-05 to WA-REG-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.webauthn_cases import client_data
from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_requirements import client_data_of_registrations
from harness.webauthn_requirements.requirement import check_of_triggers

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court


@check_of_triggers("WA-REG-05", client_data_of_registrations.REG_05)
def test_a_byte_order_mark_is_stripped(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_05.cases))


@check_of_triggers("WA-REG-05b", client_data_of_registrations.REG_05B)
def test_bytes_that_are_no_text_never_match(fido2_court: Fido2Court) -> None:
    no_text = client_data.bytes_that_are_no_text(fido2_court.flow.relying_party)
    fido2_court.must_be_right_about_registering(custom(no_text), cleanly=True)


@check_of_triggers("WA-REG-06", client_data_of_registrations.REG_06)
def test_client_data_is_an_object_with_the_right_members(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_06.cases), cleanly=True)


@check_of_triggers("WA-REG-06b", client_data_of_registrations.REG_06B)
def test_a_member_that_stands_twice_is_decided_once(fido2_court: Fido2Court) -> None:
    other = {"type": "webauthn.get", "challenge": "AAAA", "origin": "https://evil.example"}
    fido2_court.must_not_accept_both("register", client_data.duplicates(other))


@check_of_triggers("WA-REG-06c", client_data_of_registrations.REG_06C)
def test_unknown_members_are_ignored(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_06C.cases))


@check_of_triggers("WA-REG-06d", client_data_of_registrations.REG_06D)
def test_escaped_json_means_the_same(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_06D.cases))


@check_of_triggers("WA-REG-07", client_data_of_registrations.REG_07)
def test_the_type_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_07.cases))


@check_of_triggers("WA-REG-08", client_data_of_registrations.REG_08)
def test_the_challenge_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_08.cases))


@check_of_triggers("WA-REG-08b", client_data_of_registrations.REG_08B)
def test_the_challenge_is_compared_as_text(fido2_court: Fido2Court) -> None:
    fido2_court.telling = True
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_08B.cases))


@check_of_triggers("WA-REG-08e", client_data_of_registrations.REG_08E)
def test_the_expected_challenge_is_not_the_requests(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_08E.cases))


@check_of_triggers("WA-REG-09", client_data_of_registrations.REG_09)
def test_the_origin_is_one_of_the_list(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data.origins(fido2_court.flow.relying_party)))


@check_of_triggers(
    "WA-REG-10",
    client_data_of_registrations.REG_10,
    caught={
        "ignores-cross-origin": "accepted a registration (crossOrigin true",
        "takes-only-true-for-true": "accepted a registration (crossOrigin the text true",
    },
)
def test_a_frame_of_another_origin_is_refused_unless_expected(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_10.cases))


@check_of_triggers("WA-REG-11", client_data_of_registrations.REG_11)
def test_the_page_around_a_frame_is_an_expected_one(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_11.cases))


@check_of_triggers("WA-REG-TB", client_data_of_registrations.REG_TB)
def test_token_binding_is_recorded(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(client_data_of_registrations.REG_TB.cases))
