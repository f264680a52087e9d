"""RevokeToken, and clients that are made without it: REF-05, REF-06 and REF-09."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, LOW, MEDIUM, MUST, POOL, cases, check
from harness.sign_in import Left, between_honest
from harness.token_calls import (
    between_taken,
    claims_of,
    get_user,
    must_be_taken,
    must_not_be_taken,
    refresh,
    refresh_token_of,
    revoke,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import AppClient, TestUser, UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.sign_in import HonestTwin, Outcome, Text

NOT_AUTHORIZED = ("NotAuthorizedException",)


def refreshed(twin: HonestTwin, token: str) -> Outcome:
    """REFRESH_TOKEN_AUTH."""
    return refresh(twin.pool, twin.client, twin.user.username, token)


@check(
    "REF-05",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, ending user sessions with token revocation",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "revocation"},
    killed_by={
        "pool.revocation.does-nothing": "tokens were issued for a revoked refresh token",
        "pool.revocation.access-tokens-survive": "an access token of a revoked sign-in was accepted",
        "pool.revocation.ends-every-sign-in": "the user's other sign-in did not sign in",
    },
)
def test_a_revoked_sign_in_is_over_and_its_siblings_are_not(sign_in: HonestTwin) -> None:
    """RevokeToken ends a refresh token and every access token that came of it, and nothing else.

    A user who lost a phone signs that one out. When its tokens live on, whoever found the phone is still
    in; when the others end too, the user is out on every device.
    """
    pool = sign_in.pool
    lost, kept = sign_in.but(), sign_in.but()
    lost_token, kept_token = refresh_token_of(lost, "the sign-in"), refresh_token_of(kept, "the second sign-in")
    with between_honest(lambda: refreshed(sign_in, refresh_token_of(sign_in.but(), "a sign-in"))):
        descendant = refreshed(sign_in, lost_token).must_yield_tokens("a refresh before the revocation")
        for access in (lost.tokens.access, descendant.access, kept.tokens.access):
            must_be_taken(get_user(pool, access), "an access token before the revocation")

        must_be_taken(revoke(pool, sign_in.client, lost_token), "a refresh token")

        refreshed(sign_in, lost_token).must_be_refused("a revoked refresh token", with_error=NOT_AUTHORIZED)
        for access in (lost.tokens.access, descendant.access):
            must_not_be_taken(get_user(pool, access), "an access token of a revoked sign-in", with_error=NOT_AUTHORIZED)
        refreshed(sign_in, kept_token).must_yield_tokens("the user's other sign-in")
        must_be_taken(get_user(pool, kept.tokens.access), "an access token of the user's other sign-in")


Wrong = tuple[str, "AppClient", str]
"""Whose token it is said to be, the client that asks, and the token."""


def access_token(twin: HonestTwin, outcome: Outcome) -> Wrong:
    """The sign-in's access token."""
    return "an access token", twin.client, outcome.tokens.access


def id_token(twin: HonestTwin, outcome: Outcome) -> Wrong:
    """The sign-in's id token."""
    return "an id token", twin.client, outcome.tokens.id


def of_another_client(twin: HonestTwin, outcome: Outcome) -> Wrong:
    """The sign-in's refresh token, revoked by another client."""
    token = refresh_token_of(outcome, "the sign-in")
    return "another client's refresh token", twin.pool.client(which="second"), token


@check(
    "REF-06",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API, RevokeToken; RFC 7009 section 2.1",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "revocation"},
    killed_by={
        "pool.revocation.takes-any-kind-of-token": "token was accepted by RevokeToken",
        "pool.revocation.of-another-client": "another client's refresh token was accepted by RevokeToken",
    },
)
@cases(
    "wrong",
    {
        "access token": (access_token, "UnsupportedTokenTypeException"),
        "id token": (id_token, "UnsupportedTokenTypeException"),
        "of another client": (of_another_client, None),
    },
)
def test_only_a_refresh_token_of_the_client_is_revoked(
    sign_in: HonestTwin, observe: Observe, wrong: tuple[Callable[[HonestTwin, Outcome], Wrong], str | None]
) -> None:
    """RevokeToken refuses what is no refresh token, and a refresh token of another client; neither ends anything.

    An app that sends the wrong token and hears "done" believes that a session is over which lives on. And
    a public client must not sign people out of others. (By which error another client is refused, and what
    is answered to a text that is no token at all, is not documented; it is recorded.)
    """
    pool, client = sign_in.pool, sign_in.client
    make, error = wrong
    with between_taken(lambda: revoke(pool, client, refresh_token_of(sign_in.but(), "a sign-in"))):
        outcome = sign_in.but()
        what, asking, token = make(sign_in, outcome)
        refusal = must_not_be_taken(revoke(pool, asking, token), what, with_error=(error,) if error else ())
        observe(f"RevokeToken of {what}", refusal.type)
        refreshed(sign_in, refresh_token_of(outcome, "the sign-in")).must_yield_tokens("a sign-in that was not revoked")
        observe("RevokeToken of garbage", revoke(pool, client, "garbage").described())


@check(
    "REF-06b",
    level=MUST,
    severity=LOW,
    clause="Cognito API, RevokeToken; RFC 7009 section 2.2",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "revocation"},
    killed_by={"pool.revocation.not-twice": "a refresh token that was revoked before was refused by RevokeToken"},
)
def test_revoking_again_is_well(sign_in: HonestTwin) -> None:
    """RevokeToken of a token that is revoked already succeeds.

    An answer that was lost is asked for again. An error then leaves the app not knowing whether the
    session is over.
    """
    pool, client = sign_in.pool, sign_in.client
    token = refresh_token_of(sign_in.but(), "the sign-in")
    must_be_taken(revoke(pool, client, token), "a refresh token")
    must_be_taken(revoke(pool, client, token), "a refresh token that was revoked before")


OTHER_SECRET = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef"  # noqa: S105 - of no client


@check(
    "REF-06c",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API, RevokeToken ClientSecret",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "revocation"},
    killed_by={"pool.client-secret.ignored": "a revocation without the right ClientSecret was accepted"},
)
@cases("secret", {"missing": Left.OUT, "wrong": OTHER_SECRET})
def test_a_client_with_a_secret_proves_it_to_revoke(
    honest_of: HonestOf, pool: UserPool, observe: Observe, secret: Text
) -> None:
    """RevokeToken demands the secret of a client that has one, and ends nothing without it."""
    twin = honest_of(pool, pool.client(with_secret=True), pool.new_user())
    with between_taken(lambda: revoke(pool, twin.client, refresh_token_of(twin.but(), "a sign-in"))):
        token = refresh_token_of(twin.but(), "the sign-in")
        answer = revoke(pool, twin.client, token, secret=secret)
        refusal = must_not_be_taken(answer, "a revocation without the right ClientSecret")
        observe("refused with", refusal.type)
        refreshed(twin, token).must_yield_tokens("a sign-in that was not revoked")


@check(
    "REF-09",
    level=MUST,
    severity=LOW,
    clause="Cognito API, CreateUserPoolClient EnableTokenRevocation",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={"pool.tokens.jti-without-revocation": "with token revocation off the access token has"},
)
def test_without_revocation_tokens_have_no_jti(pool: UserPool, user: TestUser, honest_of: HonestOf) -> None:
    """A client with EnableTokenRevocation off gets tokens without jti and origin_jti; one with it on gets both.

    The claims say that a token can be revoked. Where it cannot, an app that finds them relies on an end
    that never comes.
    """
    revocable = honest_of(pool, pool.client(EnableTokenRevocation=True), user).but().must_yield_tokens("the twin")
    for name, token in (("access", revocable.access), ("id", revocable.id)):
        held = {"jti", "origin_jti"} & set(claims_of(token, f"the {name} token"))
        assert len(held) == 2, f"with token revocation on the {name} token lacks jti or origin_jti"
    lasting = honest_of(pool, pool.client(EnableTokenRevocation=False), user).but().must_yield_tokens("the sign-in")
    for name, token in (("access", lasting.access), ("id", lasting.id)):
        held = {"jti", "origin_jti"} & set(claims_of(token, f"the {name} token"))
        assert not held, f"with token revocation off the {name} token has {', '.join(sorted(held))}"


@check(
    "REF-09b",
    level=MUST,
    severity=LOW,
    clause="Cognito API, RevokeToken UnsupportedOperationException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "revocation"},
    killed_by={"pool.revocation.without-being-enabled": "of a client without token revocation was accepted"},
)
def test_without_revocation_nothing_is_revoked(pool: UserPool, user: TestUser, honest_of: HonestOf) -> None:
    """RevokeToken is refused at a client with EnableTokenRevocation off, and so ends nothing unsaid."""
    on = honest_of(pool, pool.client(EnableTokenRevocation=True), user)
    off = honest_of(pool, pool.client(EnableTokenRevocation=False), user)
    with between_taken(lambda: revoke(pool, on.client, refresh_token_of(on.but(), "a sign-in"))):
        token = refresh_token_of(off.but(), "the sign-in")
        must_not_be_taken(
            revoke(pool, off.client, token),
            "a refresh token of a client without token revocation",
            with_error=("UnsupportedOperationException",),
        )
        refreshed(off, token).must_yield_tokens("a sign-in that was not revoked")
