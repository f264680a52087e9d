"""Which flows a client has: SRP-18."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.arrangement import ALL_FLOWS
from harness.check import AWS_DOC, HIGH, MUST, POOL, cases, check
from harness.flows import initiate
from protocol.cognito_srp import COGNITO
from protocol.numbers import hex_of

if TYPE_CHECKING:
    from harness.arrangement import UserPool
    from harness.sign_in import HonestTwin

SOME_A = hex_of(COGNITO.client_public(2**255 + 19))


@check(
    "SRP-18",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, CreateUserPoolClient ExplicitAuthFlows",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={"pool.flows.ignores-the-client-setting": "a flow that the client lacks"},
)
@cases(
    "flow",
    {
        "SRP": ("USER_SRP_AUTH", "ALLOW_USER_SRP_AUTH"),
        "PASSWORD": ("USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"),
        "CUSTOM": ("CUSTOM_AUTH", "ALLOW_CUSTOM_AUTH"),
        "USER_AUTH": ("USER_AUTH", "ALLOW_USER_AUTH"),
    },
)
def test_a_flow_that_the_client_lacks_is_refused(honest: HonestTwin, pool: UserPool, flow: tuple[str, str]) -> None:
    """A client begins only the flows that it was given.

    An app that was allowed SRP alone is promised that no password crosses the wire; a pool that takes
    USER_PASSWORD_AUTH all the same breaks that promise for every phisher and every log.
    """
    name, setting = flow
    lacking = pool.client(flows=tuple(other for other in ALL_FLOWS if other != setting))
    user = honest.user
    started = initiate(pool, lacking, name, {"USERNAME": user.username, "PASSWORD": user.password, "SRP_A": SOME_A})
    assert started.challenge_name is None, (
        f"a flow that the client lacks was begun: {name} brought {started.challenge_name}"
    )
    started.must_be_refused(f"a flow that the client lacks ({name})")
