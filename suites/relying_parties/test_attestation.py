"""Which attestation statements are believed: WA-ATT-N1r to WA-ATT-TRr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import (
    HIGH,
    INFO,
    LOW,
    MAY,
    MEDIUM,
    MUST,
    NONE,
    RELYING_PARTY,
    SHOULD,
    W3C,
    cases,
    check,
)
from harness.webauthn_cases import attestation, metadata
from harness.webauthn_cases.cases import Case, each
from harness.webauthn_requirements import attestations
from harness.webauthn_requirements.requirement import check_of_library

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check_of_library("WA-ATT-N1r", attestations.ATT_N1)
def test_no_attestation_is_an_empty_map(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-N2r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 24",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.attestation-policy"},
    killed_by={
        "rp.ignores-the-policy-of-formats": "accepted a registration (no attestation where it is demanded",
    },
)
@cases("case", each(attestation.none_where_it_is_refused()))
def test_a_policy_that_demands_attestation_gets_it(relying_party: CeremonyCourt, case: Case) -> None:
    """Where the service demands attestation, a registration without it is refused.

    Whoever wants only devices of a certain make has not got them if any device may say nothing. Compare the format
    with the policy.
    """
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-ATT-P1r", attestations.ATT_P1, needs={"relying-party.packed"})
def test_self_attestation_is_signed_by_the_credential(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-ATT-P2r", attestations.ATT_P2, needs={"relying-party.packed"})
def test_self_attestation_names_the_credentials_algorithm(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-ATT-P3r", attestations.ATT_P3, needs={"relying-party.packed"})
def test_a_packed_statement_is_whole(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-ATT-P4r", attestations.ATT_P4, needs={"relying-party.packed"})
def test_a_packed_statement_is_signed_by_its_certificate(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-P5r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2.1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed"},
    killed_by={
        "rp.ignores-what-a-statement-says": "accepted a registration (a CA's certificate",
    },
)
@cases("case", each(attestation.packed_certificates()))
def test_an_attestation_certificate_is_for_attestation(relying_party: CeremonyCourt, case: Case) -> None:
    """An attestation certificate says that it is one: no CA's, with country, organization, unit and name.

    Any other certificate of the same root, a server's, would do for attestation. Look at what the standard lists.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-P6r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2 and 8.2.1 (id-fido-gen-ce-aaguid)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed"},
    killed_by={
        "rp.ignores-what-a-statement-says": "accepted a registration (another AAGUID in the certificate",
    },
)
@cases("case", each(attestation.packed_aaguids()))
def test_the_certificate_is_for_this_model(relying_party: CeremonyCourt, case: Case) -> None:
    """A certificate that names a model is for that model.

    Else a cheap authenticator passes for a good one of the same maker. Compare the extension with the AAGUID.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-P7r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 24; RFC 5280 section 6.1; FIDO AttResp-5 F-6 to F-12",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed", "relying-party.trust-anchors"},
    killed_by={
        "rp.ignores-trust": "accepted a registration (a certificate of another's making",
        "rp.ignores-validity": "accepted a registration (an expired certificate",
    },
)
@cases("case", each(attestation.packed_chains()))
def test_the_chain_is_valid(relying_party: CeremonyCourt, case: Case) -> None:
    """Each certificate is issued by the next, by a CA, and valid now.

    A chain that is not verified lets everybody be every maker. Verify it with a library for chains, in the order in
    which it came.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-P8r",
    level=INFO,
    severity=NONE,
    clause="FIDO AttResp-5 F-10; WebAuthn L3 section 6.5.4",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed", "relying-party.trust-anchors"},
    killed_by={
        "rp.refuses-roots-in-x5c": "the root in x5c): refused",
    },
)
@cases("case", each(attestation.packed_roots()))
def test_a_root_in_the_chain_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """Whether the root may stand in x5c is recorded.

    FIDO's tests want it refused, the W3C's standard does not.
    """
    relying_party.must_be_right_about_registering(case)


@check_of_library("WA-ATT-U1r", attestations.ATT_U1, needs={"relying-party.fido-u2f"})
def test_a_u2f_statement_is_signed_as_u2f_does(relying_party: CeremonyCourt, case: Case) -> None:
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-U2r",
    level=INFO,
    severity=NONE,
    clause="FIDO AttResp-8 F-1; WebAuthn L3 section 16.1 (fido-u2f-es256 has an AAGUID)",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.fido-u2f"},
    killed_by={
        "rp.demands-no-aaguid-of-u2f": "an AAGUID in a U2F statement): refused",
    },
)
@cases("case", each(attestation.fido_u2f_aaguids()))
def test_an_aaguid_in_a_u2f_statement_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """Whether a U2F statement may come with an AAGUID is recorded.

    FIDO's tests refuse it, and the W3C's own vector has one.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-T1r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 8.3; FIDO AttResp-9 F-2 to F-4",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.tpm"},
    killed_by={
        "rp.ignores-what-a-statement-says": "accepted a registration (other extraData",
        "rp.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
    },
)
@cases("case", each(attestation.tpm()))
def test_a_tpm_certifies_this_key_in_this_ceremony(relying_party: CeremonyCourt, case: Case) -> None:
    """A TPM's certInfo certifies the credential's key, in this ceremony.

    A statement that certifies another key, or was made for another ceremony, can be copied from any TPM. Compare
    key, name and extraData.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-T2r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.3.1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.tpm"},
    killed_by={
        "rp.ignores-what-a-statement-says": "accepted a registration (no Subject Alternative Name",
    },
)
@cases("case", each(attestation.tpm_certificates()))
def test_an_aik_certificate_is_for_attestation(relying_party: CeremonyCourt, case: Case) -> None:
    """An AIK certificate has an empty subject, the TPM's names, the usage for AIKs, and is no CA's.

    Any other certificate of the same root would do for attestation. Look at what the standard lists.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-A1r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 8.4; FIDO AttResp-A",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.android-key"},
    killed_by={
        "rp.ignores-what-a-statement-says": "accepted a registration (another attestationChallenge",
        "rp.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
    },
)
@cases("case", each(attestation.android_key()))
def test_android_certifies_this_key_in_this_ceremony(relying_party: CeremonyCourt, case: Case) -> None:
    """Android's certificate is about the credential's key, in this ceremony, made in the device.

    A certificate for another key or another ceremony can be had by any app. Compare key, challenge, origin and
    purpose.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-AP1r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 8.8",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.apple"},
    killed_by={
        "rp.ignores-what-a-statement-says": "accepted a registration (another nonce",
    },
)
@cases("case", each(attestation.apple()))
def test_apple_certifies_this_key_in_this_ceremony(relying_party: CeremonyCourt, case: Case) -> None:
    """Apple's certificate holds the hash of this ceremony's data, and the credential's key.

    There is no signature beside it: what is not compared is not verified at all. Compare both.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-TRr",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 steps 23 and 24",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed", "relying-party.trust-anchors"},
    killed_by={
        "rp.ignores-trust": "accepted a registration (a root that is not trusted",
    },
)
@cases("case", each(attestation.anchors()))
def test_somebody_trusted_vouches(relying_party: CeremonyCourt, case: Case) -> None:
    """A statement counts only if it leads to a root that the service trusts.

    Everybody can make a root. Give the library the roots of the makers that you accept.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-TRbr",
    level=SHOULD,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 steps 23 and 24; FIDO Metadata Service section 3.1.4; FIDO MDS F-2",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed", "relying-party.metadata"},
    killed_by={
        "rp.ignores-the-status-of-authenticators": "accepted a registration (an authenticator whose status is REVOKED",
        "rp.ignores-the-roots-in-metadata": "accepted a registration (a root that is not the metadata's",
    },
)
@cases("case", each(metadata.standings()))
def test_nothing_bad_is_known_of_the_authenticator(relying_party: CeremonyCourt, case: Case) -> None:
    """An authenticator that FIDO's metadata report as revoked or compromised is refused, and so is a foreign root.

    Its keys may be in other hands, whatever it attests. Look at every status report of its model, and take the
    root from its metadata statement.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-TRcr",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 24; FIDO Metadata Service section 3.1.4",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed", "relying-party.metadata"},
    killed_by={
        "rp.takes-authenticators-without-metadata": "that the metadata does not know): accepted",
        "rp.ignores-the-status-of-authenticators": "a registration (an update after a compromise): accepted",
    },
)
@cases("case", each(metadata.policies()))
def test_what_the_metadata_leave_open_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """Whether an authenticator passes that FIDO's metadata do not know, or do not certify, is recorded.

    That is policy: know yours.
    """
    relying_party.must_be_right_about_registering(case)
