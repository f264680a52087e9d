"""What is done with tokens once they were issued: renewed, shown to the user's own operations, revoked, read."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.findings import Finding, Inconclusive, NotApplicable, SetUpRefused
from harness.flows import admin_initiate, initiate
from harness.sign_in import Left, Outcome, Text, learn_tokens
from protocol.claims import secret_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.arrangement import AppClient, UserPool
    from harness.sign_in import HonestTwin
    from harness.wire import Answer, AwsError

ROTATION = "RefreshTokenRotation"
"""The setting of an app client that replaces refresh tokens."""


def refresh(
    pool: UserPool,
    client: AppClient,
    username: str,
    token: str,
    *,
    hash: Text = None,
    as_administrator: bool = False,
) -> Outcome:
    """REFRESH_TOKEN_AUTH; `hash` is put in the place of the right SECRET_HASH."""
    parameters = {"REFRESH_TOKEN": token}
    if isinstance(hash, str):
        parameters["SECRET_HASH"] = hash
    elif client.secret is not None and hash is not Left.OUT:
        parameters["SECRET_HASH"] = secret_hash(
            client_secret=client.secret, username=username, client_id=client.client_id
        )
    return (admin_initiate if as_administrator else initiate)(pool, client, "REFRESH_TOKEN_AUTH", parameters)


def renew(pool: UserPool, client: AppClient, token: str, *, secret: Text = None) -> Outcome:
    """GetTokensFromRefreshToken; `secret` is put in the place of the right ClientSecret."""
    request = {"RefreshToken": token, "ClientId": client.client_id, **_client_secret(client, secret)}
    outcome = Outcome(pool.wire.call("GetTokensFromRefreshToken", request))
    learn_tokens(outcome, pool)
    return outcome


def revoke(pool: UserPool, client: AppClient, token: str, *, secret: Text = None) -> Answer:
    """RevokeToken; `secret` is put in the place of the right ClientSecret."""
    request = {"Token": token, "ClientId": client.client_id, **_client_secret(client, secret)}
    return pool.wire.call("RevokeToken", request)


def get_user(pool: UserPool, access_token: str) -> Answer:
    """GetUser."""
    return pool.wire.call("GetUser", {"AccessToken": access_token})


def update_name(pool: UserPool, access_token: str) -> Answer:
    """UpdateUserAttributes, which sets a name."""
    attributes = [{"Name": "name", "Value": "Somebody"}]
    return pool.wire.call("UpdateUserAttributes", {"AccessToken": access_token, "UserAttributes": attributes})


def global_sign_out(pool: UserPool, access_token: str) -> Answer:
    """GlobalSignOut."""
    return pool.wire.call("GlobalSignOut", {"AccessToken": access_token})


def refresh_token_of(outcome: Outcome, what: str) -> str:
    """The refresh token that a sign-in or a renewal must bring. Raises Finding naming `what`."""
    token = outcome.must_yield_tokens(what).refresh
    if not token:
        raise Finding(f"{what} brought no refresh token")
    return token


def must_be_taken(answer: Answer, what: str) -> None:
    """The requirement of every positive. Raises Finding naming `what` when it was not answered with HTTP 200."""
    if answer.status != 200:
        raise Finding(f"{what} was refused by {answer.operation}: {answer.described()}")


def must_not_be_taken(answer: Answer, what: str, *, with_error: tuple[str, ...] = ()) -> AwsError:
    """The requirement of every negative: a clean refusal. Raises Finding naming `what` for anything else."""
    if answer.status == 200:
        raise Finding(f"{what} was accepted by {answer.operation}")
    return Outcome(answer).must_be_refused(what, with_error=with_error)


@contextmanager
def between_taken(call: Callable[[], Answer]) -> Iterator[None]:
    """The honest twin of a negative without sign-in: `call` is answered with HTTP 200 before and after the block.

    Raises Inconclusive when it is not. A finding inside the block stands as it is.
    """
    _must_be_taken(call, "before")
    yield
    _must_be_taken(call, "after")


def _must_be_taken(call: Callable[[], Answer], when: str) -> None:
    try:
        must_be_taken(call(), "it")
    except Finding as finding:
        raise Inconclusive(f"the honest twin failed {when} the change: {finding}") from finding


def claims_of(token: str, what: str) -> dict[str, Any]:
    """The claims of a signed token, unverified. Raises Finding naming `what` when it is no JWT."""
    try:
        _, payload, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        claims = None
    if not isinstance(claims, dict):
        raise Finding(f"{what} is no JWT with claims")
    return claims


def token_operations_of(twin: HonestTwin) -> set[str]:
    """Which operations on tokens a target has, in the words of harness.needs, by using them on an honest sign-in's."""
    signed_in = twin.but()
    token = signed_in.tokens.refresh if signed_in.has_tokens else None
    if not token:
        return set()
    found: set[str] = set()
    if renew(twin.pool, twin.client, token).has_tokens:
        found.add("refresh-operation")
        if _keeps_rotation(twin.pool):
            found.add("refresh-rotation")
    if revoke(twin.pool, twin.client, token).status == 200:
        found.add("revocation")
    return found


def _keeps_rotation(pool: UserPool) -> bool:
    """Whether an app client that is made with rotation has it."""
    rotation: dict[str, Any] = {ROTATION: {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}}
    try:
        client = pool.client(which="probe", flows=("ALLOW_USER_SRP_AUTH",), **rotation)
        of_client = {"UserPoolId": pool.user_pool_id, "ClientId": client.client_id}
        described = (pool.wire.call("DescribeUserPoolClient", of_client).json or {}).get("UserPoolClient")
    except (SetUpRefused, NotApplicable):
        return False
    return isinstance(described, dict) and isinstance(described.get(ROTATION), dict)


def _client_secret(client: AppClient, secret: Text) -> dict[str, str]:
    if isinstance(secret, str):
        return {"ClientSecret": secret}
    return {"ClientSecret": client.secret} if client.secret is not None and secret is not Left.OUT else {}
