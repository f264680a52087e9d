"""SRP-3, the protocol of RFC 2945: SHA-1, no multiplier, a scrambler of 32 bits, SHA_Interleave.

Numbers are written big-endian without `00` in front wherever they are hashed.
"""

from __future__ import annotations

import hashlib

from protocol.errors import UnsafePublicValue
from protocol.groups import Group
from protocol.numbers import power, unsigned_bytes
from protocol.text import utf8


def sha_interleave(premaster_secret: bytes) -> bytes:
    """SHA_Interleave(T): 40 bytes (RFC 2945 section 3.1).

    Leading zero bytes are stripped; of an odd number of bytes the first is dropped; the bytes at even
    and at odd places are hashed apart, and the two digests interleaved.
    """
    stripped = premaster_secret.lstrip(b"\0")
    even = stripped[len(stripped) % 2 :]
    digests = hashlib.sha1(even[0::2]).digest(), hashlib.sha1(even[1::2]).digest()  # noqa: S324 - RFC 2945 names SHA-1
    return bytes(byte for pair in zip(*digests, strict=True) for byte in pair)


def scrambler(server_public: int) -> int:
    """The scrambler u: the first 32 bits of SHA(B) (RFC 2945 section 3)."""
    return int.from_bytes(_sha(unsigned_bytes(server_public))[:4], "big")


def private_key(*, salt: bytes, user: str, password: str) -> int:
    """The private key x = SHA(s ‖ SHA(U ‖ ":" ‖ p)) (RFC 2945 section 3). Raises MalformedText."""
    return int.from_bytes(_sha(salt + _sha(utf8(f"{user}:{password}"))), "big")


def server_public(group: Group, *, b: int, verifier: int) -> int:
    """The server's public value B = v + g^b."""
    return (verifier + power(group.generator, b, group.prime)) % group.prime


def client_premaster_secret(group: Group, *, a: int, server_public: int, x: int) -> int:
    """The client's S = (B − g^x)^(a + u·x). Raises UnsafePublicValue when B is 0 mod N or u is 0."""
    _refuse_zero("B", server_public % group.prime)
    u = scrambler(server_public)
    _refuse_zero("u", u)
    base = server_public - power(group.generator, x, group.prime)
    return power(base, a + u * x, group.prime)


def server_premaster_secret(group: Group, *, client_public: int, b: int, server_public: int, verifier: int) -> int:
    """The server's S = (A·v^u)^b. Raises UnsafePublicValue when A is 0 mod N."""
    _refuse_zero("A", client_public % group.prime)
    u = scrambler(server_public)
    return power(client_public * power(verifier, u, group.prime), b, group.prime)


def session_key(premaster_secret: int) -> bytes:
    """K = SHA_Interleave(S): 40 bytes."""
    return sha_interleave(unsigned_bytes(premaster_secret))


def client_proof(group: Group, *, user: str, salt: bytes, client_public: int, server_public: int, key: bytes) -> bytes:
    """M1 = H(H(N) ⊕ H(g) ‖ H(U) ‖ s ‖ A ‖ B ‖ K): 20 bytes. Raises MalformedText."""
    of_prime, of_generator = _sha(unsigned_bytes(group.prime)), _sha(unsigned_bytes(group.generator))
    of_group = bytes(left ^ right for left, right in zip(of_prime, of_generator, strict=True))
    publics = unsigned_bytes(client_public) + unsigned_bytes(server_public)
    return _sha(of_group + _sha(utf8(user)) + salt + publics + key)


def server_proof(*, client_public: int, client_proof: bytes, key: bytes) -> bytes:
    """M2 = H(A ‖ M1 ‖ K): 20 bytes."""
    return _sha(unsigned_bytes(client_public) + client_proof + key)


def _refuse_zero(name: str, value: int) -> None:
    if value == 0:
        raise UnsafePublicValue(f"{name} is 0; end the exchange")


def _sha(data: bytes) -> bytes:
    return hashlib.sha1(data).digest()  # noqa: S324 - RFC 2945 names SHA-1
