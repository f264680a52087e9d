"""The arithmetic of the protocol as one object, so that checks can judge any implementation of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from protocol import claims, cognito_srp, keyed_hash, numbers, srp3, srp6a, timestamps, totp
from protocol.srp6a import Profile


@dataclass(frozen=True)
class ExchangeSide:
    """What one side of an SRP-6a exchange computes.

    Attributes:
        public: its own public value, A or B.
        scrambler: u.
        premaster_secret: S.
    """

    public: int
    scrambler: int
    premaster_secret: int


class Arithmetic(Protocol):
    """Everything that a client and a server of the protocol compute.

    Each method means what the function of the same name in `protocol` means; bytes and numbers are as there.
    """

    def minimal_bytes(self, n: int, /) -> bytes:
        """P(n)."""

    def multiplier(self, profile: Profile, /) -> int:
        """The multiplier k of a profile."""

    def scrambler(self, profile: Profile, client_public: int, server_public: int, /) -> int:
        """The scrambler u of a profile. Raises UnsafePublicValue."""

    def verifier(self, profile: Profile, x: int, /) -> int:
        """The verifier v = g^x."""

    def client_side(self, profile: Profile, /, *, a: int, server_public: int, x: int) -> ExchangeSide:
        """A, u and S from what the client has. Raises UnsafePublicValue."""

    def server_side(self, profile: Profile, /, *, b: int, client_public: int, verifier: int) -> ExchangeSide:
        """B, u and S from what the server has. Raises UnsafePublicValue."""

    def rfc5054_private_key(self, *, salt: bytes, user: str, password: str) -> int:
        """RFC 5054's x."""

    def sha_interleave(self, premaster_secret: bytes, /) -> bytes:
        """RFC 2945's SHA_Interleave."""

    def pool_name(self, user_pool_id: str, /) -> str:
        """The name in a user pool id."""

    def private_key(self, *, salt: int, pool_name: str, user_id: str, password: str) -> int:
        """Cognito's x."""

    def password_key(self, *, premaster_secret: int, scrambler: int) -> bytes:
        """K, 16 bytes."""

    def claim_signature(
        self, *, key: bytes, pool_name: str, user_id: str, secret_block: bytes, timestamp: str
    ) -> bytes:
        """PASSWORD_CLAIM_SIGNATURE, 32 bytes."""

    def secret_hash(self, *, client_secret: str, username: str, client_id: str) -> str:
        """SECRET_HASH, base64."""

    def hmac_of(self, hash_name: str, key: bytes, data: bytes) -> bytes:
        """HMAC."""

    def hkdf(self, hash_name: str, *, salt: bytes, input_key: bytes, info: bytes, length: int) -> bytes:
        """HKDF."""

    def totp(self, secret: bytes, moment: datetime, *, digits: int, hash_name: str) -> str:
        """The time-based one-time password of a moment."""

    def format_timestamp(self, moment: datetime) -> str:
        """TIMESTAMP of a moment."""

    def parse_timestamp(self, text: str) -> datetime:
        """The moment of a TIMESTAMP. Raises TimestampError."""


class OwnArithmetic:
    """The honest implementation: this package's own functions."""

    minimal_bytes = staticmethod(numbers.minimal_bytes)
    multiplier = staticmethod(Profile.multiplier)
    scrambler = staticmethod(Profile.scrambler)
    verifier = staticmethod(Profile.verifier)
    rfc5054_private_key = staticmethod(srp6a.rfc5054_private_key)
    sha_interleave = staticmethod(srp3.sha_interleave)
    pool_name = staticmethod(cognito_srp.pool_name)
    private_key = staticmethod(cognito_srp.private_key)
    password_key = staticmethod(cognito_srp.password_key)
    claim_signature = staticmethod(claims.claim_signature)
    secret_hash = staticmethod(claims.secret_hash)
    hmac_of = staticmethod(keyed_hash.hmac_of)
    hkdf = staticmethod(keyed_hash.hkdf)
    totp = staticmethod(totp.totp)
    format_timestamp = staticmethod(timestamps.format_timestamp)
    parse_timestamp = staticmethod(timestamps.parse_timestamp)

    def client_side(self, profile: Profile, /, *, a: int, server_public: int, x: int) -> ExchangeSide:
        """A, u and S from what the client has. Raises UnsafePublicValue."""
        public = profile.client_public(a)
        secret = profile.client_premaster_secret(a=a, client_public=public, server_public=server_public, x=x)
        return ExchangeSide(public, profile.scrambler(public, server_public), secret)

    def server_side(self, profile: Profile, /, *, b: int, client_public: int, verifier: int) -> ExchangeSide:
        """B, u and S from what the server has. Raises UnsafePublicValue."""
        public = profile.server_public(b, verifier)
        secret = profile.server_premaster_secret(
            client_public=client_public, b=b, server_public=public, verifier=verifier
        )
        return ExchangeSide(public, profile.scrambler(client_public, public), secret)
