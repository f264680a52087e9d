"""What the client data of a registration must be: WA-REG-05 to WA-REG-11, WA-REG-TB."""

from __future__ import annotations

from harness.check import CRITICAL, HIGH, LOW, MAY, MEDIUM, MUST, RFC, SHOULD, W3C
from harness.webauthn_cases import client_data
from harness.webauthn_requirements.requirement import Requirement

REG_05 = Requirement(
    id="WA-REG-05",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 5 (UTF-8 decode)",
    evidence=W3C,
    cases=client_data.byte_order_marks(),
    caught={
        "keeps-the-byte-order-mark": ") a registration (a byte order mark",
    },
    explanation="""
    A byte order mark before the client data is no mistake.

    The standard decodes client data as browsers decode text, which strips it. A {service} that does not locks out
    whoever has a client that writes one. Strip it for parsing, and hash the bytes as they came.
    """,
)

REG_05B = Requirement(
    id="WA-REG-05b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 5; Encoding standard: U+FFFD",
    evidence=W3C,
    cases=client_data.bytes_that_are_no_text(),
    caught={
        "drops-bytes-that-are-no-text": "accepted a registration (0xFF in the origin",
    },
    explanation="""
    Client data that is no UTF-8 is refused, and never taken for what it would be without the odd bytes.

    A decoder that drops what it cannot read turns another origin into the right one. Decode with replacement, or
    refuse.
    """,
)

REG_06 = Requirement(
    id="WA-REG-06",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 6; section 5.8.1; FIDO AttResp-2 F-1 to F-13",
    evidence=W3C,
    cases=client_data.malformed(),
    caught={
        "fills-in-client-data": "accepted a registration (challenge left out",
    },
    explanation="""
    Client data that lacks a member, or has one of the wrong type, is refused.

    What is missing cannot be compared: a {service} that compares only what is there accepts any challenge from
    whoever leaves it out. Demand type, challenge and origin, each a text.
    """,
)

REG_06B = Requirement(
    id="WA-REG-06b",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 8259 section 4; WebAuthn L3 section 5.8.1.1",
    evidence=RFC,
    caught={
        "takes-any-of-duplicates": "whichever came first (type twice",
    },
    explanation="""
    Of client data that says two things, one is believed at most, and always the one in the same place.

    Two parsers that each take another of two members see two ceremonies under one signature. Refuse duplicates, or
    parse once and pass the result on.
    """,
)

REG_06C = Requirement(
    id="WA-REG-06c",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 5.8.1 (limited verification algorithm, future members)",
    evidence=W3C,
    cases=client_data.unknown_members(),
    caught={
        "knows-every-member-of-client-data": ") a registration (androidPackageName",
    },
    explanation="""
    Members that the {service} does not know change nothing.

    Browsers add members to client data, one of them at random to teach this. A {service} that compares with a
    template fails for some users, some of the time. Read the members that you need.
    """,
)

REG_06D = Requirement(
    id="WA-REG-06d",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1; RFC 8259 section 7",
    evidence=W3C,
    cases=client_data.escapes(),
    caught={
        "compares-client-data-with-a-template": ") a registration (the origin with escapes",
    },
    explanation="""
    JSON with escapes means what it means without.

    A {service} that looks for `"origin":"https://…"` in the bytes does not find it there. Parse the JSON.
    """,
)

REG_07 = Requirement(
    id="WA-REG-07",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 7; FIDO AttResp-2 F-4, F-5",
    evidence=W3C,
    cases=client_data.types("webauthn.create", "webauthn.get"),
    caught={
        "ignores-the-type": "accepted a registration (type the other ceremony's",
        "compares-types-loosely": "accepted a registration (type in capitals",
    },
    explanation="""
    A registration says webauthn.create, exactly.

    Without it, a response that the user gave for a sign-in, or a payment, can be turned into a credential. Compare
    the text.
    """,
)

REG_08 = Requirement(
    id="WA-REG-08",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 8; section 13.4.3; FIDO AttResp-2 F-9, F-10",
    evidence=W3C,
    cases=client_data.challenges(),
    caught={
        "ignores-the-challenge": "accepted a registration (another challenge",
        "compares-the-beginning-of-the-challenge": "accepted a registration (the first half of the challenge",
    },
    explanation="""
    The challenge is the one that this ceremony's options had, whole.

    The challenge is all that tells a response of today from one that was overheard. A {service} that compares it
    badly, or only where it is there, accepts yesterday's. Compare the whole text.
    """,
)

REG_08B = Requirement(
    id="WA-REG-08b",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 8 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    cases=client_data.encodings_of_the_challenge(),
    caught={
        "decodes-the-challenge": "accepted a registration (in the alphabet of base64",
    },
    explanation="""
    The challenge counts only as it was written into the options.

    A {service} that decodes leniently has many texts for one challenge; whoever keeps track of used challenges by
    their text then sees new ones. Compare texts, or decode strictly.
    """,
)

REG_08E = Requirement(
    id="WA-REG-08e",
    level=MUST,
    severity=CRITICAL,
    clause="CVE-2026-28787; WebAuthn L3 section 13.4.3",
    evidence=W3C,
    cases=client_data.challenges_in_the_request(),
    caught={
        "takes-the-challenge-from-the-request": "accepted a registration (a challenge beside the response",
    },
    explanation="""
    The challenge that is expected comes from the service, never from what is verified.

    Whoever can name the challenge can answer with any response that was ever overheard. Take it from where it was
    kept when the options were made.
    """,
)

REG_09 = Requirement(
    id="WA-REG-09",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 9; section 13.4.9; FIDO AttResp-2 F-14",
    evidence=W3C,
    cases=client_data.origins(),
    caught={
        "ignores-the-origin": "accepted a registration (origin: another site",
        "compares-the-beginning-of-the-origin": "accepted a registration (origin: a suffix",
        "compares-the-end-of-the-origin": "accepted a registration (origin: a prefix",
        "compares-origins-without-case": "accepted a registration (origin: the host in capitals",
        "knows-one-origin": ") a registration (origin https://app.example.org:8443",
    },
    explanation="""
    The origin is one of those that the service lists, character by character.

    The origin is what makes passkeys proof against phishing. A comparison of beginnings, ends or host names lets in
    a site whose name was chosen for it. Compare whole texts with a list.
    """,
)

REG_10 = Requirement(
    id="WA-REG-10",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 10",
    evidence=W3C,
    cases=client_data.frames(),
    caught={
        "ignores-cross-origin": "accepted a registration (crossOrigin true",
        "takes-only-true-for-true": "accepted a registration (crossOrigin the text true",
        "refuses-every-frame": ") a registration (crossOrigin true where it is allowed",
    },
    explanation="""
    A ceremony in a frame of another site counts only where the service expects to be framed.

    A page that frames the service can lead its user to confirm what they do not see. Refuse crossOrigin unless it
    was configured.
    """,
)

REG_11 = Requirement(
    id="WA-REG-11",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 11; section 13.4.9",
    evidence=W3C,
    cases=client_data.pages_around_frames(),
    caught={
        "ignores-top-origin": "accepted a registration (a topOrigin and crossOrigin false",
    },
    explanation="""
    Where the service may be framed, the page around it is one that it lists.

    Else the permission for one partner is a permission for everybody. Compare topOrigin with a list, and refuse it
    where crossOrigin is not true.
    """,
)

REG_TB = Requirement(
    id="WA-REG-TB",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.1 (tokenBinding is reserved); FIDO AttResp-2 F-15 to F-17",
    evidence=W3C,
    cases=client_data.token_bindings(),
    caught={
        "reads-token-binding": "a registration (tokenBinding of an unknown status): refused",
    },
    explanation="""
    What becomes of tokenBinding, which Level 3 only reserves, is recorded.

    FIDO's server tests want some forms of it refused, and Level 3 wants it ignored. Neither harms a user.
    """,
)
