"""What a signature must be, and by which key: WA-AUT-21, WA-AUT-21c, WA-KEY-12 to WA-KEY-15."""

from __future__ import annotations

from harness.check import CRITICAL, HIGH, MEDIUM, MUST, RFC, W3C
from harness.webauthn_cases import authentication, keys
from harness.webauthn_requirements.requirement import Requirement

AUT_21 = Requirement(
    id="WA-AUT-21",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21; FIDO AssResp-1 F-20; CVE-2026-126952; CVE-2026-46419",
    evidence=W3C,
    cases=authentication.signatures(),
    caught={
        "ignores-the-signature": "accepted an authentication (a signature in ES256 by another key",
        "skips-an-empty-signature": "accepted an authentication (no signature",
    },
    explanation="""
    Nobody signs in without the credential's signature over exactly this authenticator data and client data.

    A signature that is not verified, or whose result is not looked at, on any path, lets everybody in. Verify it
    always, and heed an answer that says no without raising.
    """,
)

AUT_21C = Requirement(
    id="WA-AUT-21c",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21",
    evidence=W3C,
    caught={
        "ignores-the-signature": "of the authenticator data changed)",
    },
    explanation="""
    A bit that changes after it was signed, anywhere in what is signed or in the signature, is found out.

    What is not covered by the hash can be exchanged by whoever is between. Hash the whole of what was received.
    """,
)

KEY_15 = Requirement(
    id="WA-KEY-15",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 21 (the key is the record's); RFC 8725 section 2.1",
    evidence=W3C,
    cases=authentication.keys_in_the_response(),
    caught={
        "takes-the-key-from-the-response": "accepted an authentication (a key in the response that signed",
    },
    explanation="""
    The key, and its algorithm, come from the credential record and from nowhere else.

    A key that a response brings along is the attacker's. Use what was stored at the registration.
    """,
)

KEY_12 = Requirement(
    id="WA-KEY-12",
    level=MUST,
    severity=CRITICAL,
    clause="FIPS 186-5 section 6.4.2; CVE-2022-21449",
    evidence=RFC,
    cases=keys.ecdsa_numbers(),
    caught={
        "takes-zero-for-r-or-s": "accepted an authentication (r = 0, s = 0",
        "takes-ber": "accepted an authentication (r beyond n",
    },
    explanation="""
    An ECDSA signature whose r or s is not between 1 and n - 1 is refused.

    Zeros verify for every message and every key where the range is not looked at. The values are the special ones
    of project Wycheproof. Leave it to a {service} that has been tested with them.
    """,
)

KEY_13 = Requirement(
    id="WA-KEY-13",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.5.5; RFC 3279 section 2.2.3; X.690 section 10",
    evidence=W3C,
    cases=keys.ecdsa_forms(),
    caught={
        "takes-p1363": "accepted an authentication (r and s one after the other",
        "takes-ber": "accepted an authentication (a long form of the length",
    },
    explanation="""
    An ECDSA signature is DER, to the byte.

    Every other form of the same numbers is a second signature that verifies, which whoever remembers signatures
    does not know. Parse strictly.
    """,
)

KEY_14 = Requirement(
    id="WA-KEY-14",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 6.5.5; RFC 8017 section 8.2.2",
    evidence=W3C,
    cases=keys.rsa_forms(),
    caught={
        "takes-any-rsa-padding": "accepted an authentication (RSASSA-PSS",
    },
    explanation="""
    RS256 is RSASSA-PKCS1-v1_5 with SHA-256, and the padding fills the block.

    A verifier that searches for the hash, or lets bytes follow it, takes forgeries that need no private key where
    the exponent is small. Compare the whole block.
    """,
)
