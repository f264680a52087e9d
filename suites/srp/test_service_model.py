"""The target's answers against AWS's own description of the API: SRP-24."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, MEDIUM, MUST, POOL, cases, check
from harness.flows import initiate

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.sign_in import HonestTwin, Outcome

EXCHANGES: dict[str, Callable[[HonestTwin], Outcome]] = {
    "a sign-in": lambda twin: twin.but(),
    "a wrong password": lambda twin: twin.but(password="not the password"),  # noqa: S106
    "an unknown user": lambda twin: twin.but(starting_username="nobody-of-that-name"),
    "a malformed SRP_A": lambda twin: twin.but(a_sent="xyz"),
    "a timestamp that does not parse": lambda twin: twin.but(timestamp="now"),
    "an invalid refresh token": lambda twin: initiate(
        twin.pool, twin.client, "REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": "no.such.refresh.token.at-all"}
    ),
    "no parameters": lambda twin: initiate(twin.pool, twin.client, "USER_SRP_AUTH", {}),
}


@check(
    "SRP-24",
    level=MUST,
    severity=MEDIUM,
    clause="AWS service model of cognito-idp",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.answers.unmodelled-member": "which InitiateAuthResponse does not have",
        "pool.answers.unmodelled-error": "is not an error modelled for it",
        "pool.answers.wrong-type": "where",
    },
)
@cases("exchange", EXCHANGES)
def test_every_answer_is_one_that_the_service_model_allows(
    honest: HonestTwin, exchange: Callable[[HonestTwin], Outcome]
) -> None:
    """Answers have the members and types of the AWS service model, and errors are modelled for their operation.

    SDKs are generated from that model: a client meets a member of another type as a crash, and an
    error that is not modelled as one it has no branch for. The case "every exchange of the run" says
    the same of everything that the other checks saw.
    """
    exchange(honest)
    violations = honest.pool.wire.transcript.model_violations
    assert not violations, "; ".join(sorted(set(violations)))
