"""A refresh, and to what it is bound: REF-01 and REF-02."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, MUST, POOL, cases, check
from harness.sign_in import Left, between_honest
from harness.token_calls import claims_of, refresh, refresh_token_of, renew

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import AppClient, Arrangements, UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.sign_in import HonestTwin, Outcome, Text, Tokens


def by_flow(twin: HonestTwin, token: str) -> Outcome:
    """REFRESH_TOKEN_AUTH."""
    return refresh(twin.pool, twin.client, twin.user.username, token)


def by_administrator(twin: HonestTwin, token: str) -> Outcome:
    """REFRESH_TOKEN_AUTH with AdminInitiateAuth."""
    return refresh(twin.pool, twin.client, twin.user.username, token, as_administrator=True)


def by_operation(twin: HonestTwin, token: str) -> Outcome:
    """GetTokensFromRefreshToken."""
    return renew(twin.pool, twin.client, token)


OF_A_REFRESH: dict[str, Any] = {
    "level": MUST,
    "severity": HIGH,
    "evidence": AWS_DOC,
    "subject": POOL,
    "killed_by": {
        "pool.refresh.new-auth-time": "auth_time changed",
        "pool.refresh.new-origin-jti": "origin_jti changed",
        "pool.refresh.repeats-the-jti": "has the jti of the one before",
    },
}


def must_descend(refreshed: Tokens, first: Tokens) -> None:
    """The requirement of REF-01: the same sign-in, in other tokens."""
    for name, new, old in (("access", refreshed.access, first.access), ("id", refreshed.id, first.id)):
        after, before = claims_of(new, f"the new {name} token"), claims_of(old, f"the {name} token")
        for claim in ("sub", "origin_jti", "auth_time"):
            assert after.get(claim) == before.get(claim), f"{claim} changed with the refresh ({name} token)"
        assert after.get("jti") != before.get("jti"), f"the new {name} token has the jti of the one before"
        assert after["iat"] > before["iat"], f"the new {name} token has the iat of the one before"


@check("REF-01", clause="Cognito API, InitiateAuth REFRESH_TOKEN_AUTH", needs={"srp", "accounts"}, **OF_A_REFRESH)
@cases("way", {"REFRESH_TOKEN_AUTH": by_flow, "as administrator": by_administrator})
def test_a_refresh_goes_on_with_the_same_sign_in(
    sign_in: HonestTwin, a_second_later: Callable[[], None], way: Callable[[HonestTwin, str], Outcome]
) -> None:
    """A refresh brings new access and id tokens of the same user and sign-in.

    auth_time says when the user last proved who they are: an app that asks for a recent proof before a
    payment believes it. origin_jti is what is revoked. A refresh that renews either keeps a session alive
    that nobody can end, or that looks fresher than it is.
    """
    first = sign_in.but()
    token = refresh_token_of(first, "the sign-in")
    a_second_later()
    refreshed = way(sign_in, token).must_yield_tokens("a refresh")
    must_descend(refreshed, first.tokens)


@check(
    "REF-01b",
    clause="Cognito API, GetTokensFromRefreshToken",
    needs={"srp", "users", "refresh-operation"},
    **OF_A_REFRESH
    | {
        "killed_by": OF_A_REFRESH["killed_by"]
        | {"pool.refresh.new-refresh-token-without-rotation": "a refresh token came with rotation off"}
    },
)
def test_a_renewal_goes_on_with_the_same_sign_in(sign_in: HonestTwin, a_second_later: Callable[[], None]) -> None:
    """GetTokensFromRefreshToken does as REFRESH_TOKEN_AUTH does, and gives no refresh token while rotation is off.

    A client takes a refresh token that comes back for a replacement, and forgets the one it had.
    """
    first = sign_in.but()
    token = refresh_token_of(first, "the sign-in")
    a_second_later()
    renewed = by_operation(sign_in, token).must_yield_tokens("a renewal")
    must_descend(renewed, first.tokens)
    assert renewed.refresh is None, "a refresh token came with rotation off"


def other_client(pool: UserPool, elsewhere: UserPool) -> AppClient:
    """Another app client of the same pool."""
    del elsewhere
    return pool.client(which="second")


def client_elsewhere(pool: UserPool, elsewhere: UserPool) -> AppClient:
    """An app client of another pool."""
    del pool
    return elsewhere.client()


ELSEWHERE: dict[str, Any] = {"AliasAttributes": ["email"], "UserPoolTags": {"refresh": "elsewhere"}}
"""A pool that is certainly another: a live pool may itself have an e-mail alias, but no such tag."""

CLIENTS = {"another client": other_client, "a client of another pool": client_elsewhere}


@check(
    "REF-02",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 6749 section 6; Cognito API, InitiateAuth REFRESH_TOKEN_AUTH",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={"pool.refresh.of-another-client": "tokens were issued for a refresh token of another client"},
)
@cases("at", CLIENTS)
def test_a_refresh_token_counts_at_its_client_only(
    sign_in: HonestTwin, arrangements: Arrangements, at: Callable[[UserPool, UserPool], AppClient]
) -> None:
    """A refresh token opens nothing at another app client than the one it was issued to.

    Otherwise whoever gets hold of a token of a weak app signs in to a strong one, with that one's scopes.
    """
    client = at(sign_in.pool, arrangements.pool(**ELSEWHERE))
    username = sign_in.user.username
    token = refresh_token_of(sign_in.but(), "the sign-in")
    with between_honest(lambda: by_flow(sign_in, token)):
        outcome = refresh(sign_in.pool, client, username, token)
        outcome.must_be_refused("a refresh token of another client", with_error=("NotAuthorizedException",))


@check(
    "REF-02b",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 6749 section 6; Cognito API, GetTokensFromRefreshToken",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "refresh-operation"},
    killed_by={"pool.refresh.of-another-client": "tokens were issued for a refresh token of another client"},
)
@cases("at", CLIENTS)
def test_a_renewal_is_its_clients_only(
    sign_in: HonestTwin, arrangements: Arrangements, at: Callable[[UserPool, UserPool], AppClient]
) -> None:
    """GetTokensFromRefreshToken binds a refresh token to its app client as REFRESH_TOKEN_AUTH does."""
    client = at(sign_in.pool, arrangements.pool(**ELSEWHERE))
    token = refresh_token_of(sign_in.but(), "the sign-in")
    with between_honest(lambda: by_operation(sign_in, token)):
        outcome = renew(sign_in.pool, client, token)
        outcome.must_be_refused("a refresh token of another client", with_error=("NotAuthorizedException",))


OTHER_SECRET = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef"  # noqa: S105 - of no client


@check(
    "REF-02c",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, InitiateAuth REFRESH_TOKEN_AUTH: SECRET_HASH",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.secret-hash.ignored-on-refresh": "tokens were issued for a refresh without the right SECRET_HASH",
    },
)
@cases("hash", {"missing": Left.OUT, "wrong": "bm8gc3VjaCBzZWNyZXQgYXMgdGhpcyBvbmUgaGVyZSE="})
def test_a_refresh_at_a_client_with_a_secret_proves_it(honest_of: HonestOf, pool: UserPool, hash: Text) -> None:
    """A confidential client proves its secret with every refresh.

    A refresh token is kept for weeks, often where more can read it than the secret. The secret is what
    makes a stolen one worthless.
    """
    twin = honest_of(pool, pool.client(with_secret=True), pool.new_user())
    username = twin.user.username
    token = refresh_token_of(twin.but(), "the sign-in")
    with between_honest(lambda: by_flow(twin, token)):
        outcome = refresh(pool, twin.client, username, token, hash=hash)
        outcome.must_be_refused("a refresh without the right SECRET_HASH", with_error=("NotAuthorizedException",))


@check(
    "REF-02d",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, GetTokensFromRefreshToken ClientSecret",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "refresh-operation"},
    killed_by={"pool.client-secret.ignored": "tokens were issued for a renewal without the right ClientSecret"},
)
@cases("secret", {"missing": Left.OUT, "wrong": OTHER_SECRET})
def test_a_renewal_at_a_client_with_a_secret_proves_it(
    honest_of: HonestOf, pool: UserPool, observe: Observe, secret: Text
) -> None:
    """GetTokensFromRefreshToken takes the secret itself, in ClientSecret, and demands it."""
    twin = honest_of(pool, pool.client(with_secret=True), pool.new_user())
    token = refresh_token_of(twin.but(), "the sign-in")
    with between_honest(lambda: by_operation(twin, token)):
        outcome = renew(pool, twin.client, token, secret=secret)
        refusal = outcome.must_be_refused("a renewal without the right ClientSecret")
        observe("refused with", refusal.type)
