"""A relying party of the tests: options in WebAuthn JSON, and what it then expects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from protocol.webauthn.authentication import (
    Authentication,
    AuthenticationExpectations,
    verify_authentication,
)
from protocol.webauthn.base64url import encode
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.registration import (
    AttestationPolicy,
    Registration,
    RegistrationExpectations,
    verify_registration,
)

RP_ID, ORIGIN = "example.org", "https://login.example.org"
USER_HANDLE = b"user handle of Ada"
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass(frozen=True)
class RelyingParty:
    """Wants user verification, and attestation up to the trust anchor where it has one."""

    trust_anchor: bytes | None = None
    registration_challenge: bytes = b"a registration's challenge"
    authentication_challenge: bytes = b"an authentication's challenge"

    def creation_options(self, *algorithms: int, **more: Any) -> dict[str, Any]:
        """PublicKeyCredentialCreationOptionsJSON."""
        return {
            "rp": {"id": RP_ID, "name": "Example"},
            "user": {"id": encode(USER_HANDLE), "name": "ada", "displayName": "Ada"},
            "challenge": encode(self.registration_challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in algorithms or (-7,)],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
            "attestation": "direct",
            "timeout": 300000,
            **more,
        }

    def request_options(self, *ids: str, **more: Any) -> dict[str, Any]:
        """PublicKeyCredentialRequestOptionsJSON."""
        return {
            "challenge": encode(self.authentication_challenge),
            "rpId": RP_ID,
            "allowCredentials": [{"type": "public-key", "id": id} for id in ids],
            "userVerification": "required",
            **more,
        }

    def register(self, response: object, **otherwise: Any) -> Registration:
        """The ceremony, with some expectations otherwise."""
        anchors = (self.trust_anchor,) if self.trust_anchor else None
        expected: dict[str, Any] = {
            "challenge": self.registration_challenge,
            "rp_id": RP_ID,
            "origins": frozenset({ORIGIN}),
            "user_verification_required": True,
            "algorithms": frozenset({-7, -8, -35, -36, -53, -257}),
            "attestation": AttestationPolicy(trust_anchors=anchors, moment=NOW),
        }
        return verify_registration(response, RegistrationExpectations(**{**expected, **otherwise}))

    def authenticate(self, response: object, record: CredentialRecord, **otherwise: Any) -> Authentication:
        """The ceremony of an identified user, with some expectations otherwise."""
        expected: dict[str, Any] = {
            "challenge": self.authentication_challenge,
            "rp_id": RP_ID,
            "origins": frozenset({ORIGIN}),
            "user_verification_required": True,
            "account": Account(USER_HANDLE, (record,)),
        }
        return verify_authentication(response, AuthenticationExpectations(**{**expected, **otherwise}))
