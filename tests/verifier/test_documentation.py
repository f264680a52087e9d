"""The drivers that docs/testing-verifiers.md shows work as they stand there."""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING

from reports.vocabulary import ExitCode, Verdict
from tests.harness.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.verifier.conftest import Run

PAGE = (ROOT / "docs" / "testing-verifiers.md").read_text(encoding="utf-8")

PYTHON_SERVICE = """
def verify_token(token, token_use, issuer, client_id, jwks):
    print("looking at a token")
    if not isinstance(token, str) or token.count(".") != 2:
        raise ValueError("no token")
"""

JAVASCRIPT_SERVICE = """
export async function verifyToken(token) {
  console.error("looking at a token");
  if (typeof token !== "string" || token.split(".").length !== 3) throw new TypeError("no token");
}
"""


def shown(language: str) -> str:
    """The program in that language."""
    [program] = re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)
    return str(program)


def judged_rightly(run: Run) -> None:
    verdicts = {record.case: record.verdict for record in run.records}
    assert run.exit_code == ExitCode.FINDINGS, run.output
    assert verdicts["an access token"] is Verdict.PASS
    assert verdicts["two parts"] is Verdict.PASS
    assert verdicts["null"] is Verdict.PASS
    assert verdicts["an empty payload"] is Verdict.FAIL


def test_the_python_driver_judges_its_service(judge: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "my_service.py").write_text(PYTHON_SERVICE)
    (tmp_path / "my_driver.py").write_text(shown("python"))
    judged_rightly(judge([sys.executable, "my_driver.py"], "--only", "TOK-01"))


def test_the_javascript_driver_judges_its_service(judge: Callable[..., Run], tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "Node.js is needed for this test: install version 20 or newer"
    (tmp_path / "my_service.mjs").write_text(JAVASCRIPT_SERVICE)
    (tmp_path / "my_driver.mjs").write_text(shown("javascript"))
    judged_rightly(judge([node, "my_driver.mjs"], "--only", "TOK-01"))
