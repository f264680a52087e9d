"""py_webauthn (`webauthn` on PyPI), as its README shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ceremonies import as_pem, from_base64url, serve, to_base64url
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import AttestationFormat, CredentialDeviceType

CAPABILITIES = [
    "rs256", "es512", "eddsa", "algorithms", "counter", "conditional-create",
    "packed", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple", "trust-anchors",
]  # fmt: skip

KNOWN_ALGORITHMS = {algorithm.value for algorithm in COSEAlgorithmIdentifier}


def expectations(request: Mapping[str, Any]) -> dict[str, Any]:
    """What both ceremonies are told."""
    expected = request["expected"]
    return {
        "credential": request["response"],
        "expected_challenge": from_base64url(expected["challenge"]),
        "expected_rp_id": expected["rp_id"],
        "expected_origin": expected["origins"],
        "require_user_verification": expected["user_verification"] == "required",
    }


def register(request: Mapping[str, Any]) -> dict[str, Any]:
    """Verify a registration."""
    expected = request["expected"]
    roots = [as_pem(root) for root in expected.get("roots", [])]
    verified = verify_registration_response(
        **expectations(request),
        require_user_presence=expected.get("mediation") != "conditional",
        supported_pub_key_algs=[
            COSEAlgorithmIdentifier(algorithm) for algorithm in expected["algorithms"] if algorithm in KNOWN_ALGORITHMS
        ],
        pem_root_certs_bytes_by_fmt=dict.fromkeys(AttestationFormat, roots) if roots else None,
    )
    return {
        "credential": {
            "id": to_base64url(verified.credential_id),
            "public_key": to_base64url(verified.credential_public_key),
            "sign_count": verified.sign_count,
            "backup_eligible": verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
            "backup_state": verified.credential_backed_up,
            "transports": request["response"]["response"].get("transports", []),
            "uv_initialized": verified.user_verified,
        }
    }


def authenticate(request: Mapping[str, Any]) -> dict[str, Any]:
    """Verify an authentication."""
    record = request["credential"]
    verified = verify_authentication_response(
        **expectations(request),
        credential_public_key=from_base64url(record["public_key"]),
        credential_current_sign_count=record["sign_count"],
    )
    return {"sign_count": verified.new_sign_count, "backup_state": verified.credential_backed_up}


if __name__ == "__main__":
    serve(name="webauthn", capabilities=CAPABILITIES, register=register, authenticate=authenticate)
