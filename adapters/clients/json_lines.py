"""The driver protocol: one JSON object a line in, one a line out (docs/testing-clients.md)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, TextIO

SignIn = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class UnknownOperation(Exception):
    """The request asks for something that the protocol does not have."""


def serve(*, name: str, capabilities: list[str], sign_in: SignIn) -> None:
    """Drive one client until standard input ends.

    Args:
        name: the client's distribution, as installed.
        capabilities: what it can do, in the protocol's words.
        sign_in: gives `{"tokens": …}` for a request, and `device` where one was remembered, or raises
            whatever the client raises; an attribute `challenge` of that names what could not be answered.
    """
    operations: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
        "hello": lambda _: {"name": name, "version": version(name), "capabilities": capabilities},
        "sign_in": sign_in,
    }
    # Standard output belongs to the protocol; whatever a client prints goes to standard error.
    answers: TextIO = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_perform(operations, line)) + "\n")
        answers.flush()


def _perform(
    operations: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]], line: bytes
) -> Mapping[str, Any]:
    identity = None
    try:
        request = json.loads(line)
        identity = request.get("id")
        if request.get("op") not in operations:
            raise UnknownOperation(f"no operation is called {request.get('op')}; known: {', '.join(operations)}")
        return {"id": identity, "ok": True, **operations[request["op"]](request)}
    except Exception as error:  # any failure of the client is its answer
        challenge = getattr(error, "challenge", None)
        return {
            "id": identity,
            "ok": False,
            "error_type": type(error).__name__,
            "error_message": str(error),
            **({"challenge": challenge} if challenge else {}),
        }
