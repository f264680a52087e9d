"""Ceremonies with one named change: an honest object, altered in one place, and correctly signed from there on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakes.authenticator.assembly import assertion, attested_object
from fakes.authenticator.authenticator import Authenticator
from fakes.authenticator.changes import Alteration, Change, ChangeNotMade, Layer
from fakes.authenticator.credential import Credential
from fakes.authenticator.responses import authentication_json, registration_json
from protocol.webauthn import base64url, cbor
from protocol.webauthn.client_data import CREATE, GET, ClientData, client_data_hash, serialise_client_data


class Builder:
    """Makes responses with an authenticator's own credentials, past its honest client.

    Without a change a response is as honest as the client's. The attestation is always conveyed.
    """

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._vault = authenticator.vault

    def register(
        self,
        options: Mapping[str, Any],
        origin: str,
        change: Change | None = None,
        *,
        extensions: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Make a credential, and its RegistrationResponseJSON with the change in it.

        The user is present and verified; the credential is discoverable and is the authenticator's latest.
        `extensions` are authenticator extension outputs. Raises ChangeNotMade, and ValueError for options without
        an algorithm that the authenticator has.
        """
        alteration = Alteration(change)
        algorithm = self._vault.choose_algorithm(each["alg"] for each in options["pubKeyCredParams"])
        if algorithm is None:
            raise ValueError("the options name no algorithm that the authenticator has")
        user_handle = base64url.decode(options["user"]["id"])
        credential = self._vault.new_credential(options["rp"]["id"], user_handle, algorithm, discoverable=True)
        client_data_json = _client_data(CREATE, options, origin, alteration)
        circumstances = self._vault.circumstances(credential, verified=True, extensions=dict(extensions or {}))
        attestation_object = alteration.at(
            Layer.ATTESTATION_OBJECT,
            attested_object(
                credential, circumstances, client_data_hash(client_data_json), self._vault.attester, alteration
            ),
        )
        encoded = alteration.at(Layer.ATTESTATION_OBJECT_BYTES, cbor.encode(attestation_object))
        authenticator_data = attestation_object.get("authData")
        response = registration_json(
            credential,
            client_data_json=client_data_json,
            attestation_object=encoded,
            authenticator_data=authenticator_data if isinstance(authenticator_data, bytes) else b"",
            transports=self._authenticator.abilities.transports,
            extension_results={},
        )
        return _finished(response, alteration, change)

    def authenticate(
        self,
        options: Mapping[str, Any],
        origin: str,
        change: Change | None = None,
        *,
        credential: Credential | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Sign in with a credential, the latest unless one is named; the AuthenticationResponseJSON with the change.

        The options' allowCredentials are not looked at. The user is present and verified. Raises ChangeNotMade.
        """
        alteration = Alteration(change)
        credential = credential or self._vault.credentials[-1]
        self._vault.count(credential)
        client_data_json = _client_data(GET, options, origin, alteration)
        circumstances = self._vault.circumstances(credential, verified=True, extensions=dict(extensions or {}))
        authenticator_data, signature = assertion(
            credential, circumstances, client_data_hash(client_data_json), alteration
        )
        response = authentication_json(
            credential.id,
            client_data_json=client_data_json,
            authenticator_data=authenticator_data,
            signature=signature,
            user_handle=credential.user_handle if credential.discoverable else None,
            transports=self._authenticator.abilities.transports,
            extension_results={},
        )
        return _finished(response, alteration, change)


def _client_data(type: str, options: Mapping[str, Any], origin: str, alteration: Alteration) -> bytes:
    honest = ClientData(type=type, challenge=options["challenge"], origin=origin, cross_origin=False)
    client_data = alteration.at(Layer.CLIENT_DATA, honest)
    return alteration.at(Layer.CLIENT_DATA_JSON, serialise_client_data(client_data))


def _finished(response: dict[str, Any], alteration: Alteration, change: Change | None) -> dict[str, Any]:
    response = alteration.at(Layer.RESPONSE, response)
    if change is not None and not alteration.made:
        raise ChangeNotMade(f"{change.name!r} acts at {change.layer.name}, which this ceremony does not have")
    return response
