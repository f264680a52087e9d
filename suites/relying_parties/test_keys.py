"""Which public keys are taken: WA-KEY-01r to WA-KEY-11r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import HIGH, LOW, MAY, MEDIUM, MUST, RELYING_PARTY, SHOULD, W3C, cases, check
from harness.webauthn_cases import keys
from harness.webauthn_cases.cases import Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check(
    "WA-KEY-01r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; RFC 9053 section 7.1.1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-curve": "accepted a registration (ES256 with crv 2",
    },
)
@cases("case", each(keys.curves()))
def test_es256_goes_with_p256(relying_party: CeremonyCourt, case: Case) -> None:
    """A key for ES256 is on P-256, and says so.

    A library that takes the curve from somewhere else than the key registers keys that nobody meant. Demand crv 1,
    as a number.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-02r",
    level=MUST,
    severity=HIGH,
    clause="RFC 9052 section 7; RFC 9053 section 2; WebAuthn L3 section 5.8.5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.ignores-the-key-type": "accepted a registration (an elliptic key for RS256",
    },
)
@cases("case", each(keys.key_types()))
def test_the_key_type_goes_with_the_algorithm(relying_party: CeremonyCourt, case: Case) -> None:
    """A key's type is that of its algorithm.

    A key that is read as another kind has a private key that anybody may know. Look at kty and alg together, when
    the key is registered.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-03r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5 (the point is on the curve)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-points-off-the-curve": "accepted a registration (y of ones",
    },
)
@cases("case", each(keys.points()))
def test_the_point_is_on_the_curve(relying_party: CeremonyCourt, case: Case) -> None:
    """A point that is not on the curve is refused when it is registered, not at the first sign-in.

    Else a user has a passkey that can never sign in, and thinks to have one that can. Load the key when it arrives.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-04r",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.5 (compressed points must not be used)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-compressed-points": "accepted a registration (y as its sign",
    },
)
@cases("case", each(keys.compressed_points()))
def test_points_are_not_compressed(relying_party: CeremonyCourt, case: Case) -> None:
    """A compressed point is refused for ES256.

    Authenticators must not use it, and most of what reads stored keys cannot. Demand that y is bytes.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-05r",
    level=MUST,
    severity=LOW,
    clause="RFC 9053 section 7.1.1 (leading zeros are kept)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-coordinates-of-any-length": "accepted a registration (x of 31 bytes",
    },
)
@cases("case", each(keys.coordinate_lengths()))
def test_coordinates_have_their_length(relying_party: CeremonyCourt, case: Case) -> None:
    """Coordinates have 32 bytes each, zeros included.

    Two ways to write one key are two keys to whoever compares bytes, and a short one may be read as another. Demand
    the length.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-06r",
    level=MUST,
    severity=HIGH,
    clause="RFC 8230 section 4",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.rs256"},
    killed_by={
        "rp.takes-any-rsa-key": "accepted a registration (a modulus of 512 bits",
    },
)
@cases("case", each(keys.rsa_keys()))
def test_rsa_keys_are_large_enough_and_not_too_large(relying_party: CeremonyCourt, case: Case) -> None:
    """An RSA key has at least 2048 bits, no more than a service can bear, and an odd exponent from 3.

    A short modulus can be factored, an exponent of 1 signs anything, and a modulus of 65536 bits keeps a server
    busy. Look at both when the key is registered.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-07r",
    level=MUST,
    severity=MEDIUM,
    clause="RFC 9053 section 7.1.1; WebAuthn L3 section 6.5.2 (no optional parameters)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-private-parts": "accepted a registration (a private part in it",
    },
)
@cases("case", each(keys.private_parts()))
def test_a_public_key_has_no_private_part(relying_party: CeremonyCourt, case: Case) -> None:
    """A credential public key that brings its private part along is refused.

    Who stores it stores a secret that signs in, and who sent it did not keep it. Demand the labels that the key
    needs, and no others.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-08r",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 8949 section 5.6; CTAP 2.1 section 8",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-the-last-of-duplicate-labels": "accepted a registration (alg twice, another first",
    },
)
@cases("case", each(keys.duplicate_labels()))
def test_a_label_stands_once(relying_party: CeremonyCourt, case: Case) -> None:
    """A key in which a label stands twice is refused.

    One reader takes the first alg, another the last: two algorithms for one key. Refuse it where CBOR is read.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-09r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; RFC 8032 section 5.1.3; FIPS 186-5 section 7.8",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.eddsa"},
    killed_by={
        "rp.takes-small-order-points": "accepted a registration (a point of small order: order 4",
        "rp.ignores-the-curve": "accepted a registration (EdDSA with Ed448",
    },
)
@cases("case", each(keys.edwards_keys()))
def test_eddsa_goes_with_ed25519(relying_party: CeremonyCourt, case: Case) -> None:
    """A key for EdDSA is an Ed25519 key of 32 bytes, and no point of small order.

    With a point of small order one signature verifies for many messages, whoever made it. Demand crv 6 and the
    length, and refuse the few bad points.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-10r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.es384", "relying-party.es512"},
    killed_by={
        "rp.ignores-the-curve": "accepted a registration (a P-256 key under ES384",
    },
)
@cases("case", each(keys.larger_curves()))
def test_es384_and_es512_go_with_their_curves(relying_party: CeremonyCourt, case: Case) -> None:
    """ES384 goes with P-384, ES512 with P-521.

    The algorithm's name promises a strength that a smaller curve has not. Demand the curve of the algorithm.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-KEY-11r",
    level=MAY,
    severity=LOW,
    clause="draft-ietf-cose-dilithium; WebAuthn L3 section 7.1 step 20",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.algorithms"},
    killed_by={
        "rp.takes-any-algorithm-for-its-own": "ML-DSA-44 that was not offered): accepted",
    },
)
@cases("case", each(keys.post_quantum_keys()))
def test_post_quantum_keys_are_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """What becomes of ML-DSA keys where nobody offered that algorithm is recorded.

    Not to be ready for it is no mistake. WA-REG-20r shows whether what was not offered is refused.
    """
    relying_party.must_be_right_about_registering(case)
