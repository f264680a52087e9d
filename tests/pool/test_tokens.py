"""What the tokens say, who signed them, and where they are taken."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey

from fakes.pool import EmbeddedPool, Issuer, PoolOptions
from tests.pool.caller import PASSWORD, Answer, Client, SrpSignIn, UserPool, Wire, claims_of

Begin = Callable[..., SrpSignIn]
REFUSED = "NotAuthorizedException"


def refreshed(pool: UserPool, client: Client, token: str, flow: str = "REFRESH_TOKEN_AUTH") -> Answer:
    return pool.wire.call("InitiateAuth", AuthFlow=flow, ClientId=client.id, AuthParameters={"REFRESH_TOKEN": token})


def jwks_of(pool: UserPool) -> Any:
    answer = pool.wire.send("GET", f"/{pool.id}/.well-known/jwks.json")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    return answer.json


def test_the_tokens_have_the_documented_claims(service: EmbeddedPool, sign_in: Begin) -> None:
    service.clock.set(datetime(2026, 11, 5, 0, 3, 9, tzinfo=UTC))
    attempt = sign_in()
    result = attempt.finish().tokens
    now = 1793836989
    access, identity = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    common = {
        "sub": access["sub"],
        "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{attempt.pool.id}",
        "origin_jti": access["origin_jti"],
        "event_id": access["event_id"],
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
    }
    assert access == common | {
        "client_id": attempt.client.id,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "username": attempt.username,
        "jti": access["jti"],
    }
    assert identity == common | {
        "aud": attempt.client.id,
        "token_use": "id",
        "cognito:username": attempt.username,
        "jti": identity["jti"],
    }
    assert access["jti"] != identity["jti"]
    assert (result["ExpiresIn"], result["TokenType"]) == (3600, "Bearer")


def test_the_two_tokens_verify_with_two_keys_of_the_jwks(pool: UserPool, sign_in: Begin) -> None:
    result = sign_in().finish().tokens
    document = jwks_of(pool)
    assert {frozenset(key) for key in document["keys"]} == {frozenset({"alg", "e", "kid", "kty", "n", "use"})}
    keys = KeySet.import_key_set(document)
    verified = {name: jwt.decode(result[name], keys, algorithms=["RS256"]) for name in ("AccessToken", "IdToken")}
    assert len({token.header["kid"] for token in verified.values()}) == 2
    assert all(set(token.header) == {"kid", "alg"} for token in verified.values())


def test_the_discovery_document_names_issuer_and_keys(service: EmbeddedPool, pool: UserPool, sign_in: Begin) -> None:
    document = pool.wire.send("GET", f"/{pool.id}/.well-known/openid-configuration").json
    assert document["issuer"] == claims_of(sign_in().finish().tokens["IdToken"])["iss"]
    assert document["jwks_uri"] == f"{service.endpoint}/{pool.id}/.well-known/jwks.json"


@pytest.mark.parametrize("path", ["us-east-1_nobody/.well-known/jwks.json", "{pool}/.well-known/other", "x", ""])
def test_other_documents_are_not_found(pool: UserPool, path: str) -> None:
    assert pool.wire.send("GET", "/" + path.format(pool=pool.id)).status == 404


def test_other_pools_have_other_keys(service: EmbeddedPool, wire: Wire, pool: UserPool) -> None:
    other = jwks_of(UserPool.make(service, wire))
    assert not {key["n"] for key in other["keys"]} & {key["n"] for key in jwks_of(pool)["keys"]}


def test_the_issuer_can_be_the_endpoint() -> None:
    with EmbeddedPool.start(PoolOptions(issuer=Issuer.ENDPOINT)) as service:
        wire = Wire(service.endpoint)
        pool = UserPool.make(service, wire)
        result = SrpSignIn(pool, pool.client(), pool.user()).finish().tokens
        assert claims_of(result["AccessToken"])["iss"] == f"{service.endpoint}/{pool.id}"
        wire.did("GetUser", AccessToken=result["AccessToken"])
        wire.close()


def test_groups_and_attributes_are_in_the_tokens(pool: UserPool, client: Client) -> None:
    user = pool.user(email="a@example.org", email_verified="true", name="Ä", **{"custom:shoe": "44"})
    role = "arn:aws:iam::123456789012:role/second"
    pool.wire.did("CreateGroup", UserPoolId=pool.id, GroupName="second", Precedence=2, RoleArn=role)
    pool.wire.did("CreateGroup", UserPoolId=pool.id, GroupName="first", Precedence=1)
    for group in ("second", "first"):
        pool.wire.did("AdminAddUserToGroup", UserPoolId=pool.id, Username=user, GroupName=group)
    result = SrpSignIn(pool, client, user).finish().tokens
    access, identity = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    assert access["cognito:groups"] == identity["cognito:groups"] == ["first", "second"]
    assert (identity["cognito:roles"], identity["cognito:preferred_role"]) == ([role], role)
    assert (identity["email"], identity["email_verified"], identity["name"]) == ("a@example.org", True, "Ä")
    assert "custom:shoe" not in identity
    reader = pool.client(ReadAttributes=["custom:shoe"])
    identity = claims_of(SrpSignIn(pool, reader, user).finish().tokens["IdToken"])
    assert identity["custom:shoe"] == "44"
    assert "email" not in identity


def test_validities_are_the_clients(pool: UserPool, user: str) -> None:
    client = pool.client(
        AccessTokenValidity=5,
        IdTokenValidity=2,
        RefreshTokenValidity=1,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "hours", "RefreshToken": "days"},
    )
    result = SrpSignIn(pool, client, user).finish().tokens
    access, identity = claims_of(result["AccessToken"]), claims_of(result["IdToken"])
    assert (access["exp"] - access["iat"], result["ExpiresIn"]) == (300, 300)
    assert identity["exp"] - identity["iat"] == 7200


def test_without_token_revocation_the_tokens_have_no_jti(pool: UserPool, user: str) -> None:
    result = SrpSignIn(pool, pool.client(EnableTokenRevocation=False), user).finish().tokens
    for name in ("AccessToken", "IdToken"):
        assert not {"jti", "origin_jti"} & set(claims_of(result[name]))


# Refresh


@pytest.mark.parametrize("flow", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"])
def test_a_refresh_brings_new_tokens_of_the_same_sign_in(
    service: EmbeddedPool, pool: UserPool, sign_in: Begin, flow: str
) -> None:
    attempt = sign_in()
    first = attempt.finish().tokens
    service.clock.advance(timedelta(minutes=30))
    second = refreshed(pool, attempt.client, first["RefreshToken"], flow).tokens
    assert "RefreshToken" not in second
    before, after = claims_of(first["AccessToken"]), claims_of(second["AccessToken"])
    for name in ("sub", "auth_time", "origin_jti", "event_id"):
        assert after[name] == before[name]
    assert after["jti"] != before["jti"]
    assert after["iat"] == pytest.approx(before["iat"] + 1800, abs=5)


def test_a_refresh_token_looks_like_a_jwe_and_hides_what_it_holds(sign_in: Begin) -> None:
    attempt = sign_in()
    token = attempt.finish().tokens["RefreshToken"]
    parts = token.split(".")
    assert len(parts) == 5
    assert all(parts)
    for part in parts:
        assert attempt.username.encode() not in base64.urlsafe_b64decode(part + "==")


def test_a_refresh_token_is_its_clients_and_expires(service: EmbeddedPool, pool: UserPool, sign_in: Begin) -> None:
    attempt = sign_in()
    token = attempt.finish().tokens["RefreshToken"]
    assert refreshed(pool, pool.client(), token).error == (REFUSED, "Invalid Refresh Token")
    service.clock.advance(timedelta(days=30))
    assert refreshed(pool, attempt.client, token).error == (REFUSED, "Refresh Token has expired")


def test_what_is_no_refresh_token_is_refused(pool: UserPool, client: Client, sign_in: Begin) -> None:
    result = sign_in().finish().tokens
    flipped = result["RefreshToken"][:-1] + ("A" if result["RefreshToken"][-1] != "A" else "B")
    for text in ("", "x", "a.b.c.d.e", result["AccessToken"], flipped):
        assert refreshed(pool, client, text).error[0] == REFUSED


def test_a_refresh_needs_its_user_enabled_and_the_same(pool: UserPool, sign_in: Begin) -> None:
    attempt = sign_in()
    token = attempt.finish().tokens["RefreshToken"]
    pool.wire.did("AdminDisableUser", UserPoolId=pool.id, Username=attempt.username)
    assert refreshed(pool, attempt.client, token).error == (REFUSED, "User is disabled.")
    pool.wire.did("AdminDeleteUser", UserPoolId=pool.id, Username=attempt.username)
    pool.user(username=attempt.username)
    assert refreshed(pool, attempt.client, token).error[0] == REFUSED


# GetUser


def test_get_user_answers_the_bearer(pool: UserPool, client: Client) -> None:
    user = pool.user(email="a@example.org")
    token = SrpSignIn(pool, client, user).finish().tokens["AccessToken"]
    answer = pool.wire.did("GetUser", AccessToken=token)
    assert answer["Username"] == user
    assert {"Name": "email", "Value": "a@example.org"} in answer["UserAttributes"]
    assert {"Name": "sub", "Value": claims_of(token)["sub"]} in answer["UserAttributes"]


def test_get_user_complains_in_the_measured_words(service: EmbeddedPool, pool: UserPool, sign_in: Begin) -> None:
    result = sign_in().finish().tokens
    token = result["AccessToken"]

    def complaint(about: str) -> tuple[str, str]:
        return pool.wire.call("GetUser", AccessToken=about).error

    header, payload, signature = token.split(".")
    forged = jws.serialize_compact(
        json.loads(base64.urlsafe_b64decode(header + "==")),
        json.dumps(claims_of(token)).encode(),
        RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    )
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for no_token in ("x", "a.b.c", result["IdToken"], f"{header}.{payload}"):
        assert complaint(no_token) == (REFUSED, "Invalid Access Token")
    for bad_signature in (
        forged,
        f"{header}.{payload}.AAAA",
        f"{unsigned}.{payload}.",
        f"{unsigned}.{payload}.{signature}",
    ):
        assert complaint(bad_signature) == (REFUSED, "Could not verify signature for Access Token")
    service.clock.advance(timedelta(hours=1))
    assert complaint(token) == (REFUSED, "Access Token has expired")


def test_get_user_refuses_a_refresh_token(pool: UserPool, sign_in: Begin) -> None:
    token = sign_in().finish().tokens["RefreshToken"]
    assert pool.wire.call("GetUser", AccessToken=token).error == (REFUSED, "Invalid Access Token")


@pytest.mark.parametrize("administrator", [False, True])
def test_a_global_sign_out_ends_every_token_of_the_user(pool: UserPool, sign_in: Begin, administrator: bool) -> None:
    attempt = sign_in()
    result, sibling = attempt.finish().tokens, sign_in().finish().tokens
    other = SrpSignIn(pool, attempt.client, pool.user()).finish().tokens
    if administrator:
        pool.wire.did("AdminUserGlobalSignOut", UserPoolId=pool.id, Username=attempt.username)
    else:
        pool.wire.did("GlobalSignOut", AccessToken=result["AccessToken"])
    for tokens in (result, sibling):
        answer = pool.wire.call("GetUser", AccessToken=tokens["AccessToken"])
        assert answer.error == (REFUSED, "Access Token has been revoked")
        assert refreshed(pool, attempt.client, tokens["RefreshToken"]).error[0] == REFUSED
    assert pool.wire.call("GetUser", AccessToken=other["AccessToken"]).status == 200
    assert sign_in().finish().has_tokens


def test_change_password_checks_the_old_password_before_the_policy(pool: UserPool, sign_in: Begin) -> None:
    token = sign_in().finish().tokens["AccessToken"]

    def change(previous: str, proposed: str) -> Answer:
        return pool.wire.call("ChangePassword", AccessToken=token, PreviousPassword=previous, ProposedPassword=proposed)

    assert change("Wrong-Word-1", "weak").error == (REFUSED, "Incorrect username or password.")
    assert change(PASSWORD, "weak").error[0] == "InvalidPasswordException"
    assert change(PASSWORD, "Changed-Word-1").status == 200
    assert sign_in(password="Changed-Word-1").finish().has_tokens


def test_self_service_that_moto_performs_works_with_our_tokens_and_only_with_good_ones(
    pool: UserPool, sign_in: Begin
) -> None:
    token = sign_in().finish().tokens["AccessToken"]
    attributes = [{"Name": "name", "Value": "New"}]
    assert pool.wire.call("UpdateUserAttributes", AccessToken=token, UserAttributes=attributes).status == 200
    assert {"Name": "name", "Value": "New"} in pool.wire.did("GetUser", AccessToken=token)["UserAttributes"]
    refused = pool.wire.call("UpdateUserAttributes", AccessToken=token[:-4] + "AAAA", UserAttributes=attributes)
    assert refused.error[0] == REFUSED
