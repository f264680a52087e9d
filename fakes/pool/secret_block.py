"""SECRET_BLOCK: everything the pool must remember of a challenge, sealed, and given to the client to keep.

So the pool holds no state between the two steps, and one challenge answers any number of proofs
until it expires, as the service was measured to do. AES-256-GCM makes it opaque, and refuses it
when a single bit was changed.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fakes.pool.entropy import Entropy

_NONCE = 12


class InvalidSecretBlock(Exception):
    """Not a block that this pool has sealed, or not unchanged."""


@dataclass(frozen=True)
class Challenge:
    """A PASSWORD_VERIFIER challenge as it was sent.

    `username` is the user's own name, `typed_username` what the client sent first. Numbers are
    hexadecimal text. `issued_at` is in seconds since the epoch, by the pool's clock.
    """

    id: str
    user_pool_id: str
    client_id: str
    username: str
    sub: str
    typed_username: str
    user_id_for_srp: str
    srp_a: str
    b: str
    srp_b: str
    salt: str
    issued_at: float
    device_key: str | None = None
    within: str = ""
    """The AuthFlow that it is a step of, where that is not USER_SRP_AUTH; its answer then needs a Session."""


Sealed = TypeVar("Sealed")


class SecretBlocks(Generic[Sealed]):
    """Seals and opens challenges of one kind, a dataclass, with a key of this pool's own."""

    def __init__(self, entropy: Entropy, kind: type[Sealed]) -> None:
        self._kind = kind
        self._entropy = entropy
        self._cipher = AESGCM(entropy.octets(32))

    def seal(self, challenge: Sealed) -> bytes:
        """The block, to be sent in base64."""
        nonce = self._entropy.octets(_NONCE)
        content = json.dumps(vars(challenge), separators=(",", ":")).encode()
        return nonce + self._cipher.encrypt(nonce, content, None)

    def open(self, block: bytes) -> Sealed:
        """The challenge out of a decoded block. Raises InvalidSecretBlock."""
        try:
            content = self._cipher.decrypt(block[:_NONCE], block[_NONCE:], None)
        except (InvalidTag, ValueError):
            raise InvalidSecretBlock from None
        members: dict[str, Any] = json.loads(content)
        return self._kind(**members)


def decode_base64(text: str) -> bytes:
    """Strict base64: canonical, padded, nothing else among it. Raises ValueError."""
    try:
        octets = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64") from None
    if base64.b64encode(octets).decode() != text:
        raise ValueError("not canonical base64")
    return octets
