"""The drivers that docs/testing-relying-parties.md shows work as they stand there."""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

from harness.needs import RELYING_PARTY_NEEDS
from harness.settings import load_settings
from reports.vocabulary import ExitCode, Verdict
from tests.harness.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.verifier.conftest import Run

PAGE = (ROOT / "docs" / "testing-relying-parties.md").read_text(encoding="utf-8")

PYTHON_SERVICE = """
import base64, json

def finish_registration(expected, response):
    print("looking at a registration")
    challenge = json.loads(base64.urlsafe_b64decode(response["response"]["clientDataJSON"] + "=="))["challenge"]
    if challenge != expected["challenge"]:
        raise ValueError("another challenge")
    key = response["response"]["publicKey"]
    return {"id": response["id"], "public_key": key, "sign_count": 0, "backup_eligible": False,
            "backup_state": False, "transports": [], "uv_initialized": True}

def finish_authentication(expected, credential, response):
    return {"sign_count": credential["sign_count"], "backup_state": False}
"""

JAVASCRIPT_SERVICE = """
export async function finishRegistration(expected, response) {
  console.error("looking at a registration");
  const { challenge } = JSON.parse(Buffer.from(response.response.clientDataJSON, "base64url"));
  if (challenge !== expected.challenge) throw new RangeError("another challenge");
  return { id: response.id, public_key: response.response.publicKey, sign_count: 0, backup_eligible: false,
    backup_state: false, transports: [], uv_initialized: true };
}
export async function finishAuthentication(expected, credential) {
  return { sign_count: credential.sign_count, backup_state: false };
}
"""

CHECKS = ("--only", "WA-REG-08r", "--only", "WA-AUT-11r[another challenge]", "--only", "WA-REG-26r")


def shown(language: str) -> str:
    """The program in that language."""
    [program] = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return str(program)


def judged_rightly(run: Run) -> None:
    verdicts = {record.id: record.verdict for record in run.records}
    assert run.exit_code == ExitCode.FINDINGS, run.output
    assert verdicts["WA-REG-08r[this ceremony's challenge]"] is Verdict.PASS
    assert verdicts["WA-REG-08r[another challenge]"] is Verdict.PASS
    assert verdicts["WA-AUT-11r[another challenge]"] is Verdict.FAIL
    assert verdicts["WA-REG-26r[an id that is registered]"] is Verdict.NOT_APPLICABLE


def test_the_python_driver_judges_its_service(judge: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "my_service.py").write_text(PYTHON_SERVICE)
    (tmp_path / "my_driver.py").write_text(shown("python"))
    judged_rightly(judge([sys.executable, "my_driver.py"], *CHECKS))


def test_the_javascript_driver_judges_its_service(judge: Callable[..., Run], tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "Node.js is needed for this test: install version 20 or newer"
    (tmp_path / "my_service.mjs").write_text(JAVASCRIPT_SERVICE)
    (tmp_path / "my_driver.mjs").write_text(shown("javascript"))
    judged_rightly(judge([node, "my_driver.mjs"], *CHECKS))


def test_the_settings_are_read_as_they_are_shown(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text(shown("toml"))
    assert load_settings(tmp_path / "conformance.toml").relying_party.command == ["python", "my_driver.py"]


def test_every_capability_is_explained() -> None:
    _, _, section = PAGE.partition("## Capabilities")
    rows = "".join(line.split("|")[1] for line in section.partition("### In Python")[0].splitlines() if line[:1] == "|")
    explained = set(re.findall(r"`([a-z0-9-]+)`", rows))
    known = {need.partition(".")[2] for need in RELYING_PARTY_NEEDS} - {""}
    assert explained == known
