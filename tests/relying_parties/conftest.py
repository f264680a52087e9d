from __future__ import annotations

import random
import shlex
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from harness.ceremony_court import CeremonyCourt
from harness.relying_party import RelyingPartyIdentity, RelyingPartyUnderTest
from harness.transcript import Transcript
from harness.webauthn_cases.making import ResponseMaker
from tests.harness.conftest import ROOT, environment
from tests.verifier.conftest import PREAMBLE, Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.verifier import Driver

ADAPTERS = ROOT / "adapters" / "relying_parties"
DRIVERS = {
    "fido2": "python_fido2.py",
    "webauthn": "py_webauthn.py",
    "@simplewebauthn/server": "simplewebauthn_server.mjs",
}


def command_for(name: str) -> list[str]:
    """How to start a driver. Raises AssertionError, saying what to do, when Node.js or its packages are missing."""
    path = ADAPTERS / DRIVERS[name]
    if path.suffix == ".py":
        return [sys.executable, str(path)]
    node = shutil.which("node")
    assert node is not None, "Node.js is needed for this test: install version 20 or newer"
    assert (ADAPTERS / "node_modules").is_dir(), f"run `npm ci --ignore-scripts` in {ADAPTERS} first"
    return [node, str(path)]


class NotClaimed(Exception):
    """A case needs what the driver does not claim."""


def court_of(driver: Driver, observed: dict[str, str] | None = None) -> CeremonyCourt:
    """A court for a driver, with an authenticator of seed 1; what it observes goes into `observed`."""
    identity = RelyingPartyIdentity.of(driver)

    def require(need: str | None) -> None:
        if need not in identity.needs_met:
            raise NotClaimed(need)

    return CeremonyCourt(
        RelyingPartyUnderTest(driver, identity, transcript=Transcript(), seconds=60),
        ResponseMaker("tests", random.Random(1)),  # noqa: S311 - repeatable on purpose
        observe=(observed if observed is not None else {}).__setitem__,
        require=require,
    )


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], list[str]]:
    """Writes a Python program that may use PREAMBLE, and gives the command that starts it."""

    def write(body: str) -> list[str]:
        path = tmp_path / "peer.py"
        path.write_text(PREAMBLE + textwrap.dedent(body))
        return [sys.executable, str(path)]

    return write


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., Run]:
    """Runs checks on the relying party behind a command."""

    def run(command: list[str], *arguments: str) -> Run:
        out = tmp_path / "results"
        done = subprocess.run(
            [sys.executable, "-m", "cognito_conformance", "run", "--out", str(out)]
            + (["--relying-party", shlex.join(command)] if command else [])
            + list(arguments),
            cwd=tmp_path,
            env={**environment(), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr, out)

    return run
