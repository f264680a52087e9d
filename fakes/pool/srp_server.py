"""The server's side of the exchange: from A to B, and from both to the password key.

With every fault off this is `protocol.cognito_srp`'s profile; the faults are the ways in which
servers and their libraries have been seen to write a number wrongly before they hash it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import gmpy2

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.entropy import Edge, Entropy
from fakes.pool.errors import InternalError, InvalidParameter
from protocol.claims import hkdf_sha256
from protocol.cognito_srp import COGNITO, PASSWORD_KEY_BYTES, PASSWORD_KEY_INFO
from protocol.errors import MalformedNumber
from protocol.fixed_base import FixedBase
from protocol.numbers import hex_of, minimal_bytes, padded_bytes, parse_hex, power, unsigned_bytes

ACCEPTS_ZERO_A = declare_fault("pool.srp.accepts-zero-a", "A is not checked to be other than 0 modulo N")
MALFORMED_A_CRASHES = declare_fault("pool.srp.malformed-a-crashes", "an SRP_A that is no hex number is an HTTP 500")
COMPUTES_OVERSIZED_A = declare_fault("pool.srp.computes-an-oversized-a", "SRP_A may be as long as it likes")
HASHES_A_AS_SENT = declare_fault(
    "pool.srp.hashes-a-as-sent", "an SRP_A in other than its shortest lower-case form is hashed as text"
)
DROPS_ODD_NIBBLE = declare_fault("pool.srp.drops-the-odd-nibble-of-a", "of an odd number of digits the last is lost")
PADS_A = declare_fault("pool.srp.pads-a-to-the-modulus", "an A shorter than N is padded to its width in u")
NO_SIGN_BYTE = declare_fault("pool.srp.no-sign-byte-on-a", "u takes A without the 00 before a high bit")
B_FIXED_WIDTH = declare_fault("pool.srp.b-at-fixed-width", "u takes a B shorter than N padded to its width")
U_FIXED_WIDTH = declare_fault("pool.srp.u-at-fixed-width", "the password key takes a short u padded to 32 bytes")
S_FIXED_WIDTH = declare_fault(
    "pool.srp.premaster-secret-at-fixed-width", "the password key takes a short S padded to the width of N"
)
KEY_STRIPPED = declare_fault("pool.srp.key-stripped-of-leading-zeros", "the password key loses its leading zero bytes")
REUSES_B = declare_fault("pool.srp.reuses-b", "b is the same in every challenge")
SENDS_ZERO_B = declare_fault("pool.srp.sends-b-congruent-to-zero", "SRP_B is N")

MOST_DIGITS_OF_A = 1024
"""Hex digits that SRP_A may have: N has 768, and leading zeros or a multiple of N are still taken."""

_PRIME, _GENERATOR = COGNITO.group.prime, COGNITO.group.generator
_MODULUS = gmpy2.mpz(_PRIME)
_WIDTH = COGNITO.group.width
_SHORT_EXPONENT, _EXPONENT = 64, 256


class ServerEphemeral(NamedTuple):
    """The server's secret b and its public value B."""

    b: int
    public: int


class SrpServer:
    """Does the arithmetic of one pool."""

    def __init__(self, entropy: Entropy, faults: FaultSwitches, *, accepts_zero_a: str = ACCEPTS_ZERO_A) -> None:
        self._entropy = entropy
        self._faults = faults
        self._accepts_zero_a = accepts_zero_a
        self._reused_b = entropy.bits(_EXPONENT)

    def read_client_public(self, srp_a: str) -> int:
        """A out of SRP_A: hex in any case, leading zeros allowed. Raises InvalidParameter.

        A ≡ 0 (mod N) ends the exchange here (RFC 5054 section 2.5.4).
        """
        faults = self._faults
        if len(srp_a) > MOST_DIGITS_OF_A and not faults.on(COMPUTES_OVERSIZED_A):
            raise _refused(srp_a, f"Member must have length less than or equal to {MOST_DIGITS_OF_A}")
        digits = srp_a[: len(srp_a) & ~1] if faults.on(DROPS_ODD_NIBBLE) else srp_a
        try:
            client_public = parse_hex(digits)
        except MalformedNumber:
            if faults.on(MALFORMED_A_CRASHES):
                raise InternalError("Internal server error") from None
            raise _refused(srp_a, "Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$") from None
        if len(srp_a) > MOST_DIGITS_OF_A:
            client_public = client_public * client_public % _PRIME  # squared unreduced, as a naive library does
        if client_public % _PRIME == 0 and not faults.on(self._accepts_zero_a):
            raise InvalidParameter("SRP_A is not a valid public value.")
        return client_public

    def choose_ephemeral(self, *, client_public: int, srp_a: str, verifier: int) -> ServerEphemeral:
        """A fresh b of 256 bits and its B, having every edge of B, u, S and K that is forced."""
        if self._faults.on(SENDS_ZERO_B):
            return ServerEphemeral(self._entropy.bits(_EXPONENT), _PRIME)
        if self._faults.on(REUSES_B):
            return _ephemeral(*next(_public_values(self._reused_b, verifier)))
        edges = self._entropy.forced_on("B", "u", "S", "K")
        of_publics = [edge for edge in edges if edge.quantity == "B"]
        of_scramblers = [edge for edge in edges if edge.quantity == "u"]
        of_secrets = [edge for edge in edges if edge.quantity in {"S", "K"}]
        powers_of_verifier = FixedBase(verifier, _PRIME) if of_secrets else None
        scrambler_of = self._scramblers(client_public, srp_a)
        first = self._entropy.bits(_SHORT_EXPONENT if of_secrets else _EXPONENT)
        for b, public in _public_values(first, verifier, of_publics):
            if not (of_scramblers or of_secrets):
                return _ephemeral(b, public)
            u = scrambler_of(public)
            if not _hold(of_scramblers, u):
                continue
            if powers_of_verifier is None:
                return _ephemeral(b, public)
            secret = power(client_public * powers_of_verifier.power(u), b, _PRIME)
            key = int.from_bytes(self._derived_key(secret, u), "big")
            if all(edge.holds(secret if edge.quantity == "S" else key) for edge in of_secrets):
                return _ephemeral(b, public)
        raise AssertionError("the candidates do not end")

    def scrambler(self, *, client_public: int, srp_a: str, server_public: int) -> int:
        """The scrambler u = H(P(A) ‖ P(B))."""
        return self._scramblers(client_public, srp_a)(server_public)

    def _scramblers(self, client_public: int, srp_a: str) -> Callable[[int], int]:
        """The scrambler as a function of B: searches ask for very many, and A is hashed once for all."""
        begun = hashlib.sha256(self._written_client_public(client_public, srp_a))
        width = _WIDTH if self._faults.on(B_FIXED_WIDTH) else 0

        def scrambler(server_public: int) -> int:
            hashed = begun.copy()
            hashed.update(minimal_bytes(server_public).rjust(width, b"\0"))
            return int.from_bytes(hashed.digest(), "big")

        return scrambler

    def password_key(self, *, client_public: int, srp_a: str, ephemeral: ServerEphemeral, verifier: int) -> bytes:
        """K, 16 bytes, from S = (A·v^u)^b."""
        u = self.scrambler(client_public=client_public, srp_a=srp_a, server_public=ephemeral.public)
        premaster_secret = power(client_public * power(verifier, u, _PRIME), ephemeral.b, _PRIME)
        key = self._derived_key(premaster_secret, u)
        return key.lstrip(b"\0") if self._faults.on(KEY_STRIPPED) else key

    def _derived_key(self, premaster_secret: int, scrambler: int) -> bytes:
        salt, secret = minimal_bytes(scrambler), minimal_bytes(premaster_secret)
        if self._faults.on(U_FIXED_WIDTH):
            salt = salt.rjust(32, b"\0")
        if self._faults.on(S_FIXED_WIDTH):
            secret = secret.rjust(_WIDTH, b"\0")
        return hkdf_sha256(salt=salt, input_key=secret, info=PASSWORD_KEY_INFO, length=PASSWORD_KEY_BYTES)

    def _written_client_public(self, client_public: int, srp_a: str) -> bytes:
        faults = self._faults
        if faults.on(HASHES_A_AS_SENT) and (srp_a != hex_of(client_public) or client_public >= _PRIME):
            return srp_a.encode()
        if faults.on(NO_SIGN_BYTE):
            return unsigned_bytes(client_public)
        if faults.on(PADS_A) and client_public.bit_length() <= 8 * (_WIDTH - 1):
            return padded_bytes(client_public, _WIDTH)
        return minimal_bytes(client_public)


def _ephemeral(b: int, public: gmpy2.mpz) -> ServerEphemeral:
    return ServerEphemeral(b, int(public))


def _public_values(b: int, verifier: int, edges: Sequence[Edge] = ()) -> Iterator[tuple[int, gmpy2.mpz]]:
    """B = k·v + g^b for b, b + 1, …, where it has the edges: each next g^b is the one before times g."""
    shift = COGNITO.multiplier() * verifier % _MODULUS
    raised = gmpy2.mpz(COGNITO.group.power_of_generator(b))
    while True:
        public = (shift + raised) % _MODULUS
        if _hold(edges, public):
            yield b, public
        b, raised = b + 1, raised * _GENERATOR % _MODULUS


def _hold(edges: Sequence[Edge], value: int) -> bool:
    for edge in edges:  # noqa: SIM110 - a generator would take longer than the arithmetic
        if not edge.holds(value):
            return False
    return True


def _refused(srp_a: str, constraint: str) -> InvalidParameter:
    shown = srp_a if len(srp_a) <= 64 else srp_a[:64] + "…"
    return InvalidParameter(
        f"1 validation error detected: Value '{shown}' at 'sRPA' failed to satisfy constraint: {constraint}"
    )
