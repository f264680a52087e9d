"""Which forms of a signature are taken: WA-KEY-12r to WA-KEY-14r."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.webauthn_requirements import signatures
from harness.webauthn_requirements.requirement import check_of_library

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt
    from harness.webauthn_cases.cases import Case


@check_of_library("WA-KEY-12r", signatures.KEY_12)
def test_r_and_s_are_in_range(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-KEY-13r", signatures.KEY_13)
def test_ecdsa_signatures_are_der(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)


@check_of_library("WA-KEY-14r", signatures.KEY_14, needs={"relying-party.rs256"})
def test_rs256_is_pkcs1_with_sha256(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_authenticating(case)
