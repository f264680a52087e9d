"""Functions: called with the whole event, three times when they are too slow, and never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from fakes.pool.functions import FunctionFailed, FunctionTimedOut
from tests.pool.caller import Wire
from tests.pool.scripted_triggers import CUSTOM, Event, Scripted, define_by_rounds

DEFINE = "DefineAuthChallenge"


@pytest.fixture
def scripted(service: EmbeddedPool, wire: Wire) -> Iterator[Scripted]:
    before = service.functions.answer_within_seconds
    yield Scripted.make(service, wire, *CUSTOM)
    service.functions.answer_within_seconds = before


def test_a_function_that_is_too_slow_is_called_three_times_with_the_same_event(scripted: Scripted) -> None:
    released = threading.Event()

    def hang(event: Event) -> object:
        released.wait(30)
        return event

    scripted.play(DEFINE, hang)
    scripted.pool.service.functions.answer_within_seconds = 0.05
    code, message = scripted.initiate(scripted.pool.user()).error
    released.set()
    assert code == "UnexpectedLambdaException"
    assert message.startswith("DefineAuthChallenge invocation failed")
    events = [event for _, event in scripted.events]
    assert len(events) == 3
    assert events[0] == events[1] == events[2]


def test_a_second_try_can_succeed(scripted: Scripted) -> None:
    tries: list[int] = []

    def slow_at_first(event: Event) -> object:
        tries.append(1)
        if len(tries) == 1:
            raise FunctionTimedOut
        return define_by_rounds(event)

    scripted.play(DEFINE, slow_at_first)
    name = scripted.pool.user()
    assert scripted.initiate(name).status == 200
    tries.clear()
    with scripted.pool.service.faults.switched_on("pool.functions.no-second-try"):
        assert scripted.initiate(name).error[0] == "UnexpectedLambdaException"


def test_a_function_that_raises_is_called_once(scripted: Scripted) -> None:
    def fail(_event: Event) -> object:
        raise FunctionFailed("KeyError", "'session'")

    scripted.play(DEFINE, fail)
    assert scripted.initiate(scripted.pool.user()).error == (
        "UserLambdaValidationException",
        "DefineAuthChallenge failed with error 'session'.",
    )
    assert len(scripted.events) == 1


def test_an_arn_without_a_function_cannot_be_called(scripted: Scripted) -> None:
    scripted.pool.service.functions.remove(scripted.arns[DEFINE])
    assert scripted.initiate(scripted.pool.user()).error == (
        "UnexpectedLambdaException",
        "DefineAuthChallenge invocation failed due to error ResourceNotFoundException.",
    )


def test_what_breaks_in_an_invoker_is_kept_apart_from_what_a_function_does(service: EmbeddedPool, wire: Wire) -> None:
    scripted = Scripted.make(service, wire, *CUSTOM)

    def broken(_event: Event) -> object:
        raise BrokenPipeError("the host is gone")

    scripted.play(DEFINE, broken)
    before = len(service.functions.troubles)
    assert scripted.initiate(scripted.pool.user()).error[0] == "UnexpectedLambdaException"
    assert [str(trouble) for trouble in service.functions.troubles[before:]] == ["the host is gone"]


@pytest.mark.parametrize("returned", [None, "text", 7, [], {}, {"response": None}, {"response": []}])
def test_what_is_no_event_is_not_recognised(scripted: Scripted, returned: Any) -> None:
    scripted.play(DEFINE, lambda _event: returned)
    assert scripted.initiate(scripted.pool.user()).error == (
        "InvalidLambdaResponseException",
        "Unrecognizable lambda output",
    )


def test_a_function_may_change_the_event_that_it_was_given(scripted: Scripted) -> None:
    def change(event: Event) -> object:
        event["request"].clear()
        event["response"] = {"challengeName": "CUSTOM_CHALLENGE"}
        return event

    scripted.play(DEFINE, change)
    assert scripted.initiate(scripted.pool.user()).json["ChallengeName"] == "CUSTOM_CHALLENGE"


def test_functions_run_at_once_and_may_call_back(scripted: Scripted) -> None:
    service, together = scripted.pool.service, threading.Barrier(20)

    def call_back(event: Event) -> object:
        together.wait(4)  # breaks unless all twenty are running
        connection = Wire(service.endpoint)
        user = connection.did("AdminGetUser", UserPoolId=event["userPoolId"], Username=event["userName"])
        connection.close()
        assert user["Username"] == event["userName"]
        return define_by_rounds(event)

    scripted.play(DEFINE, call_back)
    name = scripted.pool.user()

    def initiate(_number: int) -> int:
        connection = Wire(service.endpoint)
        status = connection.call(
            "InitiateAuth",
            AuthFlow="CUSTOM_AUTH",
            ClientId=scripted.client.id,
            AuthParameters={"USERNAME": name},
        ).status
        connection.close()
        return status

    with ThreadPoolExecutor(20) as callers:
        assert list(callers.map(initiate, range(20))) == [200] * 20


def test_a_pool_stops_while_a_function_hangs() -> None:
    released = threading.Event()
    with EmbeddedPool.start() as service:
        wire = Wire(service.endpoint)
        scripted = Scripted.make(service, wire, *CUSTOM)
        name, called = scripted.pool.user(), threading.Event()

        def hang(event: Event) -> object:
            called.set()
            released.wait(60)
            return event

        scripted.play(DEFINE, hang)
        caller = threading.Thread(target=lambda: _ignoring_the_end(scripted, name))
        caller.start()
        assert called.wait(10)
    caller.join(20)
    released.set()
    assert not caller.is_alive()
    wire.close()


def _ignoring_the_end(scripted: Scripted, name: str) -> None:
    try:
        scripted.initiate(name)
    except OSError:
        return  # the server has gone, as it should
