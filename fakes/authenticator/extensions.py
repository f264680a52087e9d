"""Authenticator extensions, as far as a relying party sees them: credProtect, hmac-secret (prf), largeBlobKey."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from fakes.authenticator.credential import Credential
from fakes.authenticator.entropy import Entropy
from fakes.authenticator.pin_uv import PinUvAuth

NAMES = ("credProtect", "hmac-secret", "largeBlobKey")
_SALT_BYTES = 32


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def at_registration(credential: Credential, requested: Mapping[str, Any], entropy: Entropy) -> dict[str, Any]:
    """Equip a new credential with what was requested; the extension outputs."""
    outputs: dict[str, Any] = {}
    if "credProtect" in requested:
        credential.protection = outputs["credProtect"] = requested["credProtect"]
    if requested.get("hmac-secret"):
        outputs["hmac-secret"] = True
        secrets = entropy.draw(f"hmac-secret/{credential.id.hex()}", 64)
        credential.prf_secrets = secrets[:32], secrets[32:]
    if requested.get("largeBlobKey"):
        credential.large_blob_key = entropy.draw(f"large-blob/{credential.id.hex()}", 32)
    return outputs


def at_authentication(
    credential: Credential, requested: Mapping[str, Any], pin_uv: PinUvAuth, *, verified: bool
) -> dict[str, Any]:
    """The extension outputs of an assertion. Raises CtapError for salts that are not the platform's."""
    secret = credential.prf_secrets[1 if verified else 0]
    if "hmac-secret" not in requested or not secret:
        return {}
    salts_input = requested["hmac-secret"]
    shared = pin_uv.shared_secret(salts_input[1])
    salts = pin_uv.decrypt(shared, salts_input[2], salts_input[3])
    results = b"".join(
        hmac.digest(secret, salts[start : start + _SALT_BYTES], "sha256") for start in range(0, len(salts), _SALT_BYTES)
    )
    return {"hmac-secret": pin_uv.encrypt(shared, results)}
