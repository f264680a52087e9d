"""Answers that the AWS service model does not allow, for checks that hold answers against it."""

from __future__ import annotations

from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import ServiceError

UNMODELLED_MEMBER = declare_fault("pool.answers.unmodelled-member", "answers have a member that the model lacks")
UNMODELLED_ERROR = declare_fault("pool.answers.unmodelled-error", "errors have a name that no operation models")
WRONG_TYPE = declare_fault("pool.answers.wrong-type", "ExpiresIn is a text")


def spoiled_answer(answer: dict[str, Any], faults: FaultSwitches) -> dict[str, Any]:
    """The answer as it is sent."""
    if faults.on(UNMODELLED_MEMBER):
        answer = answer | {"Surplus": "member"}
    result = answer.get("AuthenticationResult")
    if faults.on(WRONG_TYPE) and result:
        answer = answer | {"AuthenticationResult": result | {"ExpiresIn": str(result["ExpiresIn"])}}
    return answer


def spoiled_code(error: ServiceError, faults: FaultSwitches) -> str:
    """The error's name as it is sent."""
    return "UnexpectedTroubleException" if faults.on(UNMODELLED_ERROR) else error.code
