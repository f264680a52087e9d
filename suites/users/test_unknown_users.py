"""Names of nobody: STA-01 and STA-02."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.arrangement import TestUser
from harness.check import AWS_DOC, LOW, MEASURED, MEDIUM, MUST, POOL, cases, check
from harness.password_flows import PASSWORD_FLOWS
from harness.sign_in import between_honest

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import UserPool
    from harness.fixtures import HonestOf
    from harness.password_flows import PasswordFlow


def nobody(pool: UserPool) -> TestUser:
    """A name that no user has, and a password that could be one's."""
    return TestUser(pool.names.username(), pool.names.password())


@check(
    "STA-01",
    level=MUST,
    severity=LOW,
    clause="Cognito API, PreventUserExistenceErrors LEGACY",
    evidence=MEASURED,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={"pool.enumeration.hides-unknown-names-from-legacy": "where UserNotFoundException is documented"},
)
@cases("flow", PASSWORD_FLOWS)
def test_a_legacy_client_is_told_that_a_name_is_unknown(
    pool: UserPool, honest_of: HonestOf, flow: PasswordFlow, require: Callable[[str | None], None]
) -> None:
    """A client on LEGACY gets UserNotFoundException for a name of nobody, in every flow.

    Apps that offer to sign such a user up branch on this error. One that comes as another error, or
    as a challenge, sends new users to the wrong door.
    """
    require(flow.need)
    client = flow.client(pool)
    twin = honest_of(pool, client, pool.new_user())
    with between_honest(lambda: flow.run(twin, twin.user.password)):
        unknown = nobody(pool)
        outcome = flow.run(twin.of(unknown), unknown.password)
        assert outcome.challenge_name is None, f"a name of nobody brought the challenge {outcome.challenge_name}"
        outcome.must_be_refused("a name of nobody", with_error=("UserNotFoundException",))


@check(
    "STA-02",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito developer guide, managing user existence error responses; ASVS 5.0 6.3.8",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.enumeration.tells-unknown-names": "where NotAuthorizedException is documented",
        "pool.enumeration.no-simulated-challenge": "was not challenged as a known one is",
    },
)
@cases("flow", PASSWORD_FLOWS)
def test_a_client_on_enabled_is_not_told_that_a_name_is_unknown(
    pool: UserPool, honest_of: HonestOf, flow: PasswordFlow, require: Callable[[str | None], None]
) -> None:
    """A client on ENABLED gets for a name of nobody what it gets for a wrong password: the challenge, then the refusal.

    With any other answer, whoever has a list of addresses learns which of them have an account.
    Simulate the challenge of the flow, and refuse its answer with NotAuthorizedException.
    """
    require(flow.need)
    client = flow.client(pool, reveals_unknown_users=False)
    twin = honest_of(pool, client, pool.new_user())
    with between_honest(lambda: flow.run(twin, twin.user.password)):
        unknown = nobody(pool)
        outcome = flow.run(twin.of(unknown), unknown.password)
        outcome.must_be_refused("a name of nobody", with_error=("NotAuthorizedException",))
        known = flow.run(twin, "Xy9#not-the-password").must_be_refused("a wrong password")
        assert outcome.refusal == known, f"a name of nobody is refused with {outcome.refusal}, a known one with {known}"
        assert outcome.answer.operation.endswith("RespondToAuthChallenge") == flow.is_challenged, (
            f"a name of nobody was not challenged as a known one is: it was refused by {outcome.answer.operation}"
        )
