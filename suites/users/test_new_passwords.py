"""Temporary passwords: STA-05."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, MUST, POOL, cases, check
from harness.findings import Finding
from harness.flows import respond
from harness.password_flows import PASSWORD_FLOWS
from harness.sign_in import Outcome, between_honest

if TYPE_CHECKING:
    from harness.arrangement import AppClient, UserPool
    from harness.fixtures import HonestOf
    from harness.password_flows import PasswordFlow

CHALLENGE = "NEW_PASSWORD_REQUIRED"
WEAK_PASSWORDS = {"too short": "Aa1!x", "no digit": "Abcdefgh!", "no upper case": "abcdefg1!"}


@check(
    "STA-05",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, NEW_PASSWORD_REQUIRED; AdminSetUserPassword",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.users.new-password-before-the-proof": "before the temporary password was proved",
        "pool.users.tokens-without-the-new-password": "tokens were issued for a temporary password",
        "pool.users.weak-new-password-taken": "a new password against the policy",
        "pool.users.new-password-not-set": "the temporary password after it was replaced",
    },
)
@cases("flow", PASSWORD_FLOWS)
def test_a_temporary_password_has_to_be_replaced(
    pool: UserPool, honest_of: HonestOf, flow: PasswordFlow, require: Callable[[str | None], None]
) -> None:
    """A temporary password, once proved, brings NEW_PASSWORD_REQUIRED and nothing else until it is replaced.

    The challenge before the proof lets anybody set the password of a new account; tokens without it
    leave the password that was sent by mail valid for ever. The new one has to meet the policy, works
    from then on, and the temporary one no longer does.
    """
    require(flow.need)
    client = flow.client(pool)
    known = honest_of(pool, client, pool.new_user())
    with between_honest(lambda: flow.run(known, known.user.password)):
        user = pool.new_user()
        temporary, chosen = pool.names.password(), pool.names.password()
        pool.set_temporary_password(user.username, temporary)
        pool.wire.transcript.redactor.learn(chosen)
        twin = known.of(user)
        _must_not_be_challenged(flow.run(twin, "Xy9#not-the-password"))

        asked = _must_be_challenged(flow.run(twin, temporary))
        for weakness, weak in WEAK_PASSWORDS.items():
            outcome = _choose(twin.pool, client, asked, user.username, weak, flow)
            what = f"a new password against the policy ({weakness})"
            outcome.must_be_refused(what, with_error=("InvalidPasswordException",))
            asked = _must_be_challenged(flow.run(twin, temporary))
        _choose(twin.pool, client, asked, user.username, chosen, flow).must_yield_tokens("the new password")

        flow.run(twin, temporary).must_be_refused("the temporary password after it was replaced")
        flow.run(twin, chosen).must_yield_tokens("the new password, the next time,")


def _choose(
    pool: UserPool, client: AppClient, asked: Outcome, username: str, password: str, flow: PasswordFlow
) -> Outcome:
    responses = {"USERNAME": username, "NEW_PASSWORD": password}
    return respond(pool, client, CHALLENGE, asked.session, responses, by_administrator=flow.by_administrator)


def _must_not_be_challenged(outcome: Outcome) -> None:
    if outcome.challenge_name == CHALLENGE:
        raise Finding(f"{CHALLENGE} came before the temporary password was proved")
    outcome.must_be_refused("a wrong password of a user with a temporary one")


def _must_be_challenged(outcome: Outcome) -> Outcome:
    if outcome.has_tokens:
        raise Finding("tokens were issued for a temporary password that was not replaced")
    if outcome.challenge_name != CHALLENGE:
        raise Finding(f"a temporary password, proved, brought no {CHALLENGE}: {outcome.answer.described()}")
    return outcome
