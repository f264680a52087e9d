"""Writes `webauthn.json`: the W3C's test vectors of WebAuthn Level 3 section 16, derived anew."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vectors.load import Flag, Provenance, Values
from vectors.webauthn_derivation import derive_attestation_ca, derive_ceremonies

FILE_NAME = "webauthn.json"
ROOT_VECTOR = "w3c-attestation-root"
"""The vector that is the trust anchor of all the others' attestation."""

_RP_ID, _ORIGIN, _TOP_ORIGIN = "example.org", "https://example.org", "https://example.com"
_ABOUT = (
    "The test vectors of WebAuthn Level 3 section 16: for each attestation statement format and algorithm a"
    " registration and an authentication with the credential that it made. The RP ID is example.org."
)
_COMMIT = "146d0db03cb88e69a8f6f0c3c168221abe73504b"


def _provenance(anchor: str) -> Provenance:
    return Provenance(
        source=f"W3C, Web Authentication Level 3, editor's draft of 2026-07-30 (w3c/webauthn {_COMMIT}), #{anchor}",
        licence="W3C Document License",
        obtained="derived by vectors/webauthn_derivation.py as section 16 says, and equal, byte by byte, to what is"
        " printed there",
    )


FLAGS = {
    "CrossOrigin": Flag(
        meaning="crossOrigin is true: the page stood in a frame of another origin.",
        effect="Who expects no frame must refuse it; who expects one and refuses it locks its users out.",
        clause="WebAuthn L3 section 7.1 step 10, section 7.2 step 13",
    ),
    "TopOrigin": Flag(
        meaning="topOrigin names the page around the frame.",
        effect="Unless it is compared with the expected pages, any page can frame the sign-in.",
        clause="WebAuthn L3 section 7.1 step 11, section 7.2 step 14",
    ),
    "LongCredentialId": Flag(
        meaning="The credential id has 1023 bytes, the most there may be.",
        effect="Users of authenticators that keep their keys in the credential id cannot register.",
        clause="WebAuthn L3 section 7.1 step 25",
    ),
    "FutureMember": Flag(
        meaning="One of the client data has a member that the standard does not know.",
        effect="Who compares client data with a template locks out users of newer browsers.",
        clause="WebAuthn L3 section 5.8.1",
    ),
    "UserNotVerified": Flag(
        meaning="One of the authenticator data lacks the flag UV.",
        effect="Who requires user verification must refuse it; who does not must not.",
        clause="WebAuthn L3 section 7.1 step 16, section 7.2 step 17",
    ),
    "UnevenRsaPrimes": Flag(
        meaning="The RSA modulus has 3482 bits, from primes of 1279 and 2203.",
        effect="Who counts on whole multiples of 1024 or of eight bits refuses good keys.",
        clause="RFC 8230 section 4",
    ),
    "WideClockSafe": Flag(
        meaning="The boolean in certInfo's clockInfo is 0x33.",
        effect="The standard ignores clockInfo; who reads it strictly refuses TPMs that obfuscate it.",
        clause="WebAuthn L3 section 8.3",
    ),
    "EmptyAuthorizationLists": Flag(
        meaning="Neither authorization list of the Android key description has an origin or a purpose.",
        effect="Who demands them refuses the W3C's own example.",
        clause="WebAuthn L3 section 8.4",
    ),
    "U2fWithAaguid": Flag(
        meaning="A FIDO U2F attestation with an AAGUID other than zero.",
        effect="FIDO's server tests want it refused, the W3C's procedure does not look at it.",
        clause="WebAuthn L3 section 8.6",
    ),
}
"""The notes on the flags of the family."""


@dataclass(frozen=True)
class Case:
    """One of the W3C's examples: its title, its inputs, what flags it beside those that its data show."""

    title: str
    info: str
    algorithm: str
    attestation: str
    flags: tuple[str, ...] = ()
    credential_id_bytes: int = 32
    challenge_bytes: int = 32
    cross_origin: bool = False
    top_origin: bool = False

    @property
    def anchor(self) -> str:
        """Its fragment id in the standard."""
        name = self.info.replace("EdDSA", "eddsa").replace("RS256", "rs256").replace("ES", "es").replace("Ed", "ed")
        return f"sctn-test-vectors-{name.replace('.', '-')}"

    @property
    def inputs(self) -> dict[str, str | int]:
        """What it is derived from."""
        inputs: dict[str, str | int] = {
            "info": self.info,
            "algorithm": self.algorithm,
            "attestation": self.attestation,
            "challenge_bytes": self.challenge_bytes,
            "credential_id_bytes": self.credential_id_bytes,
            "rp_id": _RP_ID,
            "origin": _ORIGIN,
            "frame": "cross-origin" if self.cross_origin else "same-origin",
        }
        return inputs | ({"top_origin": _TOP_ORIGIN} if self.top_origin else {})


CASES = (
    Case("ES256 credential with no attestation", "none.ES256", "ES256", "none"),
    Case("ES256 credential with self attestation", "packed-self.ES256", "ES256", "packed-self"),
    Case(
        "crossOrigin is true in the client data",
        "none.ES256.crossOrigin",
        "ES256",
        "none",
        ("CrossOrigin",),
        cross_origin=True,
    ),
    Case(
        "topOrigin in the client data",
        "none.ES256.topOrigin",
        "ES256",
        "none",
        ("CrossOrigin", "TopOrigin"),
        cross_origin=True,
        top_origin=True,
    ),
    Case(
        "Very long credential id",
        "none.ES256.long-credential-id",
        "ES256",
        "none",
        ("LongCredentialId",),
        credential_id_bytes=1023,
    ),
    Case("Packed attestation, ES256 credential", "packed.ES256", "ES256", "packed"),
    Case("Packed attestation, ES384 credential", "packed.ES384", "ES384", "packed"),
    Case("Packed attestation, ES512 credential", "packed.ES512", "ES512", "packed", challenge_bytes=128),
    Case("Packed attestation, RS256 credential", "packed.RS256", "RS256", "packed", ("UnevenRsaPrimes",)),
    Case("Packed attestation, Ed25519 credential", "packed.EdDSA", "EdDSA", "packed"),
    Case("Packed attestation, Ed448 credential", "packed.Ed448", "Ed448", "packed"),
    Case("TPM attestation, ES256 credential", "tpm.ES256", "ES256", "tpm", ("WideClockSafe",)),
    Case(
        "Android key attestation, ES256 credential",
        "android-key.ES256",
        "ES256",
        "android-key",
        ("EmptyAuthorizationLists",),
    ),
    Case("Apple anonymous attestation, ES256 credential", "apple.ES256", "ES256", "apple"),
    Case("FIDO U2F attestation, ES256 credential", "fido-u2f.ES256", "ES256", "fido-u2f", ("U2fWithAaguid",)),
)
"""All of section 16's examples, in its order."""


def write(destination: Path) -> Path:
    """Derive every vector and write `webauthn.json` into the folder `destination`. Raises OSError."""
    destination.mkdir(parents=True, exist_ok=True)
    path = destination / FILE_NAME
    path.write_text(webauthn_file(), encoding="utf-8")
    return path


def webauthn_file() -> str:
    """The text of `webauthn.json`."""
    document = {
        "format": "cognito-conformance-vectors",
        "version": 1,
        "family": "webauthn",
        "about": _ABOUT,
        "flags": {name: asdict(flag) for name, flag in FLAGS.items()},
        "vectors": [_root(), *map(_vector, CASES)],
    }
    return json.dumps(document, indent=1) + "\n"


def _root() -> dict[str, Any]:
    inputs: dict[str, str | int] = {"info": "Attestation CA"}
    return {
        "id": ROOT_VECTOR,
        "operation": "webauthn-attestation-ca",
        "comment": "The attestation trust root certificate of all the examples.",
        "flags": [],
        "result": "valid",
        "inputs": inputs,
        "expected": derive_attestation_ca(Values(ROOT_VECTOR, inputs)),
        "provenance": asdict(_provenance("sctn-test-vectors-attestation-root-cert")),
    }


def _vector(case: Case) -> dict[str, Any]:
    expected = derive_ceremonies(Values(case.info, case.inputs))
    return {
        "id": "w3c-" + case.info.lower().replace(".", "-"),
        "operation": "webauthn-ceremonies",
        "comment": case.title + ".",
        "flags": [*case.flags, *_shown_flags(expected["registration_client_data"], expected)],
        "result": "valid",
        "inputs": case.inputs,
        "expected": expected,
        "provenance": asdict(_provenance(case.anchor)),
    }


def _shown_flags(registration_client_data: str, expected: Any) -> list[str]:
    """The flags that the data themselves show."""
    client_data = bytes.fromhex(registration_client_data + expected["authentication_client_data"])
    authenticator_data = bytes.fromhex(expected["authenticator_data"])
    rp_id_hash = authenticator_data[:32]
    attestation_object = bytes.fromhex(expected["attestation_object"])
    registration_flags = attestation_object[attestation_object.index(rp_id_hash) + 32]
    shown = {
        "FutureMember": b"extraData" in client_data,
        "UserNotVerified": not registration_flags & authenticator_data[32] & 0x04,
    }
    return [flag for flag, is_shown in shown.items() if is_shown]
