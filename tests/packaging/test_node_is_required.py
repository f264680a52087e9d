"""Without Node.js, setting up says what is missing, and fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INSTALL = Path(__file__).parents[2] / "adapters" / "install_node_modules.py"


def install_with_path(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(INSTALL)], env={"PATH": str(folder)}, check=False, capture_output=True, text=True
    )


def put_program(folder: Path, name: str, prints: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho {prints}\n")
    program.chmod(0o755)


def test_a_missing_node_fails_and_says_what_to_install(tmp_path: Path) -> None:
    completed = install_with_path(tmp_path)
    assert completed.returncode != 0
    assert "node was not found" in completed.stderr
    assert "Node.js 20 or newer" in completed.stderr


def test_an_old_node_fails_and_says_which_is_needed(tmp_path: Path) -> None:
    put_program(tmp_path, "node", "v18.19.0")
    put_program(tmp_path, "npm", "9.2.0")
    completed = install_with_path(tmp_path)
    assert completed.returncode != 0
    assert "need Node.js 20 or newer" in completed.stderr
    assert "is 18" in completed.stderr
