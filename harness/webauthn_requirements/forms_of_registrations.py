"""How a registration must be written: WA-REG-03, WA-REG-13 to WA-REG-13d, WA-REG-F1 to WA-REG-F4."""

from __future__ import annotations

from harness.check import HIGH, LOW, MAY, MEDIUM, MUST, RFC, SHOULD, W3C
from harness.webauthn_cases import registration
from harness.webauthn_requirements.requirement import Requirement

REG_03 = Requirement(
    id="WA-REG-03",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 3; FIDO AttResp-1 F-4 to F-8",
    evidence=W3C,
    cases=registration.shapes(),
    caught={
        "takes-any-credential-type": "accepted a registration (type of another kind",
    },
    explanation="""
    What is no registration response is refused, and does not break the library.

    A page can send anything. What is taken for a registration without being one has not been through the steps that
    follow. Demand the members that the standard names, of their types.
    """,
)

REG_03B = Requirement(
    id="WA-REG-03b",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 5.1 (rawId, id); FIDO AttResp-1 F-1 to F-3",
    evidence=W3C,
    cases=registration.ids(),
    caught={
        "reads-only-the-raw-id": "accepted a registration (id another than rawId",
        "ignores-the-attested-id": "accepted a registration (id and rawId another than is attested",
        "reads-plain-base64": "accepted a registration (id and rawId in plain base64",
    },
    explanation="""
    id, rawId and the credential id in the authenticator data are one and the same.

    A service that stores the one and later looks for the other lets a user register under another credential's id.
    Compare all three, and decode none of them leniently.
    """,
)

REG_13 = Requirement(
    id="WA-REG-13",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 13; FIDO AttResp-3 F-1 to F-8",
    evidence=W3C,
    cases=registration.attestation_objects(),
    caught={
        "fills-in-the-attestation-object": "accepted a registration (fmt left out",
    },
    explanation="""
    An attestation object is a CBOR map with fmt, attStmt and authData, each of its type.

    A {service} that makes up for what is missing accepts what no authenticator sends. Refuse it.
    """,
)

REG_13B = Requirement(
    id="WA-REG-13b",
    level=MUST,
    severity=LOW,
    clause="CTAP 2.1 section 8; FIDO AttResp-3 F-12",
    evidence=W3C,
    cases=registration.bytes_after(),
    caught={
        "ignores-bytes-after-cbor": "accepted a registration (an empty map behind it",
    },
    explanation="""
    Bytes behind the attestation object are refused.

    What one parser passes over, another one reads. Demand that the object is all there is.
    """,
)

REG_13C = Requirement(
    id="WA-REG-13c",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 2.4; CTAP 2.1 section 8 (canonical form)",
    evidence=W3C,
    cases=registration.loose_cbor(),
    caught={
        "reads-cbor-loosely": "accepted a registration (authData twice",
    },
    explanation="""
    CBOR that is not in CTAP2's canonical form is refused where it could be read in two ways.

    Of two authData, one parser takes the first and another the last. Refuse keys that stand twice and lengths that
    are left open.
    """,
)

REG_13D = Requirement(
    id="WA-REG-13d",
    level=SHOULD,
    severity=MEDIUM,
    clause="robustness; RFC 8949 section 10",
    evidence=RFC,
    cases=registration.exhausting(),
    caught={
        "passes-over-unreadable-cbor": "accepted a registration (a member of ten thousand arrays",
    },
    explanation="""
    CBOR that announces more than it holds, or nests without end, is refused at once.

    A parser that reserves what a length announces, or follows every level, can be stopped with a dozen bytes by
    anybody. Hold lengths against what is left, and depths against a limit.
    """,
)

REG_F1 = Requirement(
    id="WA-REG-F1",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 F-9 to F-11",
    evidence=W3C,
    cases=registration.attested_data(),
    caught={
        "ignores-the-flag-at": "accepted a registration (attested data without AT",
    },
    explanation="""
    Attested credential data stands where the flag AT says so, and only there.

    What a flag does not announce, another reader takes for something else. Read by the flags.
    """,
)

REG_F2 = Requirement(
    id="WA-REG-F2",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AttResp-3 P-1, F-12",
    evidence=W3C,
    cases=registration.extension_data(),
    caught={
        "ignores-bytes-after-authenticator-data": "accepted a registration (a zero byte behind the data",
        "ignores-missing-extensions": "accepted a registration (ED without a map",
        "refuses-extensions": "a registration (ED and a map",
    },
    explanation="""
    Extension outputs are a map, stand where the flag ED says so, and nothing stands behind them.

    Bytes that nobody reads are bytes that somebody else reads. Refuse what the flags do not account for.
    """,
)

REG_F2B = Requirement(
    id="WA-REG-F2b",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 sections 6.1 and 6.5.2; FIDO AttResp-3 P-1",
    evidence=W3C,
    cases=registration.signs_in_with_extensions(),
    caught={
        "keeps-extensions-in-the-key": "wrote down another public_key",
        "refuses-extensions": "a registration (a credential with credProtect",
    },
    explanation="""
    What is written down for the public key is the public key, without what stands behind it.

    A {service} that stores the rest of the authenticator data registers a user whose first sign-in fails. Store the
    bytes of the COSE_Key.
    """,
)

REG_F3 = Requirement(
    id="WA-REG-F3",
    level=MAY,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (bits reserved for future use)",
    evidence=W3C,
    cases=registration.reserved_flags(),
    caught={
        "refuses-reserved-flags": "a registration (RFU1 set): refused",
    },
    explanation="""
    What becomes of reserved flags that are set is recorded.

    The standard tells authenticators to leave them alone, and relying parties nothing; a {service} that refuses them
    may refuse tomorrow's authenticators.
    """,
)

REG_F4 = Requirement(
    id="WA-REG-F4",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; robustness",
    evidence=W3C,
    caught={
        "reads-beyond-the-end": "accepted a registration (the first ",
    },
    explanation="""
    Authenticator data that ends too soon is refused, wherever it ends.

    A reader that goes on beyond the end reads what was there before: another user's. Hold every length against what
    is left.
    """,
)
