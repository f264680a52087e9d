"""SECRET_HASH: CLM-04 and CLM-05."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, MEASURED, MEDIUM, MUST, POOL, cases, check
from harness.flows import admin_initiate, initiate
from harness.sign_in import Change, Left, PasswordVerifier, between_honest
from protocol.claims import secret_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import AppClient, Arrangements, TestUser, UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.sign_in import HonestTwin, Outcome, Text


def hash_for(client: AppClient, username: str) -> str:
    """The right SECRET_HASH of a client with a secret."""
    assert client.secret is not None, "the target made a client without the secret that was asked for"
    return secret_hash(client_secret=client.secret, username=username, client_id=client.client_id)


def _with(parameters: dict[str, str], hash: Text) -> dict[str, str]:
    return parameters | ({"SECRET_HASH": hash} if isinstance(hash, str) else {})


def at_the_start(twin: HonestTwin, hash: Text) -> Outcome:
    """USER_SRP_AUTH with this SECRET_HASH on InitiateAuth only."""
    return twin.but(starting_secret_hash=hash)


def at_the_answer(twin: HonestTwin, hash: Text) -> Outcome:
    """USER_SRP_AUTH with this SECRET_HASH on RespondToAuthChallenge only, begun with the alias where that is taken."""
    by_alias = twin.sign_in(Change(starting_username=twin.user.email, answering_secret_hash=hash))
    started = by_alias.start()
    if started.challenge_name is None:
        return twin.but(answering_secret_hash=hash)
    return by_alias.answer(PasswordVerifier.read(started))


def with_the_password(twin: HonestTwin, hash: Text) -> Outcome:
    """USER_PASSWORD_AUTH."""
    user = twin.user
    parameters = {"USERNAME": user.username, "PASSWORD": user.password}
    return initiate(twin.pool, twin.client, "USER_PASSWORD_AUTH", _with(parameters, hash))


def as_administrator(twin: HonestTwin, hash: Text) -> Outcome:
    """ADMIN_USER_PASSWORD_AUTH."""
    user = twin.user
    parameters = {"USERNAME": user.username, "PASSWORD": user.password}
    return admin_initiate(twin.pool, twin.client, "ADMIN_USER_PASSWORD_AUTH", _with(parameters, hash))


def on_refresh(twin: HonestTwin, hash: Text) -> Outcome:
    """REFRESH_TOKEN_AUTH with a fresh refresh token."""
    refresh = twin.but().must_yield_tokens("the sign-in before the refresh").refresh
    assert refresh, "the sign-in brought no refresh token"
    return initiate(twin.pool, twin.client, "REFRESH_TOKEN_AUTH", _with({"REFRESH_TOKEN": refresh}, hash))


STEPS = {
    "USER_SRP_AUTH": at_the_start,
    "PASSWORD_VERIFIER": at_the_answer,
    "USER_PASSWORD_AUTH": with_the_password,
    "ADMIN_USER_PASSWORD_AUTH": as_administrator,
    "REFRESH_TOKEN_AUTH": on_refresh,
}

WRONG_HASHES: dict[str, Callable[[AppClient, AppClient, TestUser], Text]] = {
    "missing": lambda client, other, user: Left.OUT,
    "of another user": lambda client, other, user: hash_for(client, "somebody-else"),
    "over the alias": lambda client, other, user: hash_for(client, user.email or ""),
    "over another client": lambda client, other, user: hash_for(other, user.username),
    "not base64": lambda client, other, user: "not base64 at all",
}


@check(
    "CLM-04",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, computing secret hash values",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.secret-hash.ignored": "a SECRET_HASH that is wrong",
        "pool.secret-hash.checked-at-start-only": "a SECRET_HASH that is wrong on PASSWORD_VERIFIER",
        "pool.secret-hash.checked-at-answer-only": "a SECRET_HASH that is wrong on USER_SRP_AUTH",
        "pool.secret-hash.ignored-on-refresh": "a SECRET_HASH that is wrong on REFRESH_TOKEN_AUTH",
        "pool.secret-hash.ignored-in-password-flow": "a SECRET_HASH that is wrong on USER_PASSWORD_AUTH",
        "pool.secret-hash.taken-over-the-alias": "a SECRET_HASH that is wrong",
        "pool.secret-hash.of-another-client": "a SECRET_HASH that is wrong",
    },
)
@cases("wrong", WRONG_HASHES)
@cases("step", {name: name for name in STEPS})
def test_a_client_with_a_secret_proves_it_on_every_step(
    arrangements: Arrangements, honest_of: HonestOf, step: str, wrong: Callable[[AppClient, AppClient, TestUser], Text]
) -> None:
    """SECRET_HASH is required, and right, on every step of every flow of a client with a secret.

    The secret is what keeps other programs from using a confidential client's id. A pool that checks
    it on one step only, or over the alias, or of any client, does not keep them out.
    """
    pool: UserPool = arrangements.pool(AliasAttributes=["email"])
    client = pool.client(with_secret=True)
    other = pool.client(with_secret=True, which="second")
    username = pool.names.username()
    user = pool.new_user(username=username, email=pool.address_of(username))
    twin = honest_of(pool, client, user)
    what = f"a SECRET_HASH that is wrong on {step}"
    with between_honest(lambda: STEPS[step](twin, hash_for(client, username))):
        outcome = STEPS[step](twin, wrong(client, other, user))
        assert outcome.challenge_name is None, f"{what} brought the challenge {outcome.challenge_name}"
        outcome.must_be_refused(what)


@check(
    "CLM-05",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito API, InitiateAuth of a client without secret",
    evidence=MEASURED,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={"pool.secret-hash.surplus-accepted": "a SECRET_HASH for a client without secret"},
)
@cases("surplus", {"of a made-up secret": "bm8gc3VjaCBzZWNyZXQgYXMgdGhpcyBvbmUgaGVyZSE="})
def test_a_surplus_secret_hash_is_refused(honest: HonestTwin, observe: Observe, surplus: str) -> None:
    """A client without a secret that sends SECRET_HASH to InitiateAuth is told so.

    It is a client with the wrong configuration, and hears it at its first request instead of in
    production. (In challenge responses it is ignored; recorded.)
    """
    started = honest.sign_in(Change(starting_secret_hash=surplus)).start()
    assert started.challenge_name is None, "a SECRET_HASH for a client without secret brought a challenge"
    started.must_be_refused("a SECRET_HASH for a client without secret")
    answered = honest.but(answering_secret_hash=surplus)
    observe("a surplus SECRET_HASH in a challenge response", "ignored" if answered.has_tokens else "refused")
