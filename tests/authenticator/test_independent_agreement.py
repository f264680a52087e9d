"""Honest ceremonies in every algorithm and format are accepted by a relying party that shares no code with ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fido2.attestation.android import AndroidSafetynetAttestation
from fido2.attestation.apple import AppleAttestation
from fido2.attestation.base import AttestationVerifier, NoneAttestation
from fido2.attestation.packed import PackedAttestation
from fido2.attestation.tpm import TpmAttestation
from fido2.attestation.u2f import FidoU2FAttestation
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from fakes.authenticator import Abilities, Authenticator, Builder, Format
from fakes.authenticator.abilities import ALL_ALGORITHMS
from tests.authenticator.relying_party import NOW, ORIGIN, RP_ID, USER_HANDLE, RelyingParty

Ceremony = Callable[..., dict[str, Any]]

CASES = [
    pytest.param(format, algorithm, id=f"{format.value}{algorithm}")
    for format in Format
    for algorithm in ALL_ALGORITHMS
    if algorithm in Abilities(attestation=format).usable_algorithms
]
BY_THE_CLIENT = [case for case in CASES if case.values[0] is not Format.COMPOUND]
"""The client, which is python-fido2's, takes every statement for a map."""

BEYOND_PYTHON_FIDO2 = {Format.ANDROID_KEY, Format.COMPOUND}


class _TrustsOne(AttestationVerifier):
    def __init__(self, anchor: bytes) -> None:
        super().__init__(
            [
                NoneAttestation(),
                PackedAttestation(),
                FidoU2FAttestation(),
                TpmAttestation(),
                AndroidSafetynetAttestation(),
                AppleAttestation(),
            ]
        )
        self._anchor = anchor

    def ca_lookup(self, attestation_result: Any, auth_data: Any) -> bytes | None:
        return self._anchor

    def verify_attestation(self, attestation_object: Any, client_data_hash: bytes) -> None:
        certified = "x5c" in attestation_object.att_stmt or attestation_object.fmt == "android-safetynet"
        if certified:
            super().verify_attestation(attestation_object, client_data_hash)
        else:  # nothing chains up to an anchor
            format = {"none": NoneAttestation(), "packed": PackedAttestation()}[attestation_object.fmt]
            format.verify(attestation_object.att_stmt, attestation_object.auth_data, client_data_hash)


def _server(authenticator: Authenticator, format: Format) -> Fido2Server:
    judged = format not in BEYOND_PYTHON_FIDO2
    return Fido2Server(
        PublicKeyCredentialRpEntity(id=RP_ID, name="Example"),
        attestation=AttestationConveyancePreference.DIRECT if judged else AttestationConveyancePreference.NONE,
        verify_attestation=_TrustsOne(authenticator.trust_anchor),
    )


def _signs_in_at(server: Fido2Server, algorithm: int, register: Ceremony, authenticate: Ceremony) -> None:
    options, state = server.register_begin(
        PublicKeyCredentialUserEntity(id=USER_HANDLE, name="ada", display_name="Ada"),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=b"python-fido2's challenge",
    )
    wanted = RelyingParty(registration_challenge=b"python-fido2's challenge").creation_options(algorithm)
    assert dict(options.public_key)["challenge"] == wanted["challenge"]
    registered = server.register_complete(state, register(wanted, ORIGIN))
    credential = registered.credential_data
    assert isinstance(credential, AttestedCredentialData)
    for allowed in ([credential], None):
        request, state = server.authenticate_begin(allowed, UserVerificationRequirement.REQUIRED)
        response = authenticate(dict(request.public_key), ORIGIN)
        assert server.authenticate_complete(state, [credential], response) == credential


@pytest.mark.parametrize(("format", "algorithm"), BY_THE_CLIENT)
def test_python_fido2_accepts_the_client(format: Format, algorithm: int) -> None:
    authenticator = Authenticator("agreement", Abilities(attestation=format))
    _signs_in_at(_server(authenticator, format), algorithm, authenticator.register, authenticator.authenticate)


@pytest.mark.parametrize(("format", "algorithm"), CASES)
def test_python_fido2_accepts_what_the_builder_makes_without_a_change(format: Format, algorithm: int) -> None:
    authenticator = Authenticator("agreement", Abilities(attestation=format))
    builder = Builder(authenticator)
    _signs_in_at(_server(authenticator, format), algorithm, builder.register, builder.authenticate)


@pytest.mark.parametrize(("format", "algorithm"), CASES)
def test_our_own_ceremonies_accept_both(format: Format, algorithm: int) -> None:
    authenticator = Authenticator("agreement", Abilities(attestation=format), clock=lambda: NOW)
    relying_party = RelyingParty(authenticator.trust_anchor)
    builder = Builder(authenticator)
    sources: list[Authenticator | Builder] = (
        [builder, builder] if format is Format.COMPOUND else [authenticator, builder]
    )
    for source in sources:
        response = source.register(relying_party.creation_options(algorithm), ORIGIN)
        record = relying_party.register(response).record
        for allowed in ([response["id"]], []):
            answer = source.authenticate(relying_party.request_options(*allowed), ORIGIN)
            record = relying_party.authenticate(answer, record).updated_record
        assert record.sign_count == 3
