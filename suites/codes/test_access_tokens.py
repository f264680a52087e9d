"""Step-up by code: the access token of an earlier sign-in that must go with it. OTP-06 and OTP-07."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, MEDIUM, MUST, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import must_not_sign_in
from harness.flows import initiate
from harness.forge import Signer, as_json, compact, hs256, nothing, padded, rsa_pkcs1
from harness.sign_in import Tokens
from harness.token_calls import global_sign_out, must_be_taken, revoke
from harness.trigger_flows import must_sign_in
from suites.codes.steps import must_still_sign_in

if TYPE_CHECKING:
    from harness.arrangement import AppClient, TestUser
    from harness.trigger_flows import CodeFlow
    from harness.triggers import TriggersUnderTest

SHORTEST_LIFE = timedelta(minutes=5)
"""Of an access token, by AccessTokenValidity."""

SHORT = timedelta(seconds=30)


@dataclass
class Bearer:
    """A user who is signed in by password, and may step up."""

    codes: CodeFlow
    triggers: TriggersUnderTest
    user: TestUser
    tokens: Tokens = field(repr=False)

    @classmethod
    def new(cls, codes: CodeFlow, triggers: TriggersUnderTest) -> Bearer:
        """A fresh one."""
        user = codes.new_user()
        return cls(codes, triggers, user, signed_in(codes, user))


def signed_in(codes: CodeFlow, user: TestUser, client: AppClient | None = None) -> Tokens:
    """The tokens of a sign-in by password."""
    parameters = {"USERNAME": user.username, "PASSWORD": user.password}
    outcome = initiate(codes.pool, client or codes.client, "USER_PASSWORD_AUTH", parameters)
    must_sign_in(outcome, "the password")
    return outcome.tokens


def reforged(token: str, sign: Signer, header: Mapping[str, Any], claims: Mapping[str, Any] | None = None) -> str:
    """A token put together again with members of its header or claims changed, and another signature."""
    was = [json.loads(base64.urlsafe_b64decode(padded(part))) for part in token.split(".")[:2]]
    return compact(as_json(was[0] | {**header}), as_json(was[1] | {**(claims or {})}), sign)


@cache
def strangers_signature() -> Signer:
    """Signs with a key that nobody knows."""
    from fakes.issuer import SigningKey  # heavy

    return rsa_pkcs1(SigningKey.new())


def none_at_all(bearer: Bearer) -> str:
    """No token."""
    return "none"


def of_another_user(bearer: Bearer) -> str:
    """Somebody else's."""
    return signed_in(bearer.codes, bearer.codes.new_user()).access


def of_another_client(bearer: Bearer) -> str:
    """The user's own, at another app client."""
    other = bearer.codes.pool.client(reveals_unknown_users=False, which="another")
    return signed_in(bearer.codes, bearer.user, other).access


def of_another_pool(bearer: Bearer) -> str:
    """Of a user of the same name in another user pool."""
    pool = bearer.triggers.pool(MfaConfiguration="OFF")
    client = pool.client(reveals_unknown_users=False)
    user = bearer.triggers.new_user(pool, username=bearer.user.username, password=bearer.user.password)
    outcome = initiate(pool, client, "USER_PASSWORD_AUTH", {"USERNAME": user.username, "PASSWORD": user.password})
    must_sign_in(outcome, "the password at another user pool")
    return outcome.tokens.access


def the_id_token(bearer: Bearer) -> str:
    """The id token of the same sign-in."""
    return bearer.tokens.id


def of_a_strangers_key(bearer: Bearer) -> str:
    """Signed by another key under the same key id."""
    return reforged(bearer.tokens.access, strangers_signature(), {})


def without_signature(bearer: Bearer) -> str:
    """The signature taken away."""
    return bearer.tokens.access.rpartition(".")[0] + "."


def with_alg_none(bearer: Bearer) -> str:
    """`alg` none, and no signature."""
    return reforged(bearer.tokens.access, nothing, {"alg": "none"})


def with_a_public_secret(bearer: Bearer) -> str:
    """HS256, with what everybody knows for the secret: the key id."""
    header = json.loads(base64.urlsafe_b64decode(padded(bearer.tokens.access.split(".")[0])))
    return reforged(bearer.tokens.access, hs256(str(header["kid"]).encode()), {"alg": "HS256"})


def with_another_sub(bearer: Bearer) -> str:
    """Another user's token under which the user's own `sub` was written, its signature left as it was."""
    own, other = bearer.tokens.access, of_another_user(bearer)
    signature = base64.urlsafe_b64decode(padded(other.rpartition(".")[2]))
    claims = json.loads(base64.urlsafe_b64decode(padded(own.split(".")[1])))
    names = {name: claims[name] for name in ("sub", "username") if name in claims}
    return reforged(other, lambda signing_input: signature, {}, names)


WRONG_TOKENS: dict[str, tuple[Callable[[Bearer], str], str]] = {
    "none": (none_at_all, "a right code without any token"),
    "other user": (of_another_user, "another user's access token"),
    "other client": (of_another_client, "an access token of another app client"),
    "other pool": (of_another_pool, "an access token of another user pool"),
    "id token": (the_id_token, "an id token"),
    "other key": (of_a_strangers_key, "an access token that a stranger's key has signed"),
    "no signature": (without_signature, "an access token whose signature was taken away"),
    "alg none": (with_alg_none, "an access token with alg none"),
    "HS256": (with_a_public_secret, "an access token under HS256 with a public secret"),
    "changed sub": (with_another_sub, "another user's access token with the sub changed"),
}


@check(
    "OTP-06",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Verifying JSON web tokens; RFC 8725 sections 3.1, 3.8, 3.9, 3.12",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "step-up"},
    killed_by={
        "triggers.codes.no-token-needed": "without any token",
        "triggers.codes.token-any-user": "another user's access token",
        "triggers.codes.token-any-client": "of another app client",
        "triggers.codes.token-any-use": "an id token",
        "triggers.codes.token-signature-not-verified": "a stranger's key has signed",
        "triggers.codes.token-alg-none": "with alg none",
    },
)
@cases("wrong", WRONG_TOKENS)
def test_a_code_counts_with_ones_own_token_only(
    codes: CodeFlow, triggers: TriggersUnderTest, wrong: tuple[Callable[[Bearer], str], str]
) -> None:
    """The right code signs nobody in without an access token of the same user, client and pool, signed by the pool.

    The code is the second factor, the token stands for the first. One that can be made up, or is somebody else's,
    leaves the phone alone between an attacker and the account. Verify the signature with the pool's keys and RS256
    only, then `iss`, `token_use`, `client_id`, `exp`, and that `sub` is the user who signs in.
    """
    make, what = wrong
    bearer = Bearer.new(codes, triggers)
    code = codes.ask(bearer.user, access_token=bearer.tokens.access)
    refused = codes.answer(code, access_token=make(bearer))
    must_not_sign_in(refused, f"a code with {what}" if make is not none_at_all else what)
    must_still_sign_in(codes, code, refused)


@check(
    "OTP-06b",
    level=MUST,
    severity=CRITICAL,
    clause="RFC 7519 section 4.1.4; Cognito developer guide, Verifying JSON web tokens",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "step-up", "clock", "trigger-clock"},
    killed_by={"triggers.codes.token-expired": "an access token that has expired"},
)
def test_an_expired_token_does_not_count(codes: CodeFlow) -> None:
    """The right code signs nobody in with an access token that has expired.

    An old token lies in logs and backups, and on devices that were sold. Compare `exp` with the time when the answer
    comes, not when the code was asked for.
    """
    in_minutes = {"AccessToken": "minutes"}
    client = codes.pool.client(reveals_unknown_users=False, AccessTokenValidity=5, TokenValidityUnits=in_minutes)
    user = codes.new_user()
    token = codes.access_token(user, client)
    codes.later(SHORTEST_LIFE - SHORT)
    code = codes.ask(user, client=client, access_token=token)
    codes.later(2 * SHORT)
    refused = codes.answer(code)
    must_not_sign_in(refused, "a code with an access token that has expired")
    code.access_token = codes.access_token(user, client)
    must_still_sign_in(codes, code, refused)


def by_signing_out(bearer: Bearer) -> str:
    """GlobalSignOut."""
    must_be_taken(global_sign_out(bearer.codes.pool, bearer.tokens.access), "a global sign-out")
    return "an access token of a user who has signed out everywhere"


def by_revoking(bearer: Bearer) -> str:
    """RevokeToken of the refresh token that it goes back to."""
    answer = revoke(bearer.codes.pool, bearer.codes.client, bearer.tokens.refresh or "")
    must_be_taken(answer, "a revocation")
    return "an access token whose refresh token was revoked"


@check(
    "OTP-07",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API, RevokeToken and GlobalSignOut",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "step-up"},
    killed_by={"triggers.codes.token-revoked": "a code with an access token"},
)
@cases("end", {"signed out": by_signing_out, "revoked": by_revoking})
def test_a_revoked_token_does_not_count(
    codes: CodeFlow, triggers: TriggersUnderTest, end: Callable[[Bearer], str]
) -> None:
    """The right code signs nobody in with an access token that was revoked, or whose user has signed out everywhere.

    The user has just said that whoever else is in shall be out. A signature alone does not tell: ask Cognito, with
    GetUser, whether the token still counts.
    """
    bearer = Bearer.new(codes, triggers)
    code = codes.ask(bearer.user, access_token=bearer.tokens.access)
    what = end(bearer)
    refused = codes.answer(code)
    must_not_sign_in(refused, f"a code with {what}")
    code.access_token = signed_in(codes, bearer.user).access
    must_still_sign_in(codes, code, refused)
