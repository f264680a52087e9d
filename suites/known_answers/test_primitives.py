"""HKDF, HMAC and one-time passwords, against what their RFCs print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import ARITHMETIC, CRITICAL, MUST, RFC, cases, check
from suites.known_answers.answers import must_give
from vectors.load import load_vectors

if TYPE_CHECKING:
    from protocol.arithmetic import Arithmetic


@check(
    "VEC-04",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 5869 appendix A; RFC 4231 section 4; RFC 6238 appendix B",
    evidence=RFC,
    subject=ARITHMETIC,
    killed_by={
        "arithmetic.hkdf.counts-from-zero": "rfc5869-a1",
        "arithmetic.hkdf.does-not-chain": "rfc5869-a2",
        "arithmetic.hkdf.ignores-the-info": "rfc5869-a1",
        "arithmetic.hmac.truncates-long-keys": "rfc4231-6-sha-256",
        "arithmetic.totp.is-a-step-late": "rfc6238-sha-1-59",
        "arithmetic.totp.lacks-leading-zeros": "rfc6238-sha-1-1111111109",
    },
)
@cases("family", {"hkdf": "hkdf", "hmac": "hmac", "totp": "totp"})
def test_the_rfcs_own_cases_are_reproduced(arithmetic: Arithmetic, family: str) -> None:
    """Every case that the RFCs of HKDF, HMAC and TOTP publish comes out.

    With another HKDF or HMAC nobody signs in; with another TOTP no authenticator app is accepted. Use a library
    for all three.
    """
    must_give(arithmetic, load_vectors(family))
