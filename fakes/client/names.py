"""Names and passwords on their way into a hash, and the hash that shows who has the client secret."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from fakes.faults import declare_fault
from protocol import claims
from protocol.cognito_srp import pool_name
from protocol.text import utf8

ALIAS_IN_X = declare_fault("client.names.alias-in-x", "x takes what was typed for USER_ID_FOR_SRP")
ALIAS_IN_SIGNATURE = declare_fault(
    "client.names.alias-in-the-signature", "the signature takes what was typed for USER_ID_FOR_SRP"
)
ALIAS_IN_SECRET_HASH = declare_fault(
    "client.names.alias-in-secret-hash", "SECRET_HASH of the answer is over what was typed"
)
FULL_POOL_ID = declare_fault("client.names.full-pool-id", "the user pool id stands for the pool's name")
LATIN_1 = declare_fault("client.names.a-byte-a-character", "user names are hashed with one byte a character")
NORMALISED = declare_fault("client.names.normalised-password", "the password is brought into NFC before it is hashed")
LOWER_CASE = declare_fault("client.names.user-id-in-lower-case", "the user id is hashed in lower case")


class Names:
    """What one sign-in calls its pool and its user."""

    def __init__(self, user_pool_id: str, typed: str, password: str, on: Callable[[str], bool]) -> None:
        self._on = on
        self._typed = typed
        self._password = unicodedata.normalize("NFC", password) if on(NORMALISED) else password
        self.pool = utf8(user_pool_id if on(FULL_POOL_ID) else pool_name(user_pool_id))

    def identity(self, user_id: str) -> bytes:
        """What x is hashed over, beside the salt: poolName ‖ USER_ID_FOR_SRP ‖ ":" ‖ password."""
        return self.pool + self._written(user_id, ALIAS_IN_X) + b":" + utf8(self._password)

    def signed(self, user_id: str) -> bytes:
        """What the signature begins with: poolName ‖ USER_ID_FOR_SRP."""
        return self.pool + self._written(user_id, ALIAS_IN_SIGNATURE)

    def secret_hash(self, client_secret: str, client_id: str, username: str) -> str:
        """SECRET_HASH of an answer to a challenge that calls the user `username`."""
        name = self._typed if self._on(ALIAS_IN_SECRET_HASH) else username
        return claims.secret_hash(client_secret=client_secret, username=name, client_id=client_id)

    def _written(self, user_id: str, alias: str) -> bytes:
        if self._on(alias):
            user_id = self._typed
        if self._on(LOWER_CASE):
            user_id = user_id.lower()
        return bytes(ord(char) & 0xFF for char in user_id) if self._on(LATIN_1) else utf8(user_id)
