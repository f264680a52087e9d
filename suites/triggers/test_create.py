"""CreateAuthChallenge: what it shows, keeps, stores, logs and does for nobody. TRG-C-01 to TRG-C-08."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from harness.check import AWS_DOC, CRITICAL, HIGH, LOW, MEDIUM, MUST, OWN, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import CUSTOM_CHALLENGE
from harness.findings import Finding
from harness.timing import Compared
from harness.trigger_flows import must_sign_in
from harness.triggers import CREATE, DEFINE, VERIFY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.arrangement import TestUser
    from harness.fixtures import Observe
    from harness.sign_in import Outcome
    from harness.stage import Tables
    from harness.trigger_flows import Flow
    from harness.triggers import Call, TriggersUnderTest

NOBODIES = 20
PAIRS = 16
SERIES = 2
"""A difference is told when one series after the other shows it: what else runs on the machine does not stay."""

SMALLEST_DIFFERENCE = 0.002
"""Seconds, of a whole challenge, in which a mail is sent for those who exist."""


@check(
    "TRG-C-01",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, Create auth challenge Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth"},
    killed_by={
        "triggers.links.secret-in-public-parameters": "publicChallengeParameters hold",
        "triggers.codes.code-in-public-parameters": "publicChallengeParameters hold",
    },
)
def test_the_secret_is_not_shown(flows: list[Flow]) -> None:
    """What signs the user in stands in no public challenge parameter and in no answer to the client.

    Whoever types a user's name gets the public parameters. The secret, and what it could be made of, belongs in
    the private ones, or better nowhere but in the message.
    """
    for flow in flows:
        pending = flow.pending()
        for outcome in pending.sign_in.outcomes:
            if holds(outcome.parameters, pending.secret):
                raise Finding(f"the publicChallengeParameters hold what answers a {flow.method} challenge")
            if holds(outcome.answer.json, pending.secret):
                raise Finding(f"the answer to the client holds what answers a {flow.method} challenge")
        must_sign_in(pending.answer(), f"what was sent by {flow.method}")


@check(
    "TRG-C-02",
    level=SHOULD,
    severity=HIGH,
    clause="Cognito developer guide, Create auth challenge Lambda trigger, challengeMetadata",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events"},
    killed_by={
        "triggers.links.secret-in-metadata": "challengeMetadata holds",
        "triggers.codes.code-in-metadata": "challengeMetadata holds",
    },
)
def test_the_secret_is_not_in_the_metadata(flows: list[Flow], triggers: TriggersUnderTest) -> None:
    """What signs the user in stands in no challengeMetadata.

    The metadata goes with the session to every trigger, for every round that follows, and from there into logs.
    It is for telling one challenge from another: write the method's name into it.
    """
    for flow in flows:
        pending = flow.pending()
        for call in triggers.calls_of(CREATE):
            if holds(call.response.get("challengeMetadata"), pending.secret):
                raise Finding(f"challengeMetadata holds what answers a {flow.method} challenge")
        must_sign_in(pending.answer(), f"what was sent by {flow.method}")


@check(
    "TRG-C-03",
    level=MUST,
    severity=MEDIUM,
    clause="Cognito developer guide, Create auth challenge Lambda trigger",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events"},
    killed_by={"triggers.create.number-among-parameters": "is no text"},
)
def test_challenge_parameters_are_texts(flows: list[Flow], triggers: TriggersUnderTest) -> None:
    """The public and the private challenge parameters are objects whose every value is a text.

    Cognito refuses anything else as an unrecognizable output, and nobody signs in. Turn numbers, flags and objects
    into text first.
    """
    for flow in flows:
        flow.begin(flow.new_user()).say(*flow.starts(flow.new_user()))
    for call in triggers.calls_of(CREATE):
        if call.failed is not None:
            raise Finding(f"CreateAuthChallenge failed: {call.failed}")
        for name in ("publicChallengeParameters", "privateChallengeParameters"):
            parameters = call.response.get(name)
            if parameters is None:
                continue
            assert isinstance(parameters, dict), f"{name} is no object but {type(parameters).__name__}"
            for key, value in parameters.items():
                assert isinstance(value, str), f"{name}.{key} is no text but {type(value).__name__}"
        metadata = call.response.get("challengeMetadata")
        assert metadata is None or isinstance(metadata, str), f"challengeMetadata is no text but {metadata!r}"


@check(
    "TRG-C-04",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Create auth challenge Lambda trigger (userNotFound); ASVS 5.0 6.3.8",
    evidence=AWS_DOC,
    subject=TRIGGERS,
    needs={"custom-auth"},
    killed_by={
        "triggers.create.raises-for-unknown-users": "is challenged otherwise",
        "triggers.create.other-shape-for-unknown-users": "is challenged otherwise",
    },
)
def test_nobody_is_challenged_like_somebody(flow: Flow) -> None:
    """An unknown user is led through the same challenges, of the same members and lengths, and nothing is sent.

    With PreventUserExistenceErrors the triggers run for names that nobody has. A challenge that lacks a member, or
    holds an empty one, says which names are customers.
    """
    users = [flow.new_user() for _ in range(3)]
    seen = [_shapes(flow, user) for user in users]
    nobody, before = flow.nobody(users[0]), flow.post.moment()
    shapes = _shapes(flow, nobody, starts_of=users[0])
    sent = flow.post.came(before, flow.address_of(nobody))
    assert not sent, "a message was sent for a user who does not exist"
    for number, shape in enumerate(shapes):
        ours = [each[number] for each in seen if len(each) > number]
        if not ours:
            raise Finding(f"an unknown user is challenged otherwise: {len(shapes)} times, a known one {len(seen[0])}")
        if shape.keys() != ours[0].keys():
            odd = sorted(shape.keys() ^ ours[0].keys())
            raise Finding(f"an unknown user is challenged otherwise: {', '.join(odd)} is there for one of them only")
        for name, length in shape.items():
            lengths = {each[name] for each in ours if name in each}
            if len(lengths) == 1 and length not in lengths:
                raise Finding(f"an unknown user is challenged otherwise: {name} has {length} characters, not {lengths}")
    assert len(shapes) == len(seen[0]), (
        f"an unknown user is challenged otherwise: {len(shapes)} times, a known one {len(seen[0])}"
    )
    must_sign_in(flow.sign_in(), "a known user")


def _shapes(flow: Flow, user: TestUser, starts_of: TestUser | None = None) -> list[dict[str, int]]:
    """The members of each challenge on the way and the lengths of their values; an error is a shape of its own."""
    sign_in = flow.begin(user)
    outcome = sign_in.initiate()
    shapes = [_shape(outcome)]
    for said in flow.starts(starts_of or user):
        if outcome.challenge_name != CUSTOM_CHALLENGE:
            break
        outcome = sign_in.respond(said)
        shapes.append(_shape(outcome))
    return shapes


def _shape(outcome: Outcome) -> dict[str, int]:
    if outcome.challenge_name is None:
        return {outcome.answer.described(): 0}
    return {name: len(str(value)) for name, value in outcome.parameters.items() if name != "USERNAME"}


@check(
    "TRG-C-05",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 6.3.8; Cognito developer guide (account for latency)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "in-process"},
    killed_by={"triggers.create.unknown-users-answered-quicker": "unknown users are challenged faster"},
)
def test_nobody_is_challenged_as_slowly_as_somebody(flow: Flow, triggers: TriggersUnderTest, observe: Observe) -> None:
    """A challenge for an unknown user takes as long as one for a user who gets a message.

    Signing a link and sending a mail takes time that a name without a user saves. Do the same work for nobody, or
    answer everybody after the same time. (Slower for nobody is recorded only: mail is sent in no time here, so triggers
    that wait as long as a mail service would take are slower than they are where they run.)
    """
    for _ in range(SERIES):
        compared = _series(flow)
        observe("known less unknown", compared.described())
        if not compared.is_sooner(SMALLEST_DIFFERENCE):
            return
    raise Finding(f"unknown users are challenged faster: by {compared.described()}")


def _series(flow: Flow) -> Compared:
    """Seconds to a challenge, of a known and of an unknown user, each pair back to back in changing order."""
    somebody = flow.new_user()
    starts = flow.starts(somebody)
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(PAIRS):
        pair = [("known", flow.new_user()), ("unknown", flow.nobody(somebody))]
        for kind, user in pair if number % 2 else reversed(pair):
            outcome = flow.begin(user).say(*starts)
            seconds[kind].append(outcome.answer.seconds)
    return Compared.of(seconds["known"], seconds["unknown"])


@check(
    "TRG-C-06",
    level=SHOULD,
    severity=MEDIUM,
    clause="cost and abuse; OWASP API4 (unrestricted resource consumption)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "store"},
    killed_by={
        "triggers.create.rows-for-unknown-users": "rows",
        "triggers.create.signs-for-unknown-users": "signatures",
    },
)
def test_nobody_costs_little(flow: Flow, store: Tables, service_calls: Mapping[str, int], observe: Observe) -> None:
    """Sign-ins in names that nobody has leave no row behind for each, and have nothing signed for each.

    Names are free. Storage that grows with each one asked for is filled by whoever likes, and every signature of KMS
    is paid for.
    """
    somebody = flow.new_user()
    starts = flow.starts(somebody)
    before, signed_before = _rows(store), service_calls["kms.Sign"]
    for _ in range(NOBODIES):
        flow.begin(flow.nobody(somebody)).say(*starts)
    left = _rows(store) - before
    observe("rows", f"{left} after {NOBODIES} unknown names")
    assert left < NOBODIES, f"{NOBODIES} unknown names left {left} rows in the tables"
    signed = service_calls["kms.Sign"] - signed_before
    assert signed < NOBODIES, f"{NOBODIES} unknown names cost {signed} signatures of KMS"


def _rows(store: Tables) -> int:
    return sum(len(store.scan(name)) for name in store.names)


INTERNALS = re.compile(
    r"TypeError|KeyError|ValueError|AttributeError|IndexError|ReferenceError|SyntaxError|Traceback|NoneType"
    r"|cannot read propert|is not a function|is not iterable|undefined|not subscriptable|object is not|list index"
    r"|/var/task|node_modules|\bat \w+ \(|\.(?:py|mjs|js|ts)\b|arn:aws|ClientError|Exception\b",
    re.IGNORECASE,
)
"""What an unhandled error says of the program behind it."""


def _odd_requests(request: Mapping[str, Any], method_member: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The request with one thing made odd, and its name."""
    odd: list[Any] = [None, "text", 7, True, [], {}, [None], ["text"], [[]], {"a": {"b": []}}, "\ud800", "x" * 100_000]
    for member in ("session", "clientMetadata", "userAttributes", "challengeAnswer", "privateChallengeParameters"):
        if member in request:
            for value in odd:
                yield f"{member}={str(value)[:20]!a}", {**request, member: value}
            yield f"{member} left out", {name: value for name, value in request.items() if name != member}
    entries: list[Any] = [{}, {"challengeName": None}, {"challengeName": 5, "challengeResult": "true"}]
    for entry in entries if "session" in request else ():
        yield f"session=[{entry}]", {**request, "session": [entry]}
    metadata: list[Any] = [{method_member: []}, {method_member: {"a": 1}}, {"__proto__": "x"}, {"": ""}]
    for each in metadata:
        yield f"clientMetadata={each}", {**request, "clientMetadata": each}


@check(
    "TRG-C-07",
    level=MUST,
    severity=MEDIUM,
    clause="ASVS 5.0 16.5.1 (generic error messages)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-events", "invocation"},
    killed_by={"triggers.create.internals-in-errors": "tells of its inside"},
)
@cases("function", {"define": DEFINE, "create": CREATE, "verify": VERIFY})
def test_an_odd_event_tells_nothing_of_the_inside(flow: Flow, triggers: TriggersUnderTest, function: str) -> None:
    """An event that holds what was not expected is refused in words that say nothing of the program.

    Cognito hands the error of a trigger to the client, word for word. Catch what was not foreseen, log it, and
    raise an error of few words, or fail the challenge.
    """
    must_sign_in(flow.sign_in(), "an honest sign-in")
    honest = {json.dumps(sorted(call.request)): call for call in triggers.calls_of(function)}
    for call in honest.values():
        for name, request in _odd_requests(call.request, triggers.dialect.method_member or "method"):
            answered = triggers.invoke(function, {**call.event, "request": request})
            message = _message(answered)
            if INTERNALS.search(message) or any(word in message for word in _of_the_event(call)):
                raise Finding(f"the error for an odd event ({name}) tells of its inside: {message[:200]}")
            if answered.response.get("issueTokens") and function == DEFINE and "session" in name:
                raise Finding(f"tokens are issued on an odd event ({name})")


def _of_the_event(call: Call) -> list[str]:
    """What stands in the event and is nobody's business but the triggers'."""
    attributes = call.request.get("userAttributes") or {}
    told = [str(attributes.get(name) or "") for name in ("sub", "email", "phone_number")]
    return [word for word in (*told, str(call.event.get("userPoolId"))) if len(word) > 8]


def _message(call: Call) -> str:
    """What Cognito would tell the client."""
    return str(getattr(call.failed, "error_message", "") or "")


@check(
    "TRG-C-08",
    level=SHOULD,
    severity=MEDIUM,
    clause="ASVS 5.0 16.2.5",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "trigger-logs"},
    killed_by={
        "triggers.links.logs-the-link": "what was sent to the user",
        "triggers.codes.logs-the-code": "what was sent to the user",
        "triggers.verify.logs-the-answer": "what was sent to the user",
    },
)
def test_logs_hold_no_secrets(flows: list[Flow], triggers: TriggersUnderTest) -> None:
    """After sign-ins of every kind the logs hold no link, no code and no token.

    Logs are read by many and kept for long. A link in a log that can still be redeemed is a way in.
    """
    for flow in flows:
        waiting, used = flow.pending(), flow.pending()
        outcome = used.answer()
        must_sign_in(outcome, f"what was sent by {flow.method}")
        logs = triggers.logs()
        for pending in (waiting, used):
            if holds(logs, pending.secret):
                raise Finding(f"the logs hold what was sent to the user by {flow.method}")
        for kind, token in (("access", outcome.tokens.access), ("id", outcome.tokens.id)):
            if token in logs:
                raise Finding(f"the logs hold an {kind} token")


def holds(told: object, secret: str) -> bool:
    """Whether a secret stands anywhere in a value: as it is, or within a longer number or word for a long one."""
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, default=str)
    if len(secret) > 12:
        return secret in text
    return re.search(rf"(?<![\w]){re.escape(secret)}(?![\w])", text) is not None
