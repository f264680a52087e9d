"""The two ceremonies as a relying party runs them that may be careless: read and verified as the faults have it.

Without a fault they are those of `protocol.webauthn`.
"""

from __future__ import annotations

from typing import Any

from fakes.relying_party.attestation import spoilable
from fakes.relying_party.authenticator_data import AuthenticatorDataReader
from fakes.relying_party.client_data import On, read_client_data
from fakes.relying_party.responses import read_response
from fakes.relying_party.signatures import SignatureVerifier
from fakes.relying_party.steps import authentication_steps, registration_steps
from protocol.webauthn.authentication import Authentication, AuthenticationExpectations
from protocol.webauthn.authenticator_data import AuthenticatorData
from protocol.webauthn.ceremony import LEVEL, Refusal, Step, demand, refusing, run_steps
from protocol.webauthn.client_data import CREATE, GET
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.registration import Registration, RegistrationExpectations
from protocol.webauthn.responses import (
    AuthenticationResponse,
    parse_authentication_response,
    parse_registration_response,
)


class SpoilableCeremonies:
    """Runs ceremonies for a user who was identified before; `on` says which faults are on."""

    def __init__(self, on: On) -> None:
        self._on = on
        self._data = AuthenticatorDataReader(on)
        self._signatures = SignatureVerifier(on)

    def registration_steps(self) -> tuple[Step[Registration], ...]:
        """The steps of a registration, as the faults have them."""
        return registration_steps(self._on)

    def authentication_steps(self) -> tuple[Step[Authentication], ...]:
        """The steps of an authentication, as the faults have them."""
        return authentication_steps(self._on, self._signatures.verify)

    def register(
        self, json: Any, expected: RegistrationExpectations, steps: tuple[Step[Registration], ...]
    ) -> Registration:
        """Read a RegistrationResponseJSON and run steps on it. Raises CeremonyRefused."""
        with refusing("response", f"{LEVEL} section 7.1 step 3", ""):
            response = parse_registration_response(read_response(json, self._on))
        with refusing("client-data", f"{LEVEL} section 7.1 step 6", ""):
            client_data = read_client_data(response.client_data_json, CREATE, expected, self._on)
        with refusing("attestation-object", f"{LEVEL} section 7.1 step 13", ""):
            attestation_object = self._data.attestation_object(response.attestation_object)
            registration = spoilable(Registration(response, client_data, attestation_object, expected), self._on)
            registration.credential  # noqa: B018 - a registration without one ends here
        run_steps(registration, steps)
        return registration

    def authenticate(
        self, json: Any, expected: AuthenticationExpectations, steps: tuple[Step[Authentication], ...]
    ) -> Authentication:
        """Read an AuthenticationResponseJSON and run steps on it. Raises CeremonyRefused."""
        self._signatures.response = json
        with refusing("response", f"{LEVEL} section 7.2 step 3", ""):
            response = parse_authentication_response(read_response(json, self._on))
        with refusing("credential", f"{LEVEL} section 7.2 step 6", ""):
            account, record = _found(response, expected)
        with refusing("client-data", f"{LEVEL} section 7.2 step 9", ""):
            client_data = read_client_data(response.client_data_json, GET, expected, self._on)
        with refusing("authenticator-data", f"{LEVEL} section 6.1", ""):
            data = self._read_data(response.authenticator_data)
        authentication = Authentication(response, client_data, data, expected, account, record)
        run_steps(authentication, steps)
        return authentication

    def _read_data(self, raw: bytes) -> AuthenticatorData:
        data = self._data.authenticator_data(raw, attests=False)
        demand(data.attested is None, "an assertion attests no credential")
        return data


def _found(response: AuthenticationResponse, expected: AuthenticationExpectations) -> tuple[Account, CredentialRecord]:
    """The account, and its credential. Raises Refusal."""
    record = expected.account.credential(response.credential_id) if expected.account else None
    if expected.account is None or record is None:
        raise Refusal("the account has no such credential")
    return expected.account, record
