"""New signing keys: TOK-15b, the pool's side of TOK-15."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, MUST, POOL, check
from harness.token_calls import get_user, must_be_taken, must_not_be_taken

if TYPE_CHECKING:
    from fakes.pool.signing_keys import SigningKeys
    from harness.arrangement import UserPool
    from harness.sign_in import HonestTwin, Tokens


def kid_of(token: str) -> str:
    """The key id in a token's header."""
    from joserfc.jws import extract_compact  # heavy, and only some checks need it

    return str(extract_compact(token.encode()).headers().get("kid"))


def published(pool: UserPool) -> set[str]:
    """The key ids of the pool's JWKS document."""
    document = pool.wire.get(f"/{pool.user_pool_id}/.well-known/jwks.json").json or {}
    return {str(key.get("kid")) for key in document.get("keys", [])}


def kids_of(tokens: Tokens) -> set[str]:
    """The key ids of access and id token."""
    return {kid_of(tokens.access), kid_of(tokens.id)}


@check(
    "TOK-15b",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, verifying JSON web tokens: keys may be rotated",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "key-rotation"},
    killed_by={
        "pool.keys.new-keys-not-published": "the JWKS lacks the new keys",
        "pool.keys.old-keys-dropped-at-once": "the JWKS lost the old keys",
        "pool.keys.dropped-keys-still-count": "an access token of a dropped key was accepted",
    },
)
def test_new_keys_are_published_and_old_ones_last(honest: HonestTwin, keys: SigningKeys) -> None:
    """After a change of keys the JWKS document has the new ones at once, and the old ones until they are dropped.

    A verifier that fetches the document finds a token's key in it, whichever of the two it is. Published
    too late, everybody is locked out; dropped too early, everybody who is signed in; and a key that is
    dropped since it leaked must open nothing any more.
    """
    pool = honest.pool
    before = honest.but().must_yield_tokens("the sign-in before the change")
    assert kids_of(before) <= published(pool), "the JWKS lacks the keys of tokens that were just issued"

    keys.rotate(pool.user_pool_id)
    after = honest.but().must_yield_tokens("the sign-in after the change")
    assert not kids_of(after) & kids_of(before), "the keys did not change"
    assert kids_of(after) <= published(pool), "the JWKS lacks the new keys"
    assert kids_of(before) <= published(pool), "the JWKS lost the old keys while their tokens live"
    for tokens in (before, after):
        must_be_taken(get_user(pool, tokens.access), "an access token of a published key")

    keys.drop_old(pool.user_pool_id)
    assert not kids_of(before) & published(pool), "the JWKS still has the dropped keys"
    must_not_be_taken(get_user(pool, before.access), "an access token of a dropped key")
    must_be_taken(get_user(pool, after.access), "an access token of the new keys")
