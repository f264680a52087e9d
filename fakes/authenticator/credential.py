"""Credentials as an authenticator keeps them (public key credential source, WebAuthn section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from fakes.authenticator.keys import SigningKey


@dataclass
class Credential:
    """A credential.

    Attributes:
        id: the credential id.
        rp_id: the RP ID that it is scoped to.
        user_handle: the account's.
        key: the private key.
        discoverable: whether it is found without its id.
        sign_count: how often it has signed, its registration included; may be set.
        backup_eligible: the flag BE.
        backed_up: the flag BS; may be set.
        protection: credProtect's level, 1 to 3.
        large_blob_key: the key of its large blob, where the relying party asked for one.
        prf_secrets: hmac-secret's two secrets, without and with user verification.
    """

    id: bytes
    rp_id: str
    user_handle: bytes
    key: SigningKey
    discoverable: bool
    sign_count: int
    backup_eligible: bool
    backed_up: bool
    protection: int = 1
    large_blob_key: bytes | None = None
    prf_secrets: tuple[bytes, bytes] = (b"", b"")

    @property
    def public_key_spki(self) -> bytes:
        """The public key as `getPublicKey()` gives it: SubjectPublicKeyInfo in DER."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self.key.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
