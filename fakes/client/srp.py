"""The client's side of SRP: A, and the key that it shares with a server that knows the verifier."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from fakes.faults import declare_fault
from protocol.claims import hkdf_sha256
from protocol.cognito_srp import COGNITO, PASSWORD_KEY_BYTES, PASSWORD_KEY_INFO
from protocol.errors import MalformedNumber, UnsafePublicValue
from protocol.numbers import hex_of, minimal_bytes, padded_bytes, parse_hex, power, unsigned_bytes

K_WITHOUT_SIGN_BYTE = declare_fault("client.srp.k-without-sign-byte", "k is hashed over N without its sign byte")
U_FIXED_WIDTH = declare_fault("client.srp.u-at-fixed-width", "the password key takes a short u padded to 32 bytes")
B_FIXED_WIDTH = declare_fault("client.srp.b-at-fixed-width", "u takes a short B padded to the width of N")
S_FIXED_WIDTH = declare_fault(
    "client.srp.premaster-secret-at-fixed-width", "the password key takes a short S padded to the width of N"
)
KEY_STRIPPED = declare_fault(
    "client.srp.key-stripped-of-leading-zeros", "the password key loses its leading zero bytes"
)
ODD_DIGIT_DROPPED = declare_fault("client.srp.odd-digit-dropped", "of an odd number of digits the last is lost")
ZEROS_KEPT = declare_fault(
    "client.srp.leading-zeros-kept", "B and salt are hashed with the zeros that stand before them"
)
UPPER_CASE_REFUSED = declare_fault("client.srp.upper-case-refused", "a number with the digits A to F is refused")
SALT_AS_TEXT = declare_fault("client.srp.salt-as-text", "x takes the salt's digits, not its number")
SALT_AS_RAW_BYTES = declare_fault("client.srp.salt-as-raw-bytes", "x takes the salt without its sign byte")
TRUNCATING_MODULUS = declare_fault(
    "client.srp.truncating-modulus", "a negative B - k·g^x stays negative under the modulus, and loses its sign"
)
NEGATIVES_TAKEN = declare_fault("client.srp.negative-numbers-taken", "a minus sign before a number is passed over")
ZERO_B_ACCEPTED = declare_fault("client.srp.zero-b-accepted", "B is not checked to be other than 0 modulo N")
ZERO_B_ERROR_NOT_THROWN = declare_fault(
    "client.srp.zero-b-error-not-thrown", "for B = 0 an error is made, and not thrown"
)
B_COMPARED_WITH_ZERO = declare_fault("client.srp.b-compared-with-zero", "B = 0 is refused, a multiple of N is not")
A_OF_16_BITS = declare_fault("client.private-value.16-bits", "a has 16 random bits")
A_CONSTANT = declare_fault("client.private-value.constant", "a is the same in every sign-in")
A_SMALL = declare_fault("client.private-value.24-bits", "a has 24 random bits")
A_SHORT = declare_fault("client.private-value.128-bits", "a has 128 random bits")
A_REPEATS = declare_fault("client.private-value.repeats", "a is one of 32 numbers, drawn once")

_PRIME, _WIDTH = COGNITO.group.prime, COGNITO.group.width
_FEW = tuple(int.from_bytes(hashlib.sha512(bytes([n])).digest(), "big") for n in range(32))

On = Callable[[str], bool]


class ClientSide:
    """One exchange: a fresh a, and what follows from the server's answer."""

    def __init__(self, on: On) -> None:
        self._on = on
        self.a = self._chosen()
        self.public = COGNITO.client_public(self.a)

    @property
    def srp_a(self) -> str:
        """A as it is sent."""
        return hex_of(self.public)

    def password_key(self, *, salt: str, srp_b: str, identity: bytes) -> bytes:
        """K, 16 bytes.

        Args:
            salt: SALT as it came.
            srp_b: SRP_B as it came.
            identity: what x is hashed over beside the salt.

        Raises:
            MalformedNumber: a number that is none.
            UnsafePublicValue: B ≡ 0 (mod N).
        """
        server_public = self._number(srp_b)
        self._refuse_zero(server_public)
        x = self._private_key(salt, identity)
        u = self._hash(minimal_bytes(self.public), self._written_b(srp_b, server_public))
        secret = self._premaster_secret(server_public, x, u)
        key = hkdf_sha256(
            salt=padded_bytes(u, 32) if self._on(U_FIXED_WIDTH) and u >> 248 == 0 else minimal_bytes(u),
            input_key=self._written_secret(secret),
            info=PASSWORD_KEY_INFO,
            length=PASSWORD_KEY_BYTES,
        )
        return key.lstrip(b"\0") if self._on(KEY_STRIPPED) else key

    def _chosen(self) -> int:
        on = self._on
        if on(A_CONSTANT):
            return _FEW[0]
        if on(A_REPEATS):
            return secrets.choice(_FEW)
        for fault, bits in ((A_OF_16_BITS, 16), (A_SMALL, 24), (A_SHORT, 128)):
            if on(fault):
                return secrets.randbits(bits - 1) | 1 << (bits - 1)
        return secrets.randbits(1023) | 1 << 1023

    def _number(self, text: str) -> int:
        on = self._on
        if on(UPPER_CASE_REFUSED) and text != text.lower():
            raise MalformedNumber("a number is written in lower case")
        if on(ODD_DIGIT_DROPPED) and len(text) % 2:
            text = text[:-1]
        if on(NEGATIVES_TAKEN):
            text = text.removeprefix("-")
        return parse_hex(text)

    def _refuse_zero(self, server_public: int) -> None:
        on = self._on
        zero = server_public == 0 if on(B_COMPARED_WITH_ZERO) else server_public % _PRIME == 0
        if zero and not on(ZERO_B_ACCEPTED):
            error = UnsafePublicValue("B is 0 modulo N; the sign-in ends here")
            if not on(ZERO_B_ERROR_NOT_THROWN):
                raise error

    def _private_key(self, salt: str, identity: bytes) -> int:
        number = self._number(salt)
        written = minimal_bytes(number)
        if self._on(SALT_AS_TEXT):
            written = salt.encode()
        elif self._on(SALT_AS_RAW_BYTES):
            written = unsigned_bytes(number)
        elif self._on(ZEROS_KEPT):
            written = _with_its_zeros(salt, written)
        return self._hash(written, hashlib.sha256(identity).digest())

    def _written_b(self, srp_b: str, server_public: int) -> bytes:
        written = minimal_bytes(server_public)
        if self._on(B_FIXED_WIDTH):
            return written.rjust(_WIDTH, b"\0")
        return _with_its_zeros(srp_b, written) if self._on(ZEROS_KEPT) else written

    def _premaster_secret(self, server_public: int, x: int, u: int) -> int:
        """S = (B − k·g^x)^(a + u·x)."""
        on = self._on
        k = COGNITO.multiplier()
        if on(K_WITHOUT_SIGN_BYTE):
            k = self._hash(unsigned_bytes(_PRIME), minimal_bytes(COGNITO.group.generator))
        base = server_public - k * COGNITO.verifier(x) % _PRIME
        if on(TRUNCATING_MODULUS):
            base = abs(base)
        return power(base, self.a + u * x, _PRIME)

    def _written_secret(self, secret: int) -> bytes:
        written = minimal_bytes(secret)
        return written.rjust(_WIDTH, b"\0") if self._on(S_FIXED_WIDTH) else written

    @staticmethod
    def _hash(*parts: bytes) -> int:
        return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def _with_its_zeros(text: str, minimal: bytes) -> bytes:
    """The bytes that the digits spell, no shorter than P(n)."""
    return bytes.fromhex("0" * (len(text) % 2) + text).rjust(len(minimal), b"\0")
