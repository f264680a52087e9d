"""Refresh, rotation, revocation and keys: what the embedded pool itself does, where the checks do not look."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws

from fakes.pool import EmbeddedPool
from tests.pool.caller import Answer, Client, SrpSignIn, UserPool, claims_of

REFUSED = "NotAuthorizedException"
NO_REFRESH_FLOW = ("ALLOW_USER_SRP_AUTH",)


def rotating(pool: UserPool, **rotation: Any) -> Client:
    return pool.client(*NO_REFRESH_FLOW, RefreshTokenRotation={"Feature": "ENABLED"} | rotation)


def signed_in(pool: UserPool, client: Client, user: str | None = None) -> dict[str, Any]:
    return SrpSignIn(pool, client, user or pool.user()).finish().tokens


def renewed(pool: UserPool, client: Client, token: str, **members: str) -> Answer:
    return pool.wire.call("GetTokensFromRefreshToken", ClientId=client.id, RefreshToken=token, **members)


def revoked(pool: UserPool, client: Client, token: str, **members: str) -> Answer:
    return pool.wire.call("RevokeToken", ClientId=client.id, Token=token, **members)


# Renewal and rotation


def test_a_retry_within_the_grace_period_brings_the_same_successor(service: EmbeddedPool, pool: UserPool) -> None:
    client = rotating(pool, RetryGracePeriodSeconds=30)
    first = signed_in(pool, client)["RefreshToken"]
    one, other = (renewed(pool, client, first).tokens["RefreshToken"] for _ in range(2))
    service.clock.advance(timedelta(seconds=31))
    renewed(pool, client, one).tokens  # noqa: B018 - asserts that there are some
    service.clock.advance(timedelta(seconds=31))
    assert renewed(pool, client, other).error[0] == "RefreshTokenReuseException"


def test_a_reuse_ends_the_sign_in_and_no_other(pool: UserPool) -> None:
    client, user = rotating(pool), pool.user()
    first, sibling = signed_in(pool, client, user), signed_in(pool, client, user)
    second = renewed(pool, client, first["RefreshToken"]).tokens
    assert renewed(pool, client, first["RefreshToken"]).error[0] == "RefreshTokenReuseException"
    assert renewed(pool, client, second["RefreshToken"]).error == (REFUSED, "Refresh Token has been revoked")
    for access in (first["AccessToken"], second["AccessToken"]):
        assert pool.wire.call("GetUser", AccessToken=access).error == (REFUSED, "Access Token has been revoked")
    assert renewed(pool, client, sibling["RefreshToken"]).has_tokens


def test_a_successor_runs_out_with_the_first_refresh_token(service: EmbeddedPool, pool: UserPool) -> None:
    client = rotating(pool)
    token = signed_in(pool, client)["RefreshToken"]
    service.clock.advance(timedelta(days=29))
    token = renewed(pool, client, token).tokens["RefreshToken"]
    service.clock.advance(timedelta(days=1))
    assert renewed(pool, client, token).error == (REFUSED, "Refresh Token has expired")


def test_a_token_that_was_replaced_stays_so_when_rotation_is_switched_off(pool: UserPool) -> None:
    client = rotating(pool)
    first = signed_in(pool, client)["RefreshToken"]
    second = renewed(pool, client, first).tokens["RefreshToken"]
    pool.wire.did(
        "UpdateUserPoolClient",
        UserPoolId=pool.id,
        ClientId=client.id,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        RefreshTokenRotation={"Feature": "DISABLED"},
    )
    assert "RefreshToken" not in renewed(pool, client, second).tokens
    answer = pool.wire.call(
        "InitiateAuth", AuthFlow="REFRESH_TOKEN_AUTH", ClientId=client.id, AuthParameters={"REFRESH_TOKEN": first}
    )
    assert answer.error == (REFUSED, "Refresh Token has been revoked")


@pytest.mark.parametrize("seconds", [-1, 61])
def test_a_grace_period_has_0_to_60_seconds(pool: UserPool, seconds: int) -> None:
    answer = pool.wire.call(
        "CreateUserPoolClient",
        UserPoolId=pool.id,
        ClientName="x",
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": seconds},
    )
    assert answer.error[0] == "InvalidParameterException"


def test_rotation_gives_tokens_a_jti_without_revocation(pool: UserPool) -> None:
    client = pool.client(*NO_REFRESH_FLOW, EnableTokenRevocation=False, RefreshTokenRotation={"Feature": "ENABLED"})
    assert {"jti", "origin_jti"} <= set(claims_of(signed_in(pool, client)["AccessToken"]))


def test_a_renewal_takes_no_secret_hash_for_the_secret(pool: UserPool, secret_client: Client) -> None:
    user = pool.user()
    token = signed_in(pool, secret_client, user)["RefreshToken"]
    with_hash = renewed(pool, secret_client, token, SecretHash=secret_client.hash(user)["SECRET_HASH"])
    assert with_hash.error[0] == REFUSED
    assert renewed(pool, secret_client, token, ClientSecret=secret_client.secret or "").has_tokens


@pytest.mark.parametrize("token", ["x", "a.b.c", "a.b.c.d.e", "=", "-" * 4000])
def test_what_is_no_refresh_token_renews_and_revokes_nothing(pool: UserPool, client: Client, token: str) -> None:
    assert renewed(pool, client, token).error[0] == REFUSED
    assert revoked(pool, client, token).error[0] in {"UnauthorizedException", "UnsupportedTokenTypeException"}


def test_an_unknown_client_is_told_in_each_operations_own_words(pool: UserPool, client: Client) -> None:
    token = signed_in(pool, client)["RefreshToken"]
    nobody = Client("nosuchclient", None)
    assert renewed(pool, nobody, token).error[0] == "ResourceNotFoundException"
    assert revoked(pool, nobody, token).error[0] == "UnauthorizedException"


# Revocation and signing out


def test_an_expired_refresh_token_can_still_be_revoked(service: EmbeddedPool, pool: UserPool, client: Client) -> None:
    token = signed_in(pool, client)["RefreshToken"]
    service.clock.advance(timedelta(days=31))
    assert revoked(pool, client, token).status == 200


def test_revoked_tokens_stay_so_when_revocation_is_switched_off(pool: UserPool) -> None:
    client = pool.client()
    tokens = signed_in(pool, client)
    assert revoked(pool, client, tokens["RefreshToken"]).status == 200
    pool.wire.did("UpdateUserPoolClient", UserPoolId=pool.id, ClientId=client.id, EnableTokenRevocation=False)
    assert renewed(pool, client, tokens["RefreshToken"]).error == (REFUSED, "Refresh Token has been revoked")


def test_revoking_any_refresh_token_of_a_sign_in_ends_it(pool: UserPool) -> None:
    client = rotating(pool, RetryGracePeriodSeconds=60)
    first = signed_in(pool, client)
    second = renewed(pool, client, first["RefreshToken"]).tokens
    assert revoked(pool, client, first["RefreshToken"]).status == 200
    assert renewed(pool, client, second["RefreshToken"]).error == (REFUSED, "Refresh Token has been revoked")


def test_a_sign_out_of_a_deleted_user_is_not_authorized(pool: UserPool, client: Client) -> None:
    user = pool.user()
    token = signed_in(pool, client, user)["AccessToken"]
    pool.wire.did("AdminDeleteUser", UserPoolId=pool.id, Username=user)
    assert pool.wire.call("GlobalSignOut", AccessToken=token).error[0] == REFUSED
    assert pool.wire.call("GetUser", AccessToken=token).error[0] == "UserNotFoundException"


def test_a_token_without_the_scope_speaks_for_nobody(service: EmbeddedPool, pool: UserPool, client: Client) -> None:
    token = signed_in(pool, client)["AccessToken"]
    keys = service.keys.known(pool.id)
    assert keys is not None

    def with_scope(scope: str) -> str:
        claims = json.dumps(claims_of(token) | {"scope": scope}).encode()
        return jws.serialize_compact({"kid": keys.access.key_id, "alg": "RS256"}, claims, keys.access.key)

    for operation in ("GetUser", "GlobalSignOut"):
        for scope in ("", "openid", "aws.cognito.signin.user.adminX"):
            answer = pool.wire.call(operation, AccessToken=with_scope(scope))
            assert answer.error == (REFUSED, "Access Token does not have required scopes")
    assert pool.wire.call("GetUser", AccessToken=with_scope("openid aws.cognito.signin.user.admin")).status == 200


# Keys


def test_keys_change_twice_and_all_are_served_until_they_are_dropped(service: EmbeddedPool, pool: UserPool) -> None:
    def served() -> list[str]:
        return [key["kid"] for key in pool.wire.send("GET", f"/{pool.id}/.well-known/jwks.json").json["keys"]]

    before = served()
    service.keys.rotate(pool.id)
    service.keys.rotate(pool.id)
    after = served()
    assert len(set(after)) == len(before) + 4
    assert after[-len(before) :] == before
    service.keys.drop_old(pool.id)
    assert served() == after[:2]


def test_an_id_tokens_key_signs_no_access_token(service: EmbeddedPool, pool: UserPool, client: Client) -> None:
    token = signed_in(pool, client)["AccessToken"]
    keys = service.keys.known(pool.id)
    assert keys is not None
    claims = json.dumps(claims_of(token)).encode()
    forged = jws.serialize_compact({"kid": keys.id.key_id, "alg": "RS256"}, claims, keys.id.key)
    answer = pool.wire.call("GetUser", AccessToken=forged)
    assert answer.error == (REFUSED, "Could not verify signature for Access Token")
