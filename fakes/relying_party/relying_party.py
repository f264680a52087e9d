"""The relying party as the driver protocol sees it (docs/testing-relying-parties.md), in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.relying_party.attestation import spoilable
from fakes.relying_party.authenticator_data import AuthenticatorDataReader
from fakes.relying_party.client_data import read_client_data
from fakes.relying_party.metadata import demand_good_standing
from fakes.relying_party.responses import read_response
from fakes.relying_party.signatures import SignatureVerifier
from fakes.relying_party.steps import (
    DEMANDS_WHAT_WAS_ASKED_FOR,
    TAKES_ANY_FORMAT,
    authentication_steps,
    moment_of_certificates,
    registration_steps,
)
from protocol.webauthn import base64url, cbor
from protocol.webauthn.authentication import Authentication, AuthenticationExpectations
from protocol.webauthn.ceremony import Refusal, demand, run_steps
from protocol.webauthn.client_data import CREATE, GET
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.errors import WebAuthnError
from protocol.webauthn.registration import AttestationPolicy, Registration, RegistrationExpectations
from protocol.webauthn.responses import parse_authentication_response, parse_registration_response

TAKES_THE_CHALLENGE_FROM_THE_REQUEST = declare_fault(
    "rp.takes-the-challenge-from-the-request", "a challenge beside the response is believed"
)
TAKES_A_CHALLENGE_TWICE = declare_fault("rp.takes-a-challenge-twice", "a challenge that was answered stays open")
LOOKS_BEFORE_IT_CLOSES = declare_fault(
    "rp.looks-before-it-closes", "a challenge is looked for before the response is verified, and closed 20 ms later"
)
NEEDS_NO_USER_HANDLE = declare_fault("rp.needs-no-user-handle", "nobody needs to say who signs in")
IGNORES_THE_POLICY_OF_FORMATS = declare_fault(
    "rp.ignores-the-policy-of-formats", "any attestation statement format is accepted, none too"
)

KEEPS_EXTENSIONS_IN_THE_KEY = declare_fault(
    "rp.keeps-extensions-in-the-key", "all that follows the credential id is stored for the key"
)

CAPABILITIES = [
    "rs256", "es384", "es512", "eddsa", "ed448", "algorithms",
    "packed", "fido-u2f", "tpm", "android-key", "android-safetynet", "apple", "compound",
    "trust-anchors", "metadata", "attestation-policy",
    "cross-origin", "conditional-create", "allow-credentials", "user-handle", "counter", "backup-eligibility",
    "single-use", "concurrent", "unique-credentials",
]  # fmt: skip
_ANSWERED = "the challenge was answered before"


class ReferenceRelyingParty:
    """Judges ceremonies; honest unless a fault is on. May be asked from many threads."""

    def __init__(self, switches: FaultSwitches) -> None:
        self._on = switches.on
        self._data = AuthenticatorDataReader(switches.on)
        self._signatures = SignatureVerifier(switches.on)
        self._answered: set[str] = set()
        self._closing = threading.Lock()

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """Answer one request of the driver protocol."""
        if op == "hello":
            return {"ok": True, "name": "the reference relying party", "version": "1", "capabilities": CAPABILITIES}
        try:
            if self._on(LOOKS_BEFORE_IT_CLOSES):
                demand(members["expected"]["challenge"] not in self._answered, _ANSWERED)
                time.sleep(0.020)
            answer = self._register(members) if op == "register" else self._authenticate(members)
            self._close(members["expected"]["challenge"])
        except WebAuthnError as reason:
            return {"ok": False, "error_type": type(reason).__name__, "error_message": str(reason)}
        return {"ok": True, **answer}

    def _close(self, challenge: str) -> None:
        """Look for the challenge among the answered ones and put it there, in one step."""
        with self._closing:
            new = challenge not in self._answered
            self._answered.add(challenge)
        demand(new or self._on(TAKES_A_CHALLENGE_TWICE) or self._on(LOOKS_BEFORE_IT_CLOSES), _ANSWERED)

    def _register(self, request: Mapping[str, Any]) -> dict[str, Any]:
        expected = RegistrationExpectations(
            **self._common(request),
            algorithms=frozenset(request["expected"]["algorithms"]),
            conditional_mediation=request["expected"]["mediation"] == "conditional",
            registered_ids=frozenset(map(base64url.decode, request["expected"]["registered"])),
            attestation=AttestationPolicy(
                trust_anchors=tuple(map(base64url.decode, request["expected"]["roots"])) or None,
                moment=moment_of_certificates(self._on, datetime.now(UTC)),
            ),
        )
        response = parse_registration_response(read_response(request["response"], self._on))
        registration = spoilable(
            Registration(
                response,
                read_client_data(response.client_data_json, CREATE, expected, self._on),
                self._data.attestation_object(response.attestation_object),
                expected,
            ),
            self._on,
        )
        registration.credential  # noqa: B018 - a registration without one ends here
        run_steps(registration, registration_steps(self._on))
        if not (self._on(IGNORES_THE_POLICY_OF_FORMATS) or self._on(TAKES_ANY_FORMAT)):
            demand(
                registration.attestation_object.format in request["expected"]["formats"], "policy refuses the format"
            )
        if metadata := request["expected"].get("metadata"):
            demand_good_standing(registration, metadata, expected.attestation.moment, self._on)
        if self._on(DEMANDS_WHAT_WAS_ASKED_FOR):
            asked, answered = request["options"].get("extensions", {}), response.client_extension_results
            demand(asked.keys() == answered.keys(), "the extensions are not those that were asked for")
        record, extensions = registration.record, registration.authenticator_data.extensions
        if self._on(KEEPS_EXTENSIONS_IN_THE_KEY) and extensions is not None:
            record = replace(record, public_key=record.public_key + cbor.encode(dict(extensions)))
        return {"credential": _as_json(record)}

    def _authenticate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        record = _record(request["credential"], request["expected"]["rp_id"])
        account = Account(base64url.decode(request["expected"]["user_handle"]), (record,))
        identified = request["expected"]["user_identified"] or self._on(NEEDS_NO_USER_HANDLE)
        expected = AuthenticationExpectations(
            **self._common(request),
            account=account if identified else None,
            accounts={account.user_handle: account},
            allowed_ids=frozenset(
                base64url.decode(each["id"]) for each in request["options"].get("allowCredentials", [])
            ),
        )
        response = parse_authentication_response(read_response(request["response"], self._on))
        if not identified and response.user_handle != account.user_handle:
            raise Refusal("no user was identified, and the user handle names no account")
        self._signatures.response = request["response"]
        authentication = Authentication(
            response,
            read_client_data(response.client_data_json, GET, expected, self._on),
            self._data.authenticator_data(response.authenticator_data, attests=False),
            expected,
            account,
            record,
        )
        demand(authentication.authenticator_data.attested is None, "an assertion attests no credential")
        demand(record.id == response.credential_id, "the account has no such credential")
        run_steps(authentication, authentication_steps(self._on, self._signatures.verify))
        return {
            "sign_count": authentication.updated_record.sign_count,
            "backup_state": authentication.updated_record.backup_state,
        }

    def _common(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What either ceremony expects."""
        expected, response = request["expected"], request["response"]
        challenge = expected["challenge"]
        if self._on(TAKES_THE_CHALLENGE_FROM_THE_REQUEST) and isinstance(response, dict):
            challenge = response.get("challenge", challenge)
        return {
            "challenge": base64url.decode(challenge),
            "rp_id": expected["rp_id"],
            "origins": frozenset(expected["origins"]),
            "user_verification_required": expected["user_verification"] == "required",
            "top_origins": frozenset(expected["top_origins"]),
            "cross_origin_expected": expected["cross_origin"],
        }


def _as_json(record: CredentialRecord) -> dict[str, Any]:
    return {
        "id": base64url.encode(record.id),
        "public_key": base64url.encode(record.public_key),
        "sign_count": record.sign_count,
        "backup_eligible": record.backup_eligible,
        "backup_state": record.backup_state,
        "transports": list(record.transports),
        "uv_initialized": record.uv_initialized,
    }


def _record(credential: Mapping[str, Any], rp_id: str) -> CredentialRecord:
    return CredentialRecord(
        id=base64url.decode(credential["id"]),
        public_key=base64url.decode(credential["public_key"]),
        sign_count=credential["sign_count"],
        uv_initialized=credential["uv_initialized"],
        transports=tuple(credential["transports"]),
        backup_eligible=credential["backup_eligible"],
        backup_state=credential["backup_state"],
        rp_id=rp_id,
    )
