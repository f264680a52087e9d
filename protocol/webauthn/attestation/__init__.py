"""Attestation statements: one module a format, each with the standard's verification procedure (section 8).

`verify_attestation` finds the format's procedure and runs it. What it returns is yet to be trusted: that is policy
(`protocol.webauthn.registration`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from protocol.webauthn.attestation import android_key, android_safetynet, apple, compound, fido_u2f, none, packed, tpm
from protocol.webauthn.attestation.compound import Procedure
from protocol.webauthn.attestation.statement import Attestation, AttestationType, Attested
from protocol.webauthn.errors import AttestationRejected

_SINGLE: Mapping[str, Procedure] = MappingProxyType(
    {
        "none": none.verify,
        "packed": packed.verify,
        "fido-u2f": fido_u2f.verify,
        "tpm": tpm.verify,
        "android-key": android_key.verify,
        "android-safetynet": android_safetynet.verify,
        "apple": apple.verify,
    }
)
VERIFICATION_PROCEDURES: Mapping[str, Procedure] = MappingProxyType(
    {**_SINGLE, compound.FORMAT: partial(compound.verify, procedures=_SINGLE)}
)
"""By attestation statement format identifier, matched exactly."""


def verify_attestation(format: str, attested: Attested) -> Attestation:
    """Run a format's verification procedure.

    Raises:
        AttestationRejected: no such format, or the statement does not verify.
        MalformedAttestation: the statement has not the form of its format.
        SignatureRejected: its signature does not verify.
        UnacceptableKey: its algorithm is unknown.
    """
    if format not in VERIFICATION_PROCEDURES:
        raise AttestationRejected(f"{format!r:.40} is no supported attestation statement format")
    return VERIFICATION_PROCEDURES[format](attested)


__all__ = ["VERIFICATION_PROCEDURES", "Attestation", "AttestationType", "Attested", "verify_attestation"]
