"""What a credential public key must be: WA-KEY-01 to WA-KEY-09."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import HIGH, LOW, MEDIUM, MUST, SHOULD, TRIGGERS, W3C, check
from harness.webauthn_cases import keys
from harness.webauthn_cases.custom_auth import custom

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court

NEEDS = {"custom-auth", "fido2", "credential-api"}


@check(
    "WA-KEY-01",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; RFC 9053 section 7.1.1",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-curve": "accepted a registration (ES256 with crv 2",
    },
)
def test_es256_goes_with_p256(fido2_court: Fido2Court) -> None:
    """A key for ES256 is on P-256, and says so.

    A service that takes the curve from somewhere else than the key registers keys that nobody meant. Demand crv 1,
    as a number.
    """
    fido2_court.must_be_right_about_registering(custom(keys.curves()))


@check(
    "WA-KEY-02",
    level=MUST,
    severity=HIGH,
    clause="RFC 9052 section 7; RFC 9053 section 2; WebAuthn L3 section 5.8.5",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.ignores-the-key-type": "accepted a registration (an elliptic key for RS256",
    },
)
def test_the_key_type_goes_with_the_algorithm(fido2_court: Fido2Court) -> None:
    """A key's type is that of its algorithm.

    A key that is read as another kind has a private key that anybody may know. Look at kty and alg together, when
    the key is registered.
    """
    fido2_court.must_be_right_about_registering(custom(keys.key_types()))


@check(
    "WA-KEY-03",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5 (the point is on the curve)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-points-off-the-curve": "accepted a registration (y of ones",
    },
)
def test_the_point_is_on_the_curve(fido2_court: Fido2Court) -> None:
    """A point that is not on the curve is refused when it is registered, not at the first sign-in.

    Else a user has a passkey that can never sign in, and thinks to have one that can. Load the key when it arrives.
    """
    fido2_court.must_be_right_about_registering(custom(keys.points()))


@check(
    "WA-KEY-04",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 5.8.5 (compressed points must not be used)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-compressed-points": "accepted a registration (y as its sign",
    },
)
def test_points_are_not_compressed(fido2_court: Fido2Court) -> None:
    """A compressed point is refused for ES256.

    Authenticators must not use it, and most of what reads stored keys cannot. Demand that y is bytes.
    """
    fido2_court.must_be_right_about_registering(custom(keys.compressed_points()))


@check(
    "WA-KEY-05",
    level=MUST,
    severity=LOW,
    clause="RFC 9053 section 7.1.1 (leading zeros are kept)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-coordinates-of-any-length": "accepted a registration (x of 31 bytes",
    },
)
def test_coordinates_have_their_length(fido2_court: Fido2Court) -> None:
    """Coordinates have 32 bytes each, zeros included.

    Two ways to write one key are two keys to whoever compares bytes, and a short one may be read as another. Demand
    the length.
    """
    fido2_court.must_be_right_about_registering(custom(keys.coordinate_lengths()))


@check(
    "WA-KEY-06",
    level=MUST,
    severity=HIGH,
    clause="RFC 8230 section 4",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-any-rsa-key": "accepted a registration (a modulus of 512 bits",
    },
)
def test_rsa_keys_are_large_enough_and_not_too_large(fido2_court: Fido2Court) -> None:
    """An RSA key has at least 2048 bits, no more than a service can bear, and an odd exponent from 3.

    A short modulus can be factored, an exponent of 1 signs anything, and a modulus of 65536 bits keeps a server
    busy. Look at both when the key is registered.
    """
    fido2_court.must_be_right_about_registering(custom(keys.rsa_keys()))


@check(
    "WA-KEY-07",
    level=MUST,
    severity=MEDIUM,
    clause="RFC 9053 section 7.1.1; WebAuthn L3 section 6.5.2 (no optional parameters)",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-private-parts": "accepted a registration (a private part in it",
    },
)
def test_a_public_key_has_no_private_part(fido2_court: Fido2Court) -> None:
    """A credential public key that brings its private part along is refused.

    Who stores it stores a secret that signs in, and who sent it did not keep it. Demand the labels that the key
    needs, and no others.
    """
    fido2_court.must_be_right_about_registering(custom(keys.private_parts()))


@check(
    "WA-KEY-08",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 8949 section 5.6; CTAP 2.1 section 8",
    evidence=W3C,
    subject=TRIGGERS,
    needs=NEEDS,
    killed_by={
        "triggers.passkeys.takes-the-last-of-duplicate-labels": "accepted a registration (alg twice, another first",
    },
)
def test_a_label_stands_once(fido2_court: Fido2Court) -> None:
    """A key in which a label stands twice is refused.

    One reader takes the first alg, another the last: two algorithms for one key. Refuse it where CBOR is read.
    """
    fido2_court.must_be_right_about_registering(custom(keys.duplicate_labels()))
