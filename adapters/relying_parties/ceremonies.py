"""The driver protocol of relying parties, for those in Python (docs/testing-relying-parties.md)."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

Operation = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def to_base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """What base64url without padding stands for."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def as_pem(der: str) -> bytes:
    """A certificate as PEM; it is given as base64url of its DER."""
    body = base64.b64encode(from_base64url(der)).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]).encode()


def serve(*, name: str, capabilities: Sequence[str], register: Operation, authenticate: Operation) -> None:
    """Drive one relying party until standard input ends; `register` and `authenticate` raise whatever it raises."""
    operations: dict[str, Operation] = {
        "hello": lambda _: {"name": name, "version": version(name), "capabilities": list(capabilities)},
        "register": register,
        "authenticate": authenticate,
    }
    # Standard output belongs to the protocol; whatever a library prints goes to standard error.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            answer = {"ok": True, **operations[request["op"]](request)}
        except Exception as error:  # whatever the library raises is its refusal
            answer = {"ok": False, "error_type": type(error).__name__, "error_message": str(error)}
        print(json.dumps({"id": request["id"], **answer}), file=answers, flush=True)
