"""The W3C's examples verify; with one bit changed anywhere that is signed they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from protocol.webauthn.authentication import AuthenticationExpectations, verify_authentication
from protocol.webauthn.errors import CeremonyRefused
from protocol.webauthn.registration import Registration, verify_registration
from suites.known_answers import ceremonies as w3c
from vectors.load import Vector, load_vectors

VECTORS = {vector.id: vector for vector in load_vectors("webauthn") if vector.operation == "webauthn-ceremonies"}
every_vector = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)


def _registered(vector: Vector) -> Registration:
    return verify_registration(w3c.registration_response(vector), w3c.registration_expectations(vector))


def _authentication_expectations(vector: Vector) -> AuthenticationExpectations:
    return w3c.authentication_expectations(vector, _registered(vector).record)


def test_there_are_fifteen() -> None:
    assert len(VECTORS) == 15


@every_vector
def test_the_pair_verifies(vector: Vector) -> None:
    record = _registered(vector).record
    assert record.id == vector.expected.data("credential_id")
    done = verify_authentication(w3c.authentication_response(vector), _authentication_expectations(vector))
    assert done.updated_record.sign_count == 0


@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
@every_vector
def test_one_bit_of_any_byte_that_is_signed_makes_it_fail(vector: Vector) -> None:
    registration = w3c.registration_expectations(vector)
    for part in w3c.signed_parts_of_registration(vector):
        for position in part.positions:
            with pytest.raises(CeremonyRefused):
                verify_registration(part.with_bit_flipped(position, position % 8), registration)
    authentication = _authentication_expectations(vector)
    for part in w3c.signed_parts_of_authentication(vector):
        for position in part.positions:
            with pytest.raises(CeremonyRefused):
                verify_authentication(part.with_bit_flipped(position, position % 8), authentication)


@every_vector
def test_a_frame_is_refused_where_none_is_expected(vector: Vector) -> None:
    framed = "CrossOrigin" in vector.flags
    expected = replace(_authentication_expectations(vector), cross_origin_expected=False)
    if not framed:
        verify_authentication(w3c.authentication_response(vector), expected)
        return
    with pytest.raises(CeremonyRefused) as refused:
        verify_authentication(w3c.authentication_response(vector), expected)
    assert refused.value.step == "cross-origin"


def test_a_top_origin_is_refused_unless_it_is_expected() -> None:
    vector = VECTORS["w3c-none-es256-toporigin"]
    expected = replace(w3c.registration_expectations(vector), top_origins=frozenset({"https://other.example"}))
    with pytest.raises(CeremonyRefused) as refused:
        verify_registration(w3c.registration_response(vector), expected)
    assert refused.value.step == "top-origin"


@every_vector
def test_without_user_verification_it_is_refused_where_that_is_required(vector: Vector) -> None:
    steps = []
    registration = replace(w3c.registration_expectations(vector), user_verification_required=True)
    authentication = replace(_authentication_expectations(vector), user_verification_required=True)
    for run in (
        lambda: verify_registration(w3c.registration_response(vector), registration),
        lambda: verify_authentication(w3c.authentication_response(vector), authentication),
    ):
        try:
            run()
        except CeremonyRefused as refused:
            steps.append(refused.step)
    assert steps in ([[]] if "UserNotVerified" not in vector.flags else [["user-verified"], ["user-verified"] * 2])
