"""HMAC, HKDF and one-time passwords with their faults."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from fakes.arithmetic.spoilable import Spoilable
from fakes.faults import declare_fault
from protocol.keyed_hash import hmac_of
from protocol.totp import DIGITS, STEP_SECONDS

HMAC_TRUNCATES_LONG_KEYS = declare_fault(
    "arithmetic.hmac.truncates-long-keys", "an HMAC key longer than a block is cut off, not hashed"
)
HKDF_COUNTS_FROM_ZERO = declare_fault("arithmetic.hkdf.counts-from-zero", "HKDF's block counter starts at 0")
HKDF_DOES_NOT_CHAIN = declare_fault("arithmetic.hkdf.does-not-chain", "HKDF leaves the block before out of the next")
HKDF_IGNORES_THE_INFO = declare_fault("arithmetic.hkdf.ignores-the-info", "HKDF leaves the info out")
TOTP_IS_A_STEP_LATE = declare_fault("arithmetic.totp.is-a-step-late", "the one-time password is the step before's")
TOTP_LACKS_LEADING_ZEROS = declare_fault(
    "arithmetic.totp.lacks-leading-zeros", "the one-time password is written as a number"
)


class FaultyKeyedHash(Spoilable):
    """The part of the arithmetic that comes from RFC 2104, RFC 5869 and RFC 6238."""

    def hmac_of(self, hash_name: str, key: bytes, data: bytes) -> bytes:
        """HMAC."""
        if self._on(HMAC_TRUNCATES_LONG_KEYS):
            key = key[: hashlib.new(hash_name).block_size]
        return super().hmac_of(hash_name, key, data)

    def hkdf(self, hash_name: str, *, salt: bytes, input_key: bytes, info: bytes, length: int) -> bytes:
        """HKDF."""
        if self._on(HKDF_IGNORES_THE_INFO):
            info = b""
        if self._on(HKDF_COUNTS_FROM_ZERO) or self._on(HKDF_DOES_NOT_CHAIN):
            return self._misexpanded(hash_name, salt, input_key, info, length)
        return super().hkdf(hash_name, salt=salt, input_key=input_key, info=info, length=length)

    def totp(
        self,
        secret: bytes,
        moment: datetime,
        *,
        digits: int = DIGITS,
        step_seconds: int = STEP_SECONDS,
        hash_name: str = "sha1",
    ) -> str:
        """The time-based one-time password of a moment."""
        if self._on(TOTP_IS_A_STEP_LATE):
            moment -= timedelta(seconds=step_seconds)
        code = super().totp(secret, moment, digits=digits, step_seconds=step_seconds, hash_name=hash_name)
        return code.lstrip("0") if self._on(TOTP_LACKS_LEADING_ZEROS) else code

    def _misexpanded(self, hash_name: str, salt: bytes, input_key: bytes, info: bytes, length: int) -> bytes:
        hash_bytes = hashlib.new(hash_name).digest_size
        pseudorandom_key = hmac_of(hash_name, salt or bytes(hash_bytes), input_key)
        first = 0 if self._on(HKDF_COUNTS_FROM_ZERO) else 1
        block = output = b""
        for counter in range(first, first - (-length // hash_bytes)):
            before = b"" if self._on(HKDF_DOES_NOT_CHAIN) else block
            block = hmac_of(hash_name, pseudorandom_key, before + info + bytes([counter]))
            output += block
        return output[:length]
