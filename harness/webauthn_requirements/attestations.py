"""What attestation statements must be: WA-ATT-N1 to WA-ATT-U1."""

from __future__ import annotations

from harness.check import HIGH, LOW, MEDIUM, MUST, W3C
from harness.webauthn_cases import attestation
from harness.webauthn_requirements.requirement import Requirement

ATT_N1 = Requirement(
    id="WA-ATT-N1",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 8.7; FIDO AttResp-7 F-1",
    evidence=W3C,
    cases=attestation.none(),
    caught={
        "takes-any-statement-for-none": "accepted a registration (a map with a member",
    },
    explanation="""
    The format none has an empty statement.

    A statement under that name is one that nobody verifies and somebody may later believe. Refuse whatever is in
    it.
    """,
)

ATT_P1 = Requirement(
    id="WA-ATT-P1",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-6 P-1, F-1",
    evidence=W3C,
    cases=attestation.packed_self(),
    caught={
        "ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "ignores-attestation-statements": "accepted a registration (one bit of the signature",
    },
    explanation="""
    A self attestation is signed with the credential's key, over this authenticator data and this client data.

    Unverified, it does not even show that the key's owner is there. Verify it like an assertion.
    """,
)

ATT_P2 = Requirement(
    id="WA-ATT-P2",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2",
    evidence=W3C,
    cases=attestation.packed_self_algorithms(),
    caught={
        "ignores-the-statements-alg": "accepted a registration (alg -257",
    },
    explanation="""
    Alg of a self attestation is the algorithm of the credential.

    Two algorithms for one key are one too many. Compare them.
    """,
)

ATT_P3 = Requirement(
    id="WA-ATT-P3",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-3 F-13 to F-19",
    evidence=W3C,
    cases=attestation.packed_members(),
    caught={
        "ignores-the-statements-form": "accepted a registration (self: sig left out",
    },
    explanation="""
    A packed statement has alg and sig, each of its type.

    What is missing is not verified. Demand it.
    """,
)

ATT_P4 = Requirement(
    id="WA-ATT-P4",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-5 P-1, P-2, F-4, F-5, F-14",
    evidence=W3C,
    cases=attestation.packed_certified(),
    caught={
        "ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "ignores-attestation-statements": "accepted a registration (the credential's signature for the cert",
        "ignores-the-statements-form": "accepted a registration (x5c empty",
    },
    explanation="""
    A packed statement with certificates is signed by the first one's key.

    Else anybody puts a well-known maker's certificate beside a key of their own. Verify with the certificate's key,
    never with the credential's.
    """,
)

ATT_U1 = Requirement(
    id="WA-ATT-U1",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.6; FIDO AttResp-8",
    evidence=W3C,
    cases=attestation.fido_u2f(),
    caught={
        "ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "ignores-what-a-statement-says": "accepted a registration (a certificate on P-384",
    },
    explanation="""
    A U2F statement has one certificate, whose P-256 key signed the registration message of U2F.

    Unverified, it vouches for any key. Put the message together as the standard says, and verify it.
    """,
)
