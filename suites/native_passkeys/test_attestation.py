"""Attestation statements, which a pool does not ask for: WA-ATT-N1n to WA-ATT-U1n."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, MEDIUM
from harness.webauthn_requirements import attestations
from harness.webauthn_requirements.requirement import check_of_pool

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check_of_pool("WA-ATT-N1n", attestations.ATT_N1, severity=MEDIUM)
def test_the_format_none_has_an_empty_statement(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The statement of the format none is the empty map.

    What carries a statement and says that there is none has been tampered with. Refuse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-ATT-P1n", attestations.ATT_P1, needs={"passkeys.attestation"})
def test_self_attestation_is_signed_by_the_credential(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A self attestation whose signature does not verify is refused.

    It is the proof that whoever registers holds the private key. Verify it, also where attestation was not asked
    for.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-ATT-P2n", attestations.ATT_P2, severity=LOW, needs={"passkeys.attestation"})
def test_self_attestation_has_the_credentials_algorithm(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Alg of a self attestation is the credential's.

    A statement that names another one is verified by whatever its reader chooses. Refuse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-ATT-P3n", attestations.ATT_P3, clause="FIDO AttResp-3 F-13 to F-19", needs={"passkeys.attestation"})
def test_packed_statements_are_whole(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A packed statement has alg and sig, of their types.

    One that is missing is a signature that nobody verifies. Demand both.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool("WA-ATT-P4n", attestations.ATT_P4, severity=MEDIUM, needs={"passkeys.attestation"})
def test_certified_attestation_is_signed_by_its_certificate(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A statement with certificates is signed by the first one's key.

    Otherwise anybody shows a certificate that is not theirs. Verify with it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check_of_pool(
    "WA-ATT-U1n",
    attestations.ATT_U1,
    needs={"passkeys.attestation"},
    caught={
        "ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "ignores-attestation-statements": "accepted a registration (a certificate on P-384",
    },
)
def test_u2f_statements_verify(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A U2F statement is signed over U2F's own message by one P-256 certificate.

    Old security keys attest so. Verify it as section 8.6 says, or refuse the format.
    """
    native_passkeys.must_be_right_about_registering(case)
