r"""Requests held against the AWS service model, before any operation sees them.

The shapes are botocore's. Wrong JSON types are SerializationExceptions; a missing member, a
length, an enum or a pattern that fails is an InvalidParameterException in AWS's words, with every
failure of the request counted in one message.

Two of the model's patterns are not what the service applies: `\S+` for a password, and `\w`,
which is ASCII as in Java. A password is only asked to hold something that is not white space, so
that a pool which trims passwords can be told apart from one which does not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fakes.pool.errors import InvalidParameter, SerializationProblem

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

_ECHOED_LENGTH = 256
_MAY_HOLD_NULL = frozenset({"authParameters", "challengeResponses"})
"""AWS's own browser client sends `DEVICE_KEY: null` in these when it knows no device (`unknown` what AWS does)."""

_UNANCHORED = frozenset({"PasswordType"})
_JSON_TYPE_NAMES = {str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}


class ServiceModelOfCognito:
    """What the AWS service model says of each operation."""

    def __init__(self, model: ServiceModel) -> None:
        self._model = model
        self._operations = {str(name) for name in model.operation_names}

    @classmethod
    def load(cls) -> ServiceModelOfCognito:
        """The model that botocore carries."""
        from botocore.loaders import create_loader  # heavy, and only a started pool needs it
        from botocore.model import ServiceModel

        return cls(ServiceModel(create_loader().load_service_model("cognito-idp", "service-2"), "cognito-idp"))

    def knows(self, operation: str) -> bool:
        """Whether AWS has an operation of this name."""
        return operation in self._operations

    def wants_signature(self, operation: str) -> bool:
        """Whether only somebody with credentials of the account may call it: all that the model does not let be."""
        return bool(self._model.operation_model(operation).auth_type != "none")

    def models_error(self, operation: str, code: str) -> bool:
        """Whether the operation may answer an error of this name."""
        return code in {shape.name for shape in self._model.operation_model(operation).error_shapes}

    def validate(self, operation: str, request: dict[str, Any], *, bounded: bool = True) -> None:
        """Hold a request against its input shape. Raises SerializationProblem and InvalidParameter.

        Unless `bounded` a text may be as long as it likes.
        """
        model: OperationModel = self._model.operation_model(operation)
        if model.input_shape is None:
            return
        failures = list(_failures(model.input_shape, request, "", bounded))
        if failures:
            count = len(failures)
            noun = "error" if count == 1 else "errors"
            raise InvalidParameter(f"{count} validation {noun} detected: {'; '.join(failures)}")


def _failures(shape: Shape, value: Any, path: str, bounded: bool) -> Iterator[str]:
    """Every constraint that a value breaks, in AWS's words."""
    match shape.type_name:
        case "structure":
            yield from _structure_failures(shape, value, path, bounded)
        case "map":
            yield from _map_failures(shape, value, path, bounded)
        case "list":
            _expect(value, list, path)
            yield from _length_failures(shape, len(value), path, None, bounded)
            for index, item in enumerate(value, 1):
                yield from _failures(shape.member, item, f"{path}.{index}.member", bounded)  # type: ignore[attr-defined]
        case "string":
            _expect(value, str, path)
            yield from _string_failures(shape, value, path, bounded)
        case "boolean":
            _expect(value, bool, path)
        case "integer" | "long":
            _expect(value, int, path)
            yield from _range_failures(shape, value, path)
        case "timestamp":
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise _wrong_type(value, path)
        case "blob":
            _expect(value, str, path)


def _map_failures(shape: Shape, value: Any, path: str, bounded: bool) -> Iterator[str]:
    _expect(value, dict, path)
    for key, item in value.items():
        yield from _failures(shape.key, key, path, bounded)  # type: ignore[attr-defined]
        if item is None and path in _MAY_HOLD_NULL:
            continue
        if item is None:
            raise InvalidParameter(f"Null value for key '{key[:_ECHOED_LENGTH]}' at '{path}' is not allowed")
        yield from _failures(shape.value, item, f"{path}.{key[:_ECHOED_LENGTH]}.member", bounded)  # type: ignore[attr-defined]


def _structure_failures(shape: Shape, value: Any, path: str, bounded: bool) -> Iterator[str]:
    _expect(value, dict, path)
    required = shape.metadata.get("required", ())
    members = shape.members  # type: ignore[attr-defined]
    for name in required:
        if value.get(name) is None:
            yield f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        if item is not None and name in members:  # a member that the model does not know is passed over
            yield from _failures(members[name], item, _join(path, name), bounded)


def _expect(value: Any, kind: type, path: str) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _wrong_type(value, path)


def _wrong_type(value: Any, path: str) -> SerializationProblem:
    found = _JSON_TYPE_NAMES.get(type(value), "START_OBJECT" if isinstance(value, dict) else "START_ARRAY")
    return SerializationProblem(f"{found} can not be converted to the type of '{path or 'the request'}'")


def _join(path: str, name: str) -> str:
    written = name[0].lower() + name[1:]
    return f"{path}.{written}" if path else written


def _described(value: str | int, shape: Shape | None, path: str) -> str:
    """How AWS names a value: with the value, unless the model marks it sensitive (the client id apart)."""
    if shape is not None and shape.metadata.get("sensitive") and shape.name != "ClientIdType":
        return f"Value at '{path}'"
    text = str(value)
    echoed = text if len(text) <= _ECHOED_LENGTH else text[:_ECHOED_LENGTH] + "…"
    return f"Value '{echoed}' at '{path}'"


def _string_failures(shape: Shape, value: str, path: str, bounded: bool) -> Iterator[str]:
    described = _described(value, shape, path)
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        yield (f"{described} failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(allowed)}]")
    yield from _length_failures(shape, len(value), path, described, bounded)
    pattern = shape.metadata.get("pattern")
    # A pattern is not tried on a value that is over-long already: that bounds what it costs.
    too_long = len(value) > shape.metadata.get("max", 1 << 20)
    if pattern is not None and not too_long and not matcher(pattern, shape.name in _UNANCHORED)(value):
        yield f"{described} failed to satisfy constraint: Member must satisfy regular expression pattern: {pattern}"


def _length_failures(shape: Shape, length: int, path: str, described: str | None, bounded: bool) -> Iterator[str]:
    named = described or f"Value at '{path}'"
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and length < minimum:
        yield f"{named} failed to satisfy constraint: Member must have length greater than or equal to {minimum}"
    if bounded and maximum is not None and length > maximum:
        yield f"{named} failed to satisfy constraint: Member must have length less than or equal to {maximum}"


def _range_failures(shape: Shape, value: int, path: str) -> Iterator[str]:
    described = _described(value, shape, path)
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and value < minimum:
        yield f"{described} failed to satisfy constraint: Member must have value greater than or equal to {minimum}"
    if maximum is not None and value > maximum:
        yield f"{described} failed to satisfy constraint: Member must have value less than or equal to {maximum}"


@lru_cache(maxsize=256)
def matcher(pattern: str, unanchored: bool) -> Callable[[str], bool]:
    """Whether a text satisfies one of the model's patterns, which are Java's and match the whole text."""
    categories = _category_class(pattern)
    if categories is not None:
        return categories
    compiled = re.compile(pattern, re.ASCII)
    if unanchored:
        return lambda text: compiled.search(text) is not None
    return lambda text: compiled.fullmatch(text) is not None


_CATEGORY_CLASS = re.compile(r"\^?\[((?:\\p\{[A-Z]\}|\\s|\\[tnr]|\*| )+)\]([+*])\$?")


def _category_class(pattern: str) -> Callable[[str], bool] | None:
    """A matcher for the model's one-class patterns of Unicode categories, which Python's `re` cannot read.

    Patterns that put such classes beside other things are satisfied by every text: they concern
    the wording of mails and messages only.
    """
    if r"\p{" not in pattern:
        return None
    whole = _CATEGORY_CLASS.fullmatch(pattern)
    if whole is None:
        return lambda _text: True
    major = frozenset(re.findall(r"\\p\{([A-Z])\}", whole[1]))
    blanks = (
        " \t\n\r\f\v"
        if r"\s" in whole[1]
        else "".join(
            char for escape, char in ((r"\t", "\t"), (r"\n", "\n"), (r"\r", "\r"), (" ", " ")) if escape in whole[1]
        )
    )
    may_be_empty = whole[2] == "*"
    return lambda text: (
        (may_be_empty or text != "") and all(char in blanks or unicodedata.category(char)[0] in major for char in text)
    )
