"""A real browser: headless Chromium, driven over WebDriver, from which nothing reaches the network or stays behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.findings import Inconclusive

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVER = "chromedriver"

LOOPBACK_ONLY = "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
"""Host resolver rules under which no name but the loopback's own leads anywhere."""

_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # root may not use it, and CI runs as root; only pages of this run are loaded
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers have little of it
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_LONGEST_TEMPORARY_FOLDER = 55
"""In bytes. Chromium puts a socket there under a long name of its own, and a socket's path is at most 103."""


class BrowserMissing(Inconclusive):
    """There is no browser, or no way to drive it; the message says what to install."""


class BrowserFailed(Inconclusive):
    """The browser is there and does not start, or does not do what every browser does."""


def find_browser(browser: Path | None = None, driver: Path | None = None) -> tuple[str, str]:
    """The paths of Chromium and its chromedriver: those given, or from the PATH. Raises BrowserMissing."""
    try:
        import selenium as _  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise BrowserMissing(
            "a browser is driven with selenium, which is not installed: pip install 'selenium>=4.51,<5', or "
            "cognito-conformance with its extra `browser`"
        ) from error
    return _found("Chromium", browser, BROWSERS), _found(DRIVER, driver, (DRIVER,))


@contextmanager
def open_browser(
    *,
    browser: Path | None = None,
    driver: Path | None = None,
    resolver_rules: str = LOOPBACK_ONLY,
    arguments: Sequence[str] = (),
) -> Iterator[Chrome]:
    """A fresh browser, stopped and swept up behind itself afterwards. Takes a second or two to start.

    Everything that the browser writes stands in a folder of its own, which goes with it. The console of its pages is
    kept: `get_log("browser")`.

    Args:
        browser: Chromium; None for the one on the PATH.
        driver: chromedriver; None for the one on the PATH.
        resolver_rules: Chromium's host resolver rules.
        arguments: further ones for Chromium.

    Raises:
        BrowserMissing: there is none.
        BrowserFailed: it does not start.
    """
    binary, executable = find_browser(browser, driver)
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        options = ChromeOptions()
        options.binary_location = binary
        rules = f"--host-resolver-rules={resolver_rules}"
        for argument in (*_ARGUMENTS, f"--user-data-dir={folder}/profile", rules, *arguments):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        environment = {**os.environ, "HOME": folder}
        if len(folder) <= _LONGEST_TEMPORARY_FOLDER:
            environment["TMPDIR"] = folder
        try:
            window = Chrome(options=options, service=Service(executable, env=environment))
        except WebDriverException as error:
            raise BrowserFailed(
                f"{binary} did not start under {executable}; both must be of one major version: {error.msg}"
            ) from error
        try:
            yield window
        finally:
            window.quit()


def browser_version(browser: str) -> str:
    """What a browser calls itself: `Chromium 156.0.8078.79 built on …`. Raises BrowserMissing."""
    completed = subprocess.run([browser, "--version"], check=False, capture_output=True, text=True)  # noqa: S603
    if completed.returncode != 0 or not completed.stdout.strip():
        raise BrowserMissing(f"{browser} --version told no version; give the path of Chromium")
    return completed.stdout.strip()


def _found(what: str, given: Path | None, names: Sequence[str]) -> str:
    if given is not None and not given.is_file():
        raise BrowserMissing(f"{given} is not there; give the path of {what}")
    path = str(given) if given else next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        raise BrowserMissing(
            f"{what} was not found on the PATH (as {', '.join(names)}): install Chromium and the chromedriver of the "
            "same major version (on Debian: apt-get install chromium chromium-driver)"
        )
    return path
