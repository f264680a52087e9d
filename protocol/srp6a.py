"""SRP-6a with its hash, group and encodings as parameters (RFC 5054 section 2).

All numbers are integers; what a profile decides is how they become bytes where they are hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from protocol.errors import UnsafePublicValue
from protocol.groups import Group
from protocol.numbers import padded_bytes, power
from protocol.text import utf8

Encoding = Callable[[int], bytes]
"""How a number becomes the bytes that are hashed."""


@dataclass(frozen=True)
class Profile:
    """One way to do SRP-6a.

    Attributes:
        name: the name in reports.
        group: where the arithmetic is done.
        hash_name: H, as hashlib calls it.
        encode_multiplier: how N and g are written in k = H(N, g).
        encode_scrambler: how A and B are written in u = H(A, B).
    """

    name: str
    group: Group
    hash_name: str
    encode_multiplier: Encoding
    encode_scrambler: Encoding

    def multiplier(self) -> int:
        """The multiplier k = H(N ‖ g)."""
        return self._hash_of(self.encode_multiplier, self.group.prime, self.group.generator)

    def scrambler(self, client_public: int, server_public: int) -> int:
        """The scrambler u = H(A ‖ B) of the public values as they were sent.

        Raises UnsafePublicValue when u is 0, for then the password does not enter the server's secret.
        """
        u = self._hash_of(self.encode_scrambler, client_public, server_public)
        if u == 0:
            raise UnsafePublicValue("the scrambler u is 0; end the exchange")
        return u

    def verifier(self, x: int) -> int:
        """The verifier v = g^x, which the server stores for a user."""
        return self.group.power_of_generator(x)

    def client_public(self, a: int) -> int:
        """The client's public value A = g^a."""
        return self.group.power_of_generator(a)

    def server_public(self, b: int, verifier: int) -> int:
        """The server's public value B = k·v + g^b."""
        prime = self.group.prime
        return (self.multiplier() * verifier + self.group.power_of_generator(b)) % prime

    def client_premaster_secret(self, *, a: int, client_public: int, server_public: int, x: int) -> int:
        """The client's premaster secret S = (B − k·g^x)^(a + u·x).

        Raises UnsafePublicValue when A or B is 0 mod N or u is 0 (RFC 5054 sections 2.5.3, 2.5.4).
        """
        self._refuse_unsafe(client_public, server_public)
        u = self.scrambler(client_public, server_public)
        base = server_public - self.multiplier() * self.verifier(x)
        return power(base, a + u * x, self.group.prime)

    def server_premaster_secret(self, *, client_public: int, b: int, server_public: int, verifier: int) -> int:
        """The server's premaster secret S = (A·v^u)^b.

        Raises UnsafePublicValue when A or B is 0 mod N or u is 0 (RFC 5054 sections 2.5.3, 2.5.4).
        """
        self._refuse_unsafe(client_public, server_public)
        prime = self.group.prime
        u = self.scrambler(client_public, server_public)
        return power(client_public * power(verifier, u, prime), b, prime)

    def _refuse_unsafe(self, client_public: int, server_public: int) -> None:
        for name, value in (("A", client_public), ("B", server_public)):
            if value % self.group.prime == 0:
                raise UnsafePublicValue(f"{name} is 0 modulo N; end the exchange")

    def _hash_of(self, encode: Encoding, *numbers: int) -> int:
        return int.from_bytes(hashlib.new(self.hash_name, b"".join(map(encode, numbers))).digest(), "big")


def rfc5054_profile(group: Group, hash_name: str = "sha1") -> Profile:
    """RFC 5054's own way in a group: every number padded to the width of N (section 2.5.3), SHA-1.

    Its encoding raises MalformedNumber for a public value wider than N.
    """
    pad = partial(padded_bytes, width=group.width)
    return Profile(f"{group.name}, {hash_name}", group, hash_name, encode_multiplier=pad, encode_scrambler=pad)


def rfc5054_private_key(*, salt: bytes, user: str, password: str, hash_name: str = "sha1") -> int:
    """The private key x = H(s ‖ H(I ‖ ":" ‖ P)), the salt as its bytes (RFC 5054 section 2.4). Raises MalformedText."""
    identity = hashlib.new(hash_name, utf8(f"{user}:{password}")).digest()
    return int.from_bytes(hashlib.new(hash_name, salt + identity).digest(), "big")
