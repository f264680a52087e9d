"""The client data of a sign-in: WA-AUT-08n to WA-AUT-21bn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, POOL, W3C, cases, check
from harness.webauthn_cases import client_data
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check(
    "WA-AUT-08n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 8 (UTF-8 decode)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.keeps-the-byte-order-mark": ") an authentication (a byte order mark",
    },
)
@cases("case", native(client_data.byte_order_marks()))
def test_a_byte_order_mark_is_stripped(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that begins with a byte order mark signs in like any other.

    Taken for content it locks its users out. Decode as the Encoding standard's UTF-8 decode does.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-10n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 10; FIDO AssResp-2 F-1 to F-5",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-type": "accepted an authentication (type the other ceremony's",
        "pool.passkeys.compares-types-loosely": "accepted an authentication (type in capitals",
    },
)
@cases("case", native(client_data.types("webauthn.get", "webauthn.create")))
def test_only_webauthn_get_signs_in(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What a user signed for another end than to sign in does not sign in.

    A registration's or a payment's client data would do. Compare the type exactly.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-11n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 11; section 13.4.3; FIDO AssResp-2 F-6 to F-10",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-challenge": "accepted an authentication (another challenge",
        "pool.passkeys.compares-the-beginning-of-the-challenge": "accepted an authentication (the first half",
    },
)
@cases("case", native(client_data.challenges()))
def test_the_challenge_is_this_sign_ins(native_passkeys: PasskeyCourt, case: Case) -> None:
    """An assertion answers this sign-in's challenge, whole.

    One that was recorded signs in for ever where the challenge is not compared. Compare the whole text.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-11bn",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 11 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.decodes-the-challenge": "accepted an authentication (in the alphabet of base64",
    },
)
@cases("case", native(client_data.encodings_of_the_challenge()))
def test_the_challenge_has_one_form(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The challenge in any other writing than base64url without padding is refused.

    Lenient decoding gives one challenge many forms. Compare texts.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-12n",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 12; section 13.4.9; FIDO AssResp-2 F-11 to F-14",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-origin": "accepted an authentication (origin: another site",
        "pool.passkeys.compares-the-beginning-of-the-origin": "accepted an authentication (origin: a suffix",
        "pool.passkeys.compares-the-end-of-the-origin": "accepted an authentication (origin: a prefix",
        "pool.passkeys.compares-origins-without-case": "accepted an authentication (origin: the host in capitals",
        "pool.passkeys.refuses-subdomains": "(origin https://app.example.org:8443): refused",
    },
)
@cases("case", native(client_data.origins()))
def test_the_origin_is_the_relying_partys(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What was signed on a foreign page does not sign in here.

    That is what passkeys are for: a page that only looks like the service's gets nothing. Demand HTTPS and the RP
    ID's host or one below it.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-13n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 13",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-cross-origin": "accepted an authentication (crossOrigin true",
        "pool.passkeys.takes-only-true-for-true": "accepted an authentication (crossOrigin the text true",
    },
)
@cases("case", native(client_data.frames()))
def test_frames_of_other_sites_do_not_sign_in(native_passkeys: PasskeyCourt, case: Case) -> None:
    """What was signed in a frame of another site does not sign in.

    Its user saw another page around the prompt. Refuse crossOrigin.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-14n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 14; section 13.4.9",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-top-origin": "accepted an authentication (a topOrigin and crossOrigin false",
    },
)
@cases("case", native(client_data.pages_around_frames()))
def test_no_page_around_is_named(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data that names a page around the frame is refused.

    A pool expects no frame. Refuse topOrigin, with crossOrigin and without.
    """
    native_passkeys.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-21bn",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 steps 20 and 21",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.hashes-json-anew": ") an authentication (blanks and lines",
    },
)
@cases("case", native(client_data.spacing()))
def test_the_bytes_are_hashed_as_they_came(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Client data is hashed as it came, however it is written.

    What writes it again before hashing locks every client out that writes otherwise, and verifies another text than
    it reads. Hash the bytes.
    """
    native_passkeys.must_be_right_about_authenticating(case)
