"""SRP with its faults: the multiplier, the scrambler, the two sides, SHA_Interleave."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial

from fakes.arithmetic.encodings import CLIENT_PUBLIC, SERVER_PUBLIC, encoding_of
from fakes.arithmetic.spoilable import Spoilable
from fakes.faults import declare_fault
from protocol.arithmetic import ExchangeSide
from protocol.numbers import minimal_bytes, padded_bytes, power, unsigned_bytes
from protocol.srp6a import Encoding, Profile

MINIMAL_BYTES_LACK_THE_SIGN_BYTE = declare_fault(
    "arithmetic.minimal-bytes.lack-the-sign-byte", "P(n) has no 00 before a high bit, so that it reads as negative"
)
MINIMAL_BYTES_OF_ZERO_ARE_NONE = declare_fault("arithmetic.minimal-bytes.of-zero-are-none", "P(0) is empty")
MULTIPLIER_LACKS_THE_SIGN_BYTE = declare_fault(
    "arithmetic.multiplier.lacks-the-sign-byte", "Cognito's k is hashed over N without its sign byte"
)
MULTIPLIER_PADS_THE_GENERATOR = declare_fault(
    "arithmetic.multiplier.pads-the-generator", "Cognito's k is hashed as RFC 5054 has it, g padded to the width of N"
)
MULTIPLIER_DOES_NOT_PAD_THE_GENERATOR = declare_fault(
    "arithmetic.multiplier.does-not-pad-the-generator", "RFC 5054's k is hashed over an unpadded g"
)
SCRAMBLER_PADS_TO_THE_MODULUS = declare_fault(
    "arithmetic.scrambler.pads-to-the-modulus", "Cognito's u is hashed as RFC 5054 has it, A and B padded"
)
SCRAMBLER_ADDS_SIGN_BYTES = declare_fault(
    "arithmetic.scrambler.adds-sign-bytes", "RFC 5054's u is hashed over P(A) and P(B), as Cognito has it"
)
SERVER_FORGETS_THE_MULTIPLIER = declare_fault("arithmetic.server.forgets-the-multiplier", "B is v + g^b, as in SRP-3")
SERVER_LEAVES_THE_VERIFIER_OUT = declare_fault(
    "arithmetic.server.leaves-the-verifier-out", "the server's S is A^b, for which nobody needs the password"
)
CLIENT_LOSES_THE_SIGN_OF_THE_BASE = declare_fault(
    "arithmetic.client.loses-the-sign-of-the-base", "a negative B - k·g^x is taken for positive (a truncating modulus)"
)
CLIENT_REDUCES_THE_EXPONENT = declare_fault(
    "arithmetic.client.reduces-the-exponent-by-the-modulus",
    "a + u·x is reduced mod N, though exponents count mod N - 1",
)
INTERLEAVE_KEEPS_LEADING_ZERO_BYTES = declare_fault(
    "arithmetic.interleave.keeps-leading-zero-bytes", "SHA_Interleave does not strip leading zero bytes"
)
INTERLEAVE_KEEPS_THE_ODD_BYTE = declare_fault(
    "arithmetic.interleave.keeps-the-odd-byte", "SHA_Interleave does not drop the first of an odd number of bytes"
)


@dataclass(frozen=True)
class _MisreadProfile(Profile):
    """A profile that writes A and B each in its own way when it hashes them."""

    encode_client_public: Encoding
    encode_server_public: Encoding

    def scrambler(self, client_public: int, server_public: int) -> int:
        written = self.encode_client_public(client_public) + self.encode_server_public(server_public)
        return int.from_bytes(hashlib.new(self.hash_name, written).digest(), "big")


class FaultySrp(Spoilable):
    """The part of the arithmetic that is SRP."""

    def minimal_bytes(self, n: int, /) -> bytes:
        """P(n)."""
        if self._on(MINIMAL_BYTES_OF_ZERO_ARE_NONE) and n == 0:
            return b""
        if self._on(MINIMAL_BYTES_LACK_THE_SIGN_BYTE):
            return unsigned_bytes(n) or b"\0"
        return super().minimal_bytes(n)

    def multiplier(self, profile: Profile, /) -> int:
        """The multiplier k of a profile."""
        return super().multiplier(self._spoilt(profile))

    def scrambler(self, profile: Profile, client_public: int, server_public: int, /) -> int:
        """The scrambler u of a profile."""
        return super().scrambler(self._spoilt(profile), client_public, server_public)

    def client_side(self, profile: Profile, /, *, a: int, server_public: int, x: int) -> ExchangeSide:
        """A, u and S from what the client has."""
        spoilt = self._spoilt(profile)
        side = super().client_side(spoilt, a=a, server_public=server_public, x=x)
        if not self._on(CLIENT_LOSES_THE_SIGN_OF_THE_BASE) and not self._on(CLIENT_REDUCES_THE_EXPONENT):
            return side
        prime = spoilt.group.prime
        base, exponent = server_public - spoilt.multiplier() * spoilt.verifier(x), a + side.scrambler * x
        if self._on(CLIENT_LOSES_THE_SIGN_OF_THE_BASE):
            return replace(side, premaster_secret=power(abs(base), exponent, prime))
        return replace(side, premaster_secret=power(base, exponent % prime, prime))

    def server_side(self, profile: Profile, /, *, b: int, client_public: int, verifier: int) -> ExchangeSide:
        """B, u and S from what the server has."""
        spoilt = self._spoilt(profile)
        if self._on(SERVER_FORGETS_THE_MULTIPLIER):
            public = (verifier + spoilt.client_public(b)) % spoilt.group.prime
            secret = spoilt.server_premaster_secret(
                client_public=client_public, b=b, server_public=public, verifier=verifier
            )
            return ExchangeSide(public, spoilt.scrambler(client_public, public), secret)
        side = super().server_side(spoilt, b=b, client_public=client_public, verifier=verifier)
        if self._on(SERVER_LEAVES_THE_VERIFIER_OUT):
            return replace(side, premaster_secret=power(client_public, b, spoilt.group.prime))
        return side

    def sha_interleave(self, premaster_secret: bytes, /) -> bytes:
        """RFC 2945's SHA_Interleave."""
        if self._on(INTERLEAVE_KEEPS_LEADING_ZERO_BYTES):
            return _interleaved(premaster_secret[len(premaster_secret) % 2 :])
        if self._on(INTERLEAVE_KEEPS_THE_ODD_BYTE):
            return _interleaved(premaster_secret.lstrip(b"\0"))
        return super().sha_interleave(premaster_secret)

    def _spoilt(self, profile: Profile) -> Profile:
        return (
            self._spoilt_as_cognito(profile)
            if profile.encode_multiplier is minimal_bytes
            else self._spoilt_as_rfc5054(profile)
        )

    def _spoilt_as_cognito(self, profile: Profile) -> Profile:
        pad = partial(padded_bytes, width=profile.group.width)
        if self._on(MULTIPLIER_LACKS_THE_SIGN_BYTE):
            return replace(profile, encode_multiplier=unsigned_bytes)
        if self._on(MULTIPLIER_PADS_THE_GENERATOR):
            return replace(profile, encode_multiplier=pad)
        if self._on(SCRAMBLER_PADS_TO_THE_MODULUS):
            return replace(profile, encode_scrambler=pad)
        client_public, server_public = (encoding_of(each, self._switches) for each in (CLIENT_PUBLIC, SERVER_PUBLIC))
        if client_public is None and server_public is None:
            return profile
        return _MisreadProfile(
            profile.name,
            profile.group,
            profile.hash_name,
            profile.encode_multiplier,
            profile.encode_scrambler,
            encode_client_public=client_public or profile.encode_scrambler,
            encode_server_public=server_public or profile.encode_scrambler,
        )

    def _spoilt_as_rfc5054(self, profile: Profile) -> Profile:
        if self._on(MULTIPLIER_DOES_NOT_PAD_THE_GENERATOR):
            return replace(profile, encode_multiplier=unsigned_bytes)
        if self._on(SCRAMBLER_ADDS_SIGN_BYTES):
            return replace(profile, encode_scrambler=minimal_bytes)
        return profile


def _interleaved(stripped: bytes) -> bytes:
    halves = (hashlib.sha1(stripped[start::2]).digest() for start in (0, 1))  # noqa: S324 - RFC 2945 names SHA-1
    return bytes(byte for pair in zip(*halves, strict=True) for byte in pair)
