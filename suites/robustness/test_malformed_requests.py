"""Requests that nobody should send: STA-12."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.check import HIGH, MUST, OWN, POOL, cases, check
from harness.findings import Finding, TargetUnreachable
from harness.properties import Domain

if TYPE_CHECKING:
    from harness.properties import ForAll
    from harness.sign_in import HonestTwin

Body = dict[str, Any] | bytes

MEGABYTE = 2**20
_OF_ANOTHER_TYPE: tuple[Any, ...] = (17, True, ["a"], {"a": "b"}, None, 1e300, [[]])
_OF_ANOTHER_MAP: tuple[Any, ...] = (
    17,
    "text",
    ["USERNAME"],
    True,
    {"USERNAME": 17},
    {"USERNAME": ["a"]},
    {"USERNAME": {"a": "b"}},
)
SLOW = 5.0
"""Seconds within which a malformed request has to be refused."""


@dataclass(frozen=True)
class Malformed:
    """A request, and what is wrong with it."""

    operation: str
    body: Body
    wrong: str


def bad_json(twin: HonestTwin) -> Iterator[Malformed]:
    """Bodies that are no JSON object."""
    good = json.dumps(_initiate(twin)).encode()
    bodies = {
        "a body cut off": good[:-20],
        "two bodies": good + good,
        "no JSON": b"USERNAME=somebody&PASSWORD=secret",
        "a list": b"[" + good + b"]",
        "a text": b'"USER_SRP_AUTH"',
        "a number": b"1",
        "null": b"null",
        "Latin-1": good.replace(b"user-", b"us\xe9r-"),
        "a byte order mark in UTF-16": "{}".encode("utf-16"),
        "deep nesting": b'{"AuthParameters":' * 20_000,
        "lists nested deeply": b"[" * 100_000,
        "NaN": good.replace(b'"USER_SRP_AUTH"', b"NaN"),
        "single quotes": good.replace(b'"', b"'"),
        "a lone surrogate": good.replace(b"USER_SRP_AUTH", rb"\ud800"),
    }
    for wrong, body in bodies.items():
        yield Malformed("InitiateAuth", body, wrong)


def wrong_types(twin: HonestTwin) -> Iterator[Malformed]:
    """Members of other JSON types than the service model's."""
    good = _initiate(twin)
    for value in _OF_ANOTHER_TYPE:
        for member in ("AuthFlow", "ClientId"):
            yield Malformed("InitiateAuth", good | {member: value}, f"{member} of another type")
    for parameters in _OF_ANOTHER_MAP:
        yield Malformed("InitiateAuth", good | {"AuthParameters": parameters}, "AuthParameters of another type")
        responses = {"ClientId": twin.client.client_id, "ChallengeName": "PASSWORD_VERIFIER"}
        body = responses | {"ChallengeResponses": parameters}
        yield Malformed("RespondToAuthChallenge", body, "ChallengeResponses of another type")
    for value in _OF_ANOTHER_TYPE:
        yield Malformed("GetUser", {"AccessToken": value}, "AccessToken of another type")


def unknown_targets(twin: HonestTwin) -> Iterator[Malformed]:
    """Operations that the service does not have."""
    for operation in ("NoSuchOperation", "initiateauth", "InitiateAuth.", "__class__", "InitiateAuth/../GetUser", ""):
        yield Malformed(operation, _initiate(twin), "an unknown target")


def large_values(twin: HonestTwin) -> Iterator[Malformed]:
    """Values of a megabyte."""
    good = _initiate(twin)
    large = "a" * MEGABYTE
    for member in ("USERNAME", "SRP_A", "SECRET_HASH"):
        parameters = good["AuthParameters"] | {member: large}
        yield Malformed("InitiateAuth", good | {"AuthParameters": parameters}, f"a {member} of a megabyte")
    yield Malformed("InitiateAuth", good | {"ClientId": large}, "a ClientId of a megabyte")
    answer = {"ClientId": twin.client.client_id, "ChallengeName": "NEW_PASSWORD_REQUIRED"}
    named = {"USERNAME": twin.user.username, "NEW_PASSWORD": "Aa1!"}
    yield Malformed(
        "RespondToAuthChallenge",
        answer | {"Session": large, "ChallengeResponses": named},
        "a Session of a megabyte",
    )
    yield Malformed("GetUser", {"AccessToken": f"{large}.{large[:1000]}.a"}, "an access token of a megabyte")
    many = {f"name-{number}": "value" for number in range(20_000)}
    yield Malformed("InitiateAuth", {"AuthFlow": "USER_SRP_AUTH", "AuthParameters": many}, "20,000 parameters")


def keys_given_twice(twin: HonestTwin) -> Iterator[Malformed]:
    """Members that are there twice, so that two readers may read two requests."""
    client = json.dumps(twin.client.client_id)
    for twice in (
        f'{{"AuthFlow":"USER_SRP_AUTH","AuthFlow":"USER_PASSWORD_AUTH","ClientId":{client},"AuthParameters":{{}}}}',
        f'{{"AuthFlow":"USER_SRP_AUTH","ClientId":{client},"ClientId":"nobodys","AuthParameters":{{}}}}',
        f'{{"AuthFlow":"USER_SRP_AUTH","ClientId":{client},"AuthParameters":{{}},"AuthParameters":{{}}}}',
        f'{{"AuthFlow":"USER_SRP_AUTH","ClientId":{client},"AuthParameters":{{"USERNAME":"a","USERNAME":"b"}}}}',
    ):
        yield Malformed("InitiateAuth", twice.encode(), "a key given twice")


def nul_characters(twin: HonestTwin) -> Iterator[Malformed]:
    """NUL inside texts, before which a C library would stop reading."""
    good = _initiate(twin)
    for member, value in (("USERNAME", f"{twin.user.username}\0"), ("USERNAME", "\0"), ("SRP_A", "0\0")):
        parameters = good["AuthParameters"] | {member: value}
        yield Malformed("InitiateAuth", good | {"AuthParameters": parameters}, f"a NUL in {member}")
    yield Malformed("InitiateAuth", good | {"ClientId": f"{twin.client.client_id}\0"}, "a NUL in ClientId")
    yield Malformed("InitiateAuth", good | {"AuthFlow": "USER_SRP_AUTH\0"}, "a NUL in AuthFlow")
    yield Malformed("GetUser", {"AccessToken": "a.b.c\0"}, "a NUL in the access token")


def _initiate(twin: HonestTwin) -> dict[str, Any]:
    """A request that would be good, but for what is to be changed."""
    parameters = {"USERNAME": twin.user.username, "SRP_A": "ab" * 380}
    return {"AuthFlow": "USER_SRP_AUTH", "ClientId": twin.client.client_id, "AuthParameters": parameters}


def anything(twin: HonestTwin) -> Domain[Malformed]:
    """Any JSON value in the place of any member of the operations that everybody may call."""
    from hypothesis import strategies as st

    texts = st.lists(st.sampled_from('aZ0 ._-{}"\\\0é\n𝔘'), max_size=12).map("".join)
    scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), texts, st.just(1e308))
    values = st.recursive(
        scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3))
    )
    members = (
        "AuthFlow",
        "ClientId",
        "AuthParameters",
        "ChallengeName",
        "ChallengeResponses",
        "Session",
        "AccessToken",
    )
    kept = {"ClientId": twin.client.client_id, "AuthFlow": "USER_SRP_AUTH", "ChallengeName": "SMS_MFA"}
    generated = st.builds(
        lambda operation, body, base: Malformed(operation, base | body, "generated values"),
        st.sampled_from(["InitiateAuth", "RespondToAuthChallenge", "GetUser", "AssociateSoftwareToken"]),
        st.dictionaries(st.sampled_from(members), values, max_size=4),
        st.sampled_from([{}, kept]),
    )
    edges = (Malformed("RespondToAuthChallenge", kept, "no responses"), Malformed("InitiateAuth", {}, "no members"))
    return Domain(edges, generated)


def must_be_refused(twin: HonestTwin, malformed: Malformed) -> None:
    """The requirement: an error in the AWS form, HTTP 4xx, soon."""
    wire = twin.pool.wire
    try:
        answer = wire.call(malformed.operation, malformed.body)
    except TargetUnreachable as silence:
        raise Finding(f"{malformed.wrong} was left unanswered: {silence}") from silence
    if answer.error is None or not answer.error.type:
        raise Finding(
            f"{malformed.wrong} was not refused cleanly: {malformed.operation} was answered {answer.described()}"
        )
    assert answer.seconds < SLOW, f"{malformed.wrong} was refused after {answer.seconds:.1f} s only"


@check(
    "STA-12",
    level=MUST,
    severity=HIGH,
    clause="robustness; AWS JSON 1.1 protocol",
    evidence=OWN,
    subject=POOL,
    needs={"srp", "users"},
    killed_by={
        "pool.robustness.bad-json-crashes": "a body cut off was not refused cleanly",
        "pool.robustness.wrong-type-crashes": "of another type was not refused cleanly",
        "pool.robustness.unknown-target-crashes": "an unknown target was not refused cleanly",
        "pool.robustness.large-value-crashes": "of a megabyte was not refused cleanly",
        "pool.robustness.nul-crashes": "a NUL in",
        "pool.robustness.duplicate-keys-crash": "a key given twice was not refused cleanly",
        "pool.robustness.refuses-in-another-form": "was not refused cleanly",
    },
)
@cases(
    "requests",
    {
        "bad JSON": bad_json,
        "wrong types": wrong_types,
        "unknown target": unknown_targets,
        "large values": large_values,
        "keys given twice": keys_given_twice,
        "NUL": nul_characters,
        "generated": None,
    },
)
def test_malformed_requests_are_refused_cleanly(
    honest: HonestTwin, for_all: ForAll, requests: Callable[[HonestTwin], Iterator[Malformed]] | None
) -> None:
    """What is malformed is refused with a 4xx error in the AWS form: never a 5xx, never silence.

    A crash is where the holes are found, and a client shows its user nothing when it cannot read the
    error. Validate before anything else looks at the request.
    """
    if requests is None:
        for_all(anything(honest), lambda malformed: must_be_refused(honest, malformed))
        return
    for malformed in requests(honest):
        must_be_refused(honest, malformed)
