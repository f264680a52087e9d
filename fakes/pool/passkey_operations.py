"""A signed-in user's passkeys: registered, listed and deleted with an access token; and what they may sign in with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.access_tokens import AccessTokens, Bearer
from fakes.pool.clock import Clock
from fakes.pool.errors import (
    InvalidParameter,
    LimitExceeded,
    NotAuthorized,
    ResourceNotFound,
    ServiceError,
    UserNotFound,
    WebAuthnChallengeNotFound,
    WebAuthnClientMismatch,
    WebAuthnConfigurationMissing,
    WebAuthnNotEnabled,
)
from fakes.pool.moto_directory import MotoDirectory, UserPool
from fakes.pool.passkey_ceremonies import PasskeyCeremonies
from fakes.pool.passkey_challenges import PasskeyChallenges
from fakes.pool.passkey_options import PasskeyOptions
from fakes.pool.passkey_settings import WEB_AUTHN
from fakes.pool.passkey_store import Passkey, PasskeyStore
from fakes.pool.sign_in import Answer
from fakes.pool.sign_outs import SignOuts
from fakes.pool.user_auth_flow import factors_set_up
from fakes.pool.user_states import demand_no_reset
from protocol.webauthn import base64url
from protocol.webauthn.errors import WebAuthnError

Request = Mapping[str, Any]

ANY_CLIENT = declare_fault(
    "pool.passkeys.any-client", "a registration may be completed at another app client than it was started at"
)
LOOKS_BEFORE_IT_WAITS = declare_fault(
    "pool.passkeys.looks-before-it-waits", "completions at once all find the challenge open and the id free"
)
OFF_AND_ON = declare_fault(
    "pool.passkeys.on-where-they-are-off", "passkeys are registered at pools that do not allow them"
)
NO_RP_ID_NEEDED = declare_fault(
    "pool.passkeys.needs-no-relying-party", "passkeys are registered at pools without RP ID and domain"
)
CHALLENGE_OF_THE_REQUEST = declare_fault(
    "pool.passkeys.takes-the-challenge-from-the-request", "a challenge beside the response is believed"
)
UNKNOWN_DELETED = declare_fault("pool.passkeys.unknown-ids-deleted", "an id that nobody has is deleted like any other")
FOREIGN_TOLD = declare_fault(
    "pool.passkeys.tells-foreign-ids", "another user's credential id is refused in other words"
)
DEMANDS_FRESH_SIGN_IN = declare_fault(
    "pool.passkeys.demands-a-fresh-sign-in", "who signed in more than ten minutes ago registers nothing"
)
FACTORS_UNTOLD = declare_fault("pool.passkeys.untold-factor", "GetUserAuthFactors does not name WEB_AUTHN")
WRONG_RP_ID_LISTED = declare_fault(
    "pool.passkeys.lists-another-rp-id", "the list names the app client as relying party"
)
TRANSPORTS_LOST = declare_fault("pool.passkeys.loses-transports", "transports are not kept")
TRANSPORTS_LIMITED = declare_fault(
    "pool.passkeys.knows-every-transport", "a transport that the standard does not name is an error"
)
TELLS_TOO_MUCH = declare_fault("pool.passkeys.tells-its-secrets", "a refusal shows the challenge that was expected")
ENDS_SESSIONS = declare_fault("pool.passkeys.deleting-ends-sessions", "deleting a passkey ends the user's sessions")
FOR_WHOM_IT_SAYS = declare_fault(
    "pool.passkeys.kept-for-whom-the-response-names",
    "a passkey is kept for the user whom a member `username` of the response names, where there is one",
)
LAST_STAYS = declare_fault("pool.passkeys.keeps-the-last", "a user's last passkey cannot be deleted")

MOST_PASSKEYS = 20
"""A user's (`aws-doc`: the quotas of user pools)."""

_KNOWN_TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})
_PAGE = 20


class PasskeyOperations:
    """StartWebAuthnRegistration and its siblings, and GetUserAuthFactors."""

    def __init__(
        self,
        *,
        access_tokens: AccessTokens,
        ceremonies: PasskeyCeremonies,
        challenges: PasskeyChallenges,
        clock: Clock,
        directory: MotoDirectory,
        faults: FaultSwitches,
        options: PasskeyOptions,
        sign_outs: SignOuts,
        store: PasskeyStore,
    ) -> None:
        self._access_tokens = access_tokens
        self._ceremonies = ceremonies
        self._challenges = challenges
        self._clock = clock
        self._directory = directory
        self._faults = faults
        self._options = options
        self._sign_outs = sign_outs
        self._store = store

    async def start(self, request: Request) -> Answer:
        """StartWebAuthnRegistration. Raises WebAuthnNotEnabled, WebAuthnConfigurationMissing, LimitExceeded."""
        bearer = self._bearer(request)
        self._demand_usable(bearer.pool)
        self._demand_room(bearer)
        fresh = self._clock.timestamp() - bearer.claims["auth_time"] <= 600
        if self._faults.on(DEMANDS_FRESH_SIGN_IN) and not fresh:
            raise NotAuthorized("Sign in again first.")
        challenge = self._challenges.start(bearer.user, bearer.client)
        return {"CredentialCreationOptions": self._options.creation(bearer.pool, bearer.user, challenge)}

    async def complete(self, request: Request) -> Answer:
        """CompleteWebAuthnRegistration. Raises the WebAuthn exceptions, InvalidParameter and LimitExceeded."""
        bearer, response = self._bearer(request), request["Credential"]
        self._demand_usable(bearer.pool)
        self._demand_room(bearer)
        started = self._challenges.waiting(bearer.user, _challenge_in(response))
        if started is None:
            raise WebAuthnChallengeNotFound("The challenge was not found.")
        if started.client_id != bearer.client.id and not self._faults.on(ANY_CLIENT):
            raise WebAuthnClientMismatch("The registration was started at another app client.")
        registered = self._store.ids_in(bearer.pool.id)
        if self._faults.on(LOOKS_BEFORE_IT_WAITS):
            await asyncio.sleep(0.02)
        self._challenges.answered(started)
        expected = self._expected(started.challenge, response)
        try:
            record = self._ceremonies.register(bearer.pool, response, expected, registered)
        except ServiceError as refused:
            if self._faults.on(TELLS_TOO_MUCH):
                refused.message += f" (expected {base64url.encode(started.challenge)})"
            raise
        named = _strings(response.get("response", {}).get("transports"))
        if self._faults.on(TRANSPORTS_LIMITED) and not named <= _KNOWN_TRANSPORTS:
            raise InvalidParameter("A transport is not known.")
        attachment, owner = response.get("authenticatorAttachment"), bearer.user
        if self._faults.on(FOR_WHOM_IT_SAYS) and isinstance(response.get("username"), str):
            owner = self._directory.user(bearer.pool.id, response["username"]) or owner
        self._store.add(
            owner,
            Passkey(
                record=record,
                name=f"Passkey {len(self._store.of(bearer.user)) + 1}",
                attachment=attachment if isinstance(attachment, str) and len(attachment) <= 64 else None,
                created_at=self._clock.timestamp(),
            ),
        )
        return {}

    async def list(self, request: Request) -> Answer:
        """ListWebAuthnCredentials. Raises InvalidParameter for a NextToken that was never given out."""
        bearer = self._bearer(request)
        begin = request.get("NextToken") or "0"
        if not begin.isdecimal():
            raise InvalidParameter("Invalid pagination token.")
        listed, at = self._store.listed(bearer.user), int(begin)
        end = at + (request.get("MaxResults") or _PAGE)
        shown = [self._described(bearer, each) for each in listed[at:end]]
        return {"Credentials": shown} | ({"NextToken": str(end)} if end < len(listed) else {})

    async def delete(self, request: Request) -> Answer:
        """DeleteWebAuthnCredential. Raises ResourceNotFound, in the same words for whatever is not the user's."""
        bearer, id, faults = self._bearer(request), request["CredentialId"], self._faults
        if faults.on(LAST_STAYS) and len(self._store.of(bearer.user)) == 1:
            raise InvalidParameter("The last passkey stays.")
        if self._store.delete(bearer.user, id):
            if faults.on(ENDS_SESSIONS):
                self._sign_outs.sign_out_everywhere(bearer.user)
            return {}
        if faults.on(UNKNOWN_DELETED):
            return {}
        if faults.on(FOREIGN_TOLD) and any(each.id == id for each in self._store.everybodys(bearer.pool.id)):
            raise NotAuthorized("This passkey belongs to another user.")
        raise ResourceNotFound("The passkey does not exist.")

    async def factors(self, request: Request) -> Answer:
        """GetUserAuthFactors: what the user can begin USER_AUTH with, and their second factors."""
        bearer = self._access_tokens.bearer(request["AccessToken"])
        demand_no_reset(bearer.user, self._faults)
        known = factors_set_up(bearer.pool, bearer.user, has_passkeys=bool(self._store.of(bearer.user)))
        told = [each for each in known if each != WEB_AUTHN or not self._faults.on(FACTORS_UNTOLD)]
        described = self._directory.described_second_factors(bearer.user)
        return {"Username": bearer.user.username, "ConfiguredUserAuthFactors": told} | described

    def _bearer(self, request: Request) -> Bearer:
        """Who asks. Raises NotAuthorized, for a deleted user too: these operations model no UserNotFoundException."""
        try:
            bearer = self._access_tokens.bearer(request["AccessToken"])
        except UserNotFound as gone:
            raise NotAuthorized(gone.message) from None
        demand_no_reset(bearer.user, self._faults)
        return bearer

    def _demand_usable(self, pool: UserPool) -> None:
        if WEB_AUTHN not in pool.first_factors and not self._faults.on(OFF_AND_ON):
            raise WebAuthnNotEnabled("Passkeys are not enabled for this user pool.")
        if not pool.passkeys.relying_party_id and not self._faults.on(NO_RP_ID_NEEDED):
            raise WebAuthnConfigurationMissing("The user pool has neither a relying party id nor a domain.")

    def _demand_room(self, bearer: Bearer) -> None:
        if len(self._store.of(bearer.user)) >= MOST_PASSKEYS:
            raise LimitExceeded(f"A user may have {MOST_PASSKEYS} passkeys.")

    def _expected(self, challenge: bytes, response: Mapping[str, Any]) -> bytes:
        given = response.get("challenge")
        if self._faults.on(CHALLENGE_OF_THE_REQUEST) and isinstance(given, str):
            return base64url.decode(given)
        return challenge

    def _described(self, bearer: Bearer, passkey: Passkey) -> dict[str, Any]:
        record, faults = passkey.record, self._faults
        return {
            "CredentialId": passkey.id,
            "FriendlyCredentialName": passkey.name,
            "RelyingPartyId": bearer.client.id if faults.on(WRONG_RP_ID_LISTED) else record.rp_id,
            "AuthenticatorTransports": [] if faults.on(TRANSPORTS_LOST) else list(record.transports),
            "CreatedAt": round(passkey.created_at, 3),
        } | ({"AuthenticatorAttachment": passkey.attachment} if passkey.attachment else {})


def _challenge_in(response: Mapping[str, Any]) -> str:
    """The challenge that a response says it answers; only faults look at it."""
    try:
        return str(json.loads(base64url.decode(response["response"]["clientDataJSON"]))["challenge"])
    except (WebAuthnError, ValueError, LookupError, TypeError, AttributeError):
        return ""


def _strings(value: Any) -> set[str]:
    return {each for each in value if isinstance(each, str)} if isinstance(value, list) else set()
