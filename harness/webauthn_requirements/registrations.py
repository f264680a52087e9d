"""What a registration must say: WA-REG-14 to WA-REG-25b."""

from __future__ import annotations

from harness.check import CRITICAL, HIGH, LOW, MEDIUM, MUST, SHOULD, W3C
from harness.webauthn_cases import registration
from harness.webauthn_requirements.requirement import Requirement

REG_14 = Requirement(
    id="WA-REG-14",
    level=MUST,
    severity=CRITICAL,
    clause="WebAuthn L3 section 7.1 step 14",
    evidence=W3C,
    cases=registration.rp_id_hashes(),
    caught={
        "ignores-the-rp-id-hash": "accepted a registration (a hash of another RP ID",
    },
    explanation="""
    The authenticator data is about this service: rpIdHash is the SHA-256 of its RP ID.

    A credential of another service would be registered that this service's users can never use, or its owner uses
    elsewhere. Compare all 32 bytes.
    """,
)

REG_15 = Requirement(
    id="WA-REG-15",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 15; CVE-2021-38299",
    evidence=W3C,
    cases=registration.user_presence(),
    caught={
        "ignores-user-presence": "accepted a registration (UP not set",
    },
    explanation="""
    A credential is registered only when a user was present.

    Software alone can answer without one. Demand the flag UP unless the credential was asked for without a prompt.
    """,
)

REG_16 = Requirement(
    id="WA-REG-16",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 16; GHSA-h4fw-6r7f-w494",
    evidence=W3C,
    cases=registration.user_verification(),
    caught={
        "ignores-user-verification": "accepted a registration (UV not set though required",
    },
    explanation="""
    Where user verification is required, a registration without it is refused.

    A passkey stands for two factors only if the device asked who is holding it. Demand the flag UV, by the
    service's own policy.
    """,
)

REG_16B = Requirement(
    id="WA-REG-16b",
    level=SHOULD,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 16",
    evidence=W3C,
    cases=registration.user_verification_not_required(),
    caught={
        "demands-verification-always": "a registration (UV not set where it is preferred",
    },
    explanation="""
    Where user verification is not required, a registration without it passes.

    Some security keys cannot verify anybody; `preferred` promises that they can be used. Look at UV only where the
    options said `required`.
    """,
)

REG_17 = Requirement(
    id="WA-REG-17",
    level=MUST,
    severity=LOW,
    clause="WebAuthn L3 section 7.1 step 17; section 6.1.3",
    evidence=W3C,
    cases=registration.backup_flags(),
    caught={
        "ignores-the-backup-flags": "accepted a registration (BS set and BE not",
        "refuses-backup": "a registration (BE set and BS not",
    },
    explanation="""
    BS is set only where BE is.

    A credential that says it is backed up and cannot be is no authenticator's. Refuse it, and take every other pair
    of the two.
    """,
)

REG_20 = Requirement(
    id="WA-REG-20",
    level=MUST,
    severity=HIGH,
    clause="WebAuthn L3 section 7.1 step 20",
    evidence=W3C,
    cases=registration.algorithms(),
    caught={
        "ignores-which-algorithms-were-offered": "accepted a registration (ES384 where ES256 is offered",
        "takes-a-key-without-alg": "accepted a registration (no alg",
    },
    explanation="""
    The credential's algorithm is one of those that the options offered.

    Else a client chooses what the service did not want, the weak algorithm among them, or registers what cannot
    sign in. Compare alg of the key with the list.
    """,
)

REG_21 = Requirement(
    id="WA-REG-21",
    level=MUST,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 21; FIDO AttResp-5 F-1",
    evidence=W3C,
    cases=registration.formats(),
    caught={
        "takes-any-format": "accepted a registration (the format 'bogus'",
    },
    explanation="""
    An attestation statement format that the {service} does not know is refused.

    A statement that nobody can verify vouches for nothing. Match the identifier exactly, and have no default.
    """,
)

REG_25 = Requirement(
    id="WA-REG-25",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 25; section 6.5.1",
    evidence=W3C,
    cases=registration.id_lengths(),
    caught={
        "ignores-the-length-of-ids": "accepted a registration (an id of 1024 bytes",
        "refuses-long-ids": "a registration (an id of 1023 bytes",
    },
    explanation="""
    A credential id has at most 1023 bytes, and one of 1023 passes.

    Longer ones are an attack on whoever stores them; shorter limits lock out authenticators that keep the key
    inside the id.
    """,
)

REG_25B = Requirement(
    id="WA-REG-25b",
    level=SHOULD,
    severity=MEDIUM,
    clause="WebAuthn L3 section 7.1 step 25; section 16.1 (long credential id)",
    evidence=W3C,
    cases=registration.signs_in_with_a_long_id(),
    caught={
        "refuses-long-ids": "a registration (an id of 1023 bytes",
    },
    explanation="""
    A credential whose id has 1023 bytes signs in.

    That it was registered is of no use if it is cut off where it is stored or looked for.
    """,
)
