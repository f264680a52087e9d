"""What the SafetyNet service said of an Android device: a JWS (WebAuthn section 8.5)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from fakes.authenticator.certificates import Extension
from protocol.webauthn import base64url
from protocol.webauthn.attestation.android_safetynet import HOST, RS256, nonce

VERSION = "240913000"
"""Some version of Google Play services, in the form that it has."""

SUBJECT = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
CERTIFICATE_EXTENSIONS: tuple[Extension, ...] = ((x509.SubjectAlternativeName([x509.DNSName(HOST)]), False),)


@dataclass(frozen=True)
class Jws:
    """A JWS before it is signed (RFC 7515)."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]

    @property
    def signing_input(self) -> bytes:
        """What is signed."""
        return ".".join(_encoded(part) for part in (self.header, self.payload)).encode()

    def compact(self, signature: bytes) -> bytes:
        """The compact serialisation."""
        return self.signing_input + b"." + base64url.encode(signature).encode()


def attestation_response(certificates: Sequence[bytes], to_be_signed: bytes, moment: datetime) -> Jws:
    """What the service says, at a moment, of a device in good order."""
    return Jws(
        header={"alg": RS256.name, "x5c": [base64.b64encode(each).decode() for each in certificates]},
        payload={
            "nonce": nonce(to_be_signed),
            "timestampMs": int(moment.timestamp() * 1000),
            "apkPackageName": "com.google.android.gms",
            "apkDigestSha256": base64.b64encode(bytes(32)).decode(),
            "ctsProfileMatch": True,
            "apkCertificateDigestSha256": [base64.b64encode(bytes(32)).decode()],
            "basicIntegrity": True,
        },
    )


def _encoded(part: Mapping[str, Any]) -> str:
    return base64url.encode(json.dumps(part, separators=(",", ":")).encode())
