"""Without a browser, setting up says what is missing, and fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INSTALL = Path(__file__).parents[2] / "adapters" / "install_browser.py"


def install_with_path(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(INSTALL)], env={"PATH": str(folder)}, check=False, capture_output=True, text=True
    )


def put_program(folder: Path, name: str, prints: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho {prints}\n")
    program.chmod(0o755)


def test_a_missing_browser_fails_and_says_what_to_install(tmp_path: Path) -> None:
    completed = install_with_path(tmp_path)
    assert completed.returncode != 0
    assert "Chromium and chromedriver not found on the PATH" in completed.stderr
    assert "apt-get install --no-install-recommends chromium chromium-driver" in completed.stderr


def test_a_driver_of_another_version_fails_and_says_which_are_there(tmp_path: Path) -> None:
    put_program(tmp_path, "chromium", "Chromium 156.0.8078.79 built on Debian")
    put_program(tmp_path, "chromedriver", "ChromeDriver 155.0.8000.1")
    completed = install_with_path(tmp_path)
    assert completed.returncode != 0
    assert "chromium is 156, and" in completed.stderr
    assert "chromedriver 155" in completed.stderr


def test_a_browser_and_its_driver_are_left_as_they_are(tmp_path: Path) -> None:
    put_program(tmp_path, "google-chrome", "Google Chrome 156.0.8078.79")
    put_program(tmp_path, "chromedriver", "ChromeDriver 156.0.8078.12")
    completed = install_with_path(tmp_path)
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == ""


def test_a_package_manager_that_fails_is_said_to_have_failed(tmp_path: Path) -> None:
    put_program(tmp_path, "apt-get", "no network; exit 100")
    completed = install_with_path(tmp_path)
    assert completed.returncode != 0
    assert "not found on the PATH" in completed.stderr
