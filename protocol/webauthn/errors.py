"""What the WebAuthn parsers and ceremonies raise: a small family under `ProtocolError`."""

from __future__ import annotations

from protocol.errors import ProtocolError


class WebAuthnError(ProtocolError):
    """A WebAuthn value that cannot be accepted. The message says which and why."""


class MalformedBase64url(WebAuthnError):
    """A text that is not base64url without padding, written in the one way there is (RFC 4648 section 5)."""


class MalformedCbor(WebAuthnError):
    """Bytes that are no CBOR, or not in CTAP2's canonical form."""


class MalformedClientData(WebAuthnError):
    """Client data without the members, or the member types, of WebAuthn section 5.8.1."""


class MalformedAuthenticatorData(WebAuthnError):
    """Bytes that are not the authenticator data of WebAuthn section 6.1."""


class MalformedAttestation(WebAuthnError):
    """An attestation object or statement whose form is not that of its format."""


class MalformedResponse(WebAuthnError):
    """A response that is no RegistrationResponseJSON or AuthenticationResponseJSON."""


class UnacceptableKey(WebAuthnError):
    """A credential public key that is malformed, unsafe or of an unknown algorithm."""


class SignatureRejected(WebAuthnError):
    """A signature that does not verify."""


class AttestationRejected(WebAuthnError):
    """An attestation statement that its format's verification procedure does not accept."""


class AttestationUntrusted(WebAuthnError):
    """A correct attestation statement that the relying party's policy does not trust."""


class CeremonyRefused(WebAuthnError):
    """A ceremony that must fail.

    Attributes:
        step: the name of the step that refused it.
        clause: where the step stands: `WebAuthn L3 section 7.1 step 9`.
        fragment: the step's fragment id in the standard, or its section's where the step has none.
        reason: what was wrong.
    """

    def __init__(self, step: str, clause: str, fragment: str, reason: str) -> None:
        super().__init__(f"{clause} ({step}): {reason}")
        self.step = step
        self.clause = clause
        self.fragment = fragment
        self.reason = reason
