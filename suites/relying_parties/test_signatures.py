"""Which forms of a signature are taken: WA-KEY-12r to WA-KEY-14r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MEDIUM, MUST, RELYING_PARTY, RFC, W3C, cases, check
from harness.webauthn_cases import keys
from harness.webauthn_cases.cases import Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check(
    "WA-KEY-12r",
    level=MUST,
    severity=CRITICAL,
    clause="FIPS 186-5 section 6.4.2; CVE-2022-21449",
    evidence=RFC,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-zero-for-r-or-s": "accepted an authentication (r = 0, s = 0",
        "rp.takes-ber": "accepted an authentication (r beyond n",
    },
)
@cases("case", each(keys.ecdsa_numbers()))
def test_r_and_s_are_in_range(relying_party: CeremonyCourt, case: Case) -> None:
    """An ECDSA signature whose r or s is not between 1 and n - 1 is refused.

    Zeros verify for every message and every key where the range is not looked at. The values are the special ones
    of project Wycheproof. Leave it to a library that has been tested with them.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-KEY-13r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.5.5; RFC 3279 section 2.2.3; X.690 section 10",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-p1363": "accepted an authentication (r and s one after the other",
        "rp.takes-ber": "accepted an authentication (a long form of the length",
    },
)
@cases("case", each(keys.ecdsa_forms()))
def test_ecdsa_signatures_are_der(relying_party: CeremonyCourt, case: Case) -> None:
    """An ECDSA signature is DER, to the byte.

    Every other form of the same numbers is a second signature that verifies, which whoever remembers signatures
    does not know. Parse strictly.
    """
    relying_party.must_be_right_about_authenticating(case)


@check(
    "WA-KEY-14r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 6.5.5; RFC 8017 section 8.2.2",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.rs256"},
    killed_by={
        "rp.takes-any-rsa-padding": "accepted an authentication (RSASSA-PSS",
    },
)
@cases("case", each(keys.rsa_forms()))
def test_rs256_is_pkcs1_with_sha256(relying_party: CeremonyCourt, case: Case) -> None:
    """RS256 is RSASSA-PKCS1-v1_5 with SHA-256, and the padding fills the block.

    A verifier that searches for the hash, or lets bytes follow it, takes forgeries that need no private key where
    the exponent is small. Compare the whole block.
    """
    relying_party.must_be_right_about_authenticating(case)
