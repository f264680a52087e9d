"""Refresh tokens that are replaced with each use: REF-03 and REF-04."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.arrangement import ALL_FLOWS, AppClient
from harness.check import AWS_DOC, HIGH, MUST, OWN, POOL, cases, check
from harness.sign_in import between_honest
from harness.token_calls import ROTATION, refresh, refresh_token_of, renew

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.sign_in import HonestTwin, Outcome

WITHOUT_REFRESH_FLOW = tuple(flow for flow in ALL_FLOWS if flow != "ALLOW_REFRESH_TOKEN_AUTH")
REUSE = "RefreshTokenReuseException"
REPLACED = "a refresh token that was replaced"


def rotating(pool: UserPool, honest_of: HonestOf, *, grace: int = 0, **settings: Any) -> HonestTwin:
    """Sign-ins of a fresh user at a client whose refresh tokens are replaced, `grace` seconds kept."""
    rotation: dict[str, Any] = {ROTATION: {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}}
    client = pool.client(flows=WITHOUT_REFRESH_FLOW, **rotation, **settings)
    return honest_of(pool, client, pool.new_user())


def renewed(twin: HonestTwin, token: str) -> Outcome:
    """GetTokensFromRefreshToken."""
    return renew(twin.pool, twin.client, token)


def a_fresh_renewal(twin: HonestTwin) -> Outcome:
    """A sign-in and a first renewal of it."""
    return renewed(twin, refresh_token_of(twin.but(), "the sign-in"))


@check(
    "REF-03",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, refresh token rotation; RetryGracePeriodSeconds 0",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "refresh-rotation"},
    killed_by={
        "pool.refresh.rotation-leaves-the-old-token": f"tokens were issued for {REPLACED}",
        "pool.refresh.rotation-brings-no-token": "a renewal brought no refresh token",
    },
)
def test_a_replaced_refresh_token_is_dead(pool: UserPool, honest_of: HonestOf, observe: Observe) -> None:
    """With rotation on and no grace period, a renewal brings a new refresh token and ends the old one.

    The point of rotation is that a stolen refresh token betrays itself: thief and user cannot both use
    it. A pool that goes on taking it gives the thief weeks. Answer RefreshTokenReuseException, by which
    an app learns that something was stolen. (What becomes of the successor then is not documented; it
    is recorded.)
    """
    twin = rotating(pool, honest_of)
    with between_honest(lambda: a_fresh_renewal(twin)):
        first = refresh_token_of(twin.but(), "the sign-in")
        second = refresh_token_of(renewed(twin, first), "a renewal")
        third = refresh_token_of(renewed(twin, second), "a renewal with the successor")
        assert len({first, second, third}) == 3, "a renewal brought the refresh token that it was made with"
        renewed(twin, first).must_be_refused(REPLACED, with_error=(REUSE,))
        observe("the family after a reuse", "lives on" if renewed(twin, third).has_tokens else "is ended")


@check(
    "REF-03b",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, RefreshTokenRotationType RetryGracePeriodSeconds",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "refresh-rotation", "clock"},
    killed_by={
        "pool.refresh.rotation-without-grace": "a retry within the grace period did not sign in",
        "pool.refresh.grace-in-minutes": f"tokens were issued for {REPLACED}",
        "pool.refresh.retry-renews-the-grace": f"tokens were issued for {REPLACED}",
    },
)
@cases("grace", {"10 s": 10, "60 s": 60})
def test_a_replaced_refresh_token_lives_for_the_grace_period(
    pool: UserPool, honest_of: HonestOf, advance: Callable[[timedelta], None], observe: Observe, grace: int
) -> None:
    """A replaced refresh token may be used again for RetryGracePeriodSeconds, and no longer.

    An answer that was lost on the way must not sign a user out, so clients retry. The clock of the
    retry starts with the first use, and the retry does not wind it up again.
    """
    twin = rotating(pool, honest_of, grace=grace)
    with between_honest(lambda: a_fresh_renewal(twin)):
        first = refresh_token_of(twin.but(), "the sign-in")
        successors = {refresh_token_of(renewed(twin, first), "a renewal")}
        advance(timedelta(seconds=grace / 2))
        retry = renewed(twin, first)
        successors.add(refresh_token_of(retry, "a retry within the grace period"))
        advance(timedelta(seconds=grace / 2 + 1))
        used = [renewed(twin, token).has_tokens for token in sorted(successors)]
        observe("successors that work", f"{sum(used)} of {len(used)}")
        renewed(twin, first).must_be_refused(REPLACED, with_error=(REUSE,))


AT_ONCE = 10


@check(
    "REF-03c",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, RefreshTokenRotationType, under concurrency",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users", "configure", "refresh-rotation"},
    killed_by={"pool.refresh.rotation-with-a-race": "renewals at once brought tokens"},
)
async def test_parallel_renewals_do_not_outrun_rotation(pool: UserPool, honest_of: HonestOf) -> None:
    """Without a grace period one refresh token renews once, however many renewals arrive at the same time.

    A pool that looks whether a token was replaced, and marks it after, lets a thief in who is quick.
    """
    twin = rotating(pool, honest_of)
    with between_honest(lambda: a_fresh_renewal(twin)):
        token = refresh_token_of(twin.but(), "the sign-in")
        outcomes = await asyncio.gather(*(asyncio.to_thread(renewed, twin, token) for _ in range(AT_ONCE)))
        count = sum(outcome.has_tokens for outcome in outcomes)
        assert count >= 1, f"none of {AT_ONCE} renewals at once brought tokens: {outcomes[0].answer.described()}"
        assert count == 1, f"{count} of {AT_ONCE} renewals at once brought tokens; one after the other, one does"


@check(
    "REF-03d",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, refresh token rotation: the remaining duration of the original",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "refresh-rotation", "clock"},
    killed_by={"pool.refresh.rotation-prolongs-the-life": "tokens were issued for a successor"},
)
def test_rotation_does_not_prolong_a_sign_in(
    pool: UserPool, honest_of: HonestOf, advance: Callable[[timedelta], None]
) -> None:
    """A successor lives for what was left of the refresh token that it replaces.

    Were each one given a whole life, a session that is renewed often enough would never end, and
    RefreshTokenValidity would mean nothing.
    """
    hour: dict[str, Any] = {"RefreshTokenValidity": 1, "TokenValidityUnits": {"RefreshToken": "hours"}}
    twin = rotating(pool, honest_of, **hour)
    with between_honest(lambda: a_fresh_renewal(twin)):
        first = refresh_token_of(twin.but(), "the sign-in")
        advance(timedelta(minutes=40))
        second = refresh_token_of(renewed(twin, first), "a renewal after 40 minutes of 60")
        advance(timedelta(minutes=21))
        renewed(twin, second).must_be_refused("a successor that outlived the first token's hour")


@check(
    "REF-04",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, refresh token rotation: not compatible with REFRESH_TOKEN_AUTH",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "refresh-rotation"},
    killed_by={"pool.refresh.flow-beside-rotation": "tokens were issued for REFRESH_TOKEN_AUTH beside rotation"},
)
@cases("flows", {"flow left on": ALL_FLOWS, "flow left off": WITHOUT_REFRESH_FLOW})
def test_the_refresh_flow_is_closed_beside_rotation(
    pool: UserPool, honest_of: HonestOf, observe: Observe, flows: tuple[str, ...]
) -> None:
    """REFRESH_TOKEN_AUTH is refused at a client with rotation on.

    It replaces nothing: whoever stole a refresh token would use it there, again and again, and rotation
    would never notice. (A target may also refuse to make a client with both.)
    """
    request = {
        "UserPoolId": pool.user_pool_id,
        "ClientName": f"{pool.names.mark}rotation-and-flow",
        "ExplicitAuthFlows": list(flows),
        ROTATION: {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    }
    made = pool.wire.call("CreateUserPoolClient", request)
    if made.error is not None and flows == ALL_FLOWS:
        observe("a client with rotation and REFRESH_TOKEN_AUTH", f"is not made: {made.described()}")
        return
    members = (made.json or {}).get("UserPoolClient", {})
    twin = honest_of(pool, AppClient(pool.user_pool_id, str(members.get("ClientId"))), pool.new_user())
    with between_honest(lambda: a_fresh_renewal(twin)):
        token = refresh_token_of(twin.but(), "the sign-in")
        outcome = refresh(pool, twin.client, twin.user.username, token)
        outcome.must_be_refused("REFRESH_TOKEN_AUTH beside rotation")
        renewed(twin, token).must_yield_tokens("the same refresh token with GetTokensFromRefreshToken")
