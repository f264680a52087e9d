"""An issuer's signing keys."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey


@dataclass(frozen=True)
class SigningKey:
    """An RSA key of 2048 bits, and the key id that tokens and the JWKS name it by."""

    key_id: str
    private_key: rsa.RSAPrivateKey

    @classmethod
    def new(cls, key_id: str | None = None) -> SigningKey:
        """A fresh key (0.1 s), under this key id or one that is derived from it, as the service's look."""
        private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        encoded = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(key_id or base64.b64encode(hashlib.sha256(encoded).digest()).decode(), private_key)

    @cached_property
    def for_signing(self) -> RSAKey:
        """The key as joserfc takes it."""
        return RSAKey.import_key(self.private_key)

    def public_jwk(self) -> dict[str, Any]:
        """The entry of the JWKS document, with the members that the service's own has (`aws-doc`)."""
        public = self.for_signing.as_dict(private=False)
        return {"alg": "RS256", "e": public["e"], "kid": self.key_id, "kty": "RSA", "n": public["n"], "use": "sig"}
