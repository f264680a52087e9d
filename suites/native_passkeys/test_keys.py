"""What a credential public key must be: WA-KEY-01n to WA-KEY-09n. ES384 and ES512 are not offered by pools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import HIGH, LOW, MEDIUM, MUST, POOL, SHOULD, W3C, cases, check
from harness.webauthn_cases import keys
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check(
    "WA-KEY-01n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; RFC 9053 section 7.1.1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-the-curve": "accepted a registration (ES256 with crv 2",
    },
)
@cases("case", native(keys.curves()))
def test_es256_goes_with_p256(native_passkeys: PasskeyCourt, case: Case) -> None:
    """ES256 goes with P-256 and no other curve.

    A key that is read on another curve than it says verifies nothing, or too much. Demand crv 1.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-02n",
    level=MUST,
    severity=HIGH,
    clause="RFC 9052 section 7; RFC 9053 section 2; WebAuthn L3 section 5.8.5",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.rs256"},
    killed_by={
        "pool.passkeys.ignores-the-key-type": "accepted a registration (an elliptic key for RS256",
    },
)
@cases("case", native(keys.key_types()))
def test_the_key_type_goes_with_the_algorithm(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The key type is the algorithm's.

    Two readers of a key that says two things use two keys. Refuse it when it is registered.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-03n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5 (the point is on the curve)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-points-off-the-curve": "accepted a registration (y of ones",
    },
)
@cases("case", native(keys.points()))
def test_points_are_on_the_curve(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A point that is not on the curve is refused when it is registered.

    At the first sign-in it is too late: the user is locked out, or the verifier computes on another curve. Verify
    the point.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-04n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.5 (compressed points must not be used)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-compressed-points": "accepted a registration (y as its sign",
    },
)
@cases("case", native(keys.compressed_points()))
def test_points_are_not_compressed(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A point has both coordinates.

    The standard forbids the compressed form for these algorithms, and half the readers do not know it. Refuse a
    sign in the place of y.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-05n",
    level=MUST,
    severity=LOW,
    clause="RFC 9053 section 7.1.1 (leading zeros are kept)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-coordinates-of-any-length": "accepted a registration (x of 31 bytes",
    },
)
@cases("case", native(keys.coordinate_lengths()))
def test_coordinates_have_their_length(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Coordinates have the length of the curve, to the byte.

    Others are a second writing of the same key, or a mistake. Demand 32 bytes.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-06n",
    level=MUST,
    severity=HIGH,
    clause="RFC 8230 section 4",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.rs256"},
    killed_by={
        "pool.passkeys.takes-any-rsa-key": "accepted a registration (a modulus of 512 bits",
    },
)
@cases("case", native(keys.rsa_keys()))
def test_rsa_keys_are_sound(native_passkeys: PasskeyCourt, case: Case) -> None:
    """RSA keys have 2048 bits and more, not too many, and an odd exponent from 3.

    Small ones are broken, exponent 1 signs for everybody, and huge ones stop the verifier. Refuse them at
    registration.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-07n",
    level=MUST,
    severity=HIGH,
    clause="RFC 9053 section 7.1.1; WebAuthn L3 section 6.5.2 (no optional parameters)",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-private-parts": "accepted a registration (a private part in it",
    },
)
@cases("case", native(keys.private_parts()))
def test_no_private_part_is_taken(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A key with its private part in it is refused.

    Stored, it signs in for whoever reads the store. Take public keys only.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-08n",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 8949 section 5.6; CTAP 2.1 section 8",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-the-last-of-duplicate-labels": "accepted a registration (alg twice, another first",
    },
)
@cases("case", native(keys.duplicate_labels()))
def test_no_label_stands_twice(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A key with a label that stands twice is refused.

    Of two values one parser takes the first and another the last. Refuse both.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-09n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; RFC 8032 section 5.1.3; FIPS 186-5 section 7.8",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.eddsa"},
    killed_by={
        "pool.passkeys.takes-small-order-points": "accepted a registration (a point of small order: order 4",
        "pool.passkeys.ignores-the-curve": "accepted a registration (EdDSA with Ed448",
    },
)
@cases("case", native(keys.edwards_keys()))
def test_eddsa_goes_with_ed25519(native_passkeys: PasskeyCourt, case: Case) -> None:
    """EdDSA goes with Ed25519, 32 bytes, and no point of small order.

    A key of small order verifies signatures that nobody made. Refuse it at registration.
    """
    native_passkeys.must_be_right_about_registering(case)
