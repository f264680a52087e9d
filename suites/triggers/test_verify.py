"""VerifyAuthChallengeResponse: TRG-V-01 to TRG-V-05."""

from __future__ import annotations

import statistics
from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, HIGH, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, check
from harness.custom_auth import must_be_challenged, must_not_sign_in
from harness.dialects import Say
from harness.findings import Finding, Inconclusive
from harness.trigger_flows import WRONG_ANSWER, Pending, must_sign_in, verify_event
from harness.triggers import VERIFY

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from harness.dialects import Dialect
    from harness.fixtures import Observe
    from harness.trigger_flows import CodeFlow, Flow, LinkFlow
    from harness.triggers import Call, TriggersUnderTest

FIRST, LAST = 0, -2
"""Places in an answer. Not every bit of the very last character in base64 counts: the one before it stands for it."""

ROUNDS = 10
SMALLEST_DIFFERENCE = 0.004
"""Seconds. A comparison that leaks less cannot be seen through a busy machine."""

MOST_BY_CHANCE = 0.8
"""Share of pairs. By chance 8 of 10 go the same way in one series of 18."""

SERIES = 3
"""Both bounds have to be passed in so many series running: by chance, once in 6 000 runs, were all as slow as that."""


def told(call: Call) -> object:
    """answerCorrect, whatever stands there."""
    return call.response.get("answerCorrect")


@check(
    "TRG-V-01",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Verify auth challenge response Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={
        "triggers.verify.answer-correct-left-unset": "is answered with answerCorrect None",
        "triggers.verify.text-for-a-flag": "is answered with answerCorrect 'false'",
        "triggers.verify.dummy-is-right": "where nothing was asked yet, any answer is right",
    },
)
def test_the_verdict_is_a_boolean(flows: list[Flow], triggers: TriggersUnderTest, dialect: Dialect) -> None:
    """The verdict answerCorrect is true or false, never absent, null or a text, and false for the unknown.

    The event comes in with null there. A path that does not set it leaves the verdict to whoever reads it.
    """
    at_first = flows[0].begin(flows[0].new_user())
    must_be_challenged(at_first.initiate(), "InitiateAuth")
    waiting = Pending(at_first.user, at_first, Say(WRONG_ANSWER), WRONG_ANSWER)
    told_at_first = told(triggers.invoke(VERIFY, verify_event(waiting, triggers)))
    assert told_at_first is not True, "where nothing was asked yet, any answer is right"
    assert told_at_first is False, f"an answer to nothing is answered with answerCorrect {told_at_first!r}, not false"
    for flow in flows:
        pending = flow.pending()
        answer = _wrong_at(pending, FIRST)  # of the right form: what comes of any other is TRG-V-02's question
        judged = triggers.invoke(VERIFY, verify_event(pending, triggers, answer))
        assert judged.failed is None, f"VerifyAuthChallengeResponse raised on a wrong answer: {judged.failed}"
        wrong = told(judged)
        assert wrong is False, f"a wrong answer is answered with answerCorrect {wrong!r}, not false"
        if dialect.method_member:
            event = verify_event(pending, triggers, answer)
            event["request"]["clientMetadata"] = {dialect.method_member: "NOPE"}
            unknown = told(triggers.invoke(VERIFY, event))
            assert unknown is False, f"an unknown method is answered with answerCorrect {unknown!r}, not false"
        fresh = flow.pending()
        right = told(triggers.invoke(VERIFY, verify_event(fresh, triggers)))
        assert right is True, f"a right answer is answered with answerCorrect {right!r}, not true"


ANSWERS_A_SESSION = 3
"""A flow may count wrong answers, and look at no more after a few."""

MALFORMED = {
    "empty": "",
    "no separator": "abc",
    "separators only": "...",
    "null": "null",
    "a number": "0",
    "true": "true",
    "empty object": "{}",
    "empty array": "[]",
    "nested": "[" * 2000,
    "100 kB": "A" * 100_000,
    "emoji": "🦦.🦦",
    "lone surrogate": "\ud800.\udfff",
    "NUL": "\0",
    "base64 padding": "====.====",
    "not base64": "%%%%.%%%%",
    "prototype": '{"__proto__": {"secretCode": "1"}}',
}


@check(
    "TRG-V-02",
    level=MUST,
    severity=MEDIUM,
    clause="robustness; UserLambdaValidationException tells a malformed answer from a wrong one",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={"triggers.verify.raises-on-malformed-answers": "raised on a malformed answer"},
)
def test_a_malformed_answer_is_a_wrong_answer(flows: list[Flow], triggers: TriggersUnderTest) -> None:
    """An answer of any form that is not the right one is answered with false, not with an exception.

    An exception tells an attacker how answers are read, ends the sign-in for an honest user's slip, and costs no
    attempt. Catch what reading an answer can raise.
    """
    for flow in flows:
        for number, (name, answer) in enumerate(MALFORMED.items()):
            if number % ANSWERS_A_SESSION == 0:
                pending = flow.pending()
            judged = triggers.invoke(VERIFY, verify_event(pending, triggers, answer))
            if judged.failed is not None:
                raise Finding(
                    f"VerifyAuthChallengeResponse raised on a malformed answer ({name}, {flow.method}): {judged.failed}"
                )
            assert told(judged) is False, f"a malformed answer ({name}) is answered with answerCorrect {told(judged)!r}"
        must_sign_in(flow.pending().answer(), "the right answer")


@check(
    "TRG-V-03",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Verify auth challenge response Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.any-user": "another's challenge"},
)
def test_a_link_answers_its_own_users_challenge(links: LinkFlow) -> None:
    """A link that was sent to one user answers no other user's challenge.

    The private parameters of this session, and the store, say what is right for this user. What is right for
    somebody is not enough.
    """
    with links.genuine() as mine:
        theirs = links.pending()
        for outcome in (theirs.sign_in.respond(theirs_said(links, mine.secret)), links.redeem(mine, user=theirs.user)):
            if outcome.has_tokens:
                raise Finding("tokens were issued for one user's link as the answer to another's challenge")
            must_not_sign_in(outcome, "one user's link as the answer to another's challenge")


def theirs_said(links: LinkFlow, secret: str) -> Say:
    """An answer with a link, in the session that it was not sent for."""
    return links.spoken.redeem(secret, links.triggers.redirect_uri, elsewhere=True)


@check(
    "TRG-V-03b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Verify auth challenge response Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "clock", "trigger-clock"},
    killed_by={"triggers.codes.good-in-any-session": "the challenge of another sign-in"},
)
def test_a_code_answers_its_own_challenge(codes: CodeFlow, advance: Callable[[timedelta], None]) -> None:
    """A code that was sent for one sign-in answers no other sign-in's challenge, the same user's or another's.

    Six digits are safe only as long as one challenge knows them. Bind a code to the session that it was sent for.
    """
    user = codes.new_user()
    first = codes.ask(user)
    advance(timedelta(seconds=61))
    second = codes.ask(user)
    other = codes.ask()
    for code, asked in ((second, first), (second, other), (first, other)):
        outcome = codes.answer(code, sign_in=asked.sign_in, access_token=asked.access_token)
        if outcome.has_tokens:
            raise Finding("tokens were issued for a code as the answer to the challenge of another sign-in")
        must_not_sign_in(outcome, "a code as the answer to the challenge of another sign-in")
    must_sign_in(codes.answer(second), "the newest code in its own sign-in")


@check(
    "TRG-V-04",
    level=MUST,
    severity=MEDIUM,
    clause="ASVS 5.0 11.2.4",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "in-process", "trigger-events", "invocation"},
    killed_by={"triggers.codes.compares-digit-by-digit-slowly": "takes longer to refuse"},
)
def test_the_time_of_a_refusal_does_not_tell_where_an_answer_is_wrong(
    flows: list[Flow], triggers: TriggersUnderTest, randomness: random.Random, observe: Observe
) -> None:
    """An answer wrong in its first character and one wrong in its last are refused in the same time.

    A comparison that stops at the first difference tells how far a guess was right. Compare in constant time, or
    compare hashes. (Only a gross difference can be seen from outside: the figure is recorded for reviewers.)
    """
    for flow in flows:
        for _ in range(SERIES):
            difference, slower = _series(flow, triggers, randomness)
            observe(
                f"difference for {flow.method}", f"{difference * 1e6:.0f} µs; slower in {slower:.0%} of {ROUNDS} pairs"
            )
            if difference < SMALLEST_DIFFERENCE or slower < MOST_BY_CHANCE:
                break
        else:
            raise Finding(
                f"VerifyAuthChallengeResponse takes longer to refuse an answer that is wrong in its last character:"
                f" by {difference * 1e3:.1f} ms ({flow.method})"
            )


def _series(flow: Flow, triggers: TriggersUnderTest, randomness: random.Random) -> tuple[float, float]:
    """By how much a late difference takes longer in the median (seconds), and in which share of the pairs."""
    seconds: dict[int, list[float]] = {FIRST: [], LAST: []}
    for _ in range(ROUNDS):
        pending = flow.pending()
        for place in randomness.sample([FIRST, LAST], 2):  # in either order, lest one always come second
            event = verify_event(pending, triggers, _wrong_at(pending, place))
            started = perf_counter()
            judged = triggers.invoke(VERIFY, event)
            seconds[place].append(perf_counter() - started)
            assert told(judged) is not True, "an answer that is wrong in one character is right"
    difference = statistics.median(seconds[LAST]) - statistics.median(seconds[FIRST])
    slower = sum(late > early for early, late in zip(seconds[FIRST], seconds[LAST], strict=True)) / ROUNDS
    return difference, slower


def _wrong_at(pending: Pending, place: int) -> str:
    """The right answer with one character of the secret changed."""
    secret = pending.secret
    spoilt = list(secret)
    spoilt[place] = "0" if spoilt[place] != "0" else "1"
    return pending.right.answer.replace(secret, "".join(spoilt))


@check(
    "TRG-V-05",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Verify auth challenge response Lambda trigger (userNotFound)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={"triggers.verify.ignores-user-not-found": "is right for a user who does not exist"},
)
def test_no_answer_is_right_for_nobody(flows: list[Flow], triggers: TriggersUnderTest) -> None:
    """With userNotFound every answer is wrong, also one that would be right for somebody.

    Links and codes outlive the user they were sent to. Look at userNotFound first.
    """
    for flow in flows:
        pending = flow.pending()
        event = verify_event(pending, triggers)
        nobody = {**event, "request": {**event["request"], "userNotFound": True}}
        judged = told(triggers.invoke(VERIFY, nobody))
        assert judged is not True, f"an answer is right for a user who does not exist ({flow.method})"
        assert judged is False, f"an answer for nobody is answered with answerCorrect {judged!r}"
        must_sign_in(pending.answer(), "the same answer for somebody")


@check(
    "TRG-V-06d",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito developer guide, user account states",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={"triggers.verify.any-user-state": "is a right answer"},
)
def test_a_user_who_owes_a_password_is_sent_nothing_to_sign_in_with(flow: Flow, triggers: TriggersUnderTest) -> None:
    """A user whose invitation still waits (FORCE_CHANGE_PASSWORD) does not sign in by link or code.

    The pool leaves it to the triggers: the state stands in the event as cognito:user_status. An account that somebody
    made for an address must not become its owner's before they have taken it over. (A team that means links to be the
    way in from an invitation waives this check.)
    """
    must_sign_in(flow.sign_in(), "a confirmed user")
    user = flow.new_user()
    flow.pool.set_temporary_password(user.username, flow.pool.names.password())
    try:
        waiting = flow.pending(user)
    except Inconclusive:
        assert not flow.sent_to(user), "something was sent to a user who owes a new password"
        return
    if told(triggers.invoke(VERIFY, verify_event(waiting, triggers))):
        raise Finding("what was sent to a user who owes a new password is a right answer")
