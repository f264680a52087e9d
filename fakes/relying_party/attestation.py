"""Verifying attestation statements, and what passes for verifying them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from fakes.faults import declare_fault
from fakes.relying_party.client_data import On
from protocol.webauthn.algorithms import ALGORITHMS
from protocol.webauthn.attestation import Attestation, AttestationType, Attested, compound, verify_attestation
from protocol.webauthn.certificates import load_certificate
from protocol.webauthn.client_data import client_data_hash
from protocol.webauthn.cose import parse_credential_key
from protocol.webauthn.errors import (
    AttestationRejected,
    MalformedAttestation,
    SignatureRejected,
    UnacceptableKey,
    WebAuthnError,
)
from protocol.webauthn.registration import Registration

IGNORES_STATEMENTS = declare_fault("rp.ignores-attestation-statements", "no attestation statement is looked at")
TAKES_ANY_STATEMENT_FOR_NONE = declare_fault(
    "rp.takes-any-statement-for-none", "a statement of the format none may hold anything"
)
IGNORES_THE_STATEMENTS_SIGNATURE = declare_fault(
    "rp.ignores-the-statements-signature", "the signature in an attestation statement is not verified"
)
IGNORES_THE_STATEMENTS_FORM = declare_fault(
    "rp.ignores-the-statements-form", "an attestation statement whose members are missing or wrong is not verified"
)
IGNORES_THE_STATEMENTS_ALG = declare_fault(
    "rp.ignores-the-statements-alg", "alg of a self attestation may be another than the key's"
)
IGNORES_WHAT_A_STATEMENT_SAYS = declare_fault(
    "rp.ignores-what-a-statement-says", "of a statement and its certificate nothing but the signature is verified"
)
REFUSES_ROOTS_IN_X5C = declare_fault("rp.refuses-roots-in-x5c", "a root among the certificates is an error")
DEMANDS_NO_AAGUID_OF_U2F = declare_fault("rp.demands-no-aaguid-of-u2f", "an AAGUID in a U2F statement is an error")
TAKES_COMPOUNDS_OF_ONE = declare_fault("rp.takes-compounds-of-one", "a compound statement may hold one statement only")
TAKES_NESTED_COMPOUNDS = declare_fault("rp.takes-nested-compounds", "a compound statement may hold another")
TAKES_ONE_OF_A_COMPOUND = declare_fault(
    "rp.takes-one-of-a-compound", "it is enough that one statement of a compound verifies"
)


@dataclass(frozen=True)
class SpoilableRegistration(Registration):
    """A registration whose attestation is verified as a fault has it."""

    on: On = lambda fault: False

    @cached_property
    def attestation(self) -> Attestation:
        """What the statement's verification procedure returns, or what a careless one does."""
        on, statement = self.on, self.attestation_object.statement
        path = _path(statement)
        as_if_verified = Attestation(AttestationType.UNCERTAIN if path else AttestationType.SELF, path)
        if on(IGNORES_STATEMENTS):
            return as_if_verified if statement else Attestation(AttestationType.NONE)
        if on(TAKES_ANY_STATEMENT_FOR_NONE) and self.attestation_object.format == "none":
            statement = {}
        if on(IGNORES_THE_STATEMENTS_ALG):
            statement = self._with_the_keys_alg(statement)
        attested = Attested(statement, self.authenticator_data, client_data_hash(self.response.client_data_json))
        if self.attestation_object.format == compound.FORMAT:
            attested = replace(attested, statement=_as_a_compound(attested, on))
        overlooked: tuple[type[WebAuthnError], ...] = (
            *((SignatureRejected,) if on(IGNORES_THE_STATEMENTS_SIGNATURE) else ()),
            *((MalformedAttestation, UnacceptableKey) if on(IGNORES_THE_STATEMENTS_FORM) else ()),
            *((AttestationRejected,) if on(IGNORES_WHAT_A_STATEMENT_SAYS) else ()),
        )
        if on(REFUSES_ROOTS_IN_X5C) and any(_is_self_issued(each) for each in path):
            raise AttestationRejected("x5c holds a root")
        if (
            on(DEMANDS_NO_AAGUID_OF_U2F)
            and self.attestation_object.format == "fido-u2f"
            and any(self.credential.aaguid)
        ):
            raise AttestationRejected("a U2F authenticator has no AAGUID")
        try:
            return verify_attestation(self.attestation_object.format, attested)
        except overlooked:
            return as_if_verified

    def _with_the_keys_alg(self, statement: Any) -> Any:
        if not isinstance(statement, dict) or "x5c" in statement or statement.get("alg") not in ALGORITHMS:
            return statement
        return {**statement, "alg": parse_credential_key(self.credential.public_key).algorithm.id}


def spoilable(registration: Registration, on: On) -> SpoilableRegistration:
    """The registration, with its attestation verified as the faults have it."""
    return SpoilableRegistration(
        registration.response, registration.client_data, registration.attestation_object, registration.expected, on
    )


def _as_a_compound(attested: Attested, on: On) -> Any:
    """The compound statement in a form that the strict reader takes, as far as the faults that are on take it."""
    statements = attested.statement
    if not isinstance(statements, list):
        return statements
    if on(TAKES_NESTED_COMPOUNDS):
        statements = [inner for each in statements for inner in _unwrapped(each)]
    if on(TAKES_ONE_OF_A_COMPOUND) and len(statements) > 1:
        verified = [each for each in statements if _verifies(each, attested)]
        statements = verified * len(statements) if verified else statements
    if on(TAKES_COMPOUNDS_OF_ONE) and len(statements) == 1:
        statements = statements * compound.MIN_STATEMENTS
    return statements


def _unwrapped(statement: Any) -> list[Any]:
    """What a compound inside a compound holds; any other statement itself."""
    nested = isinstance(statement, dict) and statement.get("fmt") == compound.FORMAT
    inner = statement.get("attStmt") if nested else None
    return inner if isinstance(inner, list) else [statement]


def _verifies(statement: Any, attested: Attested) -> bool:
    try:
        verify_attestation(statement["fmt"], replace(attested, statement=statement["attStmt"]))
    except (WebAuthnError, KeyError, TypeError):
        return False
    return True


def _is_self_issued(encoded: bytes) -> bool:
    certificate = load_certificate(encoded)
    return certificate.subject == certificate.issuer and bool(list(certificate.subject))


def _path(statement: Any) -> tuple[bytes, ...]:
    x5c = statement.get("x5c") if isinstance(statement, dict) else None
    return tuple(each for each in x5c if isinstance(each, bytes)) if isinstance(x5c, list) else ()
