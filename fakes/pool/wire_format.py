"""AWS JSON 1.1: how a request is read and how an answer and an error are written.

Reading is strict where AWS's own reader is or may be: UTF-8, one JSON object, no key twice, no
NaN, no lone surrogate. What it refuses is a SerializationException, never a crash.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from fakes.pool.errors import SerializationProblem, ServiceError

CONTENT_TYPE = "application/x-amz-json-1.1"

JsonObject = dict[str, Any]

_HEADER_LENGTH = 1024


def parse_request(body: bytes) -> JsonObject:
    """The JSON object that a request carries; an empty body is an empty object.

    Raises SerializationProblem.
    """
    if not body.strip():
        return {}
    try:
        parsed = json.loads(body.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        raise SerializationProblem("The request body is not well-formed JSON") from None
    if not isinstance(parsed, dict):
        raise SerializationProblem("Start of structure or map found where not expected.")
    if b"\\u" in body:
        _refuse_lone_surrogates(parsed)
    return parsed


def _no_key_twice(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise SerializationProblem("The request body names a member twice")
    return found


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse_lone_surrogates(parsed: JsonObject) -> None:
    try:
        json.dumps(parsed, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise SerializationProblem("The request body holds half of a surrogate pair") from None


def render_answer(answer: Mapping[str, Any]) -> bytes:
    """An answer's body; half a surrogate pair, which only a header of the request can bring, becomes `?`."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def render_error(error: ServiceError, code: str | None = None) -> tuple[bytes, dict[str, str]]:
    """An error's body and its headers, in the form that AWS's front door gives them (grade `reported`)."""
    name = code or error.code
    headers = {"x-amzn-errortype": f"{name}:", "x-amzn-errormessage": _header_value(error.message)}
    return render_answer({"__type": name, "message": error.message}), headers


def _header_value(text: str) -> str:
    """The text as a header can carry it: printable ASCII, bounded."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:_HEADER_LENGTH])
