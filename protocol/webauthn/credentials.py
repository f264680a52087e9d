"""What a relying party keeps: credential records, and the account they belong to (WebAuthn section 4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CredentialRecord:
    """A credential record (#credential-record).

    Attributes:
        id: the credential id.
        public_key: the credential public key, COSE_Key in CBOR.
        sign_count: the signature counter of the latest ceremony.
        uv_initialized: whether any ceremony has verified the user.
        transports: as the client named them.
        backup_eligible: the flag BE, which never changes.
        backup_state: the flag BS of the latest ceremony.
        rp_id: the RP ID of the registration's options.
        type: always `public-key`.
    """

    id: bytes
    public_key: bytes
    sign_count: int
    uv_initialized: bool
    transports: tuple[str, ...]
    backup_eligible: bool
    backup_state: bool
    rp_id: str
    type: str = "public-key"


@dataclass(frozen=True)
class Account:
    """A user account as ceremonies see it: its user handle, 1 to 64 bytes, and its credentials."""

    user_handle: bytes
    credentials: tuple[CredentialRecord, ...]

    def credential(self, id: bytes) -> CredentialRecord | None:
        """The account's credential of that id, or None."""
        return next((credential for credential in self.credentials if credential.id == id), None)
