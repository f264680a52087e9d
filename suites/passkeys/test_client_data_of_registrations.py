"""What the client says of a registration: WA-REG-05 to WA-REG-11."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MAY, MEDIUM, MUST, RFC, SHOULD, TRIGGERS, W3C, check
from harness.webauthn_cases import client_data
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}


@check(
    "WA-REG-05",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 5 (UTF-8 decode)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.keeps-the-byte-order-mark": ") a registration (a byte order mark",
    },
)
def test_a_byte_order_mark_is_stripped(fido2_court: Fido2Court) -> None:
    """A byte order mark before the client data is no mistake.

    The standard decodes client data as browsers decode text, which strips it. A service that does not locks out
    whoever has a client that writes one. Strip it for parsing, and hash the bytes as they came.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.byte_order_marks()))


@check(
    "WA-REG-05b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 5; Encoding standard: U+FFFD",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.drops-bytes-that-are-no-text": "accepted a registration (0xFF in the origin",
    },
)
def test_bytes_that_are_no_text_never_match(fido2_court: Fido2Court) -> None:
    """Client data that is no UTF-8 is refused, and never taken for what it would be without the odd bytes.

    A decoder that drops what it cannot read turns another origin into the right one. Decode with replacement, or
    refuse.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.bytes_that_are_no_text()), cleanly=True)


@check(
    "WA-REG-06",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 6; section 5.8.1; FIDO AttResp-2 F-1 to F-13",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.fills-in-client-data": "accepted a registration (challenge left out",
    },
)
def test_client_data_is_an_object_with_the_right_members(fido2_court: Fido2Court) -> None:
    """Client data that lacks a member, or has one of the wrong type, is refused.

    What is missing cannot be compared: a service that compares only what is there accepts any challenge from
    whoever leaves it out. Demand type, challenge and origin, each a text.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.malformed()), cleanly=True)


@check(
    "WA-REG-06b",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 8259 section 4; WebAuthn L3 section 5.8.1.1",
    evidence=RFC,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-any-of-duplicates": "whichever came first (type twice",
    },
)
def test_a_member_that_stands_twice_is_decided_once(fido2_court: Fido2Court) -> None:
    """Of client data that says two things, one is believed at most, and always the one in the same place.

    Two parsers that each take another of two members see two ceremonies under one signature. Refuse duplicates, or
    parse once and pass the result on.
    """
    other = {"type": "webauthn.get", "challenge": "AAAA", "origin": "https://evil.example"}
    fido2_court.must_not_accept_both("register", client_data.duplicates(other))


@check(
    "WA-REG-06c",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.8.1 (limited verification algorithm, future members)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.knows-every-member-of-client-data": ") a registration (androidPackageName",
    },
)
def test_unknown_members_are_ignored(fido2_court: Fido2Court) -> None:
    """Members that the service does not know change nothing.

    Browsers add members to client data, one of them at random to teach this. A service that compares with a
    template fails for some users, some of the time. Read the members that you need.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.unknown_members()))


@check(
    "WA-REG-06d",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1; RFC 8259 section 7",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.compares-client-data-with-a-template": ") a registration (the origin with escapes",
    },
)
def test_escaped_json_means_the_same(fido2_court: Fido2Court) -> None:
    """JSON with escapes means what it means without.

    A service that looks for `"origin":"https://…"` in the bytes does not find it there. Parse the JSON.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.escapes()))


@check(
    "WA-REG-07",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 7; FIDO AttResp-2 F-4, F-5",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-type": "accepted a registration (type the other ceremony's",
        "triggers.passkeys.compares-types-loosely": "accepted a registration (type in capitals",
    },
)
def test_the_type_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    """A registration says webauthn.create, exactly.

    Without it, a response that the user gave for a sign-in, or a payment, can be turned into a credential. Compare
    the text.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.types("webauthn.create", "webauthn.get")))


@check(
    "WA-REG-08",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 8; section 13.4.3; FIDO AttResp-2 F-9, F-10",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-challenge": "accepted a registration (another challenge",
        "triggers.passkeys.compares-the-beginning-of-the-challenge": "accepted a registration (the first half of the ",
    },
)
def test_the_challenge_is_this_ceremonys(fido2_court: Fido2Court) -> None:
    """The challenge is the one that this ceremony's options had, whole.

    The challenge is all that tells a response of today from one that was overheard. A service that compares it
    badly, or only where it is there, accepts yesterday's. Compare the whole text.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.challenges()))


@check(
    "WA-REG-08b",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 8 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.decodes-the-challenge": "accepted a registration (in the alphabet of base64",
    },
)
def test_the_challenge_is_compared_as_text(fido2_court: Fido2Court) -> None:
    """The challenge counts only as it was written into the options.

    A service that decodes leniently has many texts for one challenge; whoever keeps track of used challenges by
    their text then sees new ones. Compare texts, or decode strictly.
    """
    fido2_court.telling = True
    fido2_court.must_be_right_about_registering(custom(client_data.encodings_of_the_challenge()))


@check(
    "WA-REG-08e",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2026-28787; WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-the-challenge-from-the-request": "accepted a registration (a challenge beside the re",
    },
)
def test_the_expected_challenge_is_not_the_requests(fido2_court: Fido2Court) -> None:
    """The challenge that is expected comes from the service, never from what is verified.

    Whoever can name the challenge can answer with any response that was ever overheard. Take it from where it was
    kept when the options were made.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.challenges_in_the_request()))


@check(
    "WA-REG-09",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 9; section 13.4.9; FIDO AttResp-2 F-14",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-origin": "accepted a registration (origin: another site",
        "triggers.passkeys.compares-the-beginning-of-the-origin": "accepted a registration (origin: a suffix",
        "triggers.passkeys.compares-the-end-of-the-origin": "accepted a registration (origin: a prefix",
        "triggers.passkeys.compares-origins-without-case": "accepted a registration (origin: the host in capitals",
        "triggers.passkeys.knows-one-origin": ") a registration (origin https://app.example.org:8443",
    },
)
def test_the_origin_is_one_of_the_list(fido2_court: Fido2Court) -> None:
    """The origin is one of those that the service lists, character by character.

    The origin is what makes passkeys proof against phishing. A comparison of beginnings, ends or host names lets in
    a site whose name was chosen for it. Compare whole texts with a list.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.origins()))


@check(
    "WA-REG-10",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 10",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-cross-origin": "accepted a registration (crossOrigin true",
        "triggers.passkeys.takes-only-true-for-true": "accepted a registration (crossOrigin the text true",
    },
)
def test_a_frame_of_another_origin_is_refused_unless_expected(fido2_court: Fido2Court) -> None:
    """A ceremony in a frame of another site counts only where the service expects to be framed.

    A page that frames the service can lead its user to confirm what they do not see. Refuse crossOrigin unless it
    was configured.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.frames()))


@check(
    "WA-REG-11",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 11; section 13.4.9",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-top-origin": "accepted a registration (a topOrigin and crossOrigin false",
    },
)
def test_the_page_around_a_frame_is_an_expected_one(fido2_court: Fido2Court) -> None:
    """Where the service may be framed, the page around it is one that it lists.

    Else the permission for one partner is a permission for everybody. Compare topOrigin with a list, and refuse it
    where crossOrigin is not true.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.pages_around_frames()))


@check(
    "WA-REG-TB",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1 (tokenBinding is reserved); FIDO AttResp-2 F-15 to F-17",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.reads-token-binding": "a registration (tokenBinding of an unknown status): refused",
    },
)
def test_token_binding_is_recorded(fido2_court: Fido2Court) -> None:
    """What becomes of tokenBinding, which Level 3 only reserves, is recorded.

    FIDO's server tests want some forms of it refused, and Level 3 wants it ignored. Neither harms a user.
    """
    fido2_court.must_be_right_about_registering(custom(client_data.token_bindings()))
