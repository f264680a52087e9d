"""The W3C's ceremonies as a relying party meets them, and the same with one bit changed where it is signed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from protocol.webauthn import cbor
from protocol.webauthn.algorithms import ALGORITHMS
from protocol.webauthn.authentication import AuthenticationExpectations
from protocol.webauthn.base64url import encode
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.registration import AttestationPolicy, RegistrationExpectations
from vectors.load import load_vectors
from vectors.webauthn_file import ROOT_VECTOR

if TYPE_CHECKING:
    from vectors.load import Vector

_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
"""Inside the validity of the W3C's certificates."""

_USER_HANDLE = b"the W3C's user"
_NOT_SIGNED_BY_U2F = range(32, 53)
"""Flags, signature counter and AAGUID in the authenticator data, which a U2F registration message lacks."""


@dataclass(frozen=True)
class SignedPart:
    """A byte string that a signature of the ceremony covers, or is; and the response with another in its place."""

    name: str
    value: bytes
    positions: Sequence[int]
    replaced: Callable[[bytes], Mapping[str, Any]]

    def with_bit_flipped(self, position: int, bit: int) -> Mapping[str, Any]:
        """The response in which one bit of the part is another."""
        changed = bytearray(self.value)
        changed[position] ^= 1 << bit
        return self.replaced(bytes(changed))

    def flips(self, randomness: random.Random, count: int) -> Iterator[tuple[int, int]]:
        """Byte and bit of as many flips as asked for, or one a byte where that is fewer."""
        for position in randomness.sample(self.positions, min(count, len(self.positions))):
            yield position, randomness.randrange(8)


def registration_response(vector: Vector) -> dict[str, Any]:
    """The vector's RegistrationResponseJSON."""
    return _response(
        vector,
        clientDataJSON=vector.expected.data("registration_client_data"),
        attestationObject=vector.expected.data("attestation_object"),
    )


def authentication_response(vector: Vector) -> dict[str, Any]:
    """The vector's AuthenticationResponseJSON."""
    return _response(
        vector,
        clientDataJSON=vector.expected.data("authentication_client_data"),
        authenticatorData=vector.expected.data("authenticator_data"),
        signature=vector.expected.data("signature"),
    )


def registration_expectations(vector: Vector) -> RegistrationExpectations:
    """What the vector's relying party expects of the registration, attestation up to the W3C's root included."""
    algorithm = next(each for each in ALGORITHMS.values() if each.name == vector.inputs.text("algorithm"))
    root = next(each for each in load_vectors("webauthn") if each.id == ROOT_VECTOR)
    return RegistrationExpectations(
        challenge=vector.expected.data("registration_challenge"),
        algorithms=frozenset({algorithm.id}),
        attestation=AttestationPolicy(trust_anchors=(root.expected.data("certificate"),), moment=_MOMENT),
        **_common_expectations(vector),
    )


def authentication_expectations(vector: Vector, record: CredentialRecord) -> AuthenticationExpectations:
    """What the vector's relying party expects of the authentication with the credential it has registered."""
    return AuthenticationExpectations(
        challenge=vector.expected.data("authentication_challenge"),
        account=Account(_USER_HANDLE, (record,)),
        **_common_expectations(vector),
    )


def signed_parts_of_registration(vector: Vector) -> Iterator[SignedPart]:
    """Everything that the attestation signature covers, directly or through a certificate; nothing for `none`."""
    honest = registration_response(vector)
    attestation_object = cbor.decode(vector.expected.data("attestation_object"))
    if attestation_object["fmt"] == "none":
        return
    yield _member("clientDataJSON", vector.expected.data("registration_client_data"), honest)
    authenticator_data = attestation_object["authData"]
    not_signed = _NOT_SIGNED_BY_U2F if attestation_object["fmt"] == "fido-u2f" else ()
    yield _in_attestation_object(
        ("authData",),
        honest,
        attestation_object,
        [at for at in range(len(authenticator_data)) if at not in not_signed],
    )
    for name in ("sig", "certInfo", "pubArea"):
        if name in attestation_object["attStmt"]:
            yield _in_attestation_object(("attStmt", name), honest, attestation_object)
    for index in range(len(attestation_object["attStmt"].get("x5c", []))):
        yield _in_attestation_object(("attStmt", "x5c", index), honest, attestation_object)


def signed_parts_of_authentication(vector: Vector) -> Iterator[SignedPart]:
    """The authenticator data, the client data, and their signature."""
    honest = authentication_response(vector)
    yield _member("authenticatorData", vector.expected.data("authenticator_data"), honest)
    yield _member("clientDataJSON", vector.expected.data("authentication_client_data"), honest)
    yield _member("signature", vector.expected.data("signature"), honest)


def _common_expectations(vector: Vector) -> dict[str, Any]:
    inputs = vector.inputs
    return {
        "rp_id": inputs.text("rp_id"),
        "origins": frozenset({inputs.text("origin")}),
        "cross_origin_expected": inputs.text("frame") == "cross-origin",
        "top_origins": frozenset({inputs.text("top_origin")} if "top_origin" in inputs else ()),
    }


def _response(vector: Vector, **members: bytes) -> dict[str, Any]:
    id = encode(vector.expected.data("credential_id"))
    response = {name: encode(value) for name, value in members.items()}
    return {"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _member(name: str, value: bytes, honest: Mapping[str, Any]) -> SignedPart:
    def replaced(changed: bytes) -> Mapping[str, Any]:
        return {**honest, "response": {**honest["response"], name: encode(changed)}}

    return SignedPart(name, value, range(len(value)), replaced)


def _in_attestation_object(
    path: tuple[str | int, ...],
    honest: Mapping[str, Any],
    attestation_object: Mapping[str, Any],
    positions: Sequence[int] | None = None,
) -> SignedPart:
    def replaced(changed: bytes) -> Mapping[str, Any]:
        altered = deepcopy(dict(attestation_object))
        owner: Any = altered
        for step in path[:-1]:
            owner = owner[step]
        owner[path[-1]] = changed
        return {**honest, "response": {**honest["response"], "attestationObject": encode(cbor.encode(altered))}}

    value: Any = attestation_object
    for step in path:
        value = value[step]
    return SignedPart(".".join(map(str, path)), value, positions or range(len(value)), replaced)
