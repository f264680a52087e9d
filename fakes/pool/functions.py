"""The functions that a user pool calls: deployed here under an ARN, as Lambda would hold them.

A function has five seconds to answer, and is called with the same event again when it did not, three
times in all (`aws-doc`): it must stand being called twice. It runs in a thread of its own, so that
it may call back into the pool, and one that hangs keeps nothing else from going on.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

from fakes.faults import FaultSwitches, declare_fault

JsonObject = dict[str, Any]
Invoke = Callable[[JsonObject], object]
"""Takes the whole event, returns whatever the function returned: for a trigger, the event with its `response`."""

NO_SECOND_TRY = declare_fault(
    "pool.functions.no-second-try", "a function that did not answer in time is not called again"
)

TRIES = 3


class FunctionFailed(Exception):
    """The function raised: the name of its error, and the message."""

    def __init__(self, error_type: str, error_message: str) -> None:
        super().__init__(f"{error_type}: {error_message}")
        self.error_type = error_type
        self.error_message = error_message


class FunctionTimedOut(Exception):
    """The function did not answer in time; for an invoker that knows it itself."""


class FunctionNotReached(Exception):
    """Nothing is deployed under the ARN, or its invoker broke; the message is Lambda's name for the error."""


class Functions:
    """What is deployed. May be used from any thread.

    `answer_within_seconds` is Cognito's limit of real time for one try; Cognito does not let it be
    configured, tests may shorten it.
    """

    def __init__(self, faults: FaultSwitches) -> None:
        self.answer_within_seconds = 5.0
        self._faults = faults
        self._deployed: dict[str, Invoke] = {}
        self._troubles: list[Exception] = []

    def deploy(self, arn: str, invoke: Invoke) -> None:
        """Put a function behind an ARN, in place of what was there."""
        self._deployed[arn] = invoke

    def remove(self, arn: str) -> None:
        """Take away what is behind an ARN; harmless when nothing is."""
        self._deployed.pop(arn, None)

    @property
    def troubles(self) -> tuple[Exception, ...]:
        """What invokers raised beside FunctionFailed and FunctionTimedOut: their own trouble, no function's."""
        return tuple(self._troubles)

    async def call(self, arn: str, event: JsonObject) -> object:
        """What the function returned. Raises FunctionFailed, FunctionTimedOut, FunctionNotReached."""
        invoke = self._deployed.get(arn)
        if invoke is None:
            raise FunctionNotReached("ResourceNotFoundException")
        written = json.dumps(event)
        for _ in range(1 if self._faults.on(NO_SECOND_TRY) else TRIES):
            try:
                async with asyncio.timeout(self.answer_within_seconds):
                    return await _in_a_thread(invoke, json.loads(written))
            except (TimeoutError, FunctionTimedOut):
                continue
            except FunctionFailed:
                raise
            except Exception as trouble:
                self._troubles.append(trouble)
                raise FunctionNotReached("ServiceException") from trouble
        raise FunctionTimedOut(f"no answer within {self.answer_within_seconds:g} s")


async def _in_a_thread(invoke: Invoke, event: JsonObject) -> object:
    """The function's answer, from a daemon thread: one that hangs must not keep the process from ending."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[object] = loop.create_future()

    def settle(result: object, failure: Exception | None) -> None:
        if answered.done():
            return  # too late: nobody waits any more
        if failure is None:
            answered.set_result(result)
        else:
            answered.set_exception(failure)

    def work() -> None:
        result: object = None
        failure: Exception | None = None
        try:
            result = invoke(event)
        except Exception as raised:
            failure = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name="function", daemon=True).start()
    return await answered
