"""The password claim: how the premaster secret becomes a key, and what the key signs."""

from __future__ import annotations

import base64

from protocol.keyed_hash import hkdf, hmac_of
from protocol.text import utf8


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104): 32 bytes."""
    return hmac_of("sha256", key, data)


def hkdf_sha256(*, salt: bytes, input_key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-256 (RFC 5869): `length` bytes. Raises ValueError when length is not between 1 and 8160."""
    return hkdf("sha256", salt=salt, input_key=input_key, info=info, length=length)


def claim_signature(*, key: bytes, pool_name: str, user_id: str, secret_block: bytes, timestamp: str) -> bytes:
    """What PASSWORD_CLAIM_SIGNATURE holds in base64: 32 bytes of HMAC-SHA-256.

    Args:
        key: the password key, 16 bytes.
        pool_name: the pool's name, not its id; for a device its group key.
        user_id: USER_ID_FOR_SRP; for a device its key.
        secret_block: SECRET_BLOCK, decoded from base64.
        timestamp: TIMESTAMP, letter for letter.

    Raises:
        MalformedText: a text that has no UTF-8 form.
    """
    return hmac_sha256(key, utf8(pool_name) + utf8(user_id) + secret_block + utf8(timestamp))


def secret_hash(*, client_secret: str, username: str, client_id: str) -> str:
    """SECRET_HASH: base64 of HMAC-SHA-256(client secret, username ‖ client id). Raises MalformedText.

    In RespondToAuthChallenge the username is the challenge's USERNAME, not the alias that was typed.
    """
    return base64.b64encode(hmac_sha256(utf8(client_secret), utf8(username + client_id))).decode("ascii")
