"""What docs/testing-triggers.md shows works as it stands there, and is judged as it says."""

from __future__ import annotations

import re
from pathlib import Path

from reports.vocabulary import ExitCode
from tests.harness.conftest import ROOT
from tests.hosts.judging import judged

PAGE = (ROOT / "docs" / "testing-triggers.md").read_text(encoding="utf-8")
FOUND = {
    "TRG-D-04": "tokens are issued where only what Cognito itself asks was met",
    "TRG-D-05": "tokens are issued for a user who does not exist",
    "OTP-08d": "challengeMetadata holds the code",
}
GOOD = {"TRG-D-01", "TRG-V-01", "TRG-D-06"}


def test_the_triggers_that_are_shown_are_judged_as_the_page_says(tmp_path: Path) -> None:
    for block in re.findall(r"```(?:python|toml)\n(# \S+\n.*?)```", PAGE, flags=re.DOTALL):
        name, _, _ = block.removeprefix("# ").partition("\n")
        (tmp_path / name).write_text(block)
    run = judged(tmp_path / "conformance.toml", tmp_path, *FOUND, *GOOD)
    assert run.exit_code == ExitCode.FINDINGS, run.output
    for check, words in FOUND.items():
        assert f"| `{check}` | {words} |" in PAGE
        assert words in run.messages(check, "fail"), run.output
    assert run.checks("pass") >= GOOD, run.output


def test_the_page_names_commands_and_files_that_are_there() -> None:
    for path in re.findall(r"`((?:harness|examples)/[^`]*)`", PAGE):
        assert (ROOT / path).exists(), path
