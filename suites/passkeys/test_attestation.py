"""Attestation statements: WA-ATT-N1 and WA-ATT-P1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.webauthn_cases.custom_auth import custom
from harness.webauthn_requirements import attestations
from harness.webauthn_requirements.requirement import check_of_triggers

if TYPE_CHECKING:
    from harness.fido2_court import Fido2Court


@check_of_triggers("WA-ATT-N1", attestations.ATT_N1)
def test_no_attestation_is_an_empty_map(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(attestations.ATT_N1.cases))


@check_of_triggers("WA-ATT-P1", attestations.ATT_P1)
def test_self_attestation_is_signed_by_the_credential(fido2_court: Fido2Court) -> None:
    fido2_court.must_be_right_about_registering(custom(attestations.ATT_P1.cases))
