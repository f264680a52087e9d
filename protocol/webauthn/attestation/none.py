"""No attestation (section 8.7, #sctn-none-attestation)."""

from __future__ import annotations

from protocol.webauthn.attestation.statement import Attestation, AttestationType, Attested


def verify(attested: Attested) -> Attestation:
    """The statement is the empty map, and vouches for nothing."""
    attested.members(required=set())
    return Attestation(AttestationType.NONE)
