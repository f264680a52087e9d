"""Which public keys are taken: WA-KEY-01r to WA-KEY-11r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import HIGH, LOW, MAY, MUST, RELYING_PARTY, W3C, cases, check
from harness.webauthn_cases import keys
from harness.webauthn_cases.cases import Case, each
from harness.webauthn_requirements import credential_keys
from harness.webauthn_requirements.requirement import check_of_library

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check_of_library("WA-KEY-01r", credential_keys.KEY_01)
def test_es256_goes_with_p256(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-02r", credential_keys.KEY_02)
def test_the_key_type_goes_with_the_algorithm(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-03r", credential_keys.KEY_03)
def test_the_point_is_on_the_curve(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-04r", credential_keys.KEY_04)
def test_points_are_not_compressed(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-05r", credential_keys.KEY_05)
def test_coordinates_have_their_length(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-06r", credential_keys.KEY_06, needs={"relying-party.rs256"})
def test_rsa_keys_are_large_enough_and_not_too_large(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-07r", credential_keys.KEY_07)
def test_a_public_key_has_no_private_part(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-08r", credential_keys.KEY_08)
def test_a_label_stands_once(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-KEY-09r", credential_keys.KEY_09, needs={"relying-party.eddsa"})
def test_eddsa_goes_with_ed25519(relying_party: CeremonyCourt, case: Case) -> None:
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
