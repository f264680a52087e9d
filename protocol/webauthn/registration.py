"""Registering a new credential, step by step (WebAuthn section 7.1, #sctn-registering-a-new-credential)."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial

from protocol.webauthn import ceremony as common
from protocol.webauthn.attestation import (
    VERIFICATION_PROCEDURES,
    Attestation,
    AttestationType,
    Attested,
    verify_attestation,
)
from protocol.webauthn.attestation_object import AttestationObject, parse_attestation_object
from protocol.webauthn.authenticator_data import AttestedCredentialData, AuthenticatorData, Flags
from protocol.webauthn.ceremony import LEVEL, Expectations, Step, demand, refusing, run_steps
from protocol.webauthn.certificates import demand_anchored, demand_chain
from protocol.webauthn.client_data import CREATE, ClientData, client_data_hash, parse_client_data
from protocol.webauthn.cose import parse_credential_key
from protocol.webauthn.credentials import CredentialRecord
from protocol.webauthn.errors import AttestationUntrusted, MalformedAttestation
from protocol.webauthn.responses import RegistrationResponse, parse_registration_response

MAX_CREDENTIAL_ID_BYTES = 1023
MIN_CREDENTIAL_ID_BYTES = 16
"""Section 4 (#credential-id): at least 100 bits of entropy in at least 16 bytes."""

MAX_STATEMENT_AGE = timedelta(minutes=1)
"""FIDO AttResp-B F-6, F-7: a statement that says when it was made was not made later, and not long ago."""

_SECTION = "#sctn-registering-a-new-credential"


@dataclass(frozen=True)
class AttestationPolicy:
    """Which attestation a relying party trusts (step 24).

    Attributes:
        accept_none: whether a credential without attestation is acceptable.
        accept_self: whether self attestation is.
        trust_anchors: acceptable certificates, DER; None where certificates are verified but nobody is asked to
            vouch for them, as is usual where no attestation was asked for.
        moment: when certificates must be valid and statements fresh; None where that is not asked.
    """

    accept_none: bool = True
    accept_self: bool = True
    trust_anchors: tuple[bytes, ...] | None = None
    moment: datetime | None = None


@dataclass(frozen=True)
class RegistrationExpectations(Expectations):
    """What a relying party expects of a registration.

    Attributes:
        algorithms: those of this ceremony's pubKeyCredParams.
        conditional_mediation: whether the options said so, and a user need not be present.
        registered_ids: the credential ids of every user.
        attestation: whom to trust.
    """

    algorithms: frozenset[int] = field(kw_only=True, default=frozenset({-7, -8, -257}))
    conditional_mediation: bool = field(kw_only=True, default=False)
    registered_ids: Container[bytes] = field(kw_only=True, default=frozenset())
    attestation: AttestationPolicy = field(kw_only=True, default=AttestationPolicy())


@dataclass(frozen=True)
class Registration:
    """A registration in progress: the response, read, beside what is expected of it."""

    response: RegistrationResponse
    client_data: ClientData
    attestation_object: AttestationObject
    expected: RegistrationExpectations

    @property
    def authenticator_data(self) -> AuthenticatorData:
        """The attestation object's authenticator data."""
        return self.attestation_object.authenticator_data

    @property
    def credential(self) -> AttestedCredentialData:
        """The new credential."""
        if self.authenticator_data.attested is None:
            raise MalformedAttestation("the authenticator data attests no credential")
        return self.authenticator_data.attested

    @cached_property
    def attestation(self) -> Attestation:
        """What the statement's verification procedure returns. Raises what that raises."""
        attested = Attested(
            self.attestation_object.statement,
            self.authenticator_data,
            client_data_hash(self.response.client_data_json),
        )
        return verify_attestation(self.attestation_object.format, attested)

    @property
    def record(self) -> CredentialRecord:
        """The credential record to store (step 27)."""
        data = self.authenticator_data
        return CredentialRecord(
            id=self.credential.credential_id,
            public_key=self.credential.public_key,
            sign_count=data.sign_count,
            uv_initialized=data.has(Flags.UV),
            transports=self.response.transports,
            backup_eligible=data.has(Flags.BE),
            backup_state=data.has(Flags.BS),
            rp_id=self.expected.rp_id,
        )


def _verify_type(registration: Registration) -> None:
    demand(registration.client_data.type == CREATE, f"the client data's type is not {CREATE}")


def _verify_credential_id(registration: Registration) -> None:
    """#rawId is the attested credential's: the response names no other credential than it attests."""
    demand(
        registration.credential.credential_id == registration.response.credential_id,
        "the response's id is not the credential id in the authenticator data",
    )


def _verify_user_present(registration: Registration) -> None:
    if not registration.expected.conditional_mediation:
        common.verify_user_present(registration)


def _verify_algorithm(registration: Registration) -> None:
    key = parse_credential_key(registration.credential.public_key)
    demand(key.algorithm.id in registration.expected.algorithms, f"{key.algorithm.name} was not asked for")


def _verify_format(registration: Registration) -> None:
    format = registration.attestation_object.format
    demand(format in VERIFICATION_PROCEDURES, f"{format!r:.40} is no supported attestation statement format")


def _verify_statement(registration: Registration) -> None:
    registration.attestation  # noqa: B018 - computed once, when it is first looked at


def _assess_trust(registration: Registration) -> None:
    for attestation in registration.attestation.single:
        _assess(attestation, registration.expected.attestation)


def _assess(attestation: Attestation, policy: AttestationPolicy) -> None:
    if attestation.type is AttestationType.NONE:
        return demand(policy.accept_none, "no attestation was provided, and policy demands one")
    if attestation.type is AttestationType.SELF:
        return demand(policy.accept_self, "policy does not accept self attestation")
    demand_chain(attestation.trust_path, policy.moment)
    if policy.moment is not None and attestation.made is not None:
        age = policy.moment - attestation.made
        if not timedelta(0) <= age <= MAX_STATEMENT_AGE:
            raise AttestationUntrusted("the attestation statement was made later than now, or too long ago")
    if policy.trust_anchors is not None:
        if not policy.trust_anchors:
            raise AttestationUntrusted("policy knows no trust anchor")
        demand_anchored(attestation.trust_path, policy.trust_anchors, policy.moment)
    return None


def _verify_id_length(registration: Registration) -> None:
    length = len(registration.credential.credential_id)
    demand(
        MIN_CREDENTIAL_ID_BYTES <= length <= MAX_CREDENTIAL_ID_BYTES,
        f"the credential id has {length} bytes; {MIN_CREDENTIAL_ID_BYTES} to {MAX_CREDENTIAL_ID_BYTES} are allowed",
    )


def _verify_not_registered(registration: Registration) -> None:
    demand(
        registration.credential.credential_id not in registration.expected.registered_ids,
        "the credential id is already registered",
    )


def _step(number: int, name: str, verify: Callable[[Registration], None], fragment: str = "") -> Step[Registration]:
    return Step(name, f"{LEVEL} section 7.1 step {number}", fragment or _SECTION, verify)


REGISTRATION_STEPS: tuple[Step[Registration], ...] = (
    _step(7, "type", _verify_type),
    _step(8, "challenge", common.verify_challenge),
    _step(9, "origin", common.verify_origin, "#rp-op-registering-a-new-credential-step-origin"),
    _step(10, "cross-origin", common.verify_cross_origin),
    _step(11, "top-origin", common.verify_top_origin),
    _step(13, "credential-id", _verify_credential_id),
    _step(14, "rp-id-hash", common.verify_rp_id_hash),
    _step(15, "user-present", _verify_user_present),
    _step(16, "user-verified", common.verify_user_verified),
    _step(17, "backup-flags", common.verify_backup_flags),
    _step(20, "algorithm", _verify_algorithm),
    _step(21, "format", _verify_format),
    _step(22, "attestation-statement", _verify_statement, "#reg-ceremony-verify-attestation"),
    _step(24, "attestation-trust", _assess_trust, "#reg-ceremony-assess-trust"),
    _step(25, "credential-id-length", _verify_id_length),
    _step(26, "not-registered", _verify_not_registered),
)
"""The steps that can refuse, after the response was read (`response`, `client-data`, `attestation-object`)."""

_reading = partial(refusing, fragment=_SECTION)


def read_registration(json: object, expected: RegistrationExpectations) -> Registration:
    """Read a RegistrationResponseJSON (steps 3 to 6, 12, 13). Raises CeremonyRefused."""
    with _reading("response", f"{LEVEL} section 7.1 step 3"):
        response = parse_registration_response(json)
    with _reading("client-data", f"{LEVEL} section 7.1 step 6"):
        client_data = parse_client_data(response.client_data_json)
    with _reading("attestation-object", f"{LEVEL} section 7.1 step 13"):
        attestation_object = parse_attestation_object(response.attestation_object)
        registration = Registration(response, client_data, attestation_object, expected)
        registration.credential  # noqa: B018 - a registration without one ends here
    return registration


def verify_registration(
    json: object,
    expected: RegistrationExpectations,
    steps: tuple[Step[Registration], ...] = REGISTRATION_STEPS,
) -> Registration:
    """Run the registration ceremony on a RegistrationResponseJSON; its `record` is what to store.

    Extension outputs are the caller's to look at; unsolicited ones change nothing (step 28). Raises CeremonyRefused.
    """
    registration = read_registration(json, expected)
    run_steps(registration, steps)
    return registration
