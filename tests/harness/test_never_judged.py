"""What a user brings to trial is judged, or the gate says that it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.vocabulary import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.harness.conftest import Finished

HALF_CONFIGURED = """
[triggers]
host = "python"
[triggers.handlers]
define_auth_challenge = "gone.py:handler"
"""


def test_triggers_that_no_check_could_be_applied_to_do_not_pass(
    command: Callable[..., Finished], tmp_path: Path
) -> None:
    (tmp_path / "conformance.toml").write_text(HALF_CONFIGURED)
    done = command("run", "--only", "TRG-D-01", "--only", "TRG-D-12", "--out", "out")
    assert done.exit_code == ExitCode.TOO_FEW, done.output
    assert "triggers: configured, and none of the checks selected applies" in done.output


def test_triggers_are_not_missed_where_none_of_their_checks_was_selected(
    command: Callable[..., Finished], tmp_path: Path
) -> None:
    (tmp_path / "conformance.toml").write_text(HALF_CONFIGURED)
    assert command("run", "--only", "SRP-04[N]", "--out", "out").exit_code == ExitCode.CLEAN
