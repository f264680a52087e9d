"""What a client hands to a relying party, as JSON (WebAuthn section 5.1, #sctn-public-key-easy-json).

Where the standard compares bytes, these hold bytes. Members that the standard does not know are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from protocol.webauthn import base64url
from protocol.webauthn.errors import MalformedBase64url, MalformedResponse

MAX_MEMBER_CHARACTERS = 128 * 1024
"""Of any one base64url member; the largest honest attestation objects have some 10 000."""

MAX_TRANSPORTS, MAX_TRANSPORT_CHARACTERS = 16, 64
"""The standard names six transports and lets clients send others."""


@dataclass(frozen=True)
class RegistrationResponse:
    """RegistrationResponseJSON, decoded.

    Attributes:
        credential_id: `rawId`, which `id` equals.
        client_data_json: the client data's bytes.
        attestation_object: the attestation object's bytes.
        transports: what `getTransports()` gave, unknown ones too.
        client_extension_results: as they stand.
    """

    credential_id: bytes
    client_data_json: bytes
    attestation_object: bytes
    transports: tuple[str, ...] = ()
    client_extension_results: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuthenticationResponse:
    """AuthenticationResponseJSON, decoded.

    Attributes:
        credential_id: `rawId`, which `id` equals.
        client_data_json: the client data's bytes.
        authenticator_data: the authenticator data's bytes.
        signature: over the authenticator data and the hash of the client data.
        user_handle: the account that a discoverable credential names; None where it names none.
        client_extension_results: as they stand.
    """

    credential_id: bytes
    client_data_json: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes | None = None
    client_extension_results: Mapping[str, Any] = field(default_factory=dict)


def parse_registration_response(json: object) -> RegistrationResponse:
    """The registration response of a RegistrationResponseJSON. Raises MalformedResponse."""
    credential = _credential(json)
    response = _object(credential, "response")
    return RegistrationResponse(
        credential_id=_credential_id(credential),
        client_data_json=_bytes(response, "clientDataJSON"),
        attestation_object=_bytes(response, "attestationObject"),
        transports=_transports(response),
        client_extension_results=_extension_results(credential),
    )


def parse_authentication_response(json: object) -> AuthenticationResponse:
    """The authentication response of an AuthenticationResponseJSON. Raises MalformedResponse."""
    credential = _credential(json)
    response = _object(credential, "response")
    return AuthenticationResponse(
        credential_id=_credential_id(credential),
        client_data_json=_bytes(response, "clientDataJSON"),
        authenticator_data=_bytes(response, "authenticatorData"),
        signature=_bytes(response, "signature"),
        user_handle=_bytes(response, "userHandle") if response.get("userHandle") is not None else None,
        client_extension_results=_extension_results(credential),
    )


def _credential(json: object) -> Mapping[str, Any]:
    if not isinstance(json, dict):
        raise MalformedResponse("the response is no JSON object")
    if json.get("type") != "public-key":
        raise MalformedResponse(f"the credential's type is {json.get('type')!r:.40}, not 'public-key'")
    return json


def _credential_id(credential: Mapping[str, Any]) -> bytes:
    if credential.get("id") != credential.get("rawId"):
        raise MalformedResponse("the credential's id is not its rawId in base64url")
    return _bytes(credential, "rawId")


def _object(owner: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = owner.get(name)
    if not isinstance(value, dict):
        raise MalformedResponse(f"{name} is missing or no object")
    return value


def _extension_results(credential: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(credential, "clientExtensionResults") if "clientExtensionResults" in credential else {}


def _bytes(owner: Mapping[str, Any], name: str) -> bytes:
    value = owner.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedResponse(f"{name} is missing, empty or no string")
    if len(value) > MAX_MEMBER_CHARACTERS:
        raise MalformedResponse(f"{name} has {len(value)} characters; {MAX_MEMBER_CHARACTERS} is the most")
    try:
        return base64url.decode(value)
    except MalformedBase64url as error:
        raise MalformedResponse(f"{name} is {error}") from error


def _transports(response: Mapping[str, Any]) -> tuple[str, ...]:
    value = response.get("transports", [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise MalformedResponse("transports is no list of strings")
    if len(value) > MAX_TRANSPORTS or any(len(each) > MAX_TRANSPORT_CHARACTERS for each in value):
        raise MalformedResponse("transports is longer than any client's")
    return tuple(value)
