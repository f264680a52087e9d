"""Small exponents found: the a of an A = g^a when it is below 2^24, by baby steps and giant steps."""

from __future__ import annotations

from functools import lru_cache

import gmpy2

from protocol.cognito_srp import COGNITO

EXPONENT_BITS = 24
"""Every a below 2^24 is found, and no greater one."""

_BABY_BITS = 16
_TOLD_APART = gmpy2.mpz(2**64 - 59)  # residues of a prime tell the steps apart; low bits of powers of 2 would not
_PRIME = gmpy2.mpz(COGNITO.group.prime)


def small_exponent(public: int) -> int | None:
    """The a below 2^24 with g^a ≡ `public`, or None when there is none. Takes 256 multiplications."""
    steps = _baby_steps()
    giant = gmpy2.powmod(COGNITO.group.generator, -(1 << _BABY_BITS), _PRIME)
    value = gmpy2.mpz(public) % _PRIME
    for count in range(1 << (EXPONENT_BITS - _BABY_BITS)):
        step = steps.get(int(value % _TOLD_APART))
        if step is not None:
            found = (count << _BABY_BITS) + step
            if COGNITO.client_public(found) == public % COGNITO.group.prime:
                return found
        value = value * giant % _PRIME
    return None


@lru_cache(maxsize=1)
def _baby_steps() -> dict[int, int]:
    """The residues of g^j for j below 2^16, and j."""
    steps: dict[int, int] = {}
    value = gmpy2.mpz(1)
    for step in range(1 << _BABY_BITS):
        steps.setdefault(int(value % _TOLD_APART), step)
        value = value * COGNITO.group.generator % _PRIME
    return steps
