"""WebAuthn's ceremonies, against the W3C's own examples."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from harness.check import ARITHMETIC, CRITICAL, MUST, W3C, cases, check
from harness.findings import Finding
from vectors.load import Vector, load_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fakes.arithmetic.ceremonies import Ceremonies
    from protocol.webauthn.credentials import CredentialRecord
    from suites.known_answers.ceremonies import SignedPart

FLIPS = 12
"""How many bits are changed of each signed part; `tests/` change one of every byte."""

_VECTORS = {vector.id: vector for vector in load_vectors("webauthn") if vector.operation == "webauthn-ceremonies"}


@check(
    "VEC-06",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 16",
    evidence=W3C,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.webauthn.forgets-the-assertion-signature": "the authentication passes although",
        "arithmetic.webauthn.forgets-the-attestation-statement": "the registration passes although",
        "arithmetic.webauthn.forgets-the-trust-path": "attStmt.x5c.0 is changed",
        "arithmetic.webauthn.refuses-unknown-members": "the registration is refused",
    },
)
@cases("vector", _VECTORS)
def test_the_w3cs_ceremonies_pass_and_none_with_a_bit_changed(
    ceremonies: Ceremonies, randomness: random.Random, vector: Vector
) -> None:
    """Every registration and authentication that the W3C prints is accepted, and none with a signed bit changed.

    Who refuses one locks out the users of some authenticator; who accepts a changed one lets in whoever changes it.
    Verify the signatures over the bytes as they were received, and use their result.
    """
    record = _honest(ceremonies, vector)
    from suites.known_answers import ceremonies as w3c

    registration, authentication = (
        w3c.registration_expectations(vector),
        w3c.authentication_expectations(vector, record),
    )
    _must_refuse(
        "registration",
        lambda json: ceremonies.register(json, registration),
        w3c.signed_parts_of_registration(vector),
        randomness,
    )
    _must_refuse(
        "authentication",
        lambda json: ceremonies.authenticate(json, authentication),
        w3c.signed_parts_of_authentication(vector),
        randomness,
    )
    _honest(ceremonies, vector)


def _honest(ceremonies: Ceremonies, vector: Vector) -> CredentialRecord:
    """Both ceremonies as the W3C prints them pass, and the credential is the printed one."""
    from protocol.webauthn.errors import CeremonyRefused
    from suites.known_answers import ceremonies as w3c

    try:
        registration = ceremonies.register(w3c.registration_response(vector), w3c.registration_expectations(vector))
    except CeremonyRefused as refused:
        raise Finding(f"{vector.comment} the registration is refused: {refused}") from refused
    if registration.record.id != vector.expected.data("credential_id"):
        raise Finding(f"{vector.comment} the registered credential id is not the printed one")
    expected = w3c.authentication_expectations(vector, registration.record)
    try:
        ceremonies.authenticate(w3c.authentication_response(vector), expected)
    except CeremonyRefused as refused:
        raise Finding(f"{vector.comment} the authentication is refused: {refused}") from refused
    return registration.record


def _must_refuse(
    what: str, judge: Callable[[object], object], parts: Iterable[SignedPart], randomness: random.Random
) -> None:
    from protocol.webauthn.errors import CeremonyRefused

    for part in parts:
        for position, bit in part.flips(randomness, FLIPS):
            try:
                judge(part.with_bit_flipped(position, bit))
            except CeremonyRefused:
                continue
            raise Finding(f"the {what} passes although bit {bit} of byte {position} of its {part.name} is changed")
