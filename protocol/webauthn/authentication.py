"""Verifying an authentication assertion, step by step (WebAuthn section 7.2, #sctn-verifying-assertion)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from protocol.webauthn import ceremony as common
from protocol.webauthn.authenticator_data import AuthenticatorData, Flags, parse_authenticator_data
from protocol.webauthn.ceremony import LEVEL, Expectations, Refusal, Step, demand, refusing, run_steps
from protocol.webauthn.client_data import GET, ClientData, client_data_hash, parse_client_data
from protocol.webauthn.cose import parse_credential_key
from protocol.webauthn.credentials import Account, CredentialRecord
from protocol.webauthn.errors import MalformedAuthenticatorData
from protocol.webauthn.responses import AuthenticationResponse, parse_authentication_response

_SECTION = "#sctn-verifying-assertion"


@dataclass(frozen=True)
class AuthenticationExpectations(Expectations):
    """What a relying party expects of an authentication.

    Attributes:
        account: the user, where one was identified before the ceremony.
        accounts: every account by user handle, for a ceremony that identifies the user itself.
        allowed_ids: the credential ids of this ceremony's allowCredentials; empty where it named none.
        refuse_stale_counter: whether a signature counter that did not grow fails the ceremony. FIDO calls it an
            error, Level 3 a signal for the relying party's policy.
    """

    account: Account | None = field(kw_only=True, default=None)
    accounts: Mapping[bytes, Account] = field(kw_only=True, default_factory=dict)
    allowed_ids: frozenset[bytes] = field(kw_only=True, default=frozenset())
    refuse_stale_counter: bool = field(kw_only=True, default=True)


@dataclass(frozen=True)
class Authentication:
    """An authentication in progress: the response, read, beside what is expected of it and the stored record."""

    response: AuthenticationResponse
    client_data: ClientData
    authenticator_data: AuthenticatorData
    expected: AuthenticationExpectations
    account: Account
    record: CredentialRecord

    @property
    def counter_is_stale(self) -> bool:
        """Whether the counter did not grow, which may mean that the authenticator was cloned (#sctn-sign-counter)."""
        now, before = self.authenticator_data.sign_count, self.record.sign_count
        return bool(now or before) and now <= before

    @property
    def updated_record(self) -> CredentialRecord:
        """The record with its new state values (step 24); store it when all further checks have passed.

        `uvInitialized` stays: to raise it, the standard wants another factor.
        """
        data = self.authenticator_data
        return replace(self.record, sign_count=data.sign_count, backup_state=data.has(Flags.BS))


def _verify_allowed(authentication: Authentication) -> None:
    allowed = authentication.expected.allowed_ids
    demand(
        not allowed or authentication.response.credential_id in allowed,
        "the credential is not one of allowCredentials",
    )


def _verify_user_handle(authentication: Authentication) -> None:
    handle = authentication.response.user_handle
    demand(handle in (None, authentication.account.user_handle), "the user handle is another account's")


def _verify_type(authentication: Authentication) -> None:
    demand(authentication.client_data.type == GET, f"the client data's type is not {GET}")


def _verify_backup_eligibility(authentication: Authentication) -> None:
    demand(
        authentication.authenticator_data.has(Flags.BE) == authentication.record.backup_eligible,
        "the flag BE is not what it was at the registration",
    )


def _verify_signature(authentication: Authentication) -> None:
    message = authentication.authenticator_data.raw + client_data_hash(authentication.response.client_data_json)
    parse_credential_key(authentication.record.public_key).verify(message, authentication.response.signature)


def _verify_counter(authentication: Authentication) -> None:
    demand(
        not authentication.counter_is_stale or not authentication.expected.refuse_stale_counter,
        "the signature counter did not grow: the authenticator may be cloned",
    )


def _step(number: int, name: str, verify: Callable[[Authentication], None], fragment: str = "") -> Step[Authentication]:
    return Step(name, f"{LEVEL} section 7.2 step {number}", fragment or _SECTION, verify)


AUTHENTICATION_STEPS: tuple[Step[Authentication], ...] = (
    _step(5, "allowed", _verify_allowed),
    _step(6, "user-handle", _verify_user_handle),
    _step(10, "type", _verify_type),
    _step(11, "challenge", common.verify_challenge),
    _step(12, "origin", common.verify_origin, "#rp-op-verifying-assertion-step-origin"),
    _step(13, "cross-origin", common.verify_cross_origin),
    _step(14, "top-origin", common.verify_top_origin),
    _step(15, "rp-id-hash", common.verify_rp_id_hash, "#rp-op-verifying-assertion-step-rpid-hash"),
    _step(16, "user-present", common.verify_user_present),
    _step(17, "user-verified", common.verify_user_verified),
    _step(18, "backup-flags", common.verify_backup_flags),
    _step(19, "backup-eligibility", _verify_backup_eligibility),
    _step(21, "signature", _verify_signature),
    _step(22, "counter", _verify_counter),
)
"""The steps that can refuse, after the response was read (`response`, `credential`, `client-data`,
`authenticator-data`)."""

_reading = partial(refusing, fragment=_SECTION)


def read_authentication(json: object, expected: AuthenticationExpectations) -> Authentication:
    """Read an AuthenticationResponseJSON and find its record (steps 3 to 9, 20). Raises CeremonyRefused."""
    with _reading("response", f"{LEVEL} section 7.2 step 3"):
        response = parse_authentication_response(json)
    with _reading("credential", f"{LEVEL} section 7.2 step 6"):
        account = _account(response, expected)
        record = account.credential(response.credential_id)
        if record is None:
            raise Refusal("the account has no such credential")
    with _reading("client-data", f"{LEVEL} section 7.2 step 9"):
        client_data = parse_client_data(response.client_data_json)
    with _reading("authenticator-data", f"{LEVEL} section 6.1"):
        authenticator_data = parse_authenticator_data(response.authenticator_data)
        if authenticator_data.attested is not None:
            raise MalformedAuthenticatorData("an assertion's authenticator data attests no credential")
    return Authentication(response, client_data, authenticator_data, expected, account, record)


def verify_authentication(
    json: object,
    expected: AuthenticationExpectations,
    steps: tuple[Step[Authentication], ...] = AUTHENTICATION_STEPS,
) -> Authentication:
    """Run the authentication ceremony on an AuthenticationResponseJSON; its `updated_record` is what to store.

    Extension outputs are the caller's to look at; unsolicited ones change nothing (step 23). Raises CeremonyRefused.
    """
    authentication = read_authentication(json, expected)
    run_steps(authentication, steps)
    return authentication


def _account(response: AuthenticationResponse, expected: AuthenticationExpectations) -> Account:
    if expected.account is not None:
        return expected.account
    if response.user_handle is None:
        raise Refusal("no user was identified, and the response has no user handle")
    if response.user_handle not in expected.accounts:
        raise Refusal("no account has the user handle")
    return expected.accounts[response.user_handle]
