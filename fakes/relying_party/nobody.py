"""The credential that nobody has: what is verified in the place of one that is not there, so that it takes as long."""

from __future__ import annotations

from protocol.webauthn import cbor
from protocol.webauthn.credentials import CredentialRecord

_KEY = cbor.encode(
    {
        1: 2,
        3: -7,
        -1: 1,
        -2: bytes.fromhex("c7782fe13178aec721bea326027efb7dcd25567f4fae123ac75405a8865a77eb"),
        -3: bytes.fromhex("9913646c29ee56ec56c6d3909263461eb510b61f6c2b36d85443d9b8ce7efbca"),
    }
)
"""A point of P-256 whose private key nobody has: x is the SHA-256 of "nobody's passkey 4", the first that is on it."""


def nobodys_record(id: bytes, rp_id: str = "") -> CredentialRecord:
    """A record under some id with a key that no signature verifies under."""
    return CredentialRecord(
        id=id,
        public_key=_KEY,
        sign_count=0,
        uv_initialized=True,
        transports=("internal",),
        backup_eligible=False,
        backup_state=False,
        rp_id=rp_id,
    )
