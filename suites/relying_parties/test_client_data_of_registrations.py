"""What the client says of a registration: WA-REG-05r to WA-REG-11r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MUST, RELYING_PARTY, W3C, cases, check
from harness.webauthn_cases import client_data
from harness.webauthn_cases.cases import USUAL, Case
from harness.webauthn_requirements import client_data_of_registrations
from harness.webauthn_requirements.requirement import check_of_library

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check_of_library("WA-REG-05r", client_data_of_registrations.REG_05)
def test_a_byte_order_mark_is_stripped(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-05br", client_data_of_registrations.REG_05B)
def test_bytes_that_are_no_text_never_match(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-06r", client_data_of_registrations.REG_06)
def test_client_data_is_an_object_with_the_right_members(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-06br", client_data_of_registrations.REG_06B)
@cases("pair", client_data.duplicates({"type": "webauthn.get", "challenge": "AAAA", "origin": "https://evil.example"}))
def test_a_member_that_stands_twice_is_decided_once(relying_party: CeremonyCourt, pair: tuple[Case, Case]) -> None:
    relying_party.must_not_accept_both("register", pair)


@check_of_library("WA-REG-06cr", client_data_of_registrations.REG_06C)
def test_unknown_members_are_ignored(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-06dr", client_data_of_registrations.REG_06D)
def test_escaped_json_means_the_same(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-07r", client_data_of_registrations.REG_07)
def test_the_type_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-08r", client_data_of_registrations.REG_08)
def test_the_challenge_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-08br", client_data_of_registrations.REG_08B)
def test_the_challenge_is_compared_as_text(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-08cr",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3; CVE-2022-42731",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.single-use"},
    killed_by={
        "rp.takes-a-challenge-twice": "accepted a registration (the same response, a second time",
    },
)
def test_a_challenge_is_answered_once(relying_party: CeremonyCourt) -> None:
    """A challenge that was answered is closed.

    A registration that can be sent again can register a credential anew after its owner has deleted it. Forget a
    challenge when it is first answered.
    """
    relying_party.must_answer_a_challenge_once("register", USUAL)


@check(
    "WA-REG-08gr",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3, under concurrency",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.single-use", "relying-party.concurrent"},
    killed_by={
        "rp.looks-before-it-closes": "times (the same, 20 at once",
        "rp.takes-a-challenge-twice": "accepted a registration 20 times (the same, 20 at once",
    },
)
async def test_a_challenge_is_answered_once_among_many(relying_party: CeremonyCourt) -> None:
    """Of twenty responses to one challenge at the same moment, one is accepted.

    A challenge that is looked for first and forgotten later is there for all who come meanwhile. Forget it and see
    whether it was there in one step.
    """
    await relying_party.must_answer_a_challenge_once_among_many("register", USUAL)


@check_of_library("WA-REG-08er", client_data_of_registrations.REG_08E)
def test_the_expected_challenge_is_not_the_requests(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-08fr",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-challenge": "accepted a registration (the response to another user's options",
    },
)
def test_another_users_challenge_does_not_count(relying_party: CeremonyCourt) -> None:
    """A response to one user's options does not complete another user's ceremony.

    Else one user's device becomes another user's passkey. The library has to compare with the challenge that it is
    told, whoever else has one open.
    """
    relying_party.must_refuse_what_answers_other_options("another user's options")


@check(
    "WA-REG-08hr",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-challenge": "accepted a registration (the response to a sign-in's options",
    },
)
def test_a_sign_in_challenge_finishes_no_registration(relying_party: CeremonyCourt) -> None:
    """The challenge of a sign-in does not finish a registration.

    A challenge that counts for everything makes what anybody can ask for, the start of a sign-in, into the start of
    a registration.
    """
    relying_party.must_refuse_what_answers_other_options("a sign-in's options")


@check_of_library("WA-REG-09r", client_data_of_registrations.REG_09)
def test_the_origin_is_one_of_the_list(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-10r", client_data_of_registrations.REG_10)
def test_a_frame_of_another_origin_is_refused_unless_expected(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-11r", client_data_of_registrations.REG_11)
def test_the_page_around_a_frame_is_an_expected_one(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-REG-TBr", client_data_of_registrations.REG_TB)
def test_token_binding_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)
