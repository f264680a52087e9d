"""WebAuthn's ceremonies at the pool: what it expects of a response, and in which of the service's words it refuses.

Which step fails is WebAuthn's; which modelled exception goes with it is `aws-doc` for four of them
(RP ID, origin, challenge, unsupported credential) and `unknown` for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import (
    InvalidParameter,
    ServiceError,
    WebAuthnChallengeNotFound,
    WebAuthnCredentialNotSupported,
    WebAuthnOriginNotAllowed,
    WebAuthnRelyingPartyMismatch,
)
from fakes.pool.moto_directory import UserPool
from fakes.pool.passkey_faults import as_relying_party
from fakes.pool.passkey_options import ALGORITHMS
from fakes.relying_party.ceremonies import SpoilableCeremonies
from protocol.webauthn import cbor
from protocol.webauthn.authentication import AuthenticationExpectations
from protocol.webauthn.authenticator_data import Flags
from protocol.webauthn.ceremony import AnyCeremony, Ceremony, Step, demand, verify_origin
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.errors import CeremonyRefused
from protocol.webauthn.registration import RegistrationExpectations

KEEPS_EXTENSIONS = declare_fault(
    "pool.passkeys.keeps-extensions-in-the-key", "all that follows the credential id is stored for the key"
)
NO_SUBDOMAINS = declare_fault("pool.passkeys.refuses-subdomains", "an origin has to be the RP ID's own")
RELATED_BY_NAME = declare_fault(
    "pool.passkeys.related-by-name", "an origin with the RP ID's name under any other ending counts as the RP ID's"
)
OTHER_WORDS_FOR_THE_ORIGIN = declare_fault(
    "pool.passkeys.other-exception-for-the-origin", "a foreign origin is refused as an invalid parameter"
)
OTHER_WORDS_FOR_THE_RP_ID = declare_fault(
    "pool.passkeys.other-exception-for-the-rp-id", "another RP ID is refused as an invalid parameter"
)
OTHER_WORDS_FOR_THE_CREDENTIAL = declare_fault(
    "pool.passkeys.other-exception-for-the-credential", "an unsupported credential is refused as an invalid parameter"
)

_REFUSALS: Mapping[str, tuple[type[ServiceError], str]] = {
    "response": (InvalidParameter, "The credential is not a RegistrationResponseJSON."),
    "client-data": (InvalidParameter, "The client data of the credential is malformed."),
    "type": (InvalidParameter, "The credential was not created for a registration."),
    "challenge": (WebAuthnChallengeNotFound, "The challenge was not found."),
    "origin": (WebAuthnOriginNotAllowed, "The origin is not allowed for the relying party of the user pool."),
    "cross-origin": (WebAuthnOriginNotAllowed, "The credential was created in a frame of another origin."),
    "top-origin": (WebAuthnOriginNotAllowed, "The credential was created in a frame of another origin."),
    "rp-id-hash": (WebAuthnRelyingPartyMismatch, "The credential belongs to another relying party."),
    "not-registered": (InvalidParameter, "The credential is already registered."),
}
_NOT_SUPPORTED = (WebAuthnCredentialNotSupported, "The credential is not supported.")
_OTHER_WORDS = {
    WebAuthnOriginNotAllowed: OTHER_WORDS_FOR_THE_ORIGIN,
    WebAuthnRelyingPartyMismatch: OTHER_WORDS_FOR_THE_RP_ID,
    WebAuthnCredentialNotSupported: OTHER_WORDS_FOR_THE_CREDENTIAL,
}


class PasskeyCeremonies:
    """Runs the ceremonies."""

    def __init__(self, faults: FaultSwitches) -> None:
        self._faults = faults
        self._ceremonies = SpoilableCeremonies(as_relying_party(faults))

    def register(
        self, pool: UserPool, response: Any, challenge: bytes, registered_ids: frozenset[bytes]
    ) -> CredentialRecord:
        """The record of a new credential. Raises InvalidParameter and the WebAuthn exceptions."""
        expected = RegistrationExpectations(
            challenge,
            _rp_id(pool),
            _origins(pool),
            user_verification_required=pool.passkeys.user_verification_required,
            algorithms=frozenset(ALGORITHMS),
            registered_ids=registered_ids,
        )
        steps = tuple(self._of_the_pool(step) for step in self._ceremonies.registration_steps())
        try:
            registration = self._ceremonies.register(response, expected, steps)
        except CeremonyRefused as refused:
            raise self._in_the_services_words(refused) from refused
        record, extensions = registration.record, registration.authenticator_data.extensions
        if extensions is not None and self._faults.on(KEEPS_EXTENSIONS):
            return replace(record, public_key=record.public_key + cbor.encode(dict(extensions)))
        return record

    def authenticate(
        self, pool: UserPool, response: Any, challenge: bytes, account: Account, allowed: frozenset[bytes]
    ) -> tuple[CredentialRecord, bool]:
        """The record with its new state values, and whether the user was verified. Raises CeremonyRefused."""
        expected = AuthenticationExpectations(
            challenge,
            _rp_id(pool),
            _origins(pool),
            user_verification_required=pool.passkeys.user_verification_required,
            account=account,
            allowed_ids=allowed,
        )
        steps = tuple(self._of_the_pool(step) for step in self._ceremonies.authentication_steps())
        authentication = self._ceremonies.authenticate(response, expected, steps)
        return authentication.updated_record, authentication.authenticator_data.has(Flags.UV)

    def _of_the_pool(self, step: Step[AnyCeremony]) -> Step[AnyCeremony]:
        """The step; in the place of an exact list of origins, which no pool has, its rule by the RP ID."""
        if step.verify is not verify_origin or self._faults.on(NO_SUBDOMAINS):
            return step
        verify = _verify_origin_by_name if self._faults.on(RELATED_BY_NAME) else _verify_origin_by_rp_id
        return Step(step.name, step.clause, step.fragment, verify)

    def _in_the_services_words(self, refused: CeremonyRefused) -> ServiceError:
        kind, message = _REFUSALS.get(refused.step, _NOT_SUPPORTED)
        fault = _OTHER_WORDS.get(kind)
        return InvalidParameter(message) if fault is not None and self._faults.on(fault) else kind(message)


def _verify_origin_by_rp_id(ceremony: Ceremony) -> None:
    """HTTPS at the RP ID or below it, on any port; at `localhost` HTTP too (#sctn-validating-origin)."""
    rp_id, origin = ceremony.expected.rp_id, ceremony.client_data.origin
    scheme = "https?" if rp_id == "localhost" else "https"
    allowed = rf"{scheme}://([a-z0-9-]+\.)*{re.escape(rp_id)}(:(?!443$)[1-9][0-9]{{0,4}})?"
    demand(re.fullmatch(allowed, origin) is not None, f"the origin {origin!r:.80} is not one of the RP ID")


def _verify_origin_by_name(ceremony: Ceremony) -> None:
    """Under a fault: the first label of the host is the RP ID's, whatever comes behind it."""
    name = ceremony.expected.rp_id.partition(".")[0]
    if not ceremony.client_data.origin.startswith(f"https://{name}."):
        _verify_origin_by_rp_id(ceremony)


def _rp_id(pool: UserPool) -> str:
    return pool.passkeys.relying_party_id or ""


def _origins(pool: UserPool) -> frozenset[str]:
    return frozenset({f"https://{_rp_id(pool)}"})
