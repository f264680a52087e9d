"""What the AWS service model (as botocore ships it) allows a Cognito endpoint to answer.

Members, types and enumerations are held against answers; lengths and patterns are not, for AWS itself
does not keep to them there (its own `phone_number_verified` is longer than the model lets a name be).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape

    from harness.wire import Answer

COMMON_ERRORS = frozenset(
    {
        "AccessDeniedException", "ExpiredTokenException", "IncompleteSignature", "IncompleteSignatureException",
        "InternalFailure", "InvalidAction", "InvalidClientTokenId", "InvalidSignatureException",
        "MalformedHttpRequestException", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
        "NotAuthorized", "OptInRequired", "RequestAbortedException", "RequestEntityTooLargeException",
        "RequestExpired", "RequestTimeoutException", "SerializationException", "ServiceUnavailable",
        "ThrottlingException", "UnknownOperationException", "UnrecognizedClientException", "ValidationError",
        "ValidationException",
    }
)  # fmt: skip
"""Errors that AWS documents for every service, beside those modelled for an operation."""


@cache
def service_model() -> ServiceModel:
    """The model of `cognito-idp`."""
    from botocore.loaders import Loader  # botocore is heavy and only runs need it
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("cognito-idp", "service-2"), "cognito-idp")


def violations_of(answer: Answer) -> list[str]:
    """What in an answer the model does not allow, each in words; empty when the answer conforms."""
    model = service_model()
    if answer.operation not in model.operation_names:
        return []
    operation = model.operation_model(answer.operation)
    if answer.error is not None:
        allowed = {shape.name for shape in operation.error_shapes} | COMMON_ERRORS
        problems = [] if answer.error.type in allowed else [f"{answer.error.type} is not an error modelled for it"]
    elif not answer.succeeded:
        problems = [answer.described()]
    elif operation.output_shape is None or not (answer.body or operation.output_shape.members):
        problems = []  # nothing is to be answered
    else:
        problems = _problems(answer.json, operation.output_shape, "answer") if answer.body else ["the answer is empty"]
    return [f"{answer.operation}: {problem}" for problem in problems]


def _problems(value: Any, shape: Shape, at: str) -> list[str]:
    match shape.type_name:
        case "structure":
            return _structure_problems(value, shape, at)
        case "list":
            if not isinstance(value, list):
                return [_wrong_type(value, shape, at)]
            return [
                problem
                for index, item in enumerate(value)
                for problem in _problems(item, shape.member, f"{at}[{index}]")  # type: ignore[attr-defined]
            ]
        case "map":
            if not isinstance(value, dict):
                return [_wrong_type(value, shape, at)]
            return [
                problem
                for key, item in value.items()
                for problem in _problems(item, shape.value, f"{at}.{key}")  # type: ignore[attr-defined]
            ]
        case _:
            return _scalar_problems(value, shape, at)


def _structure_problems(value: Any, shape: Shape, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [_wrong_type(value, shape, at)]
    if getattr(shape, "is_document_type", False):
        return []
    members: dict[str, Shape] = shape.members  # type: ignore[attr-defined]
    missing: list[str] = [name for name in shape.required_members if value.get(name) is None]
    problems = [f"{at} lacks {name}" for name in missing]
    for name, item in value.items():
        if name not in members:
            problems.append(f"{at} holds {name}, which {shape.name} does not have")
        elif item is not None:
            problems += _problems(item, members[name], f"{at}.{name}")
    return problems


_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "blob": (str,),
}


def _scalar_problems(value: Any, shape: Shape, at: str) -> list[str]:
    wanted = _SCALARS.get(shape.type_name, (object,))
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        return [_wrong_type(value, shape, at)]
    if not isinstance(value, str):
        return []
    allowed: list[str] = getattr(shape, "enum", [])
    return [f"{at} is none of {', '.join(allowed)}"] if allowed and value not in allowed else []


def _wrong_type(value: Any, shape: Shape, at: str) -> str:
    return f"{at} is {type(value).__name__} where {shape.name} is a {shape.type_name}"
