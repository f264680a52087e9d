"""One browser for all the tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.chromium_authenticator import ChromiumAuthenticator, chromium_authenticator


@pytest.fixture(scope="session")
def _browser() -> Iterator[ChromiumAuthenticator]:
    with chromium_authenticator() as authenticator:
        yield authenticator


@pytest.fixture
def chromium(_browser: ChromiumAuthenticator) -> ChromiumAuthenticator:
    """Chromium with an empty authenticator, whose user can be verified."""
    _browser.forget_all()
    _browser.verify_user(succeeds=True)
    return _browser
