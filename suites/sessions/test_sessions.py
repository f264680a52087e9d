"""What a Session is good for: STA-10."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, MUST, POOL, cases, check
from harness.findings import Inconclusive
from harness.flows import respond
from harness.second_factors import SOFTWARE_TOKEN, AuthenticatorApp, pool_with_mfa, set_up_software_token
from harness.sign_in import Outcome, between_honest

if TYPE_CHECKING:
    from harness.arrangement import AppClient, Arrangements, TestUser, UserPool
    from harness.fixtures import HonestOf
    from harness.sign_in import HonestTwin

NEW_PASSWORD, TOKEN = "NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"
Advance = Callable[[timedelta], None]


@dataclass
class Pending:
    """A challenge that waits, its Session, and how its right answer is made.

    `other` is another user of the pool.
    """

    twin: HonestTwin
    name: str
    session: str
    right: Callable[[], dict[str, str]]
    other: TestUser
    other_client: AppClient

    def answer(
        self,
        *,
        session: str | None = None,
        user: TestUser | None = None,
        client: AppClient | None = None,
        name: str | None = None,
        responses: dict[str, str] | None = None,
    ) -> Outcome:
        """The right answer, with what is given changed."""
        answered = {"USERNAME": (user or self.twin.user).username} | (self.right() if responses is None else responses)
        return respond(self.twin.pool, client or self.twin.client, name or self.name, session or self.session, answered)


@dataclass(frozen=True)
class Stage:
    """Where the sessions of a case are opened: users at one client, and another client of the same pool."""

    pool: UserPool
    of: Callable[[TestUser], HonestTwin]
    other_client: AppClient
    advance: Advance | None

    def with_app(self) -> tuple[HonestTwin, AuthenticatorApp]:
        """A fresh user who has set up a software token."""
        twin = self.of(self.pool.new_user())
        return twin, set_up_software_token(self.pool, twin.user, twin.but(), now=twin.now, advance=self.advance)


def new_password(stage: Stage) -> Pending:
    """NEW_PASSWORD_REQUIRED of a user without MFA."""
    pool = stage.pool
    twin = stage.of(pool.new_user())
    temporary, chosen = pool.names.password(), pool.names.password()
    pool.wire.transcript.redactor.learn(chosen)
    pool.set_temporary_password(twin.user.username, temporary)
    started = twin.but(password=temporary)
    return _pending(stage, twin, NEW_PASSWORD, started, lambda: {"NEW_PASSWORD": chosen})


def software_token(stage: Stage) -> Pending:
    """SOFTWARE_TOKEN_MFA."""
    twin, app = stage.with_app()
    return _pending(stage, twin, TOKEN, twin.but(), lambda: {f"{TOKEN}_CODE": app.fresh_code()})


def _pending(
    stage: Stage, twin: HonestTwin, name: str, started: Outcome, right: Callable[[], dict[str, str]]
) -> Pending:
    if started.challenge_name != name or started.session is None:
        raise Inconclusive(f"set-up failed: no {name} with a Session: {started.answer.described()}")
    return Pending(twin, name, started.session, right, stage.pool.new_user(), stage.other_client)


def used(pending: Pending, advance: Advance | None) -> None:
    """Answered rightly once, and then again."""
    del advance
    pending.answer().must_yield_tokens("the first answer")
    pending.answer().must_be_refused("a Session that has been used")


def late(pending: Pending, advance: Advance | None) -> None:
    """After AuthSessionValidity, which is 3 minutes here."""
    assert advance is not None, "the case needs a clock"
    advance(timedelta(minutes=3, seconds=1))
    pending.answer().must_be_refused("a Session that has expired")


def almost_late(pending: Pending, advance: Advance | None) -> None:
    """Just before it expires it still has to answer, or nobody has time to look for their phone."""
    assert advance is not None, "the case needs a clock"
    advance(timedelta(minutes=2))
    pending.answer().must_yield_tokens("a Session two minutes old")


def of_another_user(pending: Pending, advance: Advance | None) -> None:
    """In somebody else's name."""
    del advance
    pending.answer(user=pending.other).must_be_refused("a Session of another user")


def of_another_client(pending: Pending, advance: Advance | None) -> None:
    """By another client of the pool."""
    del advance
    pending.answer(client=pending.other_client).must_be_refused("a Session of another client")


def of_another_challenge(pending: Pending, advance: Advance | None) -> None:
    """To another challenge: the answer of one that was not asked for."""
    del advance
    pool, chosen = pending.twin.pool, pending.twin.pool.names.password()
    pool.wire.transcript.redactor.learn(chosen)
    for name, responses in (
        (NEW_PASSWORD, {"NEW_PASSWORD": chosen}),
        (TOKEN, {f"{TOKEN}_CODE": "000000"}),
        ("MFA_SETUP", {}),
        ("SMS_MFA", {"SMS_MFA_CODE": "000000"}),
        ("SELECT_MFA_TYPE", {"ANSWER": TOKEN}),
        ("SELECT_CHALLENGE", {"ANSWER": "PASSWORD", "PASSWORD": pending.twin.user.password}),
        ("PASSWORD", {"PASSWORD": pending.twin.user.password}),
    ):
        if name != pending.name:
            outcome = pending.answer(name=name, responses=responses)
            assert outcome.challenge_name is None, (
                f"a Session of another challenge: {pending.name}'s, answered as {name}, "
                f"brought {outcome.challenge_name}"
            )
            outcome.must_be_refused("a Session of another challenge")


def made_up(pending: Pending, advance: Advance | None) -> None:
    """None at all, and ones that nobody gave out."""
    del advance
    right = pending.right()
    for session in (pending.session[:-4] + "AAAA", "A" * 20, "A" * 4096):
        pending.answer(session=session, responses=right).must_be_refused("a Session that was made up")


@check(
    "STA-10",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, RespondToAuthChallenge Session; AuthSessionValidity",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "totp"},
    killed_by={
        "pool.sessions.reusable": "tokens were issued for a Session that has been used",
        "pool.sessions.never-expire": "tokens were issued for a Session that has expired",
        "pool.sessions.any-user": "tokens were issued for a Session of another user",
        "pool.sessions.any-client": "tokens were issued for a Session of another client",
        "pool.sessions.any-challenge": "a Session of another challenge",
        "pool.sessions.expire-after-a-minute": "a Session two minutes old did not sign in",
    },
)
@cases(
    "misused",
    {
        "used": used,
        "late": late,
        "almost late": almost_late,
        "other user": of_another_user,
        "other client": of_another_client,
        "other challenge": of_another_challenge,
        "made up": made_up,
    },
)
@cases("challenge", {NEW_PASSWORD: new_password, TOKEN: software_token})
def test_a_session_answers_its_own_challenge_once_and_soon(
    arrangements: Arrangements,
    honest_of: HonestOf,
    movable: Advance | None,
    require: Callable[[str | None], None],
    challenge: Callable[[Stage], Pending],
    misused: Callable[[Pending, Advance | None], None],
) -> None:
    """A Session answers once, within its validity, for its user, at its client, to its challenge.

    It stands for a first factor that was proved. One that lives on, or can be carried to another user
    or step, is a stolen first factor, and with it the second is all that an attacker needs, or not even
    that. Bind it to everything it stands for, and forget it when it has answered.
    """
    require("clock" if misused in (late, almost_late) else None)
    pool = pool_with_mfa(arrangements, "OPTIONAL", SOFTWARE_TOKEN)
    client = pool.client()
    stage = Stage(pool, lambda user: honest_of(pool, client, user), pool.client(which="second"), movable)
    with between_honest(lambda: software_token(stage).answer()):
        misused(challenge(stage), movable)
