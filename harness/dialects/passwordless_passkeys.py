"""Passkeys in the `passwordless` dialect: the first challenge brings the options, an assertion in JSON answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from harness.dialects.dialect import Say
from harness.dialects.passkeys import CHALLENGE_API, CREDENTIALS_API, ApiCall, Listed, Passkeys

_METHOD = "signInMethod"
_ASSERTION = {
    "authenticatorData": "authenticatorDataB64",
    "clientDataJSON": "clientDataJSON_B64",
    "signature": "signatureB64",
    "userHandle": "userHandleB64",
}
_REGISTRATION = {
    "attestationObject": "attestationObjectB64",
    "clientDataJSON": "clientDataJSON_B64",
    "transports": "transports",
}
_NOT_SENT = frozenset(
    {"id", "rawId", "type", "response", "clientExtensionResults", "authenticatorAttachment"}
    | {"authenticatorData", "publicKey", "publicKeyAlgorithm"}
)


class PasswordlessPasskeys(Passkeys):
    """WebAuthn's members under names of their own; the user handle names the user where it can."""

    method = "FIDO2"

    def options_in(self, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """`fido2options`, JSON in text."""
        text = parameters.get("fido2options")
        try:
            return _request_options(json.loads(text)) if isinstance(text, str) else None
        except ValueError:
            return None

    def answer(self, response: Any) -> Say:
        """JSON of the assertion's members."""
        inner = response.get("response", {})
        members = {"credentialIdB64": response["id"]} if "id" in response else {}
        members |= {wire: inner[name] for name, wire in _ASSERTION.items() if name in inner}
        if inner:
            members.setdefault("userHandleB64", None)
        others = {**response, **inner}
        members |= {name: others[name] for name in others if name not in {*_NOT_SENT, *_ASSERTION}}
        members |= {name: inner[name] for name in ("publicKey", "publicKeyAlgorithm") if name in inner}
        return Say(json.dumps(members), {_METHOD: self.method})

    def start(self, rp_id: str) -> ApiCall:
        """The RP ID is in the query."""
        return ApiCall(CREDENTIALS_API, "/register-authenticator/start", {"rpId": rp_id})

    def creation_options(self, body: Any) -> dict[str, Any] | None:
        """They are the body."""
        return body if isinstance(body, dict) and "challenge" in body else None

    def complete(self, response: Any, name: str) -> ApiCall:
        """Attestation object, client data, transports, and the name."""
        inner = response.get("response", {})
        members = {wire: inner[key] for key, wire in _REGISTRATION.items() if key in inner}
        others = {**response, **inner}
        members |= {key: others[key] for key in others if key not in {*_NOT_SENT, *_REGISTRATION}}
        return ApiCall(CREDENTIALS_API, "/register-authenticator/complete", body={**members, "friendlyName": name})

    def list(self, rp_id: str) -> ApiCall:
        """By RP ID."""
        return ApiCall(CREDENTIALS_API, "/authenticators/list", {"rpId": rp_id})

    def listed(self, body: Any) -> Sequence[Listed]:
        """`authenticators`."""
        return [
            Listed(
                id=each["credentialId"],
                name=each.get("friendlyName"),
                rp_id=each.get("rpId"),
                sign_count=each.get("signCount"),
                transports=tuple(each["transports"]) if isinstance(each.get("transports"), list) else None,
                backup_eligible=_flag(each, "flagBackupEligibility"),
                backup_state=_flag(each, "flagBackupState"),
                user_verified=_flag(each, "flagUserVerified"),
            )
            for each in body["authenticators"]
        ]

    def rename(self, id: str, name: str) -> ApiCall:
        """By credential id."""
        return ApiCall(CREDENTIALS_API, "/authenticators/update", body={"credentialId": id, "friendlyName": name})

    def delete(self, id: str) -> ApiCall:
        """By credential id."""
        return ApiCall(CREDENTIALS_API, "/authenticators/delete", body={"credentialId": id})

    def challenge(self) -> ApiCall:
        """Nobody says who asks."""
        return ApiCall(CHALLENGE_API, "/sign-in-challenge")

    def challenge_options(self, body: Any) -> dict[str, Any] | None:
        """They are the body."""
        return _request_options(body)

    def confirmation(self) -> ApiCall:
        """A word of the reference triggers': others of this dialect know none, and answer 404."""
        return ApiCall(CREDENTIALS_API, "/confirm/start")

    def confirm(self, response: Any) -> ApiCall:
        """The members of a sign-in's answer, as the body."""
        return ApiCall(CREDENTIALS_API, "/confirm/complete", body=json.loads(self.answer(response).answer))

    def username_of(self, user_handle: bytes) -> str | None:
        """What stands behind `u|`; the handle itself where it is a sub; nothing where it begins with `s|`."""
        text = user_handle.decode("utf-8", "replace")
        return text.removeprefix("u|") if text[:2] != "s|" else None


def _request_options(options: Any) -> dict[str, Any] | None:
    if not isinstance(options, dict) or not isinstance(options.get("challenge"), str):
        return None
    found = {name: options[name] for name in ("challenge", "timeout", "userVerification") if name in options}
    if options.get("relyingPartyId"):
        found["rpId"] = options["relyingPartyId"]
    if isinstance(options.get("credentials"), list):
        found["allowCredentials"] = [{"type": "public-key", **each} for each in options["credentials"]]
    return found


def _flag(found: Mapping[str, Any], name: str) -> bool | None:
    return bool(found[name]) if name in found else None
