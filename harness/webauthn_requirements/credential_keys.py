"""What a credential public key must be: WA-KEY-01 to WA-KEY-09."""

from __future__ import annotations

from harness.check import HIGH, LOW, MEDIUM, MUST, SHOULD, W3C
from harness.webauthn_cases import keys
from harness.webauthn_requirements.requirement import Requirement

KEY_01 = Requirement(
    id="WA-KEY-01",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; RFC 9053 section 7.1.1",
    evidence=W3C,
    cases=keys.curves(),
    caught={
        "ignores-the-curve": "accepted a registration (ES256 with crv 2",
    },
    explanation="""
    A key for ES256 is on P-256, and says so.

    A {service} that takes the curve from somewhere else than the key registers keys that nobody meant. Demand crv 1,
    as a number.
    """,
)

KEY_02 = Requirement(
    id="WA-KEY-02",
    level=MUST,
    severity=HIGH,
    clause="RFC 9052 section 7; RFC 9053 section 2; WebAuthn L3 section 5.8.5",
    evidence=W3C,
    cases=keys.key_types(),
    caught={
        "ignores-the-key-type": "accepted a registration (an elliptic key for RS256",
    },
    explanation="""
    A key's type is that of its algorithm.

    A key that is read as another kind has a private key that anybody may know. Look at kty and alg together, when
    the key is registered.
    """,
)

KEY_03 = Requirement(
    id="WA-KEY-03",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5 (the point is on the curve)",
    evidence=W3C,
    cases=keys.points(),
    caught={
        "takes-points-off-the-curve": "accepted a registration (y of ones",
    },
    explanation="""
    A point that is not on the curve is refused when it is registered, not at the first sign-in.

    Else a user has a passkey that can never sign in, and thinks to have one that can. Load the key when it arrives.
    """,
)

KEY_04 = Requirement(
    id="WA-KEY-04",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.5 (compressed points must not be used)",
    evidence=W3C,
    cases=keys.compressed_points(),
    caught={
        "takes-compressed-points": "accepted a registration (y as its sign",
    },
    explanation="""
    A compressed point is refused for ES256.

    Authenticators must not use it, and most of what reads stored keys cannot. Demand that y is bytes.
    """,
)

KEY_05 = Requirement(
    id="WA-KEY-05",
    level=MUST,
    severity=LOW,
    clause="RFC 9053 section 7.1.1 (leading zeros are kept)",
    evidence=W3C,
    cases=keys.coordinate_lengths(),
    caught={
        "takes-coordinates-of-any-length": "accepted a registration (x of 31 bytes",
    },
    explanation="""
    Coordinates have 32 bytes each, zeros included.

    Two ways to write one key are two keys to whoever compares bytes, and a short one may be read as another. Demand
    the length.
    """,
)

KEY_06 = Requirement(
    id="WA-KEY-06",
    level=MUST,
    severity=HIGH,
    clause="RFC 8230 section 4",
    evidence=W3C,
    cases=keys.rsa_keys(),
    caught={
        "takes-any-rsa-key": "accepted a registration (a modulus of 512 bits",
    },
    explanation="""
    An RSA key has at least 2048 bits, no more than a service can bear, and an odd exponent from 3.

    A short modulus can be factored, an exponent of 1 signs anything, and a modulus of 65536 bits keeps a server
    busy. Look at both when the key is registered.
    """,
)

KEY_07 = Requirement(
    id="WA-KEY-07",
    level=MUST,
    severity=MEDIUM,
    clause="RFC 9053 section 7.1.1; WebAuthn L3 section 6.5.2 (no optional parameters)",
    evidence=W3C,
    cases=keys.private_parts(),
    caught={
        "takes-private-parts": "accepted a registration (a private part in it",
    },
    explanation="""
    A credential public key that brings its private part along is refused.

    Who stores it stores a secret that signs in, and who sent it did not keep it. Demand the labels that the key
    needs, and no others.
    """,
)

KEY_08 = Requirement(
    id="WA-KEY-08",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 8949 section 5.6; CTAP 2.1 section 8",
    evidence=W3C,
    cases=keys.duplicate_labels(),
    caught={
        "takes-the-last-of-duplicate-labels": "accepted a registration (alg twice, another first",
    },
    explanation="""
    A key in which a label stands twice is refused.

    One reader takes the first alg, another the last: two algorithms for one key. Refuse it where CBOR is read.
    """,
)

KEY_09 = Requirement(
    id="WA-KEY-09",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; RFC 8032 section 5.1.3; FIPS 186-5 section 7.8",
    evidence=W3C,
    cases=keys.edwards_keys(),
    caught={
        "takes-small-order-points": "accepted a registration (a point of small order: order 4",
        "ignores-the-curve": "accepted a registration (EdDSA with Ed448",
    },
    explanation="""
    A key for EdDSA is an Ed25519 key of 32 bytes, and no point of small order.

    With a point of small order one signature verifies for many messages, whoever made it. Demand crv 6 and the
    length, and refuse the few bad points.
    """,
)
