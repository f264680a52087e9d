"""Signing out everywhere, and tokens that do not sign anybody out: REF-07 and REF-12."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, LOW, MUST, POOL, cases, check
from harness.sign_in import between_honest
from harness.token_calls import (
    between_taken,
    get_user,
    global_sign_out,
    must_be_taken,
    must_not_be_taken,
    refresh,
    refresh_token_of,
    update_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import UserPool
    from harness.fixtures import HonestOf
    from harness.sign_in import HonestTwin, Outcome, Tokens
    from harness.wire import Answer

REVOKED = "Access Token has been revoked"
NOT_AUTHORIZED = ("NotAuthorizedException",)


def by_the_user(twin: HonestTwin, access_token: str) -> Answer:
    """GlobalSignOut."""
    return global_sign_out(twin.pool, access_token)


def by_an_administrator(twin: HonestTwin, access_token: str) -> Answer:
    """AdminUserGlobalSignOut."""
    del access_token
    request = {"UserPoolId": twin.pool.user_pool_id, "Username": twin.user.username}
    return twin.pool.wire.call("AdminUserGlobalSignOut", request)


def refreshed(twin: HonestTwin, token: str) -> Outcome:
    """REFRESH_TOKEN_AUTH."""
    return refresh(twin.pool, twin.client, twin.user.username, token)


@check(
    "REF-07",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, GlobalSignOut and AdminUserGlobalSignOut",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.sign-out.keeps-refresh-tokens": "tokens were issued for a refresh token of a user who is signed out",
        "pool.sign-out.keeps-access-tokens": "an access token of a user who is signed out was accepted",
        "pool.sign-out.of-every-user": "another user's refresh token did not sign in",
    },
)
@cases("sign_out", {"by the user": by_the_user, "by an administrator": by_an_administrator})
def test_signing_out_everywhere_ends_every_token_of_the_user(
    sign_in: HonestTwin, sign_out: Callable[[HonestTwin, str], Answer]
) -> None:
    """After a global sign-out none of the user's refresh and access tokens is taken, and everybody else's are.

    It is what a user does who fears that somebody else is in, and what an administrator does then. One
    token that lives on is the one that the other holds.
    """
    pool = sign_in.pool
    bystander = sign_in.of(pool.new_user())
    kept = bystander.but()
    kept_token = refresh_token_of(kept, "the other user's sign-in")
    with between_honest(lambda: refreshed(sign_in, refresh_token_of(sign_in.but(), "a sign-in"))):
        sessions = [sign_in.but(), sign_in.but()]
        tokens = [refresh_token_of(session, "the sign-in") for session in sessions]
        for session in sessions:
            must_be_taken(get_user(pool, session.tokens.access), "an access token before the sign-out")

        must_be_taken(sign_out(sign_in, sessions[0].tokens.access), "a global sign-out")

        for token in tokens:
            refreshed(sign_in, token).must_be_refused(
                "a refresh token of a user who is signed out", with_error=NOT_AUTHORIZED
            )
        for session in sessions:
            for call in (get_user, update_name):
                must_not_be_taken(
                    call(pool, session.tokens.access),
                    "an access token of a user who is signed out",
                    with_error=NOT_AUTHORIZED,
                )
        refreshed(bystander, kept_token).must_yield_tokens("another user's refresh token")
        must_be_taken(get_user(pool, kept.tokens.access), "another user's access token")


@check(
    "REF-07b",
    level=MUST,
    severity=LOW,
    clause="Cognito API, GlobalSignOut: an Access Token has been revoked error",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.revocation.other-words": "is not refused in the documented words"},
)
def test_a_revoked_access_token_is_refused_in_the_documented_words(sign_in: HonestTwin) -> None:
    """An access token that was signed out is refused with "Access Token has been revoked".

    It is one NotAuthorizedException among many. Apps read the message to tell a user who was signed out
    elsewhere from one whose token has merely expired, and renew where they should ask for the password.
    """
    pool = sign_in.pool
    with between_taken(lambda: get_user(pool, sign_in.but().must_yield_tokens("a sign-in").access)):
        token = signed_out(pool, sign_in.but().must_yield_tokens("the sign-in"))
        refusal = must_not_be_taken(get_user(pool, token), "an access token that was signed out")
        assert refusal.message == REVOKED, (
            f"a revoked access token is not refused in the documented words: {refusal.message!r}"
        )


OPERATIONS = {"GlobalSignOut": global_sign_out, "GetUser": get_user, "UpdateUserAttributes": update_name}


def an_id_token(pool: UserPool, tokens: Tokens) -> str:
    """The id token of the sign-in."""
    del pool
    return tokens.id


def forged(pool: UserPool, tokens: Tokens) -> str:
    """The access token with a signature that differs in one bit."""
    del pool
    signed, _, signature = tokens.access.rpartition(".")
    return f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def unsigned(pool: UserPool, tokens: Tokens) -> str:
    """The access token with alg none and no signature."""
    del pool
    return f"eyJhbGciOiJub25lIn0.{tokens.access.split('.')[1]}."


def signed_out(pool: UserPool, tokens: Tokens) -> str:
    """The access token, after it has signed its user out."""
    must_be_taken(global_sign_out(pool, tokens.access), "a global sign-out")
    return tokens.access


@check(
    "REF-12",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, GlobalSignOut and GetUser AccessToken: a valid access token",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.tokens.id-token-taken-for-access": "an id token was accepted by",
        "pool.tokens.forged-access-token-taken": "a forged access token was accepted by",
        "pool.sign-out.keeps-access-tokens": "an access token that was signed out was accepted by",
    },
)
@cases(
    "wrong",
    {
        "id token": ("an id token", an_id_token),
        "signature changed": ("a forged access token", forged),
        "alg none": ("a forged access token", unsigned),
        "signed out": ("an access token that was signed out", signed_out),
    },
)
@cases("call", OPERATIONS)
def test_only_a_good_access_token_speaks_for_its_user(
    sign_in: HonestTwin,
    call: Callable[[UserPool, str], Answer],
    wrong: tuple[str, Callable[[UserPool, Tokens], str]],
) -> None:
    """The user's own operations take an access token that is signed, unrevoked and meant for it, and nothing else.

    An id token is shown to every app and its backend, and must not change the account. A token that is
    not verified can be written by anybody, for anybody.
    """
    what, make = wrong
    pool = sign_in.pool
    with between_taken(lambda: call(pool, sign_in.but().must_yield_tokens("a sign-in").access)):
        token = make(pool, sign_in.but().must_yield_tokens("the sign-in"))
        must_not_be_taken(call(pool, token), what, with_error=NOT_AUTHORIZED)


@check(
    "REF-12b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, AccessTokenValidity; GlobalSignOut and GetUser AccessToken",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "clock"},
    killed_by={"pool.tokens.expired-access-token-taken": "an expired access token was accepted by"},
)
@cases("call", OPERATIONS)
def test_an_expired_access_token_speaks_for_nobody(
    pool: UserPool,
    honest_of: HonestOf,
    advance: Callable[[timedelta], None],
    call: Callable[[UserPool, str], Answer],
) -> None:
    """An access token is taken until its exp, and not after.

    Its life is short so that a stolen one is soon worthless; that is worth nothing where exp is not read.
    """
    minutes: dict[str, Any] = {"AccessTokenValidity": 5, "TokenValidityUnits": {"AccessToken": "minutes"}}
    twin = honest_of(pool, pool.client(**minutes), pool.new_user())
    with between_taken(lambda: call(pool, twin.but().must_yield_tokens("a sign-in").access)):
        token = twin.but().must_yield_tokens("the sign-in").access
        advance(timedelta(minutes=4))
        must_be_taken(get_user(pool, token), "an access token of 4 minutes that lives 5")
        advance(timedelta(minutes=1, seconds=1))
        must_not_be_taken(call(pool, token), "an expired access token", with_error=NOT_AUTHORIZED)
