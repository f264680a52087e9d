"""Second factors as a user has them: an authenticator app, and sign-ins that go on through several challenges."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.findings import Finding, Inconclusive, NotApplicable, TargetUnreachable
from harness.flows import initiate, respond
from harness.password_flows import WITH_USER_AUTH, by_srp_as_administrator
from harness.sign_in import HonestTwin
from protocol.totp import STEP_SECONDS, totp

if TYPE_CHECKING:
    from harness.arrangement import AppClient, Arrangements, TestUser, UserPool
    from harness.sign_in import Outcome

Responses = Mapping[str, str]

SOFTWARE_TOKEN = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
SMS = {"SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/conformance"}}}
EMAIL = {"EmailMfaConfiguration": {"Message": "Your code is {####}", "Subject": "Your code"}}


def pool_with_mfa(arrangements: Arrangements, mode: str, *factors: Mapping[str, Any], **settings: Any) -> UserPool:
    """A pool in which MFA is `ON` or `OPTIONAL` with these factors (settings of SetUserPoolMfaConfig)."""
    kinds = "-".join(sorted(name for factor in factors for name in factor))
    pool = arrangements.pool(UserPoolTags={"mfa": f"{mode}-{kinds}"}, **settings)
    wanted: dict[str, Any] = {"MfaConfiguration": mode}
    for factor in factors:
        wanted |= factor
    pool.wire.ask("SetUserPoolMfaConfig", {"UserPoolId": pool.user_pool_id, **wanted})
    return pool


@dataclass
class AuthenticatorApp:
    """A user's TOTP app (RFC 6238), which remembers the codes that it has shown."""

    secret: bytes = field(repr=False)
    now: Callable[[], datetime]
    advance: Callable[[timedelta], None] | None
    """Moves the target's clock, or None where it cannot be moved."""
    _shown: set[int] = field(default_factory=set)

    @classmethod
    def reading(
        cls, secret_code: str, now: Callable[[], datetime], advance: Callable[[timedelta], None] | None
    ) -> AuthenticatorApp:
        """An app that was told SecretCode. Raises Inconclusive when that is no base32."""
        try:
            secret = base64.b32decode(secret_code + "=" * (-len(secret_code) % 8), casefold=True)
        except (binascii.Error, ValueError) as error:
            raise Inconclusive(f"set-up failed: SecretCode is no base32 ({error})") from error
        return cls(secret, now, advance)

    def fresh_code(self) -> str:
        """A code that was not shown before: the present one, once time has gone on for it.

        Where the clock cannot be moved, those of the neighbouring steps come first, and then real time passes. The one
        before is not shown late in a step: it would be two steps old when it arrives.
        """
        while True:
            present = self._present()
            is_late = self.now().timestamp() % STEP_SECONDS > 2 * STEP_SECONDS / 3
            neighbours = (present + 1,) if is_late else (present + 1, present - 1)
            for step in (present, *(neighbours if self.advance is None else ())):
                if step not in self._shown:
                    self._shown.add(step)
                    return self.code_of(step - present)
            self._wait()

    def await_a_young_step(self, *, unshown: int | None = None) -> None:
        """Go on to a time step with most of it left, so that a code still is as old as intended when it arrives.

        `unshown`: the code of so many steps after it must not have been shown before.
        """
        while self.now().timestamp() % STEP_SECONDS > STEP_SECONDS / 3 or (
            unshown is not None and self._present() + unshown in self._shown
        ):
            self._wait()

    def code_of(self, steps: int) -> str:
        """The code so many steps after the present one (before it, when negative)."""
        return totp(self.secret, self.now() + timedelta(seconds=STEP_SECONDS * steps))

    def _present(self) -> int:
        return int(self.now().timestamp()) // STEP_SECONDS

    def _wait(self) -> None:
        """To the beginning of the next step."""
        left = STEP_SECONDS - self.now().timestamp() % STEP_SECONDS
        if self.advance is not None:
            self.advance(timedelta(seconds=left))
        else:
            time.sleep(left)


def carried_on(
    outcome: Outcome,
    pool: UserPool,
    client: AppClient,
    user: TestUser,
    answers: Mapping[str, Callable[[Outcome], Responses]],
    *,
    by_administrator: bool = False,
) -> Outcome:
    """Answer one challenge after the other, as `answers` says for each name, as long as it does."""
    for _ in range(5):
        answer = answers.get(outcome.challenge_name or "")
        if answer is None:
            return outcome
        responses = {"USERNAME": user.username, **answer(outcome)}
        outcome = respond(
            pool,
            client,
            outcome.challenge_name or "",
            outcome.session,
            responses,
            by_administrator=by_administrator,
        )
    return outcome


def set_up_software_token(
    pool: UserPool,
    user: TestUser,
    signed_in: Outcome,
    *,
    now: Callable[[], datetime],
    advance: Callable[[timedelta], None] | None,
) -> AuthenticatorApp:
    """Associate and verify an app, with the access token of a sign-in or in the course of one that asks for it.

    Raises Inconclusive when the target does not let the user do so.
    """
    if signed_in.challenge_name == "MFA_SETUP":
        bearer = {"Session": signed_in.session}
    else:
        bearer = {"AccessToken": signed_in.must_yield_tokens("the sign-in before setting up MFA").access}
    associated = pool.wire.ask("AssociateSoftwareToken", bearer)
    app = AuthenticatorApp.reading(str(associated.get("SecretCode")), now, advance)
    pool.wire.transcript.redactor.learn(str(associated.get("SecretCode")))
    if associated.get("Session"):
        bearer = {"Session": associated["Session"]}
    pool.wire.ask("VerifySoftwareToken", {**bearer, "UserCode": app.fresh_code()})
    pool.administer(
        "AdminSetUserMFAPreference",
        user.username,
        SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True},
    )
    return app


def sign_in_abilities(pool: UserPool, twin: HonestTwin, arrangements: Arrangements) -> frozenset[str]:
    """Which of the needs `admin-srp`, `user-auth` and `totp` a target meets, by trying. Raises TargetUnreachable."""
    found = set()
    with suppress(NotApplicable):
        if by_srp_as_administrator(twin, twin.user.password).has_tokens:
            found.add("admin-srp")
    with suppress(NotApplicable):
        client = pool.client(flows=WITH_USER_AUTH)
        offered = initiate(pool, client, "USER_AUTH", {"USERNAME": twin.user.username})
        if offered.challenge_name is not None and offered.session is not None:
            found.add("user-auth")
    try:
        with_mfa = pool_with_mfa(arrangements, "OPTIONAL", SOFTWARE_TOKEN)
        other = HonestTwin(with_mfa, with_mfa.client(), with_mfa.new_user(), randomness=twin.randomness, now=twin.now)
        set_up_software_token(with_mfa, other.user, other.but(), now=twin.now, advance=None)
        if other.but().challenge_name == "SOFTWARE_TOKEN_MFA":
            found.add("totp")
    except TargetUnreachable:
        raise
    except (Finding, Inconclusive, NotApplicable):
        pass  # it has none, or none that could be asked for
    return frozenset(found)
