"""python-fido2's Fido2Server, as its examples show it, with the list of origins and the roots that it is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ceremonies import from_base64url, serve, to_base64url
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation.base import AttestationResult, AttestationVerifier
from fido2.mds3 import MdsAttestationVerifier, MetadataBlobPayload
from fido2.server import Fido2Server
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
)

CAPABILITIES = [
    "rs256", "es384", "es512", "eddsa", "algorithms",
    "packed", "fido-u2f", "tpm", "android-safetynet", "apple", "trust-anchors", "metadata",
]  # fmt: skip


class GivenRoots(AttestationVerifier):
    """Trusts the roots that it is given, each for whom it has issued."""

    def __init__(self, roots: list[bytes]) -> None:
        super().__init__()
        self._roots = [x509.load_der_x509_certificate(root) for root in roots]

    def ca_lookup(self, attestation_result: AttestationResult, auth_data: AuthenticatorData) -> bytes | None:
        """The root above the last certificate. A self attestation has no path, and any root ends none."""
        del auth_data
        path = attestation_result.trust_path
        issuer = x509.load_der_x509_certificate(path[-1]).issuer if path else None
        for root in self._roots:
            if issuer in (None, root.subject):
                return root.public_bytes(Encoding.DER)
        return None


def verifier_for(expected: Mapping[str, Any]) -> AttestationVerifier:
    """Trusts by the metadata where there are any, with the filters that the library has by default."""
    entries = expected.get("metadata")
    if not entries:
        return GivenRoots([from_base64url(root) for root in expected.get("roots", [])])
    blob = {"legalHeader": "", "no": 1, "nextUpdate": "2070-01-01", "entries": entries}
    return MdsAttestationVerifier(MetadataBlobPayload.from_dict(blob))


def server_for(request: Mapping[str, Any]) -> Fido2Server:
    """A server that is told what the request says."""
    expected = request["expected"]
    conveyance = request["options"].get("attestation", "none")
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=expected["rp_id"], name=expected["rp_id"]),
        attestation=conveyance,
        verify_origin=lambda origin: origin in expected["origins"],
        verify_attestation=verifier_for(expected),
    )
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm)
        for algorithm in expected.get("algorithms", [])
    ]
    return server


def state_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the server handed out at the begin of the ceremony, and is handed back."""
    expected = request["expected"]
    return {"challenge": expected["challenge"], "user_verification": expected["user_verification"]}


def register(request: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a registration."""
    data = server_for(request).register_complete(state_of(request), request["response"])
    credential = data.credential_data
    assert credential is not None
    return {
        "credential": {
            "id": to_base64url(credential.credential_id),
            "public_key": to_base64url(credential[18 + len(credential.credential_id) :]),
            "sign_count": data.counter,
            "backup_eligible": bool(data.flags & AuthenticatorData.FLAG.BE),
            "backup_state": bool(data.flags & AuthenticatorData.FLAG.BS),
            "transports": request["response"]["response"].get("transports", []),
            "uv_initialized": data.is_user_verified(),
        }
    }


def authenticate(request: Mapping[str, Any]) -> dict[str, Any]:
    """Complete an authentication."""
    record = request["credential"]
    id, key = from_base64url(record["id"]), from_base64url(record["public_key"])
    credential = AttestedCredentialData(Aaguid.NONE + len(id).to_bytes(2, "big") + id + key)
    server_for(request).authenticate_complete(state_of(request), [credential], request["response"])
    data = AuthenticationResponse.from_dict(request["response"]).response.authenticator_data
    return {"sign_count": data.counter, "backup_state": bool(data.flags & AuthenticatorData.FLAG.BS)}


if __name__ == "__main__":
    serve(name="fido2", capabilities=CAPABILITIES, register=register, authenticate=authenticate)
