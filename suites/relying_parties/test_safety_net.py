"""Attestation by SafetyNet, where a library still takes it: WA-ATT-SNr to WA-ATT-SNdr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import HIGH, LOW, MAY, MUST, RELYING_PARTY, W3C, cases, check
from harness.webauthn_cases import safety_net
from harness.webauthn_cases.cases import Case, each

if TYPE_CHECKING:
    from harness.ceremony_court import CeremonyCourt


@check(
    "WA-ATT-SNr",
    level=MAY,
    severity=LOW,
    clause="FIDO AttResp-B F-1, F-5 to F-7; WebAuthn L3 section 8.5",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.android-safetynet"},
    killed_by={
        "rp.ignores-what-a-statement-says": "a registration (ctsProfileMatch false): accepted",
        "rp.ignores-validity": "a registration (timestampMs a minute and a half ago): accepted",
        "rp.ignores-the-statements-form": "a registration (ver empty): accepted",
    },
)
@cases("case", each(safety_net.policies()))
def test_what_safetynet_says_of_the_device_is_recorded(relying_party: CeremonyCourt, case: Case) -> None:
    """Whether a SafetyNet statement passes that is old, or does not vouch for the device, is recorded.

    FIDO's tests want it refused, and the W3C's standard leaves it to the documentation of a service that has been
    shut down. A statement of last year shows that the library takes what nobody makes any more.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-SNbr",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 8.5 (syntax); FIDO AttResp-B F-2",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.android-safetynet"},
    killed_by={
        "rp.ignores-the-statements-form": "accepted a registration (ver left out",
        "rp.ignores-attestation-statements": "accepted a registration (response empty",
    },
)
@cases("case", each(safety_net.members()))
def test_a_safetynet_statement_is_whole(relying_party: CeremonyCourt, case: Case) -> None:
    """A SafetyNet statement has ver, a text, and response, bytes.

    What has another form is of another version, or of nobody's making. Demand both members.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-SNcr",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 8.5; FIDO AttResp-B F-3, F-4",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.android-safetynet"},
    killed_by={
        "rp.ignores-what-a-statement-says": "accepted a registration (a nonce over another client data hash",
        "rp.ignores-the-statements-signature": "accepted a registration (one bit of the signature",
        "rp.ignores-the-statements-form": "accepted a registration (x5c empty",
        "rp.ignores-attestation-statements": "accepted a registration (a payload that was changed after it was signed",
    },
)
@cases("case", each(safety_net.responses()))
def test_safetynet_signed_this_ceremonys_nonce(relying_party: CeremonyCourt, case: Case) -> None:
    """A SafetyNet statement is a response that the service signed, over this ceremony's nonce.

    Any app on any phone could ask for one, and keep it; without the nonce and the name in the certificate it says
    nothing of this credential. Compare both, and verify the signature; or take no such statements, which nobody
    honest makes any more.
    """
    relying_party.must_be_right_about_registering(case)


@check(
    "WA-ATT-SNdr",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 8.5 (came from the SafetyNet service) and section 7.1 step 24; RFC 5280 section 6.1",
    evidence=W3C,
    subject=RELYING_PARTY,
    needs={"relying-party", "relying-party.android-safetynet", "relying-party.trust-anchors"},
    killed_by={
        "rp.ignores-trust": "accepted a registration (a certificate of another's making",
        "rp.ignores-validity": "accepted a registration (an expired certificate",
    },
)
@cases("case", each(safety_net.chains()))
def test_the_certificate_is_the_services(relying_party: CeremonyCourt, case: Case) -> None:
    """The certificate in a SafetyNet response leads to a root that the service trusts, and is valid now.

    It comes with the response, from whoever sends that, and anybody can write the service's name into one. Verify
    its chain.
    """
    relying_party.must_be_right_about_registering(case)
