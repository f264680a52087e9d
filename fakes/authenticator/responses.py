"""Responses in WebAuthn's JSON, as browsers' `toJSON` writes them (#sctn-public-key-easy-json)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.authenticator.credential import Credential
from protocol.webauthn.base64url import encode


def registration_json(
    credential: Credential,
    *,
    client_data_json: bytes,
    attestation_object: bytes,
    authenticator_data: bytes,
    transports: tuple[str, ...],
    extension_results: Mapping[str, Any],
) -> dict[str, Any]:
    """RegistrationResponseJSON."""
    return {
        "id": encode(credential.id),
        "rawId": encode(credential.id),
        "response": {
            "clientDataJSON": encode(client_data_json),
            "authenticatorData": encode(authenticator_data),
            "transports": sorted(transports),
            "publicKey": encode(credential.public_key_spki),
            "publicKeyAlgorithm": credential.key.algorithm,
            "attestationObject": encode(attestation_object),
        },
        "authenticatorAttachment": _attachment(transports),
        "clientExtensionResults": dict(extension_results),
        "type": "public-key",
    }


def authentication_json(
    id: bytes,
    *,
    client_data_json: bytes,
    authenticator_data: bytes,
    signature: bytes,
    user_handle: bytes | None,
    transports: tuple[str, ...],
    extension_results: Mapping[str, Any],
) -> dict[str, Any]:
    """AuthenticationResponseJSON; without `userHandle` where the credential gives none."""
    response = {
        "clientDataJSON": encode(client_data_json),
        "authenticatorData": encode(authenticator_data),
        "signature": encode(signature),
    }
    if user_handle is not None:
        response["userHandle"] = encode(user_handle)
    return {
        "id": encode(id),
        "rawId": encode(id),
        "response": response,
        "authenticatorAttachment": _attachment(transports),
        "clientExtensionResults": dict(extension_results),
        "type": "public-key",
    }


def _attachment(transports: tuple[str, ...]) -> str:
    return "platform" if "internal" in transports else "cross-platform"
