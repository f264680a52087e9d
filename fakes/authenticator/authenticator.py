"""A user with a browser and an authenticator: WebAuthn JSON in, WebAuthn JSON out, honest throughout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fido2.client import ClientDataCollector, ClientError, Fido2Client
from fido2.ctap import CtapError
from fido2.rpid import verify_rp_id
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestationObject,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)

from fakes.authenticator.abilities import SECURITY_KEY, Abilities
from fakes.authenticator.certificates import attestation_ca
from fakes.authenticator.credential import Credential
from fakes.authenticator.device import SoftwareDevice
from fakes.authenticator.entropy import Entropy
from fakes.authenticator.responses import authentication_json, registration_json
from fakes.authenticator.statements import Clock, Format, real_time
from fakes.authenticator.vault import Vault
from protocol.webauthn.base64url import encode
from protocol.webauthn.client_data import CREATE, GET, ClientData, serialise_client_data

Options = PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions
Answer = TypeVar("Answer")

_NO_AAGUID = bytes(16)


class ClientRefused(Exception):
    """The client or the authenticator refuses the options, as `navigator.credentials` does.

    Attributes:
        name: the DOMException's name, as far as CTAP2 tells it: `SecurityError`, `InvalidStateError`,
            `NotSupportedError` or `NotAllowedError`.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name


class Authenticator:
    """One software authenticator under an honest client.

    Everything about it follows from the seed, but what key agreement inside extensions draws, and when the clock says
    that an android-safetynet statement is made. Options may be those of PublicKeyCredentialCreationOptionsJSON and
    PublicKeyCredentialRequestOptionsJSON.
    """

    def __init__(self, seed: str, abilities: Abilities = SECURITY_KEY, *, clock: Clock = real_time) -> None:
        self.abilities = abilities
        self.vault = Vault(Entropy(seed), abilities, clock)
        self._device = SoftwareDevice(self.vault)

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Its credentials, in the order in which they were made; counters and backup state may be set."""
        return tuple(self.vault.credentials)

    @property
    def trust_anchor(self) -> bytes:
        """The root certificate of its attestation, DER."""
        return attestation_ca(self.vault.entropy).root.certificate

    def register(self, options: Mapping[str, Any], origin: str, *, top_origin: str | None = None) -> dict[str, Any]:
        """Make a credential as `navigator.credentials.create()` does, and give its RegistrationResponseJSON.

        The attestation is conveyed as the options prefer: with `none`, the default, it is taken out. With a
        `top_origin` the page stands in a frame of another origin. Raises ClientRefused, always for a compound
        attestation: this client takes every statement for a map. `Builder` makes them.
        """
        if self.abilities.attestation is Format.COMPOUND:
            raise ClientRefused("NotSupportedError", "the client knows no compound attestation; use the builder")
        wanted = PublicKeyCredentialCreationOptions.from_dict(_without_timeout(options))
        response = _refusing(lambda: self._client(origin, top_origin).make_credential(wanted))
        credential = self.vault.credentials[-1]
        attestation_object = _conveyed(response.response.attestation_object, wanted.attestation)
        return registration_json(
            credential,
            client_data_json=bytes(response.response.client_data),
            attestation_object=bytes(attestation_object),
            authenticator_data=bytes(attestation_object.auth_data),
            transports=self.abilities.transports,
            extension_results=_plain(response.client_extension_results),
        )

    def authenticate(
        self,
        options: Mapping[str, Any],
        origin: str,
        *,
        top_origin: str | None = None,
        user_handle: bytes | None = None,
    ) -> dict[str, Any]:
        """Sign in as `navigator.credentials.get()` does, and give the AuthenticationResponseJSON.

        Where several accounts could, the user picks the one of `user_handle`, or the latest. Raises ClientRefused.
        """
        wanted = PublicKeyCredentialRequestOptions.from_dict(_without_timeout(options))
        selection = _refusing(lambda: self._client(origin, top_origin).get_assertion(wanted))
        handles = [assertion.user and assertion.user["id"] for assertion in selection.get_assertions()]
        if user_handle is not None and user_handle not in handles:
            raise ClientRefused("NotAllowedError", "the authenticator has no credential of that account")
        chosen = _refusing(lambda: selection.get_response(handles.index(user_handle) if user_handle else 0))
        return authentication_json(
            chosen.raw_id,
            client_data_json=bytes(chosen.response.client_data),
            authenticator_data=bytes(chosen.response.authenticator_data),
            signature=chosen.response.signature,
            user_handle=chosen.response.user_handle,
            transports=self.abilities.transports,
            extension_results=_plain(chosen.client_extension_results),
        )

    def _client(self, origin: str, top_origin: str | None) -> Fido2Client:
        return Fido2Client(self._device, _Page(origin, top_origin))


class _Page(ClientDataCollector):
    """The page that calls the client, maybe in a frame of another origin."""

    def __init__(self, origin: str, top_origin: str | None) -> None:
        self._origin = origin
        self._top_origin = top_origin

    def collect_client_data(self, options: Options) -> tuple[CollectedClientData, str]:
        """The client data, and the RP ID, which must be the page's own or above it."""
        creation = isinstance(options, PublicKeyCredentialCreationOptions)
        rp_id = options.rp.id if isinstance(options, PublicKeyCredentialCreationOptions) else options.rp_id
        if rp_id is None or not verify_rp_id(rp_id, self._origin):
            raise ClientRefused("SecurityError", f"the RP ID {rp_id!r} is not one of the origin {self._origin}")
        client_data = ClientData(
            type=CREATE if creation else GET,
            challenge=encode(options.challenge),
            origin=self._origin,
            cross_origin=self._top_origin is not None,
            top_origin=self._top_origin,
        )
        return CollectedClientData(serialise_client_data(client_data)), rp_id


def _refusing(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except ClientError as error:
        raise ClientRefused(_exception_name(error), repr(error)) from error


def _exception_name(error: ClientError) -> str:
    if isinstance(error.cause, CtapError) and error.cause.code == CtapError.ERR.CREDENTIAL_EXCLUDED:
        return "InvalidStateError"
    if error.code == ClientError.ERR.CONFIGURATION_UNSUPPORTED:
        return "NotSupportedError"
    return "NotAllowedError"


def _conveyed(
    attestation_object: AttestationObject, preference: AttestationConveyancePreference | None
) -> AttestationObject:
    """The attestation object as the preference conveys it; with `none`, only anonymous self attestation stays."""
    credential_data = attestation_object.auth_data.credential_data
    is_anonymous_self = (
        attestation_object.fmt == "packed"
        and "x5c" not in attestation_object.att_stmt
        and credential_data is not None
        and credential_data.aaguid == _NO_AAGUID
    )
    if preference not in (None, AttestationConveyancePreference.NONE) or is_anonymous_self:
        return attestation_object
    return AttestationObject.create("none", attestation_object.auth_data, {})


def _without_timeout(options: Mapping[str, Any]) -> dict[str, Any]:
    """A timer a ceremony is nothing for a user who never hesitates."""
    return {name: value for name, value in options.items() if name != "timeout"}


def _plain(value: Any) -> Any:
    """Extension results as JSON: what python-fido2 leaves as bytes in base64url, what is empty left out."""
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in value if value[name] not in (None, b"", "")}
    return encode(value) if isinstance(value, bytes) else value
