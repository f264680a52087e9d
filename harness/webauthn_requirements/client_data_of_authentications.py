"""What the client data of an authentication must be: WA-AUT-08 to WA-AUT-14, WA-AUT-21b."""

from __future__ import annotations

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, W3C
from harness.webauthn_cases import client_data
from harness.webauthn_requirements.requirement import Requirement

AUT_08 = Requirement(
    id="WA-AUT-08",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 8 (UTF-8 decode)",
    evidence=W3C,
    cases=client_data.byte_order_marks(),
    caught={
        "keeps-the-byte-order-mark": ") an authentication (a byte order mark",
    },
    explanation="""
    A byte order mark before the client data is no mistake.

    The standard decodes client data as browsers decode text, which strips it. A {service} that does not locks out
    whoever has a client that writes one. Strip it for parsing, and hash the bytes as they came.
    """,
)

AUT_10 = Requirement(
    id="WA-AUT-10",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 10; FIDO AssResp-2 F-1 to F-5",
    evidence=W3C,
    cases=client_data.types("webauthn.get", "webauthn.create"),
    caught={
        "ignores-the-type": "accepted an authentication (type the other ceremony's",
        "compares-types-loosely": "accepted an authentication (type in capitals",
    },
    explanation="""
    An authentication says webauthn.get, exactly.

    Without it, what the user signed to register, or to pay, signs somebody in. Compare the text.
    """,
)

AUT_11 = Requirement(
    id="WA-AUT-11",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 11; section 13.4.3; FIDO AssResp-2 F-6 to F-10",
    evidence=W3C,
    cases=client_data.challenges(),
    caught={
        "ignores-the-challenge": "accepted an authentication (another challenge",
        "compares-the-beginning-of-the-challenge": "accepted an authentication (the first half of the challenge",
    },
    explanation="""
    The challenge is the one that this ceremony's options had, whole.

    The challenge is all that tells a response of today from one that was overheard. A {service} that compares it
    badly, or only where it is there, accepts yesterday's. Compare the whole text.
    """,
)

AUT_11B = Requirement(
    id="WA-AUT-11b",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 11 (equality of strings); RFC 4648 section 5",
    evidence=W3C,
    cases=client_data.encodings_of_the_challenge(),
    caught={
        "decodes-the-challenge": "accepted an authentication (in the alphabet of base64",
    },
    explanation="""
    The challenge counts only as it was written into the options.

    A {service} that decodes leniently has many texts for one challenge; whoever keeps track of used challenges by
    their text then sees new ones. Compare texts, or decode strictly.
    """,
)

AUT_12 = Requirement(
    id="WA-AUT-12",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 12; section 13.4.9; FIDO AssResp-2 F-11 to F-14",
    evidence=W3C,
    cases=client_data.origins(),
    caught={
        "ignores-the-origin": "accepted an authentication (origin: another site",
        "compares-the-beginning-of-the-origin": "accepted an authentication (origin: a suffix",
        "compares-the-end-of-the-origin": "accepted an authentication (origin: a prefix",
        "compares-origins-without-case": "accepted an authentication (origin: the host in capitals",
        "knows-one-origin": ") an authentication (origin https://app.example.org:8443",
    },
    explanation="""
    The origin is one of those that the service lists, character by character.

    The origin is what makes passkeys proof against phishing. A comparison of beginnings, ends or host names lets in
    a site whose name was chosen for it. Compare whole texts with a list.
    """,
)

AUT_13 = Requirement(
    id="WA-AUT-13",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 13",
    evidence=W3C,
    cases=client_data.frames(),
    caught={
        "ignores-cross-origin": "accepted an authentication (crossOrigin true",
        "takes-only-true-for-true": "accepted an authentication (crossOrigin the text true",
        "refuses-every-frame": ") an authentication (crossOrigin true where it is allowed",
    },
    explanation="""
    A ceremony in a frame of another site counts only where the service expects to be framed.

    A page that frames the service can lead its user to confirm what they do not see. Refuse crossOrigin unless it
    was configured.
    """,
)

AUT_14 = Requirement(
    id="WA-AUT-14",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 14; section 13.4.9",
    evidence=W3C,
    cases=client_data.pages_around_frames(),
    caught={
        "ignores-top-origin": "accepted an authentication (a topOrigin and crossOrigin false",
    },
    explanation="""
    Where the service may be framed, the page around it is one that it lists.

    Else the permission for one partner is a permission for everybody. Compare topOrigin with a list, and refuse it
    where crossOrigin is not true.
    """,
)

AUT_21B = Requirement(
    id="WA-AUT-21b",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 steps 20 and 21",
    evidence=W3C,
    cases=client_data.spacing(),
    caught={
        "hashes-json-anew": ") an authentication (blanks and lines",
    },
    explanation="""
    The hash is over the client data's bytes as they were received.

    A {service} that parses JSON and writes it again hashes something else, and fails for clients that write it in
    another way. Keep the bytes.
    """,
)
