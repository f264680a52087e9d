"""Whole sign-ins through the pool: attempts, methods, retries. TRG-D-06 to TRG-D-09, TRG-D-13."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, HIGH, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import CUSTOM_CHALLENGE, CustomChange, at_once, must_not_sign_in
from harness.findings import Finding, Inconclusive
from harness.mail import wrong_code
from harness.sign_in import Left
from harness.trigger_flows import WRONG_ANSWER, must_sign_in, verify_event
from harness.triggers import CREATE, VERIFY

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import TestUser
    from harness.dialects import Dialect, Say
    from harness.fixtures import Observe
    from harness.trigger_flows import CodeFlow, Flow, LinkFlow, Pending
    from harness.triggers import TriggersUnderTest

MOST_ATTEMPTS = 10
"""Wrong answers a sign-in may take. ASVS and NIST give no figure for one session; no honest user needs more."""

AT_ONCE = 50
SLOW = timedelta(seconds=5)
"""After so long Cognito calls a trigger again."""


@check(
    "TRG-D-06",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 6.6.3; NIST SP 800-63B 5.2.2",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth"},
    killed_by={"triggers.define.no-attempts-cap": "goes on after"},
)
def test_a_sign_in_ends_after_a_few_wrong_answers(flow: Flow, observe: Observe) -> None:
    """Wrong answers end the sign-in after a few; a right one before that is still good.

    Every further attempt that a session grants is a further guess. Count the rounds in DefineAuthChallenge and set
    failAuthentication at the limit, whatever the answers were.
    """
    cap = _wrong_answers_to_the_end(flow.pending())
    assert cap is not None, f"a sign-in goes on after {MOST_ATTEMPTS} wrong answers"
    observe("wrong answers that end a sign-in", str(cap))
    pending = flow.pending()
    for number in range(1, cap):
        outcome = pending.answer_wrongly()
        assert not outcome.has_tokens, "tokens were issued for a wrong answer"
        assert outcome.challenge_name == CUSTOM_CHALLENGE, (
            f"one sign-in ends after {cap} wrong answers, another after {number}: {outcome.answer.described()}"
        )
    right = pending.answer()
    assert right.has_tokens, f"a right answer is not honoured after {cap - 1} wrong ones: {right.answer.described()}"
    pending = flow.pending()
    for _ in range(cap):
        outcome = pending.answer_wrongly()
        assert not outcome.has_tokens, "tokens were issued for a wrong answer"
    assert outcome.challenge_name is None, f"the sign-in goes on after {cap} wrong answers"
    must_not_sign_in(pending.answer(), "a right answer after the last attempt")


def _wrong_answers_to_the_end(pending: Pending) -> int | None:
    """How many end the sign-in; None when it goes on after the most that it may take."""
    for number in range(1, MOST_ATTEMPTS + 1):
        outcome = pending.answer_wrongly()
        assert not outcome.has_tokens, "tokens were issued for a wrong answer"
        if outcome.challenge_name != CUSTOM_CHALLENGE:
            return number
    return None


@check(
    "TRG-D-07",
    level=SHOULD,
    severity=HIGH,
    clause="NIST SP 800-63B 5.2.2, under concurrency; open-cvdb #383, #384",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "trigger-events", "invocation"},
    killed_by={"triggers.codes.attempts-read-then-written": "is honoured after"},
)
async def test_parallel_guesses_do_not_outrun_the_cap(codes: CodeFlow, triggers: TriggersUnderTest) -> None:
    """After fifty wrong answers at once a sign-in is as much at its end as after fifty in a row.

    A count that is read, compared and then written is outrun by parallel requests: it has happened at Cognito itself,
    in 2021 and 2023. Whoever guesses codes sends them all at once. Count in one conditional write.
    """
    must_sign_in(codes.sign_in(), "a sign-in alone")
    in_a_row, at_the_same_time = codes.pending(), codes.pending()
    for _ in range(MOST_ATTEMPTS):
        triggers.invoke(VERIFY, verify_event(in_a_row, triggers, _wrong_code(in_a_row)))
    if triggers.invoke(VERIFY, verify_event(in_a_row, triggers)).response.get("answerCorrect") is True:
        return  # the verify trigger counts nothing: DefineAuthChallenge and the Session do (TRG-D-06, TRG-D-11c)
    wrong = verify_event(at_the_same_time, triggers, _wrong_code(at_the_same_time))
    await at_once([lambda: triggers.invoke(VERIFY, wrong)] * AT_ONCE)
    told = triggers.invoke(VERIFY, verify_event(at_the_same_time, triggers)).response.get("answerCorrect")
    assert told is not True, (
        f"a right answer is honoured after {AT_ONCE} wrong ones at once, and not after as many in a row"
    )
    must_sign_in(codes.sign_in(), "another user meanwhile")


def _wrong_code(pending: Pending) -> str:
    """The right answer but for one digit."""
    return pending.right.answer.replace(pending.secret, wrong_code(pending.secret))


@check(
    "TRG-D-08",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, RespondToAuthChallenge ClientMetadata (not validated)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "several-methods", "magic-links", "codes"},
    killed_by={"triggers.define.method-may-change": "was answered in another method's name"},
)
@cases("challenged_by", {"link challenged": 0, "code challenged": 1})
def test_a_challenge_is_answered_by_its_own_method(
    links: LinkFlow, codes: CodeFlow, dialect: Dialect, challenged_by: int
) -> None:
    """A challenge of one method is not met by what answers another, whatever the client's metadata says.

    ClientMetadata is whatever the client likes. A verify trigger that picks its method from it lets an attacker
    choose the weakest. Keep the method in the private challenge parameters and verify by that.
    """
    flows: tuple[Flow, Flow] = (links, codes)
    challenged, other = flows[challenged_by], flows[1 - challenged_by]
    user = challenged.new_user()
    waiting = challenged.pending(user)
    answering = other.pending(user)
    outcome = waiting.sign_in.respond(answering.right)
    if outcome.has_tokens:
        raise Finding(f"a {challenged.method} challenge was answered as another method, {other.method}: tokens")
    must_not_sign_in(outcome, "the answer of another method")
    renamed = challenged.pending()
    outcome = renamed.answer(CustomChange(metadata={dialect.method_member or "": other.method}))
    if outcome.has_tokens:
        raise Finding(f"a {challenged.method} challenge was answered in another method's name: tokens")
    must_sign_in(challenged.sign_in(), f"a sign-in by {challenged.method}")


@check(
    "TRG-D-08b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, RespondToAuthChallenge ClientMetadata (not validated)",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "several-methods", "magic-links", "codes", "trigger-events", "invocation"},
    killed_by={"triggers.verify.method-from-the-client": "any answer is right"},
)
@cases("challenged_by", {"link challenged": 0, "code challenged": 1})
def test_no_name_of_a_method_makes_an_answer_right(
    links: LinkFlow, codes: CodeFlow, dialect: Dialect, triggers: TriggersUnderTest, challenged_by: int
) -> None:
    """A wrong answer stays wrong whichever method the client names beside it.

    A verify trigger that picks its method from the metadata can be sent to one that has nothing to compare with.
    """
    flows: tuple[Flow, Flow] = (links, codes)
    challenged, other = flows[challenged_by], flows[1 - challenged_by]
    member = dialect.method_member or ""
    renamed = challenged.pending()
    for name in (other.method, "FIDO2", "NOPE", "password"):
        event = verify_event(renamed, triggers, WRONG_ANSWER)
        event["request"]["clientMetadata"] = {**renamed.right.metadata, member: name}
        if triggers.invoke(VERIFY, event).response.get("answerCorrect"):
            raise Finding(f"any answer is right when the client names the method {name!r} ({challenged.method})")
    must_sign_in(challenged.sign_in(), f"a sign-in by {challenged.method}")


UNKNOWN_METHODS = {
    "made up": "NOPE",
    "absent": Left.OUT,
    "empty": "",
    "__proto__": "__proto__",
    "constructor": "constructor",
    "array": '["MAGIC_LINK"]',
}


@check(
    "TRG-D-09",
    level=MUST,
    severity=HIGH,
    clause="the requirement of RFC 5054 section 2.6, for any proof",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "several-methods"},
    killed_by={"triggers.define.unknown-method-is-a-link": "an answer in the name of no method"},
)
@cases("named", UNKNOWN_METHODS)
def test_an_unknown_method_signs_nobody_in(flow: Flow, dialect: Dialect, named: str | Left) -> None:
    """A method that the flow does not know, or none, sends nothing and brings no tokens.

    The name of the method is the client's to write. A trigger that looks it up in a table finds `__proto__` there
    too, and one that falls back on a default lets the client choose the weakest by naming none.
    """
    member = dialect.method_member or ""
    user, before = flow.new_user(), flow.post.moment()
    asked = flow.begin(user)
    said = [_renamed(each, member, named) for each in flow.starts(user)]
    outcome = asked.say(*said)
    must_not_sign_in(outcome, f"a method that is no method ({named!r})")
    if outcome.challenge_name == CUSTOM_CHALLENGE:
        for answer in (WRONG_ANSWER, "", said[-1].answer if said else ""):
            if outcome.challenge_name != CUSTOM_CHALLENGE:
                break
            asked.change = CustomChange(answer=answer, metadata={member: named})
            outcome = asked.respond(said[-1])
            must_not_sign_in(outcome, f"an answer to no method ({named!r})")
    sent = flow.post.came(before, flow.address_of(user))
    assert not sent, f"a link or code was sent for a method that nobody knows ({named!r})"
    waiting = flow.pending(user)
    must_not_sign_in(
        waiting.answer(CustomChange(metadata={member: named})), f"an answer in the name of no method ({named!r})"
    )
    must_sign_in(flow.sign_in(), "the honest method")


def _renamed(said: Say, member: str, named: str | Left) -> Say:
    metadata = {name: value for name, value in said.metadata.items() if name != member}
    return type(said)(said.answer, metadata | ({member: named} if isinstance(named, str) else {}))


@check(
    "TRG-D-10",
    level=SHOULD,
    severity=HIGH,
    clause="ASVS 5.0 6.3.4",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "passkey-policy", "clock", "trigger-clock"},
    killed_by={"triggers.verify.passkey-policy-only-when-asking": "redeems a link"},
)
def test_who_has_a_passkey_signs_in_with_it(links: LinkFlow, dialect: Dialect, triggers: TriggersUnderTest) -> None:
    """A user with a passkey is sent no link, under whatever name they ask, and redeems none that they had before.

    A passkey that can be gone round by link protects nobody from a stolen mailbox. Look for it by the user's sub, where
    links are sent and again where they are redeemed.
    """
    user = links.new_user()
    link = links.ask(user)
    sub = _sub(links, user)
    item = dialect.passkey_item(sub)
    if item is None or triggers.settings.passkeys_table is None:
        raise Inconclusive("the dialect has no passkey_item; give it one, or leave triggers.passkeys_table out")
    triggers.tables.put(triggers.settings.passkeys_table, item)
    if links.redeem(link, same_session=True).has_tokens:
        raise Finding("a user who has a passkey since redeems a link that was sent before")
    for name in (user.username, user.email or "", (user.email or "").upper(), user.username.upper()):
        links.later()
        asked = links.request(user, change=CustomChange(starting_username=name))
        assert not asked.was_sent, f"a user with a passkey is sent a link when asking as {_kind(name, user)}"
        assert not asked.outcome.has_tokens, "tokens were issued to a user with a passkey for asking"
    must_sign_in(links.sign_in(), "a user without a passkey")


def _sub(links: LinkFlow, user: TestUser) -> str:
    attributes = links.pool.administer("AdminGetUser", user.username).get("UserAttributes", [])
    return next((str(each["Value"]) for each in attributes if each.get("Name") == "sub"), "")


def _kind(name: str, user: TestUser) -> str:
    kind = "their address" if "@" in name else "their name"
    return f"{kind} in another case" if name not in (user.username, user.email) else kind


@check(
    "TRG-D-13",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, triggers are called up to three times",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "clock", "trigger-clock", "trigger-events", "invocation"},
    killed_by={
        "triggers.create.mails-on-every-try": "messages were sent",
        "triggers.codes.texts-on-every-try": "messages were sent",
        "triggers.links.retry-loses-the-link": "is refused when the same event comes again",
        "triggers.codes.retry-loses-the-code": "is refused when the same event comes again",
    },
)
@cases("which", {"create": CREATE, "verify": VERIFY})
def test_an_event_that_comes_again_changes_nothing(
    flows: list[Flow], triggers: TriggersUnderTest, advance: Callable[[timedelta], None], which: str
) -> None:
    """Called three times with one event, a trigger sends one message, and honours the right answer each time.

    Cognito gives a trigger five seconds and calls it again when it was slow, with the same event: the user must
    not get three mails, and a link that the first try has used up must not be refused to the user by the second.
    Remember by the event (its session, its private parameters) what was done for it.
    """
    for flow in flows:
        pending = flow.pending()
        if which == CREATE:
            _asked_again(flow, pending, triggers, advance)
        else:
            _answered_again(pending, triggers, advance)


def _asked_again(
    flow: Flow, pending: Pending, triggers: TriggersUnderTest, advance: Callable[[timedelta], None]
) -> None:
    sent = len(flow.sent_to(pending.user))
    event = triggers.calls_of(CREATE)[-1].event
    for _ in range(2):
        advance(SLOW)
        triggers.invoke(CREATE, event)
    again = len(flow.sent_to(pending.user))
    assert again == sent, f"{again} messages were sent where one event came three times ({flow.method})"
    answered = pending.answer()
    assert answered.has_tokens, f"what was sent by {flow.method} is no longer good when its event has come again"


def _answered_again(pending: Pending, triggers: TriggersUnderTest, advance: Callable[[timedelta], None]) -> None:
    must_sign_in(pending.answer(), "the right answer")
    call = triggers.calls_of(VERIFY)[-1]
    if call.response.get("answerCorrect") is not True:
        raise Inconclusive("the right answer was honoured without VerifyAuthChallengeResponse saying so")
    for _ in range(2):
        advance(SLOW)
        told = triggers.invoke(VERIFY, call.event).response.get("answerCorrect")
        assert told is True, "a right answer is refused when the same event comes again, as after a slow try"
