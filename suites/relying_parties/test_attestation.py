"""Which attestation statements are believed: WA-ATT-N1r to WA-ATT-TRr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import (
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    MUST,
    NONE,
    RELYING_PARTY,
    SHOULD,
    W3C,
    cases,
    check,
)
from harness.webauthn_cases import attestation
from harness.webauthn_cases.cases import Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check(
    "WA-ATT-N1r",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 8.7; FIDO AttResp-7 F-1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party"},
    killed_by={
        "rp.takes-any-statement-for-none": "accepted a registration (a map with a member",
    },
)
@cases("case", each(attestation.none()))
def test_no_attestation_is_an_empty_map(relying_party: CeremonyCourt, case: Case) -> None:
    """The format none has an empty statement.

    A statement under that name is one that nobody verifies and somebody may later believe. Refuse whatever is in
    it.
    """
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


@check(
    "WA-ATT-P1r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-6 P-1, F-1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed"},
    killed_by={
        "rp.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "rp.ignores-attestation-statements": "accepted a registration (one bit of the signature",
    },
)
@cases("case", each(attestation.packed_self()))
def test_self_attestation_is_signed_by_the_credential(relying_party: CeremonyCourt, case: Case) -> None:
    """A self attestation is signed with the credential's key, over this authenticator data and this client data.

    Unverified, it does not even show that the key's owner is there. Verify it like an assertion.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-P2r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed"},
    killed_by={
        "rp.ignores-the-statements-alg": "accepted a registration (alg -257",
    },
)
@cases("case", each(attestation.packed_self_algorithms()))
def test_self_attestation_names_the_credentials_algorithm(relying_party: CeremonyCourt, case: Case) -> None:
    """Alg of a self attestation is the algorithm of the credential.

    Two algorithms for one key are one too many. Compare them.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-P3r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-3 F-13 to F-19",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed"},
    killed_by={
        "rp.ignores-the-statements-form": "accepted a registration (self: sig left out",
    },
)
@cases("case", each(attestation.packed_members()))
def test_a_packed_statement_is_whole(relying_party: CeremonyCourt, case: Case) -> None:
    """A packed statement has alg and sig, each of its type.

    What is missing is not verified. Demand it.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-P4r",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 8.2; FIDO AttResp-5 P-1, P-2, F-4, F-5, F-14",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.packed"},
    killed_by={
        "rp.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "rp.ignores-attestation-statements": "accepted a registration (the credential's signature for the cert",
        "rp.ignores-the-statements-form": "accepted a registration (x5c empty",
    },
)
@cases("case", each(attestation.packed_certified()))
def test_a_packed_statement_is_signed_by_its_certificate(relying_party: CeremonyCourt, case: Case) -> None:
    """A packed statement with certificates is signed by the first one's key.

    Else anybody puts a well-known maker's certificate beside a key of their own. Verify with the certificate's key,
    never with the credential's.
    """
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


@check(
    "WA-ATT-U1r",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 8.6; FIDO AttResp-8",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.fido-u2f"},
    killed_by={
        "rp.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "rp.ignores-what-a-statement-says": "accepted a registration (a certificate on P-384",
    },
)
@cases("case", each(attestation.fido_u2f()))
def test_a_u2f_statement_is_signed_as_u2f_does(relying_party: CeremonyCourt, case: Case) -> None:
    """A U2F statement has one certificate, whose P-256 key signed the registration message of U2F.

    Unverified, it vouches for any key. Put the message together as the standard says, and verify it.
    """
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
