"""How signatures may be written: WA-KEY-12 to WA-KEY-14."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_requirements import signatures
from harness.webauthn_requirements.requirement import check_of_triggers

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court


@check_of_triggers("WA-KEY-12", signatures.KEY_12)
def test_r_and_s_are_in_range(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(signatures.KEY_12.cases))


@check_of_triggers("WA-KEY-13", signatures.KEY_13)
def test_ecdsa_signatures_are_der(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(signatures.KEY_13.cases))


@check_of_triggers("WA-KEY-14", signatures.KEY_14)
def test_rs256_is_pkcs1_with_sha256(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_authenticating(custom(signatures.KEY_14.cases))
