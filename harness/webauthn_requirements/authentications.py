"""What an authentication must be: WA-AUT-06 to WA-AUT-F3, but client data and signatures."""

from __future__ import annotations

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, SHOULD, W3C
from harness.webauthn_cases import authentication, registration
from harness.webauthn_requirements.requirement import Requirement

AUT_06 = Requirement(
    id="WA-AUT-06",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 6 (user identified before)",
    evidence=W3C,
    cases=authentication.user_handles(),
    caught={
        "ignores-the-user-handle": "accepted an authentication (another account's user handle",
    },
    explanation="""
    The user handle, where there is one, is that of the account that is signing in.

    Else one account's credential signs in to another. Compare the bytes, whole.
    """,
)

AUT_06C = Requirement(
    id="WA-AUT-06c",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 5.1 (AuthenticationResponseJSON); FIDO AssResp-1 F-21",
    evidence=W3C,
    cases=authentication.types_of_user_handles(),
    caught={
        "takes-any-user-handle": "accepted an authentication (a user handle that is a number",
    },
    explanation="""
    A user handle that is no text is refused.

    What is no text compares as nothing: a check that skips it lets everybody through. Demand base64url.
    """,
)

AUT_15 = Requirement(
    id="WA-AUT-15",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.2 step 15; FIDO AssResp-3 F-2",
    evidence=W3C,
    cases=registration.rp_id_hashes(),
    caught={
        "ignores-the-rp-id-hash": "accepted an authentication (a hash of another RP ID",
    },
    explanation="""
    The authenticator data is about this service: rpIdHash is the SHA-256 of its RP ID.

    What a user signed for another service must not sign in here. Compare all 32 bytes.
    """,
)

AUT_16 = Requirement(
    id="WA-AUT-16",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 16; CVE-2021-38299",
    evidence=W3C,
    cases=authentication.user_presence(),
    caught={
        "ignores-user-presence": "accepted an authentication (UP not set",
    },
    explanation="""
    Nobody signs in without being present.

    Software can ask an authenticator for a signature without a user, for other ends. FIDO's AssResp-3 P-4 and P-7
    let it pass; the W3C's standard does not, and is followed. Demand the flag UP.
    """,
)

AUT_17 = Requirement(
    id="WA-AUT-17",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.2 step 17; FIDO AssResp-3 F-5; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    cases=authentication.user_verification(),
    caught={
        "ignores-user-verification": "accepted an authentication (UV not set though required",
        "demands-verification-always": "an authentication (UV not set where it is preferred",
    },
    explanation="""
    Where user verification is required, and only there, a sign-in without it is refused.

    A stolen key with no PIN behind it is one factor. Demand the flag UV, by the service's own policy.
    """,
)

AUT_18 = Requirement(
    id="WA-AUT-18",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.2 step 18; section 6.1.3",
    evidence=W3C,
    cases=authentication.backup_flags(),
    caught={
        "ignores-the-backup-flags": "accepted an authentication (BS set and BE not",
    },
    explanation="""
    BS is set only where BE is, and may change from one sign-in to the next.

    A credential that says it is backed up and cannot be is no authenticator's. Refuse it.
    """,
)

AUT_19 = Requirement(
    id="WA-AUT-19",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 19; section 6.1.3",
    evidence=W3C,
    cases=authentication.backup_eligibility(),
    caught={
        "ignores-changes-of-backup-eligibility": "accepted an authentication (BE set, and not when it was",
    },
    explanation="""
    BE is what it was when the credential was registered.

    A credential that was bound to a device and suddenly is not has been moved out of it. Keep BE with the record
    and compare.
    """,
)

AUT_F1 = Requirement(
    id="WA-AUT-F1",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1 (assertions attest no credential)",
    evidence=W3C,
    cases=authentication.attested_data(),
    caught={
        "takes-attested-data-in-assertions": "accepted an authentication (AT and attested data",
    },
    explanation="""
    An assertion with attested credential data is refused.

    Only registrations attest credentials; a {service} that takes both can be given a key at sign-in. Demand that AT
    is not set.
    """,
)

AUT_F2 = Requirement(
    id="WA-AUT-F2",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-3 P-8, F-1",
    evidence=W3C,
    cases=authentication.extension_data(),
    caught={
        "ignores-bytes-after-authenticator-data": "accepted an authentication (a zero byte behind the data",
        "ignores-missing-extensions": "accepted an authentication (ED without a map",
        "refuses-extensions": "an authentication (ED and a map",
    },
    explanation="""
    Authenticator data has 37 bytes, or a map of extension outputs behind them where ED says so.

    The signature covers what is left over too, so nobody else complains. Refuse what the flags do not account for.
    """,
)

AUT_F3 = Requirement(
    id="WA-AUT-F3",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 6.1; FIDO AssResp-1 F-12 to F-15",
    evidence=W3C,
    caught={
        "reads-beyond-the-end": "accepted an authentication (the first ",
    },
    explanation="""
    Authenticator data of fewer than 37 bytes is refused, although its signature is right.

    A reader that goes on beyond the end takes flags and counter from somewhere else. Hold every length against what
    is left.
    """,
)

AUT_22 = Requirement(
    id="WA-AUT-22",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.2 step 22 (policy; the default here: refuse); FIDO AssResp-3 P-1, F-4",
    evidence=W3C,
    cases=authentication.counters(),
    caught={
        "ignores-the-counter": "accepted an authentication (4 after 5",
        "refuses-counters-of-zero": "an authentication (0 after 0",
    },
    explanation="""
    A signature counter that does not grow is refused; one that stays 0 is not.

    It is a sign of a copied authenticator, and Level 3 leaves it to the service what it makes of it. Refuse unless
    you have decided otherwise, and let passkeys, which do not count, pass.
    """,
)

AUT_22B = Requirement(
    id="WA-AUT-22b",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 6.1 (signCount: 32 bits, unsigned, big-endian)",
    evidence=W3C,
    cases=authentication.large_counters(),
    caught={
        "reads-the-counter-with-a-sign": "an authentication (2^31 after 2^31 - 1",
    },
    explanation="""
    Counters from 2^31 to 2^32 - 1 are as good as others.

    Read with a sign they are negative, and the credential is locked out. Read 32 bits, unsigned, big-endian.
    """,
)
