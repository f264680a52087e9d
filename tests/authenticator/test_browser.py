"""The browser is found or said to be missing, reaches nothing but loopback, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException

from harness.authenticators import find_authenticator
from harness.browser import BrowserFailed, BrowserMissing, find_browser, open_browser
from harness.configuration_error import ConfigurationError
from harness.settings import AuthenticatorSettings


def test_a_missing_browser_is_named_with_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserMissing, match=r"Chromium was not found on the PATH.*apt-get install chromium"):
        find_browser()
    with pytest.raises(ConfigurationError, match=r"authenticator\.kind: Chromium was not found"):
        find_authenticator(AuthenticatorSettings(kind="chromium"))


def test_a_wrong_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrowserMissing, match="nothing is not there; give the path of chromedriver"):
        find_browser(driver=tmp_path / "nothing")


def test_what_is_no_browser_does_not_start_and_says_so(tmp_path: Path) -> None:
    program = tmp_path / "no-browser"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with (
        pytest.raises(BrowserFailed, match=r"no-browser did not start under .*of one major version"),
        open_browser(browser=program),
    ):
        pass


def test_the_software_authenticator_needs_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_authenticator(AuthenticatorSettings()) == ""


def test_the_browser_reaches_loopback_only_keeps_its_console_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        _opens_and_closes(Path(folder))


def test_the_browser_starts_where_the_temporary_folder_has_a_long_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    _opens_and_closes(folder)


def _opens_and_closes(folder: Path) -> None:
    with open_browser() as window:
        window.get("data:text/html,<title>A page</title><script>console.error('said')</script>")
        assert window.title == "A page"
        [entry] = window.get_log("browser")  # type: ignore[no-untyped-call] # selenium's
        assert '"said"' in entry["message"]
        with pytest.raises(WebDriverException, match="ERR_NAME_NOT_RESOLVED"):
            window.get("https://example.org/")
        assert list(folder.iterdir())
    assert list(folder.iterdir()) == []
