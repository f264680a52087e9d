"""Attestation statements, which a pool does not ask for: WA-ATT-N1n to WA-ATT-U1n."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import LOW, MEDIUM, MUST, POOL, W3C, cases, check
from harness.webauthn_cases import attestation
from harness.webauthn_cases.native import native

if TYPE_CHECKING:
    from harness.passkey_court import PasskeyCourt
    from harness.webauthn_cases.cases import Case


@check(
    "WA-ATT-N1n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.7; FIDO AttResp-7 F-1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys"},
    killed_by={
        "pool.passkeys.takes-any-statement-for-none": "accepted a registration (a map with a member",
    },
)
@cases("case", native(attestation.none()))
def test_the_format_none_has_an_empty_statement(native_passkeys: PasskeyCourt, case: Case) -> None:
    """The statement of the format none is the empty map.

    What carries a statement and says that there is none has been tampered with. Refuse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-ATT-P1n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-6 P-1, F-1",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.attestation"},
    killed_by={
        "pool.passkeys.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "pool.passkeys.ignores-attestation-statements": "accepted a registration (one bit of the signature",
    },
)
@cases("case", native(attestation.packed_self()))
def test_self_attestation_is_signed_by_the_credential(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A self attestation whose signature does not verify is refused.

    It is the proof that whoever registers holds the private key. Verify it, also where attestation was not asked
    for.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-ATT-P2n",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 8.2",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.attestation"},
    killed_by={
        "pool.passkeys.ignores-the-statements-alg": "accepted a registration (alg -257",
    },
)
@cases("case", native(attestation.packed_self_algorithms()))
def test_self_attestation_has_the_credentials_algorithm(native_passkeys: PasskeyCourt, case: Case) -> None:
    """Alg of a self attestation is the credential's.

    A statement that names another one is verified by whatever its reader chooses. Refuse it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-ATT-P3n",
    level=MUST,
    severity=MEDIUM,
    clause="FIDO AttResp-3 F-13 to F-19",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.attestation"},
    killed_by={
        "pool.passkeys.ignores-the-statements-form": "accepted a registration (self: sig left out",
    },
)
@cases("case", native(attestation.packed_members()))
def test_packed_statements_are_whole(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A packed statement has alg and sig, of their types.

    One that is missing is a signature that nobody verifies. Demand both.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-ATT-P4n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-5 P-1, P-2, F-4, F-5, F-14",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.attestation"},
    killed_by={
        "pool.passkeys.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "pool.passkeys.ignores-attestation-statements": "accepted a registration (the credential's signature for",
        "pool.passkeys.ignores-the-statements-form": "accepted a registration (x5c empty",
    },
)
@cases("case", native(attestation.packed_certified()))
def test_certified_attestation_is_signed_by_its_certificate(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A statement with certificates is signed by the first one's key.

    Otherwise anybody shows a certificate that is not theirs. Verify with it.
    """
    native_passkeys.must_be_right_about_registering(case)


@check(
    "WA-ATT-U1n",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.6; FIDO AttResp-8",
    evidence=W3C,
    subject=POOL,
    needs={"passkeys", "passkeys.attestation"},
    killed_by={
        "pool.passkeys.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "pool.passkeys.ignores-attestation-statements": "accepted a registration (a certificate on P-384",
    },
)
@cases("case", native(attestation.fido_u2f()))
def test_u2f_statements_verify(native_passkeys: PasskeyCourt, case: Case) -> None:
    """A U2F statement is signed over U2F's own message by one P-256 certificate.

    Old security keys attest so. Verify it as section 8.6 says, or refuse the format.
    """
    native_passkeys.must_be_right_about_registering(case)
