"""What the client says of a registration: WA-REG-05r to WA-REG-11r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, LOW, MAY, MEDIUM, MUST, RELYING_PARTY, RFC, SHOULD, W3C, cases, check
from harness.webauthn_cases import client_data
from harness.webauthn_cases.cases import USUAL, Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check(
    "WA-REG-05r",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 5 (UTF-8 decode)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.keeps-the-byte-order-mark": ") a registration (a byte order mark",
    },
)
@cases("case", each(client_data.byte_order_marks()))
def test_a_byte_order_mark_is_stripped(relying_party: CeremonyCourt, case: Case) -> None:
    """A byte order mark before the client data is no mistake.

    The standard decodes client data as browsers decode text, which strips it. A library that does not locks out
    whoever has a client that writes one. Strip it for parsing, and hash the bytes as they came.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-05br",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 5; Encoding standard: U+FFFD",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.drops-bytes-that-are-no-text": "accepted a registration (0xFF in the origin",
    },
)
@cases("case", each(client_data.bytes_that_are_no_text()))
def test_bytes_that_are_no_text_never_match(relying_party: CeremonyCourt, case: Case) -> None:
    """Client data that is no UTF-8 is refused, and never taken for what it would be without the odd bytes.

    A decoder that drops what it cannot read turns another origin into the right one. Decode with replacement, or
    refuse.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-06r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 6; section 5.8.1; FIDO AttResp-2 F-1 to F-13",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.fills-in-client-data": "accepted a registration (challenge left out",
    },
)
@cases("case", each(client_data.malformed()))
def test_client_data_is_an_object_with_the_right_members(relying_party: CeremonyCourt, case: Case) -> None:
    """Client data that lacks a member, or has one of the wrong type, is refused.

    What is missing cannot be compared: a library that compares only what is there accepts any challenge from
    whoever leaves it out. Demand type, challenge and origin, each a text.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-06br",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 8259 section 4; WebAuthn L3 section 5.8.1.1",
    evidence=RFC,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-any-of-duplicates": "whichever came first (type twice",
    },
)
@cases("pair", client_data.duplicates({"type": "webauthn.get", "challenge": "AAAA", "origin": "https://evil.example"}))
def test_a_member_that_stands_twice_is_decided_once(relying_party: CeremonyCourt, pair: tuple[Case, Case]) -> None:
    """Of client data that says two things, one is believed at most, and always the one in the same place.

    Two parsers that each take another of two members see two ceremonies under one signature. Refuse duplicates, or
    parse once and pass the result on.
    """
    relying_party.must_not_accept_both("register", pair)


@check(
    "WA-REG-06cr",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.8.1 (limited verification algorithm, future members)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.knows-every-member-of-client-data": ") a registration (androidPackageName",
    },
)
@cases("case", each(client_data.unknown_members()))
def test_unknown_members_are_ignored(relying_party: CeremonyCourt, case: Case) -> None:
    """Members that the library does not know change nothing.

    Browsers add members to client data, one of them at random to teach this. A library that compares with a
    template fails for some users, some of the time. Read the members that you need.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-06dr",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1; RFC 8259 section 7",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.compares-client-data-with-a-template": ") a registration (the origin with escapes",
    },
)
@cases("case", each(client_data.escapes()))
def test_escaped_json_means_the_same(relying_party: CeremonyCourt, case: Case) -> None:
    """JSON with escapes means what it means without.

    A library that looks for `"origin":"https://…"` in the bytes does not find it there. Parse the JSON.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-07r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 7; FIDO AttResp-2 F-4, F-5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-type": "accepted a registration (type the other ceremony's",
        "rp.compares-types-loosely": "accepted a registration (type in capitals",
    },
)
@cases("case", each(client_data.types("webauthn.create", "webauthn.get")))
def test_the_type_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    """A registration says webauthn.create, exactly.

    Without it, a response that the user gave for a sign-in, or a payment, can be turned into a credential. Compare
    the text.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-08r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 8; section 13.4.3; FIDO AttResp-2 F-9, F-10",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-challenge": "accepted a registration (another challenge",
        "rp.compares-the-beginning-of-the-challenge": "accepted a registration (the first half of the challenge",
    },
)
@cases("case", each(client_data.challenges()))
def test_the_challenge_is_this_ceremonys(relying_party: CeremonyCourt, case: Case) -> None:
    """The challenge is the one that this ceremony's options had, whole.

    The challenge is all that tells a response of today from one that was overheard. A library that compares it
    badly, or only where it is there, accepts yesterday's. Compare the whole text.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-08br",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 8 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.decodes-the-challenge": "accepted a registration (in the alphabet of base64",
    },
)
@cases("case", each(client_data.encodings_of_the_challenge()))
def test_the_challenge_is_compared_as_text(relying_party: CeremonyCourt, case: Case) -> None:
    """The challenge counts only as it was written into the options.

    A library that decodes leniently has many texts for one challenge; whoever keeps track of used challenges by
    their text then sees new ones. Compare texts, or decode strictly.
    """
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
    "WA-REG-08er",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2026-28787; WebAuthn L3 section 13.4.3",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-the-challenge-from-the-request": "accepted a registration (a challenge beside the response",
    },
)
@cases("case", each(client_data.challenges_in_the_request()))
def test_the_expected_challenge_is_not_the_requests(relying_party: CeremonyCourt, case: Case) -> None:
    """The challenge that is expected comes from the service, never from what is verified.

    Whoever can name the challenge can answer with any response that was ever overheard. Take it from where it was
    kept when the options were made.
    """
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


@check(
    "WA-REG-09r",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 9; section 13.4.9; FIDO AttResp-2 F-14",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-origin": "accepted a registration (origin: another site",
        "rp.compares-the-beginning-of-the-origin": "accepted a registration (origin: a suffix",
        "rp.compares-the-end-of-the-origin": "accepted a registration (origin: a prefix",
        "rp.compares-origins-without-case": "accepted a registration (origin: the host in capitals",
        "rp.knows-one-origin": ") a registration (origin https://app.example.org:8443",
    },
)
@cases("case", each(client_data.origins()))
def test_the_origin_is_one_of_the_list(relying_party: CeremonyCourt, case: Case) -> None:
    """The origin is one of those that the service lists, character by character.

    The origin is what makes passkeys proof against phishing. A comparison of beginnings, ends or host names lets in
    a site whose name was chosen for it. Compare whole texts with a list.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-10r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 10",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-cross-origin": "accepted a registration (crossOrigin true",
        "rp.takes-only-true-for-true": "accepted a registration (crossOrigin the text true",
        "rp.refuses-every-frame": ") a registration (crossOrigin true where it is allowed",
    },
)
@cases("case", each(client_data.frames()))
def test_a_frame_of_another_origin_is_refused_unless_expected(relying_party: CeremonyCourt, case: Case) -> None:
    """A ceremony in a frame of another site counts only where the service expects to be framed.

    A page that frames the service can lead its user to confirm what they do not see. Refuse crossOrigin unless it
    was configured.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-11r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 11; section 13.4.9",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-top-origin": "accepted a registration (a topOrigin and crossOrigin false",
    },
)
@cases("case", each(client_data.pages_around_frames()))
def test_the_page_around_a_frame_is_an_expected_one(relying_party: CeremonyCourt, case: Case) -> None:
    """Where the service may be framed, the page around it is one that it lists.

    Else the permission for one partner is a permission for everybody. Compare topOrigin with a list, and refuse it
    where crossOrigin is not true.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-REG-TBr",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1 (tokenBinding is reserved); FIDO AttResp-2 F-15 to F-17",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.reads-token-binding": "a registration (tokenBinding of an unknown status): refused",
    },
)
@cases("case", each(client_data.token_bindings()))
def test_token_binding_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """What becomes of tokenBinding, which Level 3 only reserves, is recorded.

    FIDO's server tests want some forms of it refused, and Level 3 wants it ignored. Neither harms a user.
    """
    relying_party.must_be_right_about_registering(case)
