"""What a sign-out means to whoever verifies tokens alone: REF-08."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, INFO, NONE, TOKENS, check
from harness.findings import Inconclusive
from harness.verifier import TokenCase

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.sign_in import HonestTwin
    from harness.verifier import VerifierUnderTest

LONGEST_LIFE = timedelta(hours=1)


@check(
    "REF-08",
    level=INFO,
    severity=NONE,
    clause="Cognito API, GlobalSignOut; ASVS 5.0 7.4.1",
    evidence=AWS_DOC,
    subject=TOKENS,
    needs={"verifier", "srp", "users"},
    killed_by={"verifier.ignores-expiry": "a second after its exp: accepted"},
)
def test_an_access_token_outlives_a_sign_out(
    verifier: VerifierUnderTest, sign_in: HonestTwin, observe: Observe
) -> None:
    """After a sign-out everywhere, a verifier that asks nobody still accepts the access token, until it expires.

    That is how signed tokens work, and no fault of the verifier: the window is the token's life. Keep
    AccessTokenValidity short, an hour at most, and ask the pool (GetUser) where a sign-out must count at once.
    """
    pool = sign_in.pool
    access = sign_in.but().must_yield_tokens("the sign-in before the sign-out").access
    claims = _claims(access)
    life = timedelta(seconds=claims["exp"] - claims["iat"])
    issued = {"issuer": claims["iss"], "client_id": sign_in.client.client_id, "jwks": _jwks(sign_in)}
    issued["now"] = claims["iat"]
    token = TokenCase("the pool's own access token", lambda _: access, told=issued)
    before = verifier.verify(token)
    if not before.accepted:
        raise Inconclusive(f"the verifier {before.described()} the pool's own access token")
    pool.wire.ask("GlobalSignOut", {"AccessToken": access})
    observe("life of an access token", str(life))
    observe("after a sign-out everywhere", verifier.verify(token).described())
    if verifier.can("clock"):
        expired = TokenCase(token.what, token.make, told={**issued, "now": claims["exp"] + 1})
        observe("a second after its exp", verifier.verify(expired).described())
    assert life <= LONGEST_LIFE, (
        f"an access token is accepted for up to {life} after a sign-out; make AccessTokenValidity an hour or less"
    )


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def _jwks(sign_in: HonestTwin) -> dict[str, Any]:
    answer = sign_in.pool.wire.get(f"/{sign_in.pool.user_pool_id}/.well-known/jwks.json")
    if answer.json is None:
        raise Inconclusive(f"the target's keys cannot be had: {answer.described()}")
    return answer.json
