"""Which authenticator makes the honest ceremonies of a run: the software one, or a real browser's."""

from __future__ import annotations

import random
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from harness.browser import BrowserMissing, browser_version, find_browser
from harness.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from harness.chromium_authenticator import ChromiumAuthenticator
    from harness.settings import AuthenticatorSettings
    from harness.webauthn_cases.in_chromium import ChromiumShelf
    from harness.webauthn_cases.making import ResponseMaker


class AuthenticatorBench:
    """What one worker needs to make ceremonies; a browser is started when the first of them needs it."""

    def __init__(self, settings: AuthenticatorSettings) -> None:
        self._settings = settings
        self._open = ExitStack()

    def response_maker(self, seed: str, randomness: random.Random) -> ResponseMaker:
        """A maker of responses. Raises BrowserMissing or BrowserFailed."""
        if self._settings.kind == "software":
            from harness.webauthn_cases.making import ResponseMaker

            return ResponseMaker(seed, randomness)
        from harness.webauthn_cases.in_chromium import ChromiumResponseMaker

        return ChromiumResponseMaker(seed, randomness, self._shelf)

    @cached_property
    def chromium(self) -> ChromiumAuthenticator:
        """The browser. Raises BrowserMissing or BrowserFailed."""
        from harness.chromium_authenticator import chromium_authenticator

        return self._open.enter_context(
            chromium_authenticator(browser=self._settings.browser, driver=self._settings.driver)
        )

    def close(self) -> None:
        """Stop what runs."""
        self._open.close()

    @cached_property
    def _shelf(self) -> ChromiumShelf:
        from harness.webauthn_cases.in_chromium import ChromiumShelf

        return ChromiumShelf(self.chromium)


def find_authenticator(settings: AuthenticatorSettings) -> str:
    """The browser's name and version, where a run asks for one; raises ConfigurationError where it is not there."""
    if settings.kind == "software":
        return ""
    try:
        return browser_version(find_browser(settings.browser, settings.driver)[0])
    except BrowserMissing as error:
        raise ConfigurationError(f"authenticator.kind: {error}") from error
