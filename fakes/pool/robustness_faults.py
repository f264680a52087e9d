"""Pools that break where they should refuse: what an honest pool answers with 4xx is a crash here."""

from __future__ import annotations

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import InternalError, InvalidParameter, SerializationProblem, ServiceError, UnknownOperation

BAD_JSON = declare_fault("pool.robustness.bad-json-crashes", "a body that is no JSON object is an HTTP 500")
TWICE = declare_fault("pool.robustness.duplicate-keys-crash", "a member given twice is an HTTP 500")
WRONG_TYPE = declare_fault("pool.robustness.wrong-type-crashes", "a member of a wrong JSON type is an HTTP 500")
UNKNOWN_TARGET = declare_fault("pool.robustness.unknown-target-crashes", "an unknown X-Amz-Target is an HTTP 500")
LARGE_VALUE = declare_fault("pool.robustness.large-value-crashes", "a request of more than 100 kB is an HTTP 500")
NUL = declare_fault("pool.robustness.nul-crashes", "a NUL character in a text is an HTTP 500")
FAULTY_REFUSAL = declare_fault(
    "pool.robustness.refuses-in-another-form", "a malformed request is refused without a name for the error"
)

_LARGE = 100_000


class NamelessRefusal(ServiceError):
    """A refusal that is not in the AWS form."""

    code = ""


def spoiled_refusal(error: ServiceError, body: bytes, faults: FaultSwitches) -> ServiceError:
    """The error that is answered instead of the honest one, or the honest one."""
    malformed = isinstance(error, SerializationProblem | InvalidParameter | UnknownOperation)
    unread = isinstance(error, SerializationProblem)
    crashes = (
        (faults.on(BAD_JSON) and unread and "JSON" in error.message)
        or (faults.on(TWICE) and unread and "twice" in error.message)
        or (faults.on(WRONG_TYPE) and "can not be converted" in error.message)
        or (faults.on(UNKNOWN_TARGET) and isinstance(error, UnknownOperation))
        or (faults.on(LARGE_VALUE) and len(body) > _LARGE)
        or (faults.on(NUL) and b"\\u0000" in body)
    )
    if crashes:
        return InternalError("Internal server error")
    return NamelessRefusal(error.message) if malformed and faults.on(FAULTY_REFUSAL) else error
