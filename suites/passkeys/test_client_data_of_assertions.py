"""What the client says of a sign-in: WA-AUT-08 to WA-AUT-21b."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, TRIGGERS, W3C, check
from harness.webauthn_cases import client_data
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}


@check(
    "WA-AUT-08",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 8 (UTF-8 decode)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.keeps-the-byte-order-mark": ") an authentication (a byte order mark",
    },
)
def test_a_byte_order_mark_is_stripped(fido2_court: Fido2Court) -> None:
    """A byte order mark before the client data is no mistake.

    The standard decodes client data as browsers decode text, which strips it. A service that does not locks out
    whoever has a client that writes one. Strip it for parsing, and hash the bytes as they came.
    """
    fido2_court.must_be_right_about_authenticating(custom(client_data.byte_order_marks()))


@check(
    "WA-AUT-10",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 10; FIDO AssResp-2 F-1 to F-5",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-type": "accepted an authentication (type the other ceremony's",
        "triggers.passkeys.compares-types-loosely": "accepted an authentication (type in capitals",
    },
)
def test_the_type_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    """An authentication says webauthn.get, exactly.

    Without it, what the user signed to register, or to pay, signs somebody in. Compare the text.
    """
    fido2_court.must_be_right_about_authenticating(custom(client_data.types("webauthn.get", "webauthn.create")))


@check(
    "WA-AUT-11",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 11; section 13.4.3; FIDO AssResp-2 F-6 to F-10",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-challenge": "accepted an authentication (another challenge",
        "triggers.passkeys.compares-the-beginning-of-the-challenge": "accepted an authentication (the first half of t",
    },
)
def test_the_challenge_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    """The challenge is the one that this ceremony's options had, whole.

    The challenge is all that tells a response of today from one that was overheard. A service that compares it
    badly, or only where it is there, accepts yesterday's. Compare the whole text.
    """
    fido2_court.must_be_right_about_authenticating(custom(client_data.challenges()))


@check(
    "WA-AUT-11b",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 11 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.decodes-the-challenge": "accepted an authentication (in the alphabet of base64",
    },
)
def test_the_challenge_is_compared_as_text(fido2_court: Fido2Court) -> None:
    """The challenge counts only as it was written into the options.

    A service that decodes leniently has many texts for one challenge; whoever keeps track of used challenges by
    their text then sees new ones. Compare texts, or decode strictly.
    """
    fido2_court.telling = True
    fido2_court.must_be_right_about_authenticating(custom(client_data.encodings_of_the_challenge()))


@check(
    "WA-AUT-12",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 12; section 13.4.9; FIDO AssResp-2 F-11 to F-14",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-origin": "accepted an authentication (origin: another site",
        "triggers.passkeys.compares-the-beginning-of-the-origin": "accepted an authentication (origin: a suffix",
        "triggers.passkeys.compares-the-end-of-the-origin": "accepted an authentication (origin: a prefix",
        "triggers.passkeys.compares-origins-without-case": "accepted an authentication (origin: the host in capitals",
        "triggers.passkeys.knows-one-origin": ") an authentication (origin https://app.example.org:8443",
    },
)
def test_the_origin_is_one_of_the_list(fido2_court: Fido2Court) -> None:
    """The origin is one of those that the service lists, character by character.

    The origin is what makes passkeys proof against phishing. A comparison of beginnings, ends or host names lets in
    a site whose name was chosen for it. Compare whole texts with a list.
    """
    fido2_court.must_be_right_about_authenticating(custom(client_data.origins()))


@check(
    "WA-AUT-13",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 13",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-cross-origin": "accepted an authentication (crossOrigin true",
        "triggers.passkeys.takes-only-true-for-true": "accepted an authentication (crossOrigin the text true",
    },
)
def test_a_frame_of_another_origin_is_refused_unless_expected(fido2_court: Fido2Court) -> None:
    """A ceremony in a frame of another site counts only where the service expects to be framed.

    A page that frames the service can lead its user to confirm what they do not see. Refuse crossOrigin unless it
    was configured.
    """
    fido2_court.must_be_right_about_authenticating(custom(client_data.frames()))


@check(
    "WA-AUT-14",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 14; section 13.4.9",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-top-origin": "accepted an authentication (a topOrigin and crossOrigin false",
    },
)
def test_the_page_around_a_frame_is_an_expected_one(fido2_court: Fido2Court) -> None:
    """Where the service may be framed, the page around it is one that it lists.

    Else the permission for one partner is a permission for everybody. Compare topOrigin with a list, and refuse it
    where crossOrigin is not true.
    """
    fido2_court.must_be_right_about_authenticating(custom(client_data.pages_around_frames()))


@check(
    "WA-AUT-21b",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 steps 20 and 21",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.hashes-json-anew": ") an authentication (blanks and lines",
    },
)
def test_the_bytes_are_hashed_as_they_came(fido2_court: Fido2Court) -> None:
    """The hash is over the client data's bytes as they were received.

    A service that parses JSON and writes it again hashes something else, and fails for clients that write it in
    another way. Keep the bytes.
    """
    fido2_court.must_be_right_about_authenticating(custom(client_data.spacing()))
