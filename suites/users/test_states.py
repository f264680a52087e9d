"""The states of a user that keep them out: STA-04."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.arrangement import TestUser
from harness.check import HIGH, MUST, POOL, REPORTED, cases, check
from harness.findings import Inconclusive
from harness.password_flows import PASSWORD_FLOWS
from harness.sign_in import between_honest

if TYPE_CHECKING:
    from harness.arrangement import AppClient, UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.password_flows import PasswordFlow


@dataclass(frozen=True)
class State:
    """A state: how a user gets into it and out of it, and the error that is documented."""

    enter: Callable[[UserPool, AppClient], TestUser]
    leave: Callable[[UserPool, TestUser], None]
    error: str


def disabled(pool: UserPool, client: AppClient) -> TestUser:
    """A user whom an administrator has disabled."""
    del client
    user = pool.new_user()
    pool.administer("AdminDisableUser", user.username)
    return user


def unconfirmed(pool: UserPool, client: AppClient) -> TestUser:
    """A user who signed up and has confirmed nothing."""
    user = TestUser(pool.names.username(), pool.names.password())
    pool.wire.transcript.redactor.learn(user.password)
    pool.wire.ask("SignUp", {"ClientId": client.client_id, "Username": user.username, "Password": user.password})
    return user


def reset(pool: UserPool, client: AppClient) -> TestUser:
    """A user whose password an administrator has reset."""
    del client
    username = pool.names.username()
    user = pool.new_user(username=username, email=pool.address_of(username))
    pool.administer("AdminResetUserPassword", user.username)
    return user


STATES = {
    "disabled": State(
        disabled,
        lambda pool, user: _administer(pool, "AdminEnableUser", user),
        "NotAuthorizedException",
    ),
    "unconfirmed": State(
        unconfirmed,
        lambda pool, user: _administer(pool, "AdminConfirmSignUp", user),
        "UserNotConfirmedException",
    ),
    "reset": State(
        reset,
        lambda pool, user: pool.set_password(user.username, user.password),
        "PasswordResetRequiredException",
    ),
}


def _administer(pool: UserPool, operation: str, user: TestUser) -> None:
    pool.administer(operation, user.username)


@check(
    "STA-04",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, InitiateAuth errors",
    evidence=REPORTED,
    subject=POOL,
    needs={"srp", "users", "configure"},
    killed_by={
        "pool.users.disabled-admitted": "tokens were issued for a disabled user",
        "pool.users.unconfirmed-admitted": "tokens were issued for an unconfirmed user",
        "pool.users.reset-admitted": "tokens were issued for a reset user",
        "pool.users.reset-told-before-the-proof": "with a wrong password: refused with HTTP 400 PasswordReset",
    },
)
@cases("state", {name: name for name in STATES})
@cases("flow", PASSWORD_FLOWS)
def test_a_user_in_no_state_to_sign_in_gets_no_tokens(
    pool: UserPool,
    honest_of: HonestOf,
    state: str,
    flow: PasswordFlow,
    require: Callable[[str | None], None],
    observe: Observe,
) -> None:
    """Disabled, unconfirmed and reset users get no tokens in any flow, even with the right password.

    Disabling a user is how an account in wrong hands is stopped, and a reset how a leaked password
    is; a flow that forgets to look leaves the door open. Look at the state in one place for all flows.
    """
    require(flow.need)
    client = flow.client(pool)
    known = honest_of(pool, client, pool.new_user())
    with between_honest(lambda: flow.run(known, known.user.password)):
        user = STATES[state].enter(pool, client)
        twin = known.of(user)
        a = "an" if state[0] in "aeiou" else "a"
        outcome = flow.run(twin, user.password)
        outcome.must_be_refused(f"{a} {state} user", with_error=(STATES[state].error,))
        wrong = flow.run(twin, "Xy9#not-the-password").must_be_refused(f"{a} {state} user with a wrong password")
        observe(f"{a} {state} user with a wrong password", f"refused with HTTP 400 {wrong.type}")
    STATES[state].leave(pool, user)
    if not flow.run(twin, user.password).has_tokens:
        raise Inconclusive(f"the user does not sign in either when no longer {state}, so the refusal proves nothing")
