"""The reference client as the driver protocol sees it (docs/testing-clients.md), in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from fakes.client.failures import BrokenAnswer, ServiceRefused, UnansweredChallenge
from fakes.client.sign_in import SignIn
from fakes.faults import FaultSwitches, declare_fault
from protocol.errors import ProtocolError

HANGS = declare_fault("client.hangs", "where it should end with an error of its own it waits for ever")

CAPABILITIES = [
    "srp", "alias", "secret_hash", "new_password", "mfa", "device", "clock", "tls", "verifies_tokens", "private_value",
]  # fmt: skip
"""All that a driver can claim."""


class ReferenceClient:
    """Signs users in; honest unless a fault is on."""

    def __init__(
        self, switches: FaultSwitches, *, environment: Mapping[str, str], wait_for_ever: Callable[[], NoReturn]
    ) -> None:
        self._on = switches.on
        self._environment = environment
        self._wait_for_ever = wait_for_ever

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        """Answer one request of the driver protocol."""
        if op == "hello":
            return {"ok": True, "name": "the reference client", "version": "1", "capabilities": CAPABILITIES}
        if op != "sign_in":
            return {"ok": False, "error_type": "UnknownOperation", "error_message": f"no operation is called {op}"}
        try:
            return {"ok": True, **SignIn(members, self._environment, self._on).run()}
        except UnansweredChallenge as error:
            return {**_failed("UnansweredChallenge", error), "challenge": error.challenge}
        except ServiceRefused as error:
            return _failed(error.type, error)
        except (BrokenAnswer, ProtocolError) as error:
            if self._on(HANGS):
                self._wait_for_ever()
            return _failed(type(error).__name__, error)


def _failed(kind: str, error: Exception) -> dict[str, Any]:
    return {"ok": False, "error_type": kind, "error_message": str(error)}
