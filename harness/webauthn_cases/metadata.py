"""What a FIDO Metadata BLOB says of an authenticator (FIDO Metadata Service 3.1, section 3.1.1)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from harness.webauthn_cases.attestation import by, strangers_root
from harness.webauthn_cases.cases import Case, Setting, bad, good, recorded
from harness.webauthn_cases.edits import ES256
from protocol.webauthn import base64url

CERTIFIED = "FIDO_CERTIFIED"
COMPROMISED = (
    "REVOKED", "USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
)  # fmt: skip
"""The statuses that FIDO's tests want refused (MDS F-2), and REVOKED."""

_CHANGED = "2026-01-31"
_HONEST = replace(by("packed", ES256, "metadata"), statuses=(CERTIFIED,))


def standings() -> list[Case]:
    """An authenticator whose maker vouches for it, and of which nothing bad is known."""
    return [
        good("an authenticator that the metadata certifies", (), _HONEST),
        good("an authenticator for which there is an update", (), _reported(CERTIFIED, "UPDATE_AVAILABLE")),
        *(
            bad(f"an authenticator whose status is {status}", (), _HONEST).told_otherwise(_reported(CERTIFIED, status))
            for status in COMPROMISED
        ),
        bad("a root that is not the metadata's", (), _HONEST).told_otherwise(_told(_with_a_strangers_root)),
    ]


def policies() -> list[Case]:
    """What is up to the relying party."""
    return [
        recorded("an authenticator that the metadata does not know", (), _told(_of_another_model)),
        recorded("an authenticator that is not certified", (), _reported("NOT_FIDO_CERTIFIED")),
        recorded(
            "an update after a compromise", (), _reported(CERTIFIED, "USER_KEY_REMOTE_COMPROMISE", "UPDATE_AVAILABLE")
        ),
    ]


def metadata_entry(aaguid: bytes, root: bytes, statuses: Sequence[str]) -> dict[str, Any]:
    """A MetadataBLOBPayloadEntry of a model with packed attestation; `root` is DER."""
    model = str(UUID(bytes=aaguid))
    return {
        "aaguid": model,
        "metadataStatement": {
            "description": "Software authenticator",
            "aaguid": model,
            "authenticatorVersion": 1,
            "protocolFamily": "fido2",
            "schema": 3,
            "upv": [{"major": 1, "minor": 0}],
            "authenticationAlgorithms": ["secp256r1_ecdsa_sha256_raw"],
            "publicKeyAlgAndEncodings": ["cose"],
            "attestationTypes": ["basic_full"],
            "userVerificationDetails": [[{"userVerificationMethod": "fingerprint_internal"}]],
            "keyProtection": ["hardware", "secure_element"],
            "matcherProtection": ["on_chip"],
            "cryptoStrength": 128,
            "attachmentHint": ["internal"],
            "tcDisplay": [],
            "attestationRootCertificates": [base64.b64encode(root).decode()],
        },
        "statusReports": [{"status": status, "effectiveDate": _CHANGED} for status in statuses],
        "timeOfLastStatusChange": _CHANGED,
    }


def _reported(*statuses: str) -> Setting:
    return replace(_HONEST, statuses=statuses)


def _told(entry: Callable[[], dict[str, Any]]) -> Setting:
    return replace(_HONEST, expected={"metadata": lambda new: [entry()]})


def _with_a_strangers_root() -> dict[str, Any]:
    from harness.webauthn_cases.making import AAGUID

    return metadata_entry(AAGUID, base64url.decode(strangers_root()), (CERTIFIED,))


def _of_another_model() -> dict[str, Any]:
    return metadata_entry(bytes(range(16)), base64url.decode(strangers_root()), (CERTIFIED,))
