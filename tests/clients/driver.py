"""A client's adapter at work: its process, spoken to with the driver protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.served_pool import AppClient, ServedPool

ADAPTERS = Path(__file__).parents[2] / "adapters" / "clients"
SECONDS_TO_ANSWER = 60


def command_for(adapter: str) -> list[str]:
    """How to start an adapter. Raises AssertionError, saying what to do, when Node.js or its packages are missing."""
    if adapter.endswith(".py"):
        return [sys.executable, str(ADAPTERS / adapter)]
    node = shutil.which("node")
    assert node is not None, "Node.js is needed for this test: install version 20 or newer"
    assert (ADAPTERS / "node_modules").is_dir(), f"run `python {ADAPTERS.parent / 'install_node_modules.py'}` first"
    return [node, "--no-warnings", str(ADAPTERS / adapter)]


class Driver:
    """Asks one client to sign in."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._asked = 0

    def ask(self, op: str, **members: object) -> Mapping[str, Any]:
        """One request and its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked += 1
        self._process.stdin.write(json.dumps({"id": self._asked, "op": op, **members}) + "\n")
        self._process.stdin.flush()
        overdue = threading.Timer(SECONDS_TO_ANSWER, self._process.kill)
        overdue.start()
        try:
            line = self._process.stdout.readline()
        finally:
            overdue.cancel()
        assert line, f"the adapter ended, or did not answer {op} within {SECONDS_TO_ANSWER} s"
        answer: Mapping[str, Any] = json.loads(line)
        assert answer["id"] == self._asked
        return answer

    def sign_in(
        self, pool: ServedPool, client: AppClient, *, username: str, password: str, **members: object
    ) -> Mapping[str, Any]:
        """Have the client sign in, without telling it what is expected.

        `answers` is what it may answer (`new_password`, `totp`, `remember_device`), `device` what an
        earlier sign-in remembered.
        """
        return self.ask_user("sign_in", pool, client, username=username, password=password, **members)

    def ask_user(
        self, op: str, pool: ServedPool, client: AppClient, *, username: str, **members: object
    ) -> Mapping[str, Any]:
        """Have the client do something for a user."""
        return self.ask(
            op,
            endpoint=pool.endpoint,
            region=pool.region,
            user_pool_id=pool.user_pool_id,
            client_id=client.id,
            client_secret=client.secret,
            username=username,
            **members,
        )


@contextmanager
def driver(adapter: str) -> Iterator[Driver]:
    """Start an adapter; it ends with the block, when its standard input does."""
    with driving(command_for(adapter)) as driven:
        yield driven


@contextmanager
def driving(command: list[str], *, folder: Path | None = None) -> Iterator[Driver]:
    """Start any driver, in a folder of its own or in this one."""
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield Driver(process)
