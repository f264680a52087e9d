"""Guessing passwords: STA-06."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, MUST, POOL, cases, check
from harness.password_flows import PASSWORD_FLOWS
from harness.sign_in import between_honest

if TYPE_CHECKING:
    from harness.arrangement import TestUser, UserPool
    from harness.fixtures import HonestOf
    from harness.password_flows import PasswordFlow
    from harness.sign_in import HonestTwin
    from harness.targets import Target

Rule = Callable[["Guesses", Callable[[timedelta], None], "TestUser"], None]

FREE_FAILURES = 5
WRONG = "Xy9#not-the-password"
LOCKED = "Password attempts exceeded"


class Guesses:
    """Wrong passwords for one user in one flow, on a clock that stands still between them."""

    def __init__(self, flow: PasswordFlow, twin: HonestTwin, advance: Callable[[timedelta], None]) -> None:
        self._flow = flow
        self._twin = twin
        self._advance = advance

    def fail(self, times: int, *, user: TestUser | None = None) -> None:
        """Send wrong passwords, each after the lock that the one before it may have brought."""
        for count in range(1, times + 1):
            refusal = self._flow.run(self._of(user), WRONG).must_be_refused("a wrong password")
            assert LOCKED not in refusal.message, f"locked at failure {count}, though every lock was waited for"
            if count < times:
                self._advance(timedelta(seconds=_seconds(count)))

    def must_be_locked(self, why: str, *, user: TestUser | None = None, password: str | None = None) -> None:
        """The right password, or the one given, has to be refused as for a locked user."""
        outcome = self._flow.run(self._of(user), password or self._twin.user.password)
        refusal = outcome.must_be_refused(f"the right password {why}", with_error=("NotAuthorizedException",))
        assert LOCKED in refusal.message, f"no lockout {why}: refused with {refusal.message!r}, which is not {LOCKED!r}"

    def must_be_open(self, when: str) -> None:
        """The right password has to sign in."""
        self._flow.run(self._twin, self._twin.user.password).must_yield_tokens(f"the right password {when}")

    def _of(self, user: TestUser | None) -> HonestTwin:
        return self._twin if user is None else self._twin.of(user)


def _seconds(failures: int) -> float:
    """How long a user is locked after so many failures."""
    return 2.0 ** (failures - FREE_FAILURES) if failures >= FREE_FAILURES else 0.0


def after_five_failures(guesses: Guesses, advance: Callable[[timedelta], None], unknown: TestUser) -> None:
    """A second after the fifth, twice as long after the sixth, and so on."""
    del unknown
    guesses.fail(FREE_FAILURES)
    guesses.must_be_locked("within a second of the fifth failure")
    advance(timedelta(seconds=1))
    guesses.must_be_open("after the lock of the fifth failure")
    guesses.fail(8)
    advance(timedelta(seconds=7))
    guesses.must_be_locked("7 s after the eighth failure")
    advance(timedelta(seconds=1))
    guesses.must_be_open("8 s after the eighth failure")


def not_before_the_fifth(guesses: Guesses, advance: Callable[[timedelta], None], unknown: TestUser) -> None:
    """Four failures cost nothing, and a sign-in takes them back."""
    del advance, unknown
    for _ in range(3):
        guesses.fail(FREE_FAILURES - 1)
        guesses.must_be_open("after four failures")


def attempts_while_locked(guesses: Guesses, advance: Callable[[timedelta], None], unknown: TestUser) -> None:
    """They do not prolong the lock, and do not count."""
    del unknown
    guesses.fail(7)
    for _ in range(3):
        advance(timedelta(seconds=1))
        guesses.must_be_locked("while locked", password=WRONG)
    advance(timedelta(seconds=1))
    guesses.must_be_open("after the lock, though it was tried in the meantime")


def names_of_nobody(guesses: Guesses, advance: Callable[[timedelta], None], unknown: TestUser) -> None:
    """They are locked in the same way, or the lock would tell who exists."""
    del advance
    guesses.fail(FREE_FAILURES, user=unknown)
    guesses.must_be_locked("for a name of nobody", user=unknown, password=WRONG)


def at_most_a_quarter_of_an_hour(guesses: Guesses, advance: Callable[[timedelta], None], unknown: TestUser) -> None:
    """However many failures there were."""
    del unknown
    guesses.fail(14)
    for _ in range(6):
        advance(timedelta(minutes=15))
        guesses.fail(1)
    advance(timedelta(minutes=16))
    guesses.must_be_open("16 minutes after the last of 20 failures")


@check(
    "STA-06",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, lockout behaviour for failed sign-in attempts",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "clock"},
    killed_by={
        "pool.lockout.missing": "tokens were issued for the right password within a second of the fifth failure",
        "pool.lockout.right-password-passes": "tokens were issued for the right password within a second",
        "pool.lockout.extended-by-attempts": "the right password after the lock, though it was tried in the meantime",
        "pool.lockout.never-ends": "the right password after the lock of the fifth failure did not sign in",
        "pool.lockout.not-reset-by-success": "locked at failure",
        "pool.lockout.of-known-users-only": "no lockout for a name of nobody",
        "pool.lockout.without-a-limit": "though every lock was waited for",
    },
)
@cases(
    "case",
    {f"after five failures in {name}": (flow, after_five_failures) for name, flow in PASSWORD_FLOWS.items()}
    | {
        "not before the fifth": (PASSWORD_FLOWS["USER_SRP_AUTH"], not_before_the_fifth),
        "attempts while locked": (PASSWORD_FLOWS["USER_SRP_AUTH"], attempts_while_locked),
        "names of nobody": (PASSWORD_FLOWS["USER_SRP_AUTH"], names_of_nobody),
        "at most a quarter of an hour": (PASSWORD_FLOWS["USER_SRP_AUTH"], at_most_a_quarter_of_an_hour),
    },
)
def test_guessing_locks_the_user_for_a_while(
    pool: UserPool,
    target: Target,
    honest_of: HonestOf,
    set_clock: Callable[[datetime], None],
    require: Callable[[str | None], None],
    case: tuple[PasswordFlow, Rule],
) -> None:
    """After five wrong passwords a user is locked for 2^(n-5) seconds, and then even the right one is refused.

    Without it a password can be guessed at the speed of the network. A lock that a right password
    opens does not slow a guesser; one that attempts prolong lets anybody lock others out for good.
    """
    flow, rule = case
    require(flow.need)
    client = flow.client(pool, reveals_unknown_users=False)
    twin = honest_of(pool, client, pool.new_user())
    unknown = honest_of(pool, client, pool.new_user()).user
    pool.administer("AdminDeleteUser", unknown.username)
    set_clock(target.now())
    with between_honest(lambda: flow.run(twin, twin.user.password)):
        rule(Guesses(flow, twin, target.clock.advance), target.clock.advance, unknown)
        target.clock.advance(timedelta(minutes=16))
