"""How often a code may be guessed, used and sent, and for how long: OTP-03, OTP-04, OTP-05, OTP-12, OTP-15."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.check import CRITICAL, HIGH, MEDIUM, MUST, OWN, RFC, SHOULD, TRIGGERS, cases, check
from harness.code_samples import Strangers
from harness.custom_auth import CUSTOM_CHALLENGE, must_be_challenged, must_not_sign_in
from harness.findings import Finding, Inconclusive
from harness.trigger_flows import Code, must_sign_in, verify_event
from harness.triggers import VERIFY
from suites.codes.steps import A_WHILE, asked_again, must_differ, must_still_sign_in, next_code, wrong_code

if TYPE_CHECKING:
    from harness.fixtures import Observe
    from harness.trigger_flows import CodeFlow, CodeRequest
    from harness.triggers import TriggersUnderTest

MOST_A_SESSION = 5
"""Wrong answers after which no flow has a reason to take another in the same sign-in."""

SOME, MANY = 12, 100
"""Wrong codes in a row: more than a user's slips; and what SP 800-63B 5.2.2 allows at most."""

LONGEST_LIFE = timedelta(minutes=10)
LONGEST_SESSION = 15
"""Minutes: the longest AuthSessionValidity."""

REQUESTS, MOST_SENT = 20, 10


def guess_wrongly(codes: CodeFlow, code: Code) -> int:
    """Answer wrongly until the sign-in ends, or MOST_A_SESSION times; how often. Raises Finding when one signs in."""
    wrong = wrong_code(code.value)
    for guesses in range(1, MOST_A_SESSION + 1):
        outcome = codes.answer(code, value=wrong)
        must_not_sign_in(outcome, "a wrong code")
        if outcome.challenge_name != CUSTOM_CHALLENGE:
            return guesses
    return MOST_A_SESSION


@check(
    "OTP-03",
    level=MUST,
    severity=CRITICAL,
    clause="ASVS 5.0 6.6.3",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={"triggers.codes.any-code": "a wrong code"},
)
def test_a_sign_in_takes_few_guesses(codes: CodeFlow) -> None:
    """A wrong code signs nobody in, and after a few of them not even the right one does in the same sign-in.

    A million codes are soon tried by a program that may go on trying. End the sign-in after three wrong answers.
    """
    code = codes.ask()
    guess_wrongly(codes, code)
    if codes.answer(code).has_tokens:
        raise Finding(f"the right code signs in after {MOST_A_SESSION} wrong ones in the same sign-in")
    must_sign_in(codes.sign_in(), "a right code at once")


@check(
    "OTP-03b",
    level=MUST,
    severity=CRITICAL,
    clause="NIST SP 800-63B section 5.2.2; ASVS 5.0 6.6.3",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "clock", "trigger-clock"},
    killed_by={
        "triggers.codes.no-attempts-cap": "in a row, over many sign-ins",
        "triggers.codes.cap-per-session-only": "in a row, over many sign-ins",
    },
)
def test_an_account_takes_a_hundred_wrong_guesses_at_most(codes: CodeFlow, observe: Observe) -> None:
    """Wrong codes are counted for the account, over all its sign-ins: after a hundred in a row it is locked or slowed.

    A limit a sign-in is none for who begins a new one each minute: three guesses each make 4,000 a day, and a million
    codes last a year for one account and no time for many. Count wrong codes with the user, and let the hundredth be
    the last until somebody has helped, or let guesses come ever more slowly.
    """
    user = codes.new_user()
    for many in (SOME, MANY):
        guessed = 0
        code = next_code(codes, user)
        while code is not None and guessed < many:
            guessed += guess_wrongly(codes, code)
            code = next_code(codes, user)
        if code is None or not codes.answer(code).has_tokens:
            how = "no code is sent any more" if code is None else "the right code does not sign in"
            observe("wrong guesses", f"after {guessed} of them {how}")
            must_sign_in(codes.sign_in(), "another user")
            return
    raise Finding(f"the right code signs in after {guessed} wrong ones in a row, over many sign-ins")


def used(codes: CodeFlow, code: Code) -> str:
    """It signed its user in."""
    must_sign_in(codes.answer(code), "a code")
    return "a code that has been used"


def left(codes: CodeFlow, code: Code) -> str:
    """Its sign-in was given up."""
    del codes, code
    return "a code of a sign-in that was given up"


@check(
    "OTP-04",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 6.5.1 and 6.6.2",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes"},
    killed_by={"triggers.codes.good-in-any-session": "a code of a sign-in that was given up"},
)
@cases("before", {"used": used, "given up": left})
def test_a_code_ends_with_its_sign_in(codes: CodeFlow, before: Callable[[CodeFlow, Code], str]) -> None:
    """A code that was used, or whose sign-in was given up, is refused in the user's next sign-in.

    Messages stay on phones and on their locked screens. Who reads one later must not come in with it. Keep the code,
    or its hash, with the sign-in that it was sent for.
    """
    code = codes.ask()
    what = before(codes, code)
    again = asked_again(codes, code)
    must_not_sign_in(codes.answer(code, sign_in=again.sign_in, access_token=again.access_token), what)
    must_sign_in(codes.sign_in(), "another user's code")


@check(
    "OTP-04b",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 6.5.1",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "clock", "trigger-clock", "trigger-events", "invocation"},
    killed_by={"triggers.codes.good-again": "is right a second time"},
)
def test_a_code_is_right_once(codes: CodeFlow, triggers: TriggersUnderTest) -> None:
    """VerifyAuthChallengeResponse says true to a code once, and false when the same event comes a minute later.

    Cognito takes one answer a Session, so this is a second line: it holds where the first one fails, as it has under
    parallel answers. Note that a code is used, on the condition that it is not. (The same event within seconds is
    Cognito's own second try, and may be told the same.)
    """
    event = verify_event(codes.pending(), triggers)
    if triggers.invoke(VERIFY, event).response.get("answerCorrect") is not True:
        raise Inconclusive("the right code, given to VerifyAuthChallengeResponse directly, is not answered with true")
    codes.later(A_WHILE)
    if triggers.invoke(VERIFY, event).response.get("answerCorrect"):
        raise Finding("a code that has been used is right a second time")


@check(
    "OTP-05",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 6.5.5; NIST SP 800-63B section 5.1.3.2",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "clock", "trigger-clock"},
    killed_by={"triggers.codes.lives-an-hour": "a code that is older than 10 minutes"},
)
def test_a_code_lives_ten_minutes(codes: CodeFlow) -> None:
    """A code is refused ten minutes after it was sent, also where the app client's sessions last longer.

    AuthSessionValidity goes up to 15 minutes, and whoever raises it, for the sake of some other challenge, makes every
    code live as long that has no end of its own. Keep with a code until when it is good, and compare.
    """
    client = codes.pool.client(reveals_unknown_users=False, AuthSessionValidity=LONGEST_SESSION)
    must_sign_in(codes.answer(codes.ask(client=client)), "a fresh code")
    late = codes.ask(client=client)
    codes.later(LONGEST_LIFE + timedelta(seconds=10))
    must_not_sign_in(codes.answer(late), "a code that is older than 10 minutes")
    must_sign_in(codes.answer(codes.ask(client=client)), "a fresh code afterwards")


def to_one_user(codes: CodeFlow, triggers: TriggersUnderTest) -> int:
    """One user asks again and again; how many messages they get."""
    del triggers
    user = codes.new_user()
    token = codes.access_token(user)
    sent = 0
    for _ in range(REQUESTS):
        asked = codes.request(user, access_token=token)
        sent += len(asked.messages)
    return sent


def to_one_number(codes: CodeFlow, triggers: TriggersUnderTest) -> int:
    """Many users with one number ask, once each; how many messages it gets."""
    strangers = Strangers(codes, triggers)
    user = codes.new_user()
    address = user.email if codes.spoken.by_mail else user.phone_number
    return sum(len(strangers.ask(address)) for _ in range(REQUESTS))


@check(
    "OTP-12",
    level=SHOULD,
    severity=HIGH,
    clause="OWASP API4:2023 (unrestricted resource consumption)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "trigger-events", "invocation", "no-delivery"},
    killed_by={"triggers.codes.no-throttle": "requests in a row brought"},
)
@cases("asking", {"one user": to_one_user, "one number": to_one_number})
def test_few_messages_are_sent_in_a_row(
    codes: CodeFlow, triggers: TriggersUnderTest, observe: Observe, asking: Callable[[CodeFlow, TriggersUnderTest], int]
) -> None:
    """Of twenty requests in a row for one user, or for one number, ten bring a message at most.

    Every text message costs money, and some numbers earn it: fraudsters have them texted by the thousand. And a phone
    that rings all night makes its owner give in. Let a minute pass before the next message to a user, and count those
    to a number.
    """
    sent = asking(codes, triggers)
    observe("sent", f"{sent} messages of {REQUESTS} requests")
    if sent == 0:
        raise Inconclusive("no request brought a message")
    if sent > MOST_SENT:
        raise Finding(f"{REQUESTS} requests in a row brought {sent} messages")


def of_the_same_user(codes: CodeFlow, code: Code) -> CodeRequest:
    """The user's second sign-in, a while later, when the next code is sent."""
    codes.later(A_WHILE)
    return codes.request(code.user)


def of_another_user(codes: CodeFlow, code: Code) -> CodeRequest:
    """Another user's sign-in at the same time."""
    del code
    return codes.request(codes.new_user())


@check(
    "OTP-15",
    level=MUST,
    severity=HIGH,
    clause="ASVS 5.0 6.6.2",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "codes", "clock", "trigger-clock"},
    killed_by={"triggers.codes.good-in-any-session": "the code of a parallel sign-in"},
)
@cases("parallel", {"of the same user": of_the_same_user, "of another user": of_another_user})
def test_a_code_belongs_to_its_sign_in(codes: CodeFlow, parallel: Callable[[CodeFlow, Code], CodeRequest]) -> None:
    """Of two sign-ins at the same time neither takes the other's code.

    Who has a user's password begins a sign-in, and the user begins one too and reads a code aloud to the wrong ear:
    it must be good for the user's own only. Let what is kept of a code name the sign-in.
    """
    first = codes.ask()
    second = parallel(codes, first)
    must_be_challenged(second.outcome, "asking for a second code")
    must_differ(codes, first.value, second)
    values = [value for message in second.messages if (value := codes.spoken.code_in(message.text))]
    if not values:
        raise Inconclusive("a second sign-in was sent no code")
    other = Code(second.user, values[0], second.messages[0], second.sign_in, second.access_token)
    refused = codes.answer(first, value=other.value)
    must_not_sign_in(refused, "the code of a parallel sign-in")
    refused = codes.answer(other, value=first.value)
    must_not_sign_in(refused, "the code of a parallel sign-in")
    must_still_sign_in(codes, other, refused)
