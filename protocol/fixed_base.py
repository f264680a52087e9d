"""Powers of one base out of a table: what SRP does most is raise its generator."""

from __future__ import annotations

import gmpy2

EXPONENT_BITS = 256
"""Length of the exponents that a table serves: x, u, and an `a` or `b` of the length that RFC 5054 asks for."""

_DIGIT_BITS = 4


class FixedBase:
    """Powers of one number modulo N, four bits of the exponent at a time.

    Four times as quick as an exponentiation, once the table has been paid for with three.
    """

    def __init__(self, base: int, modulus: int) -> None:
        self._modulus = modulus
        self._rows: list[list[gmpy2.mpz]] = []
        first = gmpy2.mpz(base) % modulus
        for _ in range(EXPONENT_BITS // _DIGIT_BITS):
            row = [gmpy2.mpz(1)]
            for _ in range(2**_DIGIT_BITS - 1):
                row.append(row[-1] * first % modulus)
            self._rows.append(row)
            first = row[-1] * first % modulus

    def power(self, exponent: int) -> int:
        """The base raised to an exponent from 0 to 2**256 - 1. Raises ValueError for any other."""
        if not 0 <= exponent < 1 << EXPONENT_BITS:
            raise ValueError(f"the table serves exponents of at most {EXPONENT_BITS} bits")
        product = gmpy2.mpz(1)
        for row in self._rows:
            digit = exponent & (2**_DIGIT_BITS - 1)
            if digit:
                product = product * row[digit] % self._modulus
            exponent >>= _DIGIT_BITS
        return int(product)
