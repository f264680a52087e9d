"""A refresh token and the device that it was issued on: what REF-02 says of devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, HIGH, MUST, POOL, cases, check
from harness.devices import Tracked, tracked_user
from harness.flows import initiate
from harness.sign_in import Outcome, between_honest, learn_tokens
from harness.token_calls import must_be_taken, refresh_token_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import Arrangements
    from harness.devices import Device
    from harness.fixtures import HonestOf


def by_flow(tracked: Tracked, token: str, device: Device | None) -> Outcome:
    """REFRESH_TOKEN_AUTH on a device, or on one that names no key."""
    named = {"DEVICE_KEY": device.key} if device else {}
    return initiate(tracked.pool, tracked.client, "REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": token, **named})


def by_operation(tracked: Tracked, token: str, device: Device | None) -> Outcome:
    """GetTokensFromRefreshToken on a device, or on one that names no key."""
    named = {"DeviceKey": device.key} if device else {}
    request = {"RefreshToken": token, "ClientId": tracked.client.client_id, **named}
    outcome = Outcome(tracked.pool.wire.call("GetTokensFromRefreshToken", request))
    learn_tokens(outcome, tracked.pool)
    return outcome


WITHOUT, OTHER, FORGOTTEN = "without its device", "on another device", "on a forgotten device"


def must_count_on_its_device_only(tracked: Tracked, refresh: Callable[..., Outcome], where: str) -> None:
    """The requirement of both checks."""
    device, other = tracked.given_device(), tracked.given_device()
    token = refresh_token_of(tracked.sign_in(device), "a remembered device")
    if where == FORGOTTEN:
        with_it = refresh(tracked, token, device)
        with_it.must_yield_tokens("a refresh on the device itself")
        must_be_taken(tracked.administer("AdminForgetDevice", device), "a device to be forgotten")
        refresh(tracked, token, device).must_be_refused(f"a refresh token {where}")
        return
    with between_honest(lambda: refresh(tracked, token, device)):
        outcome = refresh(tracked, token, other if where == OTHER else None)
        outcome.must_be_refused(f"a refresh token {where}")


@check(
    "REF-02e",
    level=MUST,
    severity=HIGH,
    clause="AWS blog, tracking and remembering devices: tokens are linked to one device, and ForgetDevice ends them",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "device-sign-in"},
    killed_by={"pool.devices.refresh-from-any-device": "tokens were issued for a refresh token"},
)
@cases("where", {where: where for where in (WITHOUT, OTHER, FORGOTTEN)})
def test_a_refresh_token_counts_on_its_device_only(arrangements: Arrangements, honest_of: HonestOf, where: str) -> None:
    """With device tracking on, a refresh token opens nothing without the key of its device, or once that is forgotten.

    Forgetting a stolen device is how a user ends the sign-in on it. A pool that does not look at
    DEVICE_KEY leaves the thief signed in for as long as the refresh token lives.
    """
    must_count_on_its_device_only(tracked_user(arrangements, honest_of), by_flow, where)


@check(
    "REF-02f",
    level=MUST,
    severity=HIGH,
    clause="Cognito API, GetTokensFromRefreshToken DeviceKey",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "device-sign-in", "refresh-operation"},
    killed_by={"pool.devices.refresh-from-any-device": "tokens were issued for a refresh token"},
)
@cases("where", {where: where for where in (WITHOUT, OTHER, FORGOTTEN)})
def test_a_renewal_counts_on_its_device_only(arrangements: Arrangements, honest_of: HonestOf, where: str) -> None:
    """GetTokensFromRefreshToken binds a refresh token to its device as REFRESH_TOKEN_AUTH does."""
    must_count_on_its_device_only(tracked_user(arrangements, honest_of), by_operation, where)
