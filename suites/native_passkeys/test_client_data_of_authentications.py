"""The client data of a sign-in: WA-AUT-08n to WA-AUT-21bn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, MEDIUM
from harness.webauthn_requirements import client_data_of_authentications
from harness.webauthn_requirements.requirement import check_of_pool

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check_of_pool("WA-AUT-08n", client_data_of_authentications.AUT_08)
def test_a_byte_order_mark_is_stripped(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that begins with a byte order mark signs in like any other.

    Taken for content it locks its users out. Decode as the Encoding standard's UTF-8 decode does.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-10n", client_data_of_authentications.AUT_10)
def test_only_webauthn_get_signs_in(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What a user signed for another end than to sign in does not sign in.

    A registration's or a payment's client data would do. Compare the type exactly.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-11n", client_data_of_authentications.AUT_11)
def test_the_challenge_is_this_sign_ins(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An assertion answers this sign-in's challenge, whole.

    One that was recorded signs in for ever where the challenge is not compared. Compare the whole text.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-11bn", client_data_of_authentications.AUT_11B, severity=LOW)
def test_the_challenge_has_one_form(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The challenge in any other writing than base64url without padding is refused.

    Lenient decoding gives one challenge many forms. Compare texts.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool(
    "WA-AUT-12n",
    client_data_of_authentications.AUT_12,
    caught={
        "ignores-the-origin": "accepted an authentication (origin: another site",
        "compares-the-beginning-of-the-origin": "accepted an authentication (origin: a suffix",
        "compares-the-end-of-the-origin": "accepted an authentication (origin: a prefix",
        "compares-origins-without-case": "accepted an authentication (origin: the host in capitals",
        "refuses-subdomains": "(origin https://app.example.org:8443): refused",
    },
)
def test_the_origin_is_the_relying_partys(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What was signed on a foreign page does not sign in here.

    That is what passkeys are for: a page that only looks like the service's gets nothing. Demand HTTPS and the RP
    ID's host or one below it.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool(
    "WA-AUT-13n",
    client_data_of_authentications.AUT_13,
    severity=MEDIUM,
    caught={
        "ignores-cross-origin": "accepted an authentication (crossOrigin true",
        "takes-only-true-for-true": "accepted an authentication (crossOrigin the text true",
    },
)
def test_frames_of_other_sites_do_not_sign_in(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What was signed in a frame of another site does not sign in.

    Its user saw another page around the prompt. Refuse crossOrigin.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-14n", client_data_of_authentications.AUT_14, severity=MEDIUM)
def test_no_page_around_is_named(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that names a page around the frame is refused.

    A pool expects no frame. Refuse topOrigin, with crossOrigin and without.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check_of_pool("WA-AUT-21bn", client_data_of_authentications.AUT_21B)
def test_the_bytes_are_hashed_as_they_came(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data is hashed as it came, however it is written.

    What writes it again before hashing locks every client out that writes otherwise, and verifies another text than
    it reads. Hash the bytes.
    """
    native_passkeys.must_be_right_about_authenticating(case)
