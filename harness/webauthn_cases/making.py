"""Making responses: the software authenticator's honest ones, in which a case's edits change one thing.

What comes after an edit is made of what was edited, so that the result is correctly signed unless the signature is
what changes.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any, TypeVar

from fakes.authenticator.assembly import Circumstances, assertion, attested_object
from fakes.authenticator.certificates import attestation_ca
from fakes.authenticator.changes import Alteration, ChangeNotMade, Layer
from fakes.authenticator.credential import Credential
from fakes.authenticator.entropy import Entropy
from fakes.authenticator.keys import signing_key
from fakes.authenticator.responses import authentication_json, registration_json
from fakes.authenticator.statements import Attester, Format
from harness.webauthn_cases.edits import Ceremony, Edits, Manner
from protocol.webauthn import base64url, cbor
from protocol.webauthn.authenticator_data import Flags
from protocol.webauthn.client_data import CREATE, GET, ClientData, serialise_client_data

AAGUID = bytes.fromhex("c04f0e6d5a8b4c1e9f2a7b3d51e8c664")
"""Of the authenticator that all of this pretends to be."""

_ALL_OF_THE_ALPHABET = bytes.fromhex("fbefbeffffff")
"""Becomes `----____`: without it, base64 and base64url might be the same text."""

_TRANSPORTS = ("internal",)

Value = TypeVar("Value")


class Editing(Alteration):
    """Applies the edits of a case as their layers come."""

    def __init__(self, edits: Edits, **known: Any) -> None:
        super().__init__()
        self._edits = edits
        self._seen: dict[str, Any] = {name.upper(): value for name, value in known.items()}

    def at(self, layer: Layer, value: Value) -> Value:
        """The value as it goes on."""
        for edit in self._edits:
            if edit.layer == layer.name:
                value = edit.make(value, self._seen)
        self._seen[layer.name] = value
        return value

    def finished(self, response: dict[str, Any]) -> Any:
        """The response as it is sent. Raises ChangeNotMade unless the layer of every edit came."""
        sent = self.at(Layer.RESPONSE, response)
        for edit in self._edits:
            if edit.layer not in self._seen:
                raise ChangeNotMade(f"this ceremony has no layer {edit.layer}")
        return sent


class ResponseMaker:
    """Makes credentials and responses. `seed` decides the keys, which are kept; `randomness` everything else."""

    def __init__(self, seed: str, randomness: random.Random) -> None:
        self._entropy = Entropy(seed)
        self._randomness = randomness

    @property
    def root(self) -> bytes:
        """The root certificate of the authenticator's maker, DER."""
        return attestation_ca(self._entropy).root.certificate

    def challenge(self) -> bytes:
        """A challenge of 32 bytes whose text holds every character that base64url writes differently."""
        return _ALL_OF_THE_ALPHABET + self._randomness.randbytes(26)

    def user_handle(self) -> bytes:
        """A user handle."""
        return self._randomness.randbytes(32)

    def credential(self, ceremony: Ceremony, manner: Manner, *, whose: str = "the user's") -> Credential:
        """A new credential; of one maker, one algorithm and one owner the key is always the same."""
        return Credential(
            id=(_ALL_OF_THE_ALPHABET + self._randomness.randbytes(max(0, manner.id_bytes - 6)))[: manner.id_bytes],
            rp_id=ceremony.rp_id,
            user_handle=ceremony.user_handle,
            key=signing_key(manner.algorithm, self._entropy, f"credential/{whose}/{manner.algorithm}"),
            discoverable=True,
            sign_count=0,
            backup_eligible=bool(manner.flags & Flags.BE),
            backed_up=bool(manner.flags & Flags.BS),
        )

    def registration(self, ceremony: Ceremony, credential: Credential, manner: Manner, edits: Edits = ()) -> Any:
        """RegistrationResponseJSON. Raises ChangeNotMade."""
        editing = Editing(edits, credential_key=credential.key, ca=attestation_ca(self._entropy))
        client_data = _client_data(CREATE, ceremony, editing)
        attester = Attester(Format(manner.format), _aaguid(manner.format), self._entropy)
        members = attested_object(
            credential, _circumstances(ceremony, manner), hashlib.sha256(client_data).digest(), attester, editing
        )
        attestation_object = editing.at(
            Layer.ATTESTATION_OBJECT_BYTES, cbor.encode(editing.at(Layer.ATTESTATION_OBJECT, members))
        )
        response = registration_json(
            credential,
            client_data_json=client_data,
            attestation_object=attestation_object,
            authenticator_data=members["authData"],
            transports=_TRANSPORTS,
            extension_results={},
        )
        return editing.finished(response)

    def authentication(self, ceremony: Ceremony, credential: Credential, manner: Manner, edits: Edits = ()) -> Any:
        """AuthenticationResponseJSON. Raises ChangeNotMade."""
        editing = Editing(edits, key=credential.key.private)
        client_data = _client_data(GET, ceremony, editing)
        data, signature = assertion(
            credential, _circumstances(ceremony, manner), hashlib.sha256(client_data).digest(), editing
        )
        response = authentication_json(
            credential.id,
            client_data_json=client_data,
            authenticator_data=data,
            signature=signature,
            user_handle=credential.user_handle if manner.user_handle else None,
            transports=_TRANSPORTS,
            extension_results={},
        )
        return editing.finished(response)


def _circumstances(ceremony: Ceremony, manner: Manner) -> Circumstances:
    return Circumstances(ceremony.rp_id, manner.flags, manner.sign_count, dict(manner.extensions))


def _client_data(type: str, ceremony: Ceremony, editing: Editing) -> bytes:
    honest = ClientData(type, base64url.encode(ceremony.challenge), ceremony.origin, cross_origin=False)
    return editing.at(Layer.CLIENT_DATA_JSON, serialise_client_data(editing.at(Layer.CLIENT_DATA, honest)))


def _aaguid(format: str) -> bytes:
    """A U2F authenticator has none, and Apple's and Android's keep it to themselves."""
    return AAGUID if format in ("none", "packed-self", "packed", "tpm", "compound") else bytes(16)
