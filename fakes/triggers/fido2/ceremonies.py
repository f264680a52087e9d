"""WebAuthn's ceremonies as these triggers run them: what they expect, of whom, and on which bytes."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.relying_party.ceremonies import SpoilableCeremonies
from fakes.triggers.fido2.configuration import PasskeyConfiguration
from fakes.triggers.fido2.faults import as_relying_party
from protocol.webauthn import base64url, cbor
from protocol.webauthn.authentication import AuthenticationExpectations
from protocol.webauthn.client_data import parse_client_data
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.registration import RegistrationExpectations

KEEPS_EXTENSIONS = declare_fault(
    "triggers.passkeys.keeps-extensions-in-the-key", "all that follows the credential id is stored for the key"
)
ANY_RP_ID = declare_fault(
    "triggers.passkeys.any-of-its-rp-ids",
    "rpIdHash may be that of any RP ID that is allowed, not only this ceremony's or this credential's",
)
ORIGINS_BY_PARSING = declare_fault(
    "triggers.passkeys.opaque-origins-are-null",
    "an origin of a scheme that browsers do not know counts as the opaque one, null, as the URL standard has it",
)
LOOSE_APP_ORIGINS = declare_fault(
    "triggers.passkeys.compares-app-origins-without-case", "android:apk-key-hash: is compared without case"
)
RELATED_BY_NAME = declare_fault(
    "triggers.passkeys.related-by-name",
    "an origin counts as related where its host begins with the same name as an allowed one, whatever comes behind it",
)
_NOBODY = base64url.encode(bytes(16))


class PasskeyCeremonies:
    """Runs them. Raises CeremonyRefused, whose words are for nobody but the log."""

    def __init__(self, configuration: PasskeyConfiguration, faults: FaultSwitches) -> None:
        self._configuration = configuration
        self._faults = faults
        self._on = as_relying_party(faults)
        self._ceremonies = SpoilableCeremonies(self._on)

    def register(
        self, said: Mapping[str, Any], challenge: bytes, rp_id: str, registered_ids: Container[bytes]
    ) -> CredentialRecord:
        """The record of a new credential.

        `said` holds the members of the response; it names no id, so the attested one is all there is.
        """
        expected = RegistrationExpectations(
            challenge,
            rp_id,
            self._origins_for(said),
            user_verification_required=self._configuration.user_verification == "required",
            algorithms=frozenset(self._configuration.algorithms),
            registered_ids=registered_ids,
        )
        response = {"id": _NOBODY, "rawId": _NOBODY, "type": "public-key", "response": dict(said)}
        steps = tuple(step for step in self._ceremonies.registration_steps() if step.name != "credential-id")
        if self._faults.on(ANY_RP_ID):
            expected = replace(expected, rp_id=self._rp_id_of(response) or rp_id)
        registration = self._ceremonies.register(response, expected, steps)
        record, extensions = registration.record, registration.authenticator_data.extensions
        if extensions is not None and self._faults.on(KEEPS_EXTENSIONS):
            return replace(record, public_key=record.public_key + cbor.encode(dict(extensions)))
        return record

    def authenticate(
        self,
        said: Mapping[str, Any],
        challenge: bytes,
        handle: bytes,
        record: CredentialRecord,
        allowed: frozenset[bytes],
        *,
        again: bool,
    ) -> CredentialRecord:
        """The record with its new state; `again`: Cognito's second try, which the counter must not hinder."""
        expected = AuthenticationExpectations(
            challenge,
            record.rp_id,
            self._origins_for(said),
            user_verification_required=self._configuration.user_verification == "required",
            account=Account(handle, (record,)),
            allowed_ids=allowed,
            refuse_stale_counter=not again,
        )
        id = said.get("id")
        inner = {name: value for name, value in said.items() if name != "id"}
        response = {"id": id, "rawId": id, "type": "public-key", "response": inner}
        if self._faults.on(ANY_RP_ID):
            expected = replace(expected, rp_id=self._rp_id_of(response) or record.rp_id)
        return self._ceremonies.authenticate(response, expected, self._ceremonies.authentication_steps()).updated_record

    @property
    def _origins(self) -> frozenset[str]:
        origins = frozenset(self._configuration.origins)
        if self._faults.on(ORIGINS_BY_PARSING):
            return frozenset(each if each.startswith("https:") else "null" for each in origins)
        if self._faults.on(LOOSE_APP_ORIGINS):
            head = "android:apk-key-hash:"
            return origins | {head + each.removeprefix(head).swapcase() for each in origins if each.startswith(head)}
        return origins

    def _origins_for(self, said: Mapping[str, Any]) -> frozenset[str]:
        """The origins that are allowed; under a fault that of the response too, where it looks like one of them."""
        if not self._faults.on(RELATED_BY_NAME):
            return self._origins
        try:
            origin = str(parse_client_data(base64url.decode(said["clientDataJSON"])).origin)
        except Exception:  # whatever is wrong with it, the ceremony says
            return self._origins
        names = {each.partition(".")[0] for each in self._origins}
        return self._origins | ({origin} if origin.partition(".")[0] in names else frozenset())

    def _rp_id_of(self, response: Mapping[str, Any]) -> str | None:
        """Under a fault: whichever allowed RP ID the authenticator data is about."""
        inner = response["response"]
        try:
            if "attestationObject" in inner:
                raw = cbor.decode(base64url.decode(inner["attestationObject"]))["authData"]
            else:
                raw = base64url.decode(inner["authenticatorData"])
        except Exception:  # whatever is wrong with it, the ceremony says
            return None
        found = (each for each in self._configuration.rp_ids if sha256(each.encode()).digest() == raw[:32])
        return next(found, None)
