"""Tokens of users who were disabled or deleted: REF-10."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, MUST, OWN, POOL, cases, check
from harness.sign_in import between_honest
from harness.token_calls import get_user, must_be_taken, must_not_be_taken, refresh, refresh_token_of

if TYPE_CHECKING:
    from harness.sign_in import HonestTwin, Outcome

REFUSALS = ("NotAuthorizedException", "UserNotFoundException")


def as_administrator(twin: HonestTwin, operation: str) -> None:
    """An administrator's operation on the user, which has to succeed for the check to be set up."""
    twin.pool.wire.ask(operation, {"UserPoolId": twin.pool.user_pool_id, "Username": twin.user.username})


def refreshed(twin: HonestTwin, token: str) -> Outcome:
    """REFRESH_TOKEN_AUTH."""
    return refresh(twin.pool, twin.client, twin.user.username, token)


@check(
    "REF-10",
    level=MUST,
    severity=HIGH,
    clause="OWASP ASVS 5.0, 7.4.2; Cognito developer guide, disabling a user revokes their tokens",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.refresh.of-a-disabled-user": "tokens were issued for a refresh token of a user who left",
        "pool.refresh.of-a-deleted-user": "tokens were issued for a refresh token of a user who left",
        "pool.tokens.of-a-disabled-user": "an access token of a user who left was accepted",
    },
)
@cases("operation", {"disabled": "AdminDisableUser", "deleted": "AdminDeleteUser"})
def test_the_tokens_of_a_user_who_left_are_dead(sign_in: HonestTwin, operation: str) -> None:
    """A disabled or deleted user refreshes no more, and their access tokens are no longer taken.

    An employee leaves and the account is switched off. Where the refresh token goes on working, so does
    the employee, for as long as it lives.
    """
    pool = sign_in.pool
    colleague = sign_in.of(pool.new_user())
    kept = refresh_token_of(colleague.but(), "the colleague's sign-in")
    with between_honest(lambda: refreshed(colleague, kept)):
        session = sign_in.but()
        token = refresh_token_of(session, "the sign-in")
        refreshed(sign_in, token).must_yield_tokens("a refresh before the user left")
        must_be_taken(get_user(pool, session.tokens.access), "an access token before the user left")
        as_administrator(sign_in, operation)
        refreshed(sign_in, token).must_be_refused("a refresh token of a user who left", with_error=REFUSALS)
        must_not_be_taken(
            get_user(pool, session.tokens.access), "an access token of a user who left", with_error=REFUSALS
        )


@check(
    "REF-10b",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, token revocation: enabling a user does not bring revoked tokens back",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.sign-out.disabling-only-suspends": "tokens were issued for a refresh token from before"},
)
def test_enabling_a_user_does_not_bring_old_tokens_back(sign_in: HonestTwin) -> None:
    """Tokens from before a user was disabled stay dead when the user is enabled again.

    An account is disabled since somebody else is in it, and enabled when the password has been changed.
    Tokens that wake up with it let the other one in again.
    """
    pool = sign_in.pool
    with between_honest(lambda: refreshed(sign_in, refresh_token_of(sign_in.but(), "a sign-in"))):
        session = sign_in.but()
        token = refresh_token_of(session, "the sign-in")
        as_administrator(sign_in, "AdminDisableUser")
        as_administrator(sign_in, "AdminEnableUser")
        refreshed(sign_in, token).must_be_refused("a refresh token from before the user was disabled")
        must_not_be_taken(get_user(pool, session.tokens.access), "an access token from before the user was disabled")
