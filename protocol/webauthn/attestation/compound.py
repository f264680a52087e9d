"""Compound attestation: several statements about one credential (section 8.9, #sctn-compound-attestation)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from protocol.webauthn.attestation.statement import Attestation, AttestationType, Attested
from protocol.webauthn.errors import AttestationRejected, MalformedAttestation

FORMAT = "compound"
MIN_STATEMENTS = 2

Procedure = Callable[[Attested], Attestation]
"""A format's verification procedure."""


def verify(attested: Attested, *, procedures: Mapping[str, Procedure]) -> Attestation:
    """Every statement verifies: how many must, the standard leaves to policy, and this is the strictest.

    `procedures` are those of the other formats, by their identifiers. What is returned has only `parts`.
    """
    return Attestation(
        AttestationType.COMPOUND,
        parts=tuple(
            _procedure(format, procedures)(replace(attested, statement=statement))
            for format, statement in statements_of(attested.statement)
        ),
    )


def statements_of(compound: Any) -> list[tuple[str, Any]]:
    """The statements, each with its format. Raises MalformedAttestation."""
    if not isinstance(compound, list) or len(compound) < MIN_STATEMENTS:
        raise MalformedAttestation(f"a compound attestation statement is no array of {MIN_STATEMENTS} or more")
    return [_read(each) for each in compound]


def _read(statement: Any) -> tuple[str, Any]:
    if not isinstance(statement, dict) or statement.keys() != {"fmt", "attStmt"}:
        raise MalformedAttestation("a statement of a compound is no map of fmt and attStmt")
    if not isinstance(statement["fmt"], str):
        raise MalformedAttestation("the fmt of a statement of a compound is no text")
    if statement["fmt"] == FORMAT:
        raise MalformedAttestation("a compound attestation statement holds another")
    return statement["fmt"], statement["attStmt"]


def _procedure(format: str, procedures: Mapping[str, Procedure]) -> Procedure:
    if format not in procedures:
        raise AttestationRejected(f"{format!r:.40}, in a compound, is no supported attestation statement format")
    return procedures[format]
