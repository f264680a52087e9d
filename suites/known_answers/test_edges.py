"""The edge set: sign-ins that fail only now and then where a number is encoded wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import ARITHMETIC, HIGH, OWN, SHOULD, cases, check
from suites.known_answers.answers import must_give
from vectors.load import load_vectors

if TYPE_CHECKING:
    from protocol.arithmetic import Arithmetic

_NUMBERS = ("client-public", "server-public", "scrambler", "premaster-secret", "salt")
_BROKEN_BY = {
    "lacks-the-sign-byte": "high-bit",
    "keeps-the-full-width": "leading-zero-byte",
    "drops-the-odd-digit": "leading-zero-nibble",
    "strips-one-zero-byte-only": "two-zero-bytes",
}
_KEY_BROKEN_BY = {
    "gains-a-sign-byte": "high-bit",
    "loses-its-zero-bytes": "leading-zero-byte",
    "drops-the-odd-digit": "leading-zero-nibble",
    "keeps-one-zero-byte-only": "two-zero-bytes",
}


@check(
    "VEC-07",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito profile: P(n), UTF-8 without normalisation",
    evidence=OWN,
    subject=ARITHMETIC,
    killed_by={
        **{
            f"arithmetic.{number}.{mistake}": f"edge-{number}-{shape}"
            for number in _NUMBERS
            for mistake, shape in _BROKEN_BY.items()
        },
        **{
            f"arithmetic.password-key.{mistake}": f"edge-password-key-{shape}"
            for mistake, shape in _KEY_BROKEN_BY.items()
        },
        "arithmetic.private-key.normalises-the-password": "edge-text-password-decomposed",
        "arithmetic.private-key.trims-the-password": "edge-text-password-blank-in-front",
        "arithmetic.private-key.cuts-characters-to-bytes": "edge-text-user-id-umlaut",
        "arithmetic.claim-signature.cuts-characters-to-bytes": "edge-text-user-id-cjk",
    },
)
@cases("subject", {name: name for name in (*_NUMBERS, "password-key", "text")})
def test_edges_come_out_on_both_sides(arithmetic: Arithmetic, subject: str) -> None:
    """Sign-ins with zeros in front of a number, with a high first bit, and with any text, agree on both sides.

    A wrong encoding shows in one sign-in of two, sixteen, 256 or 65 536, and so passes most tests: users are
    then refused now and then with the right password, or, where it is the salt, some users always. The flags in
    vectors/edges.json say for each case what is special and whom it hits.
    """
    must_give(arithmetic, (vector for vector in load_vectors("edges") if vector.id.startswith(f"edge-{subject}-")))
