"""A real browser with somebody else's client, at somebody else's triggers, registers passkeys and signs in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fakes.pool import EmbeddedPool
from harness.chromium_authenticator import ChromiumAuthenticator
from tests.authenticator.web_application import PROFILES_WITH_A_PAGE, RP_ID, USERNAME, Page, open_page
from tests.hosts.deployment import EMAIL


@pytest.fixture(params=PROFILES_WITH_A_PAGE, ids=lambda profile: profile.parent.name)
def page(request: pytest.FixtureRequest, chromium: ChromiumAuthenticator) -> Iterator[Page]:
    with EmbeddedPool.start() as pool:
        with open_page(request.param, pool, chromium) as page:
            tokens = page.deployment.sign_in_by_link()
            names = {"idToken": "IdToken", "accessToken": "AccessToken", "refreshToken": "RefreshToken"}
            page.do("signed_in", tokens={here: tokens[there] for here, there in names.items()})
            yield page
        assert pool.crashes == ()
        assert pool.functions.troubles == ()


def _is_signed_in(page: Page, answer: dict[str, Any]) -> None:
    assert answer["statuses"][-1] == "SIGNED_IN_WITH_FIDO2"
    claims = page.deployment.verified(answer["tokens"]["idToken"])
    assert (claims["cognito:username"], claims["email"]) == (USERNAME, EMAIL)


def test_a_passkey_registers_and_signs_in_with_and_without_a_user_name(page: Page) -> None:
    page.do("register", name="A laptop")
    [kept] = page.chromium.credentials
    assert (kept.rp_id, kept.discoverable) == (RP_ID, True)
    _is_signed_in(page, page.do("sign_in", username=EMAIL))
    _is_signed_in(page, page.do("sign_in", username=None))
    assert page.application.api_calls[-1] == "/sign-in-challenge"
    [kept] = page.chromium.credentials
    assert kept.sign_count == 3


def test_a_passkey_is_listed_renamed_and_removed(page: Page) -> None:
    page.do("register", name="A laptop")
    [listed] = page.do("list")["authenticators"]
    assert listed["friendlyName"] == "A laptop"
    page.do("rename", id=listed["credentialId"], name="The laptop")
    [listed] = page.do("list")["authenticators"]
    assert listed["friendlyName"] == "The laptop"
    page.do("remove", id=listed["credentialId"])
    assert page.do("list")["authenticators"] == []
    with pytest.raises(AssertionError, match="sign_in: NotAuthorizedException"):
        page.do("sign_in", username=EMAIL)
