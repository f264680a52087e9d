"""Codes of an authenticator app: STA-07."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import CRITICAL, MUST, POOL, RFC, cases, check
from harness.findings import Finding
from harness.flows import respond
from harness.second_factors import (
    SOFTWARE_TOKEN,
    AuthenticatorApp,
    carried_on,
    pool_with_mfa,
    set_up_software_token,
)
from harness.sign_in import Outcome, between_honest

if TYPE_CHECKING:
    from harness.arrangement import Arrangements
    from harness.fixtures import HonestOf
    from harness.sign_in import HonestTwin

CHALLENGE = "SOFTWARE_TOKEN_MFA"


class TokenSignIn:
    """Sign-ins of one user who has an authenticator app: SRP, then the code."""

    def __init__(self, twin: HonestTwin, app: AuthenticatorApp) -> None:
        self.twin = twin
        self.app = app

    def challenged(self) -> Outcome:
        """The first factor, which has to bring the challenge."""
        outcome = self.twin.but()
        if outcome.challenge_name != CHALLENGE:
            raise Finding(f"the password alone brought no {CHALLENGE}: {outcome.answer.described()}")
        return outcome

    def answered(self, challenged: Outcome, code: str) -> Outcome:
        """The code to a challenge."""
        responses = {"USERNAME": self.twin.user.username, f"{CHALLENGE}_CODE": code}
        return respond(self.twin.pool, self.twin.client, CHALLENGE, challenged.session, responses)

    def with_code(self, code: str) -> Outcome:
        """A whole sign-in with this code."""
        return self.answered(self.challenged(), code)

    def honest(self) -> Outcome:
        """A whole sign-in with a code that was never shown before."""
        return carried_on(
            self.twin.but(),
            self.twin.pool,
            self.twin.client,
            self.twin.user,
            {CHALLENGE: lambda _: {f"{CHALLENGE}_CODE": self.app.fresh_code()}},
        )


Make = Callable[[], TokenSignIn]


def zeros(make: Make, sign_in: TokenSignIn) -> None:
    """What emulators take."""
    del make
    sign_in.with_code("000000").must_be_refused("the code 000000")


def before_the_window(make: Make, sign_in: TokenSignIn) -> None:
    """Codes that are two steps old and older, or that far ahead."""
    del make
    for steps in (-2, -3, -9, 2):
        sign_in.app.await_a_young_step()
        sign_in.with_code(sign_in.app.code_of(steps)).must_be_refused("a code from outside the window")


def of_another_user(make: Make, sign_in: TokenSignIn) -> None:
    """The right code of somebody else's app."""
    other = make()
    sign_in.with_code(other.app.fresh_code()).must_be_refused("a code of another user's secret")


def used_before(make: Make, sign_in: TokenSignIn) -> None:
    """RFC 6238 section 5.2: the verifier does not take a one-time password a second time."""
    del make
    code = sign_in.app.fresh_code()
    sign_in.with_code(code).must_yield_tokens("a fresh code")
    sign_in.with_code(code).must_be_refused("a code that has been used")


def malformed(make: Make, sign_in: TokenSignIn) -> None:
    """What is no code at all."""
    del make
    fresh = sign_in.app.code_of(0)
    for code in ("", fresh[:5], f"{fresh}0", f" {fresh}", "abcdef", "１２３４５６"):
        sign_in.with_code(code).must_be_refused("what is no code")


def without_a_code(make: Make, sign_in: TokenSignIn) -> None:
    """The challenge answered without its member."""
    del make
    challenged = sign_in.challenged()
    twin = sign_in.twin
    outcome = respond(twin.pool, twin.client, CHALLENGE, challenged.session, {"USERNAME": twin.user.username})
    outcome.must_be_refused("an answer without a code")


def within_the_window(make: Make, sign_in: TokenSignIn) -> None:
    """A clock that is a step behind or ahead: RFC 6238 section 5.2 recommends to allow for it."""
    for steps in (-1, 1):
        other = make()
        if other.app.advance is not None:
            other.app.advance(timedelta(minutes=2))
        other.app.await_a_young_step(unshown=steps)
        other.with_code(other.app.code_of(steps)).must_yield_tokens("a code of the neighbouring step")
    del sign_in


@check(
    "STA-07",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 6238 section 5.2; Cognito developer guide, TOTP software token MFA",
    evidence=RFC,
    subject=POOL,
    needs={"srp", "users", "configure", "totp"},
    killed_by={
        "pool.mfa.accepts-000000": "tokens were issued for the code 000000",
        "pool.mfa.wide-window": "tokens were issued for a code from outside the window",
        "pool.mfa.no-window": "a code of the neighbouring step did not sign in",
        "pool.mfa.any-users-secret": "tokens were issued for a code of another user's secret",
        "pool.mfa.used-code-again": "tokens were issued for a code that has been used",
    },
)
@cases(
    "code",
    {
        "000000": zeros,
        "outside the window": before_the_window,
        "of another user": of_another_user,
        "used before": used_before,
        "malformed": malformed,
        "missing": without_a_code,
        "neighbouring step": within_the_window,
    },
)
def test_a_software_token_takes_its_users_fresh_codes_only(
    arrangements: Arrangements,
    honest_of: HonestOf,
    movable: Callable[[timedelta], None] | None,
    code: Callable[[Make, TokenSignIn], None],
) -> None:
    """After SRP a code of the user's own app signs in, once, while it is at most a step old.

    A pool that takes any code, another user's, an old one or a used one has no second factor: who
    looks over a shoulder, or guesses, is in. Keep a secret a user, and the last step that was used.
    """
    pool = pool_with_mfa(arrangements, "OPTIONAL", SOFTWARE_TOKEN)
    client = pool.client()

    def make() -> TokenSignIn:
        twin = honest_of(pool, client, pool.new_user())
        return TokenSignIn(twin, set_up_software_token(pool, twin.user, twin.but(), now=twin.now, advance=movable))

    sign_in = make()
    with between_honest(sign_in.honest):
        code(make, sign_in)
