"""Cognito's x, the password key and what it signs, with their faults."""

from __future__ import annotations

import base64
import hashlib
import unicodedata

from fakes.arithmetic.encodings import PASSWORD_KEY, PREMASTER_SECRET, SALT, SCRAMBLER, encoding_of
from fakes.arithmetic.spoilable import Spoilable
from fakes.faults import declare_fault
from protocol.claims import hkdf_sha256, hmac_sha256
from protocol.cognito_srp import PASSWORD_KEY_BYTES, PASSWORD_KEY_INFO
from protocol.text import utf8

POOL_NAME_IS_THE_WHOLE_ID = declare_fault(
    "arithmetic.pool-name.is-the-whole-id", "the user pool id is used where the pool's name belongs"
)
PRIVATE_KEY_LEAVES_OUT_THE_POOL_NAME = declare_fault(
    "arithmetic.private-key.leaves-out-the-pool-name", "x is hashed over user and password only, as RFC 5054 has it"
)
PRIVATE_KEY_LEAVES_OUT_THE_PASSWORD = declare_fault(
    "arithmetic.private-key.leaves-out-the-password", "x does not depend on the password"
)
PRIVATE_KEY_NORMALISES_THE_PASSWORD = declare_fault(
    "arithmetic.private-key.normalises-the-password", "the password is brought to Unicode NFC before it is hashed"
)
PRIVATE_KEY_TRIMS_THE_PASSWORD = declare_fault(
    "arithmetic.private-key.trims-the-password", "blanks around the password are cut off"
)
PRIVATE_KEY_CUTS_CHARACTERS = declare_fault(
    "arithmetic.private-key.cuts-characters-to-bytes", "each character of the user id is cut to its low byte in x"
)
PASSWORD_KEY_HAS_ANOTHER_INFO = declare_fault(
    "arithmetic.password-key.has-another-info", "the HKDF info ends in a line break"
)
PASSWORD_KEY_IS_32_BYTES = declare_fault("arithmetic.password-key.is-32-bytes", "HKDF's output is not cut to 16 bytes")
SIGNATURE_KEY_IS_BASE64_TEXT = declare_fault(
    "arithmetic.claim-signature.key-is-base64-text", "the claim is signed under the base64 text of the key"
)
SIGNATURE_OVER_BASE64_SECRET_BLOCK = declare_fault(
    "arithmetic.claim-signature.signs-the-base64-secret-block", "the secret block is signed as text, not decoded"
)
SIGNATURE_CUTS_CHARACTERS = declare_fault(
    "arithmetic.claim-signature.cuts-characters-to-bytes", "each character of the user id is cut to its low byte"
)
SIGNATURE_LEAVES_OUT_THE_POOL_NAME = declare_fault(
    "arithmetic.claim-signature.leaves-out-the-pool-name", "the signature does not cover the pool's name"
)
SIGNATURE_LEAVES_OUT_THE_USER_ID = declare_fault(
    "arithmetic.claim-signature.leaves-out-the-user-id", "the signature does not cover the user"
)
SIGNATURE_LEAVES_OUT_THE_SECRET_BLOCK = declare_fault(
    "arithmetic.claim-signature.leaves-out-the-secret-block", "the signature does not cover the secret block"
)
SIGNATURE_LEAVES_OUT_THE_TIMESTAMP = declare_fault(
    "arithmetic.claim-signature.leaves-out-the-timestamp", "the signature does not cover the time"
)
SIGNATURE_SEPARATES_ITS_FIELDS = declare_fault(
    "arithmetic.claim-signature.separates-its-fields", "the fields are signed with a zero byte between them"
)
SECRET_HASH_HAS_THE_CLIENT_ID_FIRST = declare_fault(
    "arithmetic.secret-hash.has-the-client-id-first", "SECRET_HASH covers client id, then user name"
)


class FaultyClaims(Spoilable):
    """The part of the arithmetic that is Cognito's own."""

    def pool_name(self, user_pool_id: str, /) -> str:
        """The name in a user pool id."""
        return user_pool_id if self._on(POOL_NAME_IS_THE_WHOLE_ID) else super().pool_name(user_pool_id)

    def private_key(self, *, salt: int, pool_name: str, user_id: str, password: str) -> int:
        """Cognito's x."""
        if self._honest:
            return super().private_key(salt=salt, pool_name=pool_name, user_id=user_id, password=password)
        if self._on(PRIVATE_KEY_LEAVES_OUT_THE_POOL_NAME):
            pool_name = ""
        if self._on(PRIVATE_KEY_LEAVES_OUT_THE_PASSWORD):
            password = ""
        if self._on(PRIVATE_KEY_NORMALISES_THE_PASSWORD):
            password = unicodedata.normalize("NFC", password)
        if self._on(PRIVATE_KEY_TRIMS_THE_PASSWORD):
            password = password.strip()
        user = _cut(user_id) if self._on(PRIVATE_KEY_CUTS_CHARACTERS) else utf8(user_id)
        identity = hashlib.sha256(utf8(pool_name) + user + utf8(f":{password}")).digest()
        written_salt = (encoding_of(SALT, self._switches) or SALT.right)(salt)
        return int.from_bytes(hashlib.sha256(written_salt + identity).digest(), "big")

    def password_key(self, *, premaster_secret: int, scrambler: int) -> bytes:
        """K."""
        if self._honest:
            return super().password_key(premaster_secret=premaster_secret, scrambler=scrambler)
        return hkdf_sha256(
            salt=(encoding_of(SCRAMBLER, self._switches) or SCRAMBLER.right)(scrambler),
            input_key=(encoding_of(PREMASTER_SECRET, self._switches) or PREMASTER_SECRET.right)(premaster_secret),
            info=PASSWORD_KEY_INFO + (b"\n" if self._on(PASSWORD_KEY_HAS_ANOTHER_INFO) else b""),
            length=32 if self._on(PASSWORD_KEY_IS_32_BYTES) else PASSWORD_KEY_BYTES,
        )

    def claim_signature(
        self, *, key: bytes, pool_name: str, user_id: str, secret_block: bytes, timestamp: str
    ) -> bytes:
        """PASSWORD_CLAIM_SIGNATURE."""
        if self._honest:
            return super().claim_signature(
                key=key, pool_name=pool_name, user_id=user_id, secret_block=secret_block, timestamp=timestamp
            )
        encode_key = encoding_of(PASSWORD_KEY, self._switches)
        if encode_key is not None:
            key = encode_key(int.from_bytes(key, "big"))
        if self._on(SIGNATURE_KEY_IS_BASE64_TEXT):
            key = base64.b64encode(key)
        fields = {
            SIGNATURE_LEAVES_OUT_THE_POOL_NAME: utf8(pool_name),
            SIGNATURE_LEAVES_OUT_THE_USER_ID: _cut(user_id) if self._on(SIGNATURE_CUTS_CHARACTERS) else utf8(user_id),
            SIGNATURE_LEAVES_OUT_THE_SECRET_BLOCK: (
                base64.b64encode(secret_block) if self._on(SIGNATURE_OVER_BASE64_SECRET_BLOCK) else secret_block
            ),
            SIGNATURE_LEAVES_OUT_THE_TIMESTAMP: utf8(timestamp),
        }
        separator = b"\0" if self._on(SIGNATURE_SEPARATES_ITS_FIELDS) else b""
        return hmac_sha256(key, separator.join(field for left_out, field in fields.items() if not self._on(left_out)))

    def secret_hash(self, *, client_secret: str, username: str, client_id: str) -> str:
        """SECRET_HASH."""
        if self._on(SECRET_HASH_HAS_THE_CLIENT_ID_FIRST):
            username, client_id = client_id, username
        return super().secret_hash(client_secret=client_secret, username=username, client_id=client_id)


def _cut(text: str) -> bytes:
    """The low byte of each character, as some buffers keep text."""
    return bytes(ord(character) & 0xFF for character in text)
