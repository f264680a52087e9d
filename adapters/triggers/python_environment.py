"""One execution environment of a Python function: started by python_host.py, speaks to it, and ends with it.

It reads one JSON object a line: `{"now"}` moves the clock, `{"event", "function", "seconds"}` is an event. It answers
the loading of the module, and then each event, with `{"ok": true, "response"}` or `{"ok": false, "error_type",
"error_message"}`, in the words of Lambda's own runtime.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # this folder is not the function's

import decimal
import importlib
import importlib.util
import json
import logging
import os
import time
import traceback
import types
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

Handler = Callable[[Any, Any], Any]


class NotLoaded(Exception):
    """The handler cannot be had: Lambda's error type, and the message."""


class Context:
    """What a handler learns of its invocation."""

    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
    function_version = "$LATEST"
    identity = None
    client_context = None

    def __init__(self, function: str, seconds: float) -> None:
        self.function_name = function
        self.aws_request_id = str(uuid.uuid4())
        region = os.environ.get("AWS_REGION", "us-east-1")
        self.invoked_function_arn = f"arn:aws:lambda:{region}:123456789012:function:{function}"
        self.log_group_name = f"/aws/lambda/{function}"
        self.log_stream_name = "conformance"
        self._ends = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds of real time until the function is cut off."""
        return max(0, int((self._ends - time.monotonic()) * 1000))


def beside(name: str) -> types.ModuleType:
    """A module of this folder, which stands on no path, and which nothing is written beside."""
    wanted, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    spec = importlib.util.spec_from_file_location(f"_conformance_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.dont_write_bytecode = wanted
    return module


def load(written: str) -> Handler:
    """The handler of `path/to/file.py:name`, imported as a part of the package that the file stands in, if any.

    Raises:
        NotLoaded: there is no such file or name, or the file is no Python.
        Exception: whatever the module raised.
    """
    path, _, attribute = written.rpartition(":")
    file = Path(path)
    root, name = file.parent, file.stem
    while (root / "__init__.py").is_file():
        root, name = root.parent, f"{root.name}.{name}"
    os.environ.setdefault("LAMBDA_TASK_ROOT", str(root))
    sys.path.insert(0, str(root))
    if not file.is_file():
        raise NotLoaded("Runtime.ImportModuleError", f"Unable to import module '{name}': there is no file {file}")
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise NotLoaded("Runtime.ImportModuleError", f"Unable to import module '{name}': {error}") from error
    except SyntaxError as error:
        raise NotLoaded("Runtime.UserCodeSyntaxError", f"Syntax error in module '{name}': {error}") from error
    handler: Handler | None = getattr(module, attribute, None)
    if handler is None:
        raise NotLoaded("Runtime.HandlerNotFound", f"Handler '{attribute}' missing on module '{name}'")
    return handler


def respond(handler: Handler, message: dict[str, Any]) -> dict[str, Any]:
    """The answer to one event."""
    try:
        response = handler(message["event"], Context(message["function"], message["seconds"]))
    except Exception as error:
        traceback.print_exc()
        return failure(type(error).__name__, str(error))
    try:
        return {"ok": True, "response": json.loads(json.dumps(response, default=as_lambda_does, allow_nan=False))}
    except (TypeError, ValueError, RecursionError) as error:
        return failure("Runtime.MarshalError", f"Unable to marshal response: {error}")
    finally:
        if response is None:
            sys.stderr.write(f"{message['function']} returned None, which reaches its caller as null\n")


def as_lambda_does(value: object) -> object:
    """A value that JSON has no word for: DynamoDB's numbers are written as such, and nothing else is."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def failure(error_type: str, error_message: str) -> dict[str, Any]:
    """An answer that tells of a failure."""
    return {"ok": False, "error_type": error_type, "error_message": error_message}


def loaded(written: str) -> tuple[Handler | None, dict[str, Any]]:
    """The handler, and the answer to its loading."""
    try:
        return load(written), {"ok": True}
    except NotLoaded as problem:
        return None, failure(*problem.args)
    except Exception as error:
        traceback.print_exc()
        return None, failure(type(error).__name__, str(error))


def main(written: str, answers_to: int) -> None:
    """Serve until standard input ends. The handler sees an empty standard input, and prints to the log."""
    clock = beside("movable_time")
    clock.install()
    redirects = json.loads(os.environ.pop("CONFORMANCE_REDIRECT", "{}"))
    redirection = beside("redirection")
    logging.basicConfig(stream=sys.stderr, format="[%(levelname)s]\t%(message)s")
    os.set_inheritable(answers_to, False)
    answers = os.fdopen(answers_to, "wb", buffering=0)
    messages = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    clock.stand_at(json.loads(messages.readline())["now"])
    redirection.install(redirects)
    handler, answer = loaded(written)
    answers.write(json.dumps(answer).encode() + b"\n")
    if handler is None:
        return
    if redirects:  # again, for what stands on urllib3, which may come with the handler
        with suppress(ImportError):
            importlib.import_module("urllib3.connection")
        redirection.install(redirects)
    for message in read(messages):
        if "now" in message:
            clock.stand_at(message["now"])
        else:
            answers.write(json.dumps(respond(handler, message)).encode() + b"\n")


def read(messages: Any) -> Iterator[dict[str, Any]]:
    """What python_host.py says."""
    for line in messages:
        yield json.loads(line)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
