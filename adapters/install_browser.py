"""Installs the browser that the tests drive: Chromium and the chromedriver of the same major version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVER = "chromedriver"
PACKAGES = ("chromium", "chromium-driver", "fonts-dejavu-core")
"""What Debian calls them; without a font, pages have no text."""

WHAT_TO_INSTALL = (
    "install Chromium and the chromedriver of the same major version (on Debian, as root: apt-get install --no-install-"
    f"recommends {' '.join(PACKAGES)}) and put both on the PATH"
)


class BrowserMissing(SystemExit):
    """There is no browser to drive, and it could not be installed."""


def major_version(program: str) -> int | None:
    """The 156 of `Chromium 156.0.8078.79 built on …`; None where the program tells no version."""
    completed = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)
    found = re.search(r"(\d+)\.\d+\.\d+", completed.stdout) if completed.returncode == 0 else None
    return int(found[1]) if found else None


def missing() -> str | None:
    """What is not there, in words; None where a browser and its driver are."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    driver = shutil.which(DRIVER)
    if browser is None or driver is None:
        wanted = [name for name, path in (("Chromium", browser), (DRIVER, driver)) if path is None]
        return f"{' and '.join(wanted)} not found on the PATH"
    majors = major_version(browser), major_version(driver)
    if None in majors or majors[0] != majors[1]:
        return f"{browser} is {majors[0] or 'of no version'}, and {driver} {majors[1] or 'of no version'}"
    return None


def main() -> None:
    """Install what is missing where Debian's package manager may be used; anywhere else, say what to install."""
    lack = missing()
    if lack is None:
        return
    apt_get = shutil.which("apt-get")
    if apt_get is None or not Path("/etc/debian_version").is_file():
        raise BrowserMissing(f"{lack}. The tests with a real browser need them: {WHAT_TO_INSTALL}")
    if os.geteuid() != 0:
        raise BrowserMissing(f"{lack}, and only root may install it. Run this as root, or {WHAT_TO_INSTALL}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        if subprocess.run([apt_get, *command], check=False, env=environment).returncode != 0:
            raise BrowserMissing(f"{lack}, and apt-get could not install it (see above): {WHAT_TO_INSTALL}")
    if lack := missing():
        raise BrowserMissing(f"{lack}, after installing {', '.join(PACKAGES)}: {WHAT_TO_INSTALL}")


if __name__ == "__main__":
    main()
