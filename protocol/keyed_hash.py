"""HMAC and HKDF over any hash that hashlib knows."""

from __future__ import annotations

import hashlib
import hmac


def hmac_of(hash_name: str, key: bytes, data: bytes) -> bytes:
    """HMAC (RFC 2104), as many bytes as the hash has. Raises ValueError for a hash that hashlib lacks."""
    return hmac.digest(key, data, hash_name)


def hkdf(hash_name: str, *, salt: bytes, input_key: bytes, info: bytes, length: int) -> bytes:
    """HKDF: extract, then expand to `length` bytes (RFC 5869 section 2). An empty salt stands for none.

    Raises ValueError for a hash that hashlib lacks, or a length that is not between 1 and 255 times the hash's.
    """
    hash_bytes = hashlib.new(hash_name).digest_size
    if not 1 <= length <= 255 * hash_bytes:
        raise ValueError(f"HKDF with {hash_name} gives 1 to {255 * hash_bytes} bytes, not {length}")
    pseudorandom_key = hmac_of(hash_name, salt or bytes(hash_bytes), input_key)
    block = output = b""
    for counter in range(1, -(-length // hash_bytes) + 1):
        block = hmac_of(hash_name, pseudorandom_key, block + info + bytes([counter]))
        output += block
    return output[:length]
