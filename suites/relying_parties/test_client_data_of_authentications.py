"""What the client says of an authentication: WA-AUT-08r to WA-AUT-14r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, MUST, RELYING_PARTY, W3C, check
from harness.webauthn_cases.cases import USUAL, Case
from harness.webauthn_requirements import client_data_of_authentications
from harness.webauthn_requirements.requirement import check_of_library

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check_of_library("WA-AUT-08r", client_data_of_authentications.AUT_08)
def test_a_byte_order_mark_is_stripped(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-10r", client_data_of_authentications.AUT_10)
def test_the_type_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-11r", client_data_of_authentications.AUT_11)
def test_the_challenge_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-11br", client_data_of_authentications.AUT_11B)
def test_the_challenge_is_compared_as_text(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-11cr",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3; CVE-2026-28787",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.single-use"},
    killed_by={
        "rp.takes-a-challenge-twice": "accepted an authentication (the same response, a second time",
    },
)
def test_a_challenge_signs_in_once(relying_party: CeremonyCourt) -> None:
    """A challenge that was answered is closed.

    An authentication that can be sent again is a password that can be overheard. Forget a challenge when it is
    first answered.
    """
    relying_party.must_answer_a_challenge_once("authenticate", USUAL)


@check(
    "WA-AUT-11ccr",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 13.4.3, under concurrency; CVE-2026-28787",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.single-use", "relying-party.concurrent"},
    killed_by={
        "rp.looks-before-it-closes": "times (the same, 20 at once",
        "rp.takes-a-challenge-twice": "accepted an authentication 20 times (the same, 20 at once",
    },
)
async def test_a_challenge_signs_in_once_among_many(relying_party: CeremonyCourt) -> None:
    """Of twenty authentications with one challenge at the same moment, one signs in.

    Who overhears a response and is as fast as its owner signs in beside them. Forget the challenge and see whether
    it was there in one step.
    """
    await relying_party.must_answer_a_challenge_once_among_many("authenticate", USUAL)


@check_of_library("WA-AUT-12r", client_data_of_authentications.AUT_12)
def test_the_origin_is_one_of_the_list(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-13r", client_data_of_authentications.AUT_13)
def test_a_frame_of_another_origin_is_refused_unless_expected(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-14r", client_data_of_authentications.AUT_14)
def test_the_page_around_a_frame_is_an_expected_one(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-AUT-21br", client_data_of_authentications.AUT_21B)
def test_the_bytes_are_hashed_as_they_came(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)
