"""What a relying party makes of a FIDO Metadata BLOB's entries, and what a careless one does."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fakes.faults import declare_fault
from fakes.relying_party.client_data import On
from protocol.webauthn.ceremony import demand
from protocol.webauthn.certificates import demand_anchored
from protocol.webauthn.registration import Registration

IGNORES_STATUSES = declare_fault(
    "rp.ignores-the-status-of-authenticators", "what the metadata reports of an authenticator is not looked at"
)
IGNORES_ROOTS_OF_METADATA = declare_fault(
    "rp.ignores-the-roots-in-metadata", "any root will do for an authenticator that the metadata knows"
)
TAKES_UNKNOWN_MODELS = declare_fault(
    "rp.takes-authenticators-without-metadata", "an authenticator passes that the metadata does not know"
)

_REFUSED = frozenset(
    {
        "REVOKED", "USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
        "USER_KEY_PHYSICAL_COMPROMISE",
    }
)  # fmt: skip


def demand_good_standing(
    registration: Registration, entries: Sequence[Mapping[str, Any]], moment: datetime | None, on: On
) -> None:
    """Demand that the metadata knows the authenticator's model, its root, and nothing bad. Raises WebAuthnError.

    A compromise counts for good: that an update came later does not show that this authenticator has it.
    """
    model = str(UUID(bytes=registration.credential.aaguid))
    entry = next((each for each in entries if each.get("aaguid") == model), None)
    if entry is None:
        return demand(on(TAKES_UNKNOWN_MODELS), "the metadata does not know the authenticator")
    statuses = {report["status"] for report in entry["statusReports"]}
    demand(on(IGNORES_STATUSES) or not statuses & _REFUSED, "the authenticator is revoked or compromised")
    if not on(IGNORES_ROOTS_OF_METADATA):
        roots = [base64.b64decode(each) for each in entry["metadataStatement"]["attestationRootCertificates"]]
        for attestation in registration.attestation.single:
            demand(bool(attestation.trust_path), "nobody vouches for the authenticator")
            demand_anchored(attestation.trust_path, roots, moment)
    return None
