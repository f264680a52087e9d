"""What a pool owes to its triggers: TRG-D-01b, -02b, -05b, -11, -12, -13b, TRG-C-01b, -03b, TRG-V-06."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, MEASURED, MEDIUM, MUST, OWN, POOL, SHOULD, cases, check
from harness.custom_auth import CUSTOM_CHALLENGE, CustomAuthSignIn, CustomChange, must_not_sign_in
from harness.dialects import Say
from harness.findings import Finding
from harness.flows import initiate
from harness.sign_in import Change, PasswordVerifier
from harness.trigger_flows import must_sign_in
from harness.triggers import fail_as_a_function
from protocol.numbers import hex_of

if TYPE_CHECKING:
    from harness.arrangement import AppClient, Arrangements, TestUser, UserPool
    from harness.fixtures import HonestOf, Observe
    from harness.trigger_fixtures import DeployTriggers

RIGHT, WRONG = Say("right"), Say("wrong")
NAMES = ("DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse")
AT_ONCE = 20
SECONDS_TO_MEET = 0.3
Event = dict[str, Any]


@dataclass
class Plain:
    """Triggers of the check's own: `right` is right, three answers are taken, the password may come first."""

    seen: list[Event] = field(default_factory=list)
    define_says: dict[str, Any] | None = None
    create_says: dict[str, Any] = field(default_factory=dict)
    raises: str = ""
    waits_for: int = 0
    """So many answers are let meet in VerifyAuthChallengeResponse; when they do not come, after a moment."""

    _met: threading.Condition = field(default_factory=threading.Condition)

    def define(self, event: Event) -> Event:
        """DefineAuthChallenge."""
        self.seen.append(event)
        session = event["request"]["session"] or []
        last = session[-1] if session else None
        if self.define_says is not None and session:
            said = self.define_says
        elif last is not None and last["challengeName"] == "SRP_A":
            said = _said("PASSWORD_VERIFIER")
        elif last is not None and last["challengeName"] == CUSTOM_CHALLENGE and last["challengeResult"]:
            said = _said(None, tokens=True)
        elif sum(each["challengeName"] == CUSTOM_CHALLENGE for each in session) >= 3:
            said = _said(None, fails=True)
        else:
            said = _said(CUSTOM_CHALLENGE)
        return event | {"response": said}

    def create(self, event: Event) -> Event:
        """CreateAuthChallenge."""
        self.seen.append(event)
        response = {
            "publicChallengeParameters": {"shown": "yes"},
            "privateChallengeParameters": {"kept": "hidden-value"},
            "challengeMetadata": f"ROUND_{len(event['request']['session'] or [])}",
        }
        return event | {"response": response | self.create_says}

    def verify(self, event: Event) -> Event:
        """VerifyAuthChallengeResponse."""
        with self._met:
            self.seen.append(event)
            self._met.notify_all()
            self._met.wait_for(lambda: len(self.requests("Verify")) >= self.waits_for, SECONDS_TO_MEET)
        if self.raises and event["request"]["challengeAnswer"] == self.raises:
            fail_as_a_function("told to raise")
        return event | {"response": {"answerCorrect": event["request"]["challengeAnswer"] == RIGHT.answer}}

    def by_name(self) -> dict[str, Callable[[Event], object]]:
        """As LambdaConfig names them."""
        return dict(zip(NAMES, (self.define, self.create, self.verify), strict=True))

    def requests(self, trigger: str) -> list[Event]:
        """The requests that a trigger was sent."""
        return [event["request"] for event in self.seen if event["triggerSource"].startswith(trigger)]


def _said(name: str | None, *, tokens: bool = False, fails: bool = False) -> dict[str, Any]:
    return {"challengeName": name, "issueTokens": tokens, "failAuthentication": fails}


@dataclass
class Stand:
    """A pool that calls the check's own triggers, a client, and honest sign-ins at it."""

    plain: Plain
    pool: UserPool
    client: AppClient

    def begin(self, user: TestUser | None = None, change: CustomChange | None = None) -> CustomAuthSignIn:
        """A sign-in of which nothing is sent yet."""
        sign_in = CustomAuthSignIn(self.pool, self.client, user or self.pool.new_user())
        return sign_in if change is None else CustomAuthSignIn(self.pool, self.client, sign_in.user, change=change)

    def honest(self) -> None:
        """A fresh user signs in. Raises Inconclusive when not."""
        must_sign_in(self.begin().say(RIGHT), "an honest custom sign-in")


def stand(own_triggers: DeployTriggers, **said: Any) -> Stand:
    """Deploy the check's own triggers."""
    plain = Plain(**said)
    pool = own_triggers(**plain.by_name())
    return Stand(plain, pool, pool.client(reveals_unknown_users=False))


@check(
    "TRG-D-01b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, InitiateAuth CUSTOM_AUTH",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.challenge-without-triggers": "is challenged"},
)
def test_without_triggers_there_is_no_challenge(own_triggers: DeployTriggers, arrangements: Arrangements) -> None:
    """A user pool without triggers refuses CUSTOM_AUTH.

    Who is to say whether the answer is right? An emulator that makes up a challenge lets tests pass that would
    fail against the service, or lets everybody in.
    """
    stand(own_triggers).honest()
    pool = arrangements.pool()
    client = pool.client()
    sign_in = CustomAuthSignIn(pool, client, pool.new_user())
    outcome = sign_in.initiate()
    if outcome.challenge_name is not None:
        raise Finding(f"a user of a pool without triggers is challenged with {outcome.challenge_name}")
    outcome.must_be_refused("CUSTOM_AUTH without triggers")


@check(
    "TRG-D-02b",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Define auth challenge Lambda trigger",
    evidence=OWN,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.tokens-despite-failure": "tokens were issued for a decision"},
)
def test_failure_outweighs_tokens(own_triggers: DeployTriggers) -> None:
    """A decision that says both issueTokens and failAuthentication brings no tokens.

    Such a trigger is wrong, and what it meant nobody knows; the safe reading is the refusal.
    """
    stand(own_triggers).honest()
    torn = stand(own_triggers, define_says=_said(None, tokens=True, fails=True))
    torn.begin().say(RIGHT).must_be_refused("a decision that says both tokens and failure")


@check(
    "TRG-D-05b",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, custom authentication (userNotFound)",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.user-not-found-not-told": "userNotFound"},
)
def test_triggers_are_told_of_unknown_users(own_triggers: DeployTriggers) -> None:
    """With PreventUserExistenceErrors the triggers run for unknown users, userNotFound true in every request.

    It is the only sign they get. Without it they challenge, mail and let in somebody who does not exist.
    """
    ours = stand(own_triggers)
    ours.honest()
    known = [event["request"].get("userNotFound") for event in ours.plain.seen]
    assert not any(known), "userNotFound is true for a user who exists"
    ours.plain.seen.clear()
    nobody = ours.pool.new_user()
    ours.pool.administer("AdminDeleteUser", nobody.username)
    outcome = ours.begin(nobody).say(RIGHT)
    assert not outcome.has_tokens, "tokens were issued to a user who does not exist"
    assert ours.plain.seen, "the triggers do not run for an unknown user (PreventUserExistenceErrors ENABLED)"
    for event in ours.plain.seen:
        told = event["request"].get("userNotFound")
        assert told is True, f"{event['triggerSource']} is told userNotFound {told!r} of a user who does not exist"


def reused(ours: Stand, sign_in: CustomAuthSignIn) -> None:
    """One that a right answer used up."""
    must_sign_in(sign_in.respond(RIGHT), "the first answer")
    must_not_sign_in(sign_in.respond(RIGHT), "a Session that was used")


def after_a_wrong_answer(ours: Stand, sign_in: CustomAuthSignIn) -> None:
    """The one before a wrong answer, which brought a new one."""
    old = sign_in.session
    outcome = sign_in.respond(WRONG)
    assert outcome.challenge_name == CUSTOM_CHALLENGE, f"a wrong answer brought {outcome.answer.described()}"
    assert sign_in.session != old, "a wrong answer brought the same Session again"
    sign_in.change = CustomChange(session=old)
    sign_in.respond(RIGHT).must_be_refused("the Session before a wrong answer")


def after_a_failure(ours: Stand, sign_in: CustomAuthSignIn) -> None:
    """One whose answer made a trigger fail."""
    ours.plain.raises = "boom"
    failed = sign_in.respond(Say("boom"))
    failed.must_be_refused("an answer on which a trigger fails")
    sign_in.respond(RIGHT).must_be_refused("a Session after a trigger failed")


def of_another_user(ours: Stand, sign_in: CustomAuthSignIn) -> None:
    """Somebody else's."""
    sign_in.change = CustomChange(username=ours.pool.new_user().username)
    sign_in.respond(RIGHT).must_be_refused("another user's Session")


def at_another_client(ours: Stand, sign_in: CustomAuthSignIn) -> None:
    """At another app client."""
    sign_in.change = CustomChange(client_id=ours.pool.client(which="second").client_id)
    sign_in.respond(RIGHT).must_be_refused("a Session of another client")


def made_up(ours: Stand, sign_in: CustomAuthSignIn) -> None:
    """One that nobody gave out."""
    sign_in.change = CustomChange(session="A" * 200)
    sign_in.respond(RIGHT).must_be_refused("a Session that was made up")


@check(
    "TRG-D-11",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito API, RespondToAuthChallenge Session",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={
        "pool.sessions.reusable": "a Session that was used",
        "pool.custom-auth.old-session-after-a-wrong-answer": "the Session before a wrong answer",
        "pool.custom-auth.session-survives-a-failure": "a Session after a trigger failed",
        "pool.sessions.any-user": "another user's Session",
        "pool.sessions.any-client": "a Session of another client",
    },
)
@cases(
    "misused",
    {
        "used": reused,
        "after a wrong answer": after_a_wrong_answer,
        "after a failure": after_a_failure,
        "other user": of_another_user,
        "other client": at_another_client,
        "made up": made_up,
    },
)
def test_a_custom_session_answers_once(
    own_triggers: DeployTriggers, misused: Callable[[Stand, CustomAuthSignIn], None]
) -> None:
    """A Session of a custom challenge answers once, for its user, at its client, also when the answer was wrong.

    A Session that survives its answer takes any number of guesses; one that can be carried to another user takes
    one user's answer for another.
    """
    ours = stand(own_triggers)
    ours.honest()
    sign_in = ours.begin()
    sign_in.initiate()
    misused(ours, sign_in)
    ours.honest()


@check(
    "TRG-D-11b",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito API, AuthSessionValidity",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers", "clock"},
    killed_by={
        "pool.sessions.never-expire": "a Session that has expired",
        "pool.sessions.expire-after-a-minute": "did not sign in",
    },
)
def test_a_custom_session_dies_in_time(own_triggers: DeployTriggers, advance: Callable[[timedelta], None]) -> None:
    """A Session of a custom challenge lives as long as the app client says, three minutes unless it does.

    A code or link that outlives its session does no harm; a session that outlives its validity is a sign-in that
    waits for whoever finds it.
    """
    ours = stand(own_triggers)
    in_time = ours.begin()
    in_time.initiate()
    late = ours.begin()
    late.initiate()
    advance(timedelta(minutes=2))
    in_time.respond(RIGHT).must_yield_tokens("a Session two minutes old")
    advance(timedelta(minutes=1, seconds=30))
    late.respond(RIGHT).must_be_refused("a Session that has expired")
    ours.honest()


@check(
    "TRG-D-11c",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, RespondToAuthChallenge Session, under concurrency; open-cvdb #383, #384",
    evidence=OWN,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.session-taken-late": "answers to one Session reached"},
)
async def test_parallel_answers_to_one_session_are_one(own_triggers: DeployTriggers) -> None:
    """Twenty answers to one Session at once reach the verify trigger once.

    A Session that is marked as used only after its answer was judged takes as many guesses as arrive together.
    """
    ours = stand(own_triggers)
    ours.honest()
    sign_in = ours.begin()
    sign_in.initiate()
    before = len(ours.plain.requests("Verify"))
    ours.plain.waits_for = before + 2
    outcomes = await sign_in.send_at_once([sign_in.prepare(RIGHT)] * AT_ONCE)
    reached = len(ours.plain.requests("Verify")) - before
    signed_in = sum(outcome.has_tokens for outcome in outcomes)
    assert signed_in >= 1, f"none of {AT_ONCE} parallel answers signed in: {outcomes[0].answer.described()}"
    assert reached == 1, f"{reached} of {AT_ONCE} answers to one Session reached the trigger, {signed_in} signed in"


@check(
    "TRG-D-12",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, request.session; an emulator's incident (entries split in two)",
    evidence=MEASURED,
    subject=POOL,
    needs={"srp", "users", "configure", "own-triggers"},
    killed_by={
        "pool.custom-auth.session-entry-split": "entries",
        "pool.custom-auth.session-null-at-first": "no list",
        "pool.custom-auth.metadata-of-initiate-handed-on": "ClientMetadata of InitiateAuth",
    },
)
@cases("password_first", {"custom only": False, "password first": True})
def test_a_round_is_one_entry_of_the_session(
    own_triggers: DeployTriggers, honest_of: HonestOf, password_first: bool
) -> None:
    """Each completed round is one entry of request.session, with name, result and metadata; at first it is empty.

    Triggers count entries and look at the last. An entry in two halves makes an honest sign-in fail, or a failed one
    succeed. Only a custom round has metadata, and what InitiateAuth's ClientMetadata holds is told to none of them.
    """
    ours = stand(own_triggers)
    user = ours.pool.new_user()
    sign_in = ours.begin(user)
    expected: list[dict[str, Any]] = []
    if password_first:
        _prove_password_first(ours, sign_in, honest_of)
        expected = [_entry("SRP_A", True, None), _entry("PASSWORD_VERIFIER", True, None)]
    else:
        sign_in.change = CustomChange(starting_metadata={"from": "initiate"})
        sign_in.initiate()
        sign_in.change = CustomChange()
    sign_in.respond(Say("wrong", {"from": "respond"}))
    outcome = sign_in.respond(RIGHT)
    own = len(expected)
    expected += [_entry(CUSTOM_CHALLENGE, False, f"ROUND_{own}"), _entry(CUSTOM_CHALLENGE, True, f"ROUND_{own + 1}")]
    shown = [request["session"] for request in ours.plain.requests("Define")]
    for session in shown:
        assert isinstance(session, list), f"request.session is {session!r}, no list"
    last = shown[-1]
    assert len(last) <= len(expected), f"{len(last)} entries for {len(expected)} rounds: {last}"
    for entry, wanted in zip(last, expected, strict=False):
        assert entry == wanted, f"a round has the entry {entry}, not {wanted}"
    outcome.must_yield_tokens("the right answer in the second round")
    assert len(last) == len(expected), f"{len(last)} entries for {len(expected)} rounds: {last}"
    for event in ours.plain.seen:
        metadata = event["request"].get("clientMetadata") or {}
        assert metadata.get("from") != "initiate", (
            f"{event['triggerSource']} is given the ClientMetadata of InitiateAuth"
        )
    given = [request.get("clientMetadata") for request in ours.plain.requests("Verify")]
    assert {"from": "respond"} in given, "VerifyAuthChallengeResponse is not given the ClientMetadata of the answer"


def _entry(name: str, result: bool, metadata: str | None) -> dict[str, Any]:
    return {"challengeName": name, "challengeResult": result, "challengeMetadata": metadata}


def _prove_password_first(ours: Stand, sign_in: CustomAuthSignIn, honest_of: HonestOf) -> None:
    """SRP in front of the custom challenge; the sign-in then stands at it."""
    attempt = honest_of(ours.pool, ours.client, sign_in.user).sign_in(Change())
    started = initiate(
        ours.pool,
        ours.client,
        "CUSTOM_AUTH",
        {"USERNAME": sign_in.user.username, "CHALLENGE_NAME": "SRP_A", "SRP_A": hex_of(attempt.client_public)},
    )
    request = attempt.prepare_answer(PasswordVerifier.read(started))
    if started.session is not None:
        request["Session"] = started.session
    answered = attempt.send_answer(request)
    if answered.challenge_name != CUSTOM_CHALLENGE:
        raise Finding(f"the proved password did not bring the custom challenge: {answered.answer.described()}")
    sign_in.session = answered.session


@check(
    "TRG-D-13b",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, triggers are called up to three times",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers", "in-process"},
    killed_by={"pool.functions.no-second-try": "was called once"},
)
def test_a_slow_trigger_is_called_again(own_triggers: DeployTriggers, answer_within: Callable[[float], None]) -> None:
    """A trigger that does not answer in time is called again with the same event, three times in all.

    Triggers meet this in production and nowhere else: an emulator that calls once hides every trigger that sends
    two mails, or that uses up a link for nobody.
    """
    ours = stand(own_triggers)
    ours.honest()
    events: list[Event] = []
    hold = threading.Event()
    tries = itertools.count(1)

    def slow_at_first(event: Event) -> object:
        events.append(event)
        if next(tries) < 3:
            hold.wait(10)
        return ours.plain.create(event)

    slow = own_triggers(
        DefineAuthChallenge=ours.plain.define,
        CreateAuthChallenge=slow_at_first,
        VerifyAuthChallengeResponse=ours.plain.verify,
    )
    sign_in = CustomAuthSignIn(slow, slow.client(reveals_unknown_users=False), slow.new_user())
    answer_within(0.15)
    try:
        outcome = sign_in.initiate()
    finally:
        hold.set()
    assert len(events) != 1, "a trigger that did not answer in time was called once"
    assert len(events) == 3, f"a trigger that did not answer in time was called {len(events)} times, not 3"
    assert all(event == events[0] for event in events), "a trigger was called again with another event"
    assert outcome.challenge_name == CUSTOM_CHALLENGE, (
        f"the third try's answer does not count: {outcome.answer.described()}"
    )


@check(
    "TRG-C-01b",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Create auth challenge Lambda trigger",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.private-parameters-shown": "the private challenge parameters"},
)
def test_private_parameters_stay_with_the_pool(own_triggers: DeployTriggers) -> None:
    """The client is shown the public challenge parameters, and of the private ones nothing; verify gets them all.

    They hold what is right. A pool that hands them out answers its own challenge.
    """
    ours = stand(own_triggers)
    sign_in = ours.begin()
    outcome = sign_in.initiate()
    shown = dict(outcome.parameters)
    assert "hidden-value" not in str(outcome.answer.body), "the client is shown the private challenge parameters"
    assert shown.get("shown") == "yes", "the client is not shown the public challenge parameters"
    must_sign_in(sign_in.respond(RIGHT), "the right answer")
    kept = ours.plain.requests("Verify")[-1].get("privateChallengeParameters")
    assert kept == {"kept": "hidden-value"}, f"VerifyAuthChallengeResponse is given {kept!r} as private parameters"


@check(
    "TRG-C-03b",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito developer guide, Create auth challenge Lambda trigger; InvalidLambdaResponseException",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.parameters-of-any-type": "is taken"},
)
@cases("value", {"number": 7, "object": {"a": "b"}, "list": ["a"], "true": True})
@cases("member", {"public": "publicChallengeParameters", "private": "privateChallengeParameters"})
def test_parameters_that_are_no_texts_are_refused(own_triggers: DeployTriggers, member: str, value: object) -> None:
    """A challenge parameter that is no text is refused with InvalidLambdaResponseException.

    An emulator that lets it through passes triggers which fail for everybody in production.
    """
    stand(own_triggers).honest()
    odd = stand(own_triggers, create_says={member: {"odd": value}})
    outcome = odd.begin().initiate()
    if outcome.challenge_name is not None:
        raise Finding(f"a challenge parameter that is no text is taken ({member}: {value!r})")
    outcome.must_be_refused("a parameter that is no text", with_error=("InvalidLambdaResponseException",))


def disabled(ours: Stand, user: TestUser) -> None:
    """Disabled by an administrator."""
    ours.pool.administer("AdminDisableUser", user.username)


def owes_a_password(ours: Stand, user: TestUser) -> None:
    """With a temporary password."""
    ours.pool.set_temporary_password(user.username, ours.pool.names.password())


def reset(ours: Stand, user: TestUser) -> None:
    """With a password that an administrator has reset."""
    ours.pool.administer("AdminResetUserPassword", user.username)


def unconfirmed(ours: Stand, user: TestUser) -> None:
    """Never confirmed."""
    ours.pool.administer("AdminDeleteUser", user.username)
    ours.pool.wire.ask(
        "SignUp", {"ClientId": ours.client.client_id, "Username": user.username, "Password": user.password}
    )


@check(
    "TRG-V-06",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito developer guide, user account states",
    evidence=OWN,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.every-state-admitted": "signs in through CUSTOM_AUTH"},
)
@cases("state", {"disabled": disabled, "unconfirmed": unconfirmed})
def test_a_user_who_may_not_sign_in_may_not_by_custom_auth(
    own_triggers: DeployTriggers, state: Callable[[Stand, TestUser], None]
) -> None:
    """A disabled or unconfirmed user gets no tokens through CUSTOM_AUTH, whatever the triggers say.

    Disabling a user must end their access at once, in every flow, also where the triggers know nothing of it.
    """
    ours = stand(own_triggers)
    user = ours.pool.new_user()
    must_sign_in(ours.begin(user).say(RIGHT), "the user before")
    state(ours, user)
    if ours.begin(user).say(RIGHT).has_tokens:
        raise Finding(f"a user who is {state.__name__} signs in through CUSTOM_AUTH")
    ours.honest()


@check(
    "TRG-V-06b",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito developer guide, Pre authentication and Post authentication Lambda triggers",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.functions.refusal-passed-over": "stops nobody"},
)
@cases("trigger", {"before": "PreAuthentication", "after": "PostAuthentication"})
def test_a_trigger_that_refuses_is_heeded(own_triggers: DeployTriggers, trigger: str) -> None:
    """A PreAuthentication or PostAuthentication trigger that raises stops the sign-in.

    Teams put their own rules there: a blocked country, an account that owes money. An error is their no.
    """
    plain = Plain()
    refused: list[str] = []

    def refuses(event: Event) -> object:
        if event["userName"] in refused:
            fail_as_a_function("not you")
        return event

    pool = own_triggers(**plain.by_name(), **{trigger: refuses})
    ours = Stand(plain, pool, pool.client(reveals_unknown_users=False))
    user = pool.new_user()
    must_sign_in(ours.begin(user).say(RIGHT), "the user before")
    refused.append(user.username)
    if ours.begin(user).say(RIGHT).has_tokens:
        raise Finding(f"a {trigger} trigger that raises stops nobody")
    ours.honest()


@check(
    "TRG-V-06c",
    level=SHOULD,
    severity=MEDIUM,
    clause="Cognito developer guide, user account states; what AWS does here is unknown",
    evidence=OWN,
    subject=POOL,
    needs={"users", "configure", "own-triggers"},
    killed_by={"pool.custom-auth.every-state-admitted": "signs in through CUSTOM_AUTH"},
)
@cases("state", {"temporary password": owes_a_password, "reset password": reset})
def test_what_a_user_owes_is_not_passed_over_by_custom_auth(
    own_triggers: DeployTriggers, observe: Observe, state: Callable[[Stand, TestUser], None]
) -> None:
    """A user who owes a new password gets no tokens through CUSTOM_AUTH unless that is intended.

    The temporary password of an invitation was meant to be the way in.
    """
    ours = stand(own_triggers)
    user = ours.pool.new_user(email="owes@users.example.com")
    state(ours, user)
    outcome = ours.begin(user).say(RIGHT)
    observe("outcome", "tokens" if outcome.has_tokens else outcome.answer.described())
    if outcome.has_tokens:
        raise Finding(f"a user who {state.__doc__} signs in through CUSTOM_AUTH")
    ours.honest()
