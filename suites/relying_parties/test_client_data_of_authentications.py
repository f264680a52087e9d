"""What the client says of an authentication: WA-AUT-08r to WA-AUT-14r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, RELYING_PARTY, W3C, cases, check
from harness.webauthn_cases import client_data
from harness.webauthn_cases.cases import USUAL, Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check(
    "WA-AUT-08r",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 8 (UTF-8 decode)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.keeps-the-byte-order-mark": ") an authentication (a byte order mark",
    },
)
@cases("case", each(client_data.byte_order_marks()))
def test_a_byte_order_mark_is_stripped(relying_party: CeremonyCourt, case: Case) -> None:
    """A byte order mark before the client data is no mistake.

    The standard decodes client data as browsers decode text, which strips it. A library that does not locks out
    whoever has a client that writes one. Strip it for parsing, and hash the bytes as they came.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-10r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 10; FIDO AssResp-2 F-1 to F-5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-type": "accepted an authentication (type the other ceremony's",
        "rp.compares-types-loosely": "accepted an authentication (type in capitals",
    },
)
@cases("case", each(client_data.types("webauthn.get", "webauthn.create")))
def test_the_type_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    """An authentication says webauthn.get, exactly.

    Without it, what the user signed to register, or to pay, signs somebody in. Compare the text.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-11r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 11; section 13.4.3; FIDO AssResp-2 F-6 to F-10",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-challenge": "accepted an authentication (another challenge",
        "rp.compares-the-beginning-of-the-challenge": "accepted an authentication (the first half of the challenge",
    },
)
@cases("case", each(client_data.challenges()))
def test_the_challenge_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    """The challenge is the one that this ceremony's options had, whole.

    The challenge is all that tells a response of today from one that was overheard. A library that compares it
    badly, or only where it is there, accepts yesterday's. Compare the whole text.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-11br",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 11 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.decodes-the-challenge": "accepted an authentication (in the alphabet of base64",
    },
)
@cases("case", each(client_data.encodings_of_the_challenge()))
def test_the_challenge_is_compared_as_text(relying_party: CeremonyCourt, case: Case) -> None:
    """The challenge counts only as it was written into the options.

    A library that decodes leniently has many texts for one challenge; whoever keeps track of used challenges by
    their text then sees new ones. Compare texts, or decode strictly.
    """
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
    "WA-AUT-12r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 12; section 13.4.9; FIDO AssResp-2 F-11 to F-14",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-origin": "accepted an authentication (origin: another site",
        "rp.compares-the-beginning-of-the-origin": "accepted an authentication (origin: a suffix",
        "rp.compares-the-end-of-the-origin": "accepted an authentication (origin: a prefix",
        "rp.compares-origins-without-case": "accepted an authentication (origin: the host in capitals",
        "rp.knows-one-origin": ") an authentication (origin https://app.example.org:8443",
    },
)
@cases("case", each(client_data.origins()))
def test_the_origin_is_one_of_the_list(relying_party: CeremonyCourt, case: Case) -> None:
    """The origin is one of those that the service lists, character by character.

    The origin is what makes passkeys proof against phishing. A comparison of beginnings, ends or host names lets in
    a site whose name was chosen for it. Compare whole texts with a list.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-13r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 13",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-cross-origin": "accepted an authentication (crossOrigin true",
        "rp.takes-only-true-for-true": "accepted an authentication (crossOrigin the text true",
        "rp.refuses-every-frame": ") an authentication (crossOrigin true where it is allowed",
    },
)
@cases("case", each(client_data.frames()))
def test_a_frame_of_another_origin_is_refused_unless_expected(relying_party: CeremonyCourt, case: Case) -> None:
    """A ceremony in a frame of another site counts only where the service expects to be framed.

    A page that frames the service can lead its user to confirm what they do not see. Refuse crossOrigin unless it
    was configured.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-14r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 14; section 13.4.9",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-top-origin": "accepted an authentication (a topOrigin and crossOrigin false",
    },
)
@cases("case", each(client_data.pages_around_frames()))
def test_the_page_around_a_frame_is_an_expected_one(relying_party: CeremonyCourt, case: Case) -> None:
    """Where the service may be framed, the page around it is one that it lists.

    Else the permission for one partner is a permission for everybody. Compare topOrigin with a list, and refuse it
    where crossOrigin is not true.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-AUT-21br",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 steps 20 and 21",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.hashes-json-anew": ") an authentication (blanks and lines",
    },
)
@cases("case", each(client_data.spacing()))
def test_the_bytes_are_hashed_as_they_came(relying_party: CeremonyCourt, case: Case) -> None:
    """The hash is over the client data's bytes as they were received.

    A library that parses JSON and writes it again hashes something else, and fails for clients that write it in
    another way. Keep the bytes.
    """
    relying_party.must_be_right_about_authenticating(case)
