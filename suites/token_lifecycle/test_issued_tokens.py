"""What a sign-in brings: TOK-16 to TOK-18."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, MEDIUM, MUST, POOL, SHOULD, cases, check
from harness.token_calls import between_taken, claims_of, get_user, global_sign_out, must_not_be_taken, refresh_token_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.arrangement import TestUser, UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.sign_in import HonestTwin

OF_BOTH = {
    "sub": str,
    "iss": str,
    "token_use": str,
    "auth_time": int,
    "iat": int,
    "exp": int,
    "jti": str,
    "origin_jti": str,
    "event_id": str,
}
OF_ACCESS = OF_BOTH | {"client_id": str, "username": str, "scope": str}
OF_ID = OF_BOTH | {"aud": str, "cognito:username": str}


def missing_or_wrong(claims: Mapping[str, Any], demanded: Mapping[str, type]) -> list[str]:
    """The claims that are not there, or are not of their type."""
    return [name for name, kind in demanded.items() if type(claims.get(name)) is not kind]


@check(
    "TOK-16",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, understanding the access token and the id token",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "accounts"},
    killed_by={
        "pool.tokens.without-event-id": "the access token lacks event_id",
        "pool.tokens.times-as-text": "the access token lacks auth_time, iat, exp",
        "pool.tokens.aud-in-the-access-token": "the access token lacks client_id",
        "pool.tokens.origin-jti-differs": "differ in origin_jti",
    },
)
def test_the_tokens_have_their_claims(sign_in: HonestTwin, observe: Observe) -> None:
    """Access and id token carry the documented claims, and agree about whose they are and where they come from.

    A verifier refuses a token that lacks one, or worse, passes over what it cannot find: an access token
    without client_id is taken from every app. Without a common origin_jti nothing can be revoked.
    """
    tokens = sign_in.but().must_yield_tokens("the right password")
    access, identity = claims_of(tokens.access, "the access token"), claims_of(tokens.id, "the id token")
    for name, claims, demanded in (("access", access, OF_ACCESS), ("id", identity, OF_ID)):
        lacking = missing_or_wrong(claims, demanded)
        assert not lacking, f"the {name} token lacks {', '.join(lacking)} (or has another type there)"
        assert claims["token_use"] == name, f"token_use of the {name} token is {claims['token_use']!r}"
    for claim in ("sub", "iss", "origin_jti", "event_id", "auth_time"):
        assert access[claim] == identity[claim], f"access and id token differ in {claim}"
    assert "aud" not in access, "the access token has an aud"
    assert access["jti"] != identity["jti"], "access and id token have one jti"
    client_id, name = sign_in.client.client_id, sign_in.user.username
    assert (access["client_id"], identity["aud"]) == (client_id, client_id), "client_id or aud is not the app client"
    assert (access["username"], identity["cognito:username"]) == (name, name), "the tokens name another user"
    assert access["iss"].rpartition("/")[2] == sign_in.pool.user_pool_id, f"iss {access['iss']!r} is not the pool's"
    assert access["auth_time"] <= access["iat"] < access["exp"], "auth_time, iat and exp are not in order"
    observe("iss", "names AWS" if access["iss"].startswith("https://cognito-idp.") else "names another host")


@check(
    "TOK-16b",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, verifying JSON web tokens",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "accounts"},
    killed_by={"pool.keys.jwks-lacks-the-access-key": "the access token does not verify"},
)
def test_the_tokens_verify_with_the_published_keys(sign_in: HonestTwin, observe: Observe) -> None:
    """Access and id token are RS256, signed with the key of the JWKS document that their kid names.

    Where that does not hold, every verifier refuses the user; or somebody switches verification off.
    """
    from joserfc.errors import JoseError  # heavy, and only some checks need it
    from joserfc.jwk import KeySet
    from joserfc.jwt import decode

    tokens = sign_in.but().must_yield_tokens("the right password")
    document = sign_in.pool.wire.get(f"/{sign_in.pool.user_pool_id}/.well-known/jwks.json")
    assert document.succeeded, f"no JWKS document: {document.described()}"
    kids = []
    for name, token in (("access", tokens.access), ("id", tokens.id)):
        try:
            verified = decode(token, KeySet.import_key_set(document.json), algorithms=["RS256"])  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError) as problem:
            raise AssertionError(f"the {name} token does not verify with the JWKS: {problem}") from problem
        kids.append(verified.header.get("kid"))
    observe("keys of access and id token", "two" if kids[0] != kids[1] else "one")


@check(
    "TOK-16c",
    level=MUST,
    severity=MEDIUM,
    clause="OpenID Connect Discovery 1.0 section 4.3",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "accounts"},
    killed_by={"pool.keys.discovery-names-another-issuer": "is not the iss of the id token"},
)
def test_the_discovery_document_is_about_these_tokens(sign_in: HonestTwin) -> None:
    """The pool's openid-configuration names the issuer that stands in its tokens, and where its keys are.

    A library that configures itself from the document refuses every token when the two differ.
    """
    pool = sign_in.pool
    identity = claims_of(sign_in.but().must_yield_tokens("the right password").id, "the id token")
    document = pool.wire.get(f"/{pool.user_pool_id}/.well-known/openid-configuration")
    assert document.succeeded, f"no discovery document: {document.described()}"
    described = document.json or {}
    issuer, keys_at = described.get("issuer"), str(described.get("jwks_uri"))
    assert issuer == identity["iss"], f"the issuer {issuer!r} is not the iss of the id token, {identity['iss']!r}"
    assert keys_at.endswith(f"/{pool.user_pool_id}/.well-known/jwks.json"), f"jwks_uri {keys_at!r} is not the pool's"


HOUR = 3600


@check(
    "TOK-17",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API, AuthenticationResultType ExpiresIn; CreateUserPoolClient AccessTokenValidity",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.tokens.expires-in-is-always-an-hour": "ExpiresIn",
        "pool.tokens.life-is-always-an-hour": "lives 3600 s",
    },
)
@cases(
    "validity",
    {
        "by default": ({}, HOUR, HOUR),
        "in minutes": (
            {
                "AccessTokenValidity": 5,
                "IdTokenValidity": 10,
                "TokenValidityUnits": dict.fromkeys(("AccessToken", "IdToken"), "minutes"),
            },
            300,
            600,
        ),
        "in hours": ({"AccessTokenValidity": 24, "IdTokenValidity": 12}, 24 * HOUR, 12 * HOUR),
    },
)
def test_the_tokens_live_as_long_as_the_client_says(
    pool: UserPool, user: TestUser, honest_of: HonestOf, validity: tuple[dict[str, Any], int, int]
) -> None:
    """Each token lives for the validity of its app client, and ExpiresIn says how long the access token does.

    A client renews by ExpiresIn. When it is too large, calls fail before the renewal; when tokens live
    longer than was configured, a stolen one is of use for longer than anybody decided.
    """
    settings, access_seconds, id_seconds = validity
    outcome = honest_of(pool, pool.client(**settings), user).but()
    tokens = outcome.must_yield_tokens("the right password")
    for name, token, seconds in (("access", tokens.access, access_seconds), ("id", tokens.id, id_seconds)):
        claims = claims_of(token, f"the {name} token")
        lives = claims["exp"] - claims["iat"]
        assert lives == seconds, f"the {name} token lives {lives} s, where the client says {seconds} s"
    said = outcome.result.get("ExpiresIn")
    assert said == access_seconds, f"ExpiresIn is {said}, where the access token lives {access_seconds} s"


def readable_parts(token: str) -> list[bytes]:
    """The token, and whatever of its parts is base64."""
    parts = [token.encode()]
    for part in token.split("."):
        kept = re.sub(r"[^A-Za-z0-9_-]", "", part)
        parts.append(base64.urlsafe_b64decode(kept[: len(kept) // 4 * 4]))
    return parts


@check(
    "TOK-18",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, using tokens: the refresh token is encrypted and opaque",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.tokens.refresh-token-taken-for-access": "a refresh token was accepted by GetUser",
        "pool.tokens.readable-refresh-token": "the refresh token names its user readably",
    },
)
def test_a_refresh_token_is_opaque_and_no_bearer_token(sign_in: HonestTwin) -> None:
    """A refresh token tells its holder nothing, and opens nothing but a refresh.

    It lives for weeks. A pool that takes it where an access token belongs turns minutes of access into
    weeks of it, past every refresh that could have been refused.
    """
    pool = sign_in.pool
    with between_taken(lambda: get_user(pool, sign_in.but().must_yield_tokens("it").access)):
        outcome = sign_in.but()
        token = refresh_token_of(outcome, "the sign-in")
        for call in (get_user, global_sign_out):
            must_not_be_taken(call(pool, token), "a refresh token")
        sub = str(claims_of(outcome.tokens.access, "the access token").get("sub"))
        secrets = [sign_in.user.username.encode(), sub.encode()]
        readable = any(secret in part for part in readable_parts(token) for secret in secrets)
        assert not readable, "the refresh token names its user readably"
