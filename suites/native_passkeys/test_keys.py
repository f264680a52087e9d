"""What a credential public key must be: WA-KEY-01n to WA-KEY-10n."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harness.check import HIGH, MUST, POOL, W3C, check
from harness.webauthn_cases import keys
from harness.webauthn_cases.cases import USUAL
from harness.webauthn_requirements import credential_keys
from harness.webauthn_requirements.requirement import check_of_pool

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case

_LARGER_CURVES = [
    replace(case, setting=USUAL) if case.what.startswith("a P-256 key under") else case for case in keys.larger_curves()
]
"""What replaces the key whole has for its twin the usual credential, which every pool takes."""


@check_of_pool("WA-KEY-01n", credential_keys.KEY_01)
def test_es256_goes_with_p256(native_passkeys: PasskeyCourt, case: Case) -> None:
    """ES256 goes with P-256 and no other curve.

    A key that is read on another curve than it says verifies nothing, or too much. Demand crv 1.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-02n", credential_keys.KEY_02, needs={"passkeys.rs256"})
def test_the_key_type_goes_with_the_algorithm(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The key type is the algorithm's.

    Two readers of a key that says two things use two keys. Refuse it when it is registered.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-03n", credential_keys.KEY_03)
def test_points_are_on_the_curve(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A point that is not on the curve is refused when it is registered.

    At the first sign-in it is too late: the user is locked out, or the verifier computes on another curve. Verify
    the point.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-04n", credential_keys.KEY_04)
def test_points_are_not_compressed(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A point has both coordinates.

    The standard forbids the compressed form for these algorithms, and half the readers do not know it. Refuse a
    sign in the place of y.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-05n", credential_keys.KEY_05)
def test_coordinates_have_their_length(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Coordinates have the length of the curve, to the byte.

    Others are a second writing of the same key, or a mistake. Demand 32 bytes.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-06n", credential_keys.KEY_06, needs={"passkeys.rs256"})
def test_rsa_keys_are_sound(native_passkeys: PasskeyCourt, case: Case) -> None:
    """RSA keys have 2048 bits and more, not too many, and an odd exponent from 3.

    Small ones are broken, exponent 1 signs for everybody, and huge ones stop the verifier. Refuse them at
    registration.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-07n", credential_keys.KEY_07, severity=HIGH)
def test_no_private_part_is_taken(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A key with its private part in it is refused.

    Stored, it signs in for whoever reads the store. Take public keys only.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-08n", credential_keys.KEY_08)
def test_no_label_stands_twice(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A key with a label that stands twice is refused.

    Of two values one parser takes the first and another the last. Refuse both.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-KEY-09n", credential_keys.KEY_09, needs={"passkeys.eddsa"})
def test_eddsa_goes_with_ed25519(native_passkeys: PasskeyCourt, case: Case) -> None:
    """EdDSA goes with Ed25519, 32 bytes, and no point of small order.

    A key of small order verifies signatures that nobody made. Refuse it at registration.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-KEY-10n",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.8.5; section 7.1 step 20; RFC 9053 section 2.1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.ignores-which-algorithms-were-offered": "accepted a registration (a P-256 key under ES384",
    },
)
def test_larger_curves_go_with_their_algorithms(native_passkeys: PasskeyCourt) -> None:
    """ES384 goes with P-384 and ES512 with P-521, and where a pool does not offer them, with nothing.

    A P-256 key that calls itself ES384 is verified by whatever its reader chooses. Demand the curve of the algorithm,
    and the algorithm of the options. (Pools are not known to offer either; what honest keys of theirs meet where they
    are not offered is judged by WA-REG-20n.)
    """
    for case in _LARGER_CURVES:
        native_passkeys.must_be_right_where_offered(case)
