"""WEB_AUTHN: an assertion of a passkey as the first factor of USER_AUTH (`aws-doc`).

Whatever is wrong with an assertion, whoever is signing in, is refused in the same words; who does not exist
goes through the same ceremony, with a passkey that nobody has.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import InternalError, InvalidParameter, NotAuthorized, incorrect_username_or_password
from fakes.pool.moto_directory import User, UserPool
from fakes.pool.passkey_asked import PasskeyAsked
from fakes.pool.passkey_ceremonies import PasskeyCeremonies
from fakes.pool.passkey_challenges import PasskeyChallenges
from fakes.pool.passkey_options import PasskeyOptions
from fakes.pool.passkey_store import PasskeyStore
from fakes.pool.second_factors import owes_second_factor
from fakes.pool.sign_in import Answer, FirstFactor, SignIn
from protocol.webauthn.authenticator_data import parse_authenticator_data
from protocol.webauthn.credentials import Account
from protocol.webauthn.errors import CeremonyRefused, WebAuthnError
from protocol.webauthn.responses import parse_authentication_response

ANY_USERS = declare_fault("pool.passkeys.of-any-user", "anybody's passkey signs a user in")
TELLS_WHAT_IS_WRONG = declare_fault(
    "pool.passkeys.tells-unknown-credentials", "an assertion by an unknown credential is refused in other words"
)
STALE_KEPT = declare_fault(
    "pool.passkeys.counts-before-it-verifies", "the counter of an assertion is kept though the assertion is refused"
)
ONE_FACTOR_IS_TWO = declare_fault(
    "pool.passkeys.always-two-factors", "a passkey stands for the second factor, whatever the pool says"
)
UNVERIFIED_IS_TWO = declare_fault(
    "pool.passkeys.two-factors-without-verification", "a passkey stands for two factors though nobody was verified"
)
TWO_ARE_ONE = declare_fault(
    "pool.passkeys.never-two-factors", "the second factor is asked for whatever a passkey may stand for"
)
BREAKS_ON_MALFORMED = declare_fault(
    "pool.passkeys.breaks-on-malformed-credentials", "CREDENTIAL that is no JSON is answered with HTTP 500"
)
WAITS_BEFORE_IT_CLOSES = declare_fault(
    "pool.passkeys.closes-sessions-late", "assertions that come at once all find their Session open"
)


class PasskeySignIn:
    """Asks for an assertion, and judges it."""

    def __init__(
        self,
        *,
        ceremonies: PasskeyCeremonies,
        challenges: PasskeyChallenges,
        faults: FaultSwitches,
        options: PasskeyOptions,
        sign_in: SignIn,
        store: PasskeyStore,
    ) -> None:
        self._ceremonies = ceremonies
        self._challenges = challenges
        self._faults = faults
        self._options = options
        self._sign_in = sign_in
        self._store = store

    def is_available(self, pool: UserPool, user: User) -> bool:
        """Whether this user can be asked for a passkey, where the pool allows it.

        Where a second factor is owed that a passkey does not stand for, none is asked for, as no
        one-time password is.
        """
        if not pool.passkeys.relying_party_id or not self._store.of(user):
            return False
        return not owes_second_factor(pool, user) or self._may_count_as_two(pool)

    def ask(self, begun: FirstFactor) -> tuple[dict[str, str], PasskeyAsked]:
        """The challenge parameters that ask for a passkey, and what the Session remembers of them."""
        client, account = begun.caller.client, self._options.account(begun.user)
        challenge = self._challenges.draw()
        self._challenges.sign_in_with(begun.user, client, challenge)
        options = self._options.request(
            begun.caller.pool, account, challenge, client.auth_session_validity.total_seconds()
        )
        asked = PasskeyAsked(challenge, frozenset(each.id for each in account.credentials))
        return {"CREDENTIAL_REQUEST_OPTIONS": options}, asked

    async def judge(self, begun: FirstFactor, asked: PasskeyAsked | None, credential: str) -> Answer:
        """What follows an assertion. Raises InvalidParameter for what is no JSON, and NotAuthorized."""
        response = self._read(credential)
        if asked is None:
            raise NotAuthorized("Invalid session for the user.")
        pool, user = begun.caller.pool, begun.user
        account = self._account(user)
        allowed = frozenset() if self._faults.on(ANY_USERS) else asked.allowed
        try:
            record, verified = self._ceremonies.authenticate(pool, response, asked.challenge, account, allowed)
        except CeremonyRefused as refused:
            self._keep_a_refused_counter(user, account, response)
            if refused.step == "credential" and self._faults.on(TELLS_WHAT_IS_WRONG):
                raise NotAuthorized("Unknown credential.") from refused
            raise incorrect_username_or_password() from refused
        if not user.exists:
            raise incorrect_username_or_password()
        self._store.update(user, record)
        return await self._sign_in.continue_after_first_factor(
            replace(begun, is_two_factors=self._is_two_factors(pool, verified))
        )

    async def before_closing(self) -> None:
        """Where a fault lets other answers pass before the Session is closed."""
        if self._faults.on(WAITS_BEFORE_IT_CLOSES):
            await asyncio.sleep(0.02)

    def _read(self, credential: str) -> Any:
        """CREDENTIAL as it is, an AuthenticationResponseJSON in text. Raises InvalidParameter."""
        try:
            return json.loads(credential)
        except (ValueError, RecursionError):
            if self._faults.on(BREAKS_ON_MALFORMED):
                raise InternalError("Internal server error") from None
            raise InvalidParameter("CREDENTIAL is not a JSON document.") from None

    def _account(self, user: User) -> Account:
        account = self._options.account(user)
        if self._faults.on(ANY_USERS) and user.exists:
            everybodys = tuple(each.record for each in self._store.everybodys(user.user_pool_id))
            return replace(account, credentials=everybodys)
        return account

    def _may_count_as_two(self, pool: UserPool) -> bool:
        return pool.passkeys.count_as_two_factors or self._faults.on(ONE_FACTOR_IS_TWO)

    def _is_two_factors(self, pool: UserPool, verified: bool) -> bool:
        if self._faults.on(TWO_ARE_ONE):
            return False
        return self._may_count_as_two(pool) and (verified or self._faults.on(UNVERIFIED_IS_TWO))

    def _keep_a_refused_counter(self, user: User, account: Account, response: Any) -> None:
        if not self._faults.on(STALE_KEPT):
            return
        try:
            read = parse_authentication_response(response)
            counted = parse_authenticator_data(read.authenticator_data).sign_count
        except WebAuthnError:
            return
        record = account.credential(read.credential_id)
        if record is not None:
            self._store.update(user, replace(record, sign_count=counted))
