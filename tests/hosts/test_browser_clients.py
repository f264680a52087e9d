"""Where a profile brings a browser client, that client signs in, in its own words, at the pool with its triggers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from harness.peer import Peer
from tests.hosts.deployment import EMAIL, NUMBER, PROFILES, Deployment

Browser = Callable[..., dict[str, Any]]
LONGER_THAN_A_SESSION = timedelta(minutes=4)
PROGRAM = "browser_client.mjs"

pytestmark = pytest.mark.parametrize(
    "deployed",
    [profile for profile in PROFILES if (profile.parent / PROGRAM).exists()],
    ids=lambda profile: profile.parent.name,
    indirect=True,
)


@pytest.fixture
def browser(deployed: Deployment) -> Iterator[Callable[[], Browser]]:
    """Opens browsers, each on the page that links lead to."""
    node = shutil.which("node")
    assert node is not None, "Node.js is needed for this test: install version 20 or newer"
    opened: list[Peer] = []

    def open_browser() -> Browser:
        peer = Peer([node, str(deployed.profile.parent / PROGRAM)], timeout_seconds=30)
        opened.append(peer)

        def do(op: str, **members: Any) -> dict[str, Any]:
            answer = peer.ask(op, **members)
            assert answer["ok"], f"{op}: {answer}"
            return answer

        about = {"endpoint": deployed.pool.endpoint, "user_pool_id": deployed.user_pool_id}
        do("open", **about, client_id=deployed.client_id, href=deployed.redirect_uri)
        return do

    yield open_browser
    for each in opened:
        each.close()


def signed_in(answer: dict[str, Any], deployed: Deployment) -> str:
    """The access token of somebody who was signed in by link; the address bar no longer shows the secret."""
    assert answer["statuses"] == ["SIGNING_IN_WITH_LINK", "SIGNED_IN_WITH_LINK"]
    assert answer["href"] == deployed.redirect_uri
    assert deployed.verified(answer["tokens"]["idToken"])["email"] == EMAIL
    access_token = str(answer["tokens"]["accessToken"])
    assert deployed.verified(access_token)["client_id"] == deployed.client_id
    return access_token


def test_the_browser_that_asked_redeems_its_link(browser: Callable[[], Browser], deployed: Deployment) -> None:
    here = browser()
    assert here("request_link", username=EMAIL)["statuses"] == ["REQUESTING_SIGNIN_LINK", "SIGNIN_LINK_REQUESTED"]
    signed_in(here("follow_link", url=deployed.mailed_link()), deployed)


def test_another_browser_redeems_a_link(browser: Callable[[], Browser], deployed: Deployment) -> None:
    browser()("request_link", username=EMAIL)
    signed_in(browser()("follow_link", url=deployed.mailed_link()), deployed)


def test_a_session_that_has_ended_meanwhile_is_begun_anew(browser: Callable[[], Browser], deployed: Deployment) -> None:
    here = browser()
    here("request_link", username=EMAIL)
    deployed.pass_time(LONGER_THAN_A_SESSION)
    signed_in(here("follow_link", url=deployed.mailed_link()), deployed)


def test_a_used_link_is_called_expired(browser: Callable[[], Browser], deployed: Deployment) -> None:
    here, there = browser(), browser()
    here("request_link", username=EMAIL)
    link = deployed.mailed_link()
    signed_in(here("follow_link", url=link), deployed)
    assert there("follow_link", url=link)["statuses"] == ["SIGNING_IN_WITH_LINK", "SIGNIN_LINK_EXPIRED"]


def test_a_signed_in_user_steps_up_by_code(browser: Callable[[], Browser], deployed: Deployment) -> None:
    here = browser()
    here("request_link", username=EMAIL)
    access_token = signed_in(here("follow_link", url=deployed.mailed_link()), deployed)
    asked = here("request_code", username="zoe", access_token=access_token)
    assert asked["phone_number"].endswith(NUMBER[-4:])
    assert deployed.dialect.codes is not None
    code = deployed.dialect.codes.code_in(deployed.pool.phone.to(NUMBER)[-1].text)
    answer = here("enter_code", code=code)
    assert answer["statuses"] == ["SIGNING_IN_WITH_OTP", "SIGNED_IN_WITH_OTP"]
    assert deployed.verified(answer["tokens"]["idToken"])["email"] == EMAIL
