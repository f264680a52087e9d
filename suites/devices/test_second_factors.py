"""What a device stands for: DEV-03."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, MUST, POOL, cases, check
from harness.devices import ALWAYS_REMEMBERED, DeviceSignIn, Tracked
from harness.second_factors import SOFTWARE_TOKEN, carried_on, pool_with_mfa, set_up_software_token
from harness.token_calls import must_be_taken

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import Arrangements
    from harness.devices import Device
    from harness.fixtures import HonestOf
    from harness.sign_in import Outcome
    from harness.wire import Answer

SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - the name of a challenge


def with_software_token(arrangements: Arrangements, honest_of: HonestOf) -> Tracked:
    """A user with a software token, in a pool where a remembered device stands for a second factor."""
    pool = pool_with_mfa(arrangements, "OPTIONAL", SOFTWARE_TOKEN, DeviceConfiguration=ALWAYS_REMEMBERED)
    twin = honest_of(pool, pool.client(), pool.new_user())
    app = set_up_software_token(pool, twin.user, twin.but(), now=twin.now, advance=None)

    def with_code(outcome: Outcome) -> Outcome:
        answers = {SOFTWARE_TOKEN_MFA: lambda _: {"SOFTWARE_TOKEN_MFA_CODE": app.fresh_code()}}
        return carried_on(outcome, pool, twin.client, twin.user, answers)

    return Tracked(twin, with_code)


def forgotten_by_the_user(tracked: Tracked, device: Device, access_token: str) -> Answer:
    """ForgetDevice."""
    return tracked.pool.wire.call("ForgetDevice", {"AccessToken": access_token, "DeviceKey": device.key})


def forgotten_by_an_administrator(tracked: Tracked, device: Device, access_token: str) -> Answer:
    """AdminForgetDevice."""
    del access_token
    return tracked.administer("AdminForgetDevice", device)


def no_longer_remembered(tracked: Tracked, device: Device, access_token: str) -> Answer:
    """UpdateDeviceStatus."""
    request = {"AccessToken": access_token, "DeviceKey": device.key, "DeviceRememberedStatus": "not_remembered"}
    return tracked.pool.wire.call("UpdateDeviceStatus", request)


def no_longer_remembered_for_an_administrator(tracked: Tracked, device: Device, access_token: str) -> Answer:
    """AdminUpdateDeviceStatus."""
    del access_token
    return tracked.administer("AdminUpdateDeviceStatus", device, DeviceRememberedStatus="not_remembered")


CHANGES: dict[str, Callable[[Tracked, Device, str], Answer]] = {
    "forgotten": forgotten_by_the_user,
    "forgotten by an administrator": forgotten_by_an_administrator,
    "no longer remembered": no_longer_remembered,
    "no longer remembered for an administrator": no_longer_remembered_for_an_administrator,
}


REMEMBERED, UNCONFIRMED = "remembered", "never confirmed"


@check(
    "DEV-03",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito API, DeviceConfigurationType ChallengeRequiredOnNewDevice; ForgetDevice; UpdateDeviceStatus",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "device-sign-in", "totp"},
    killed_by={
        "pool.devices.never-stands-for-a-second-factor": "a remembered device was asked for a second factor",
        "pool.devices.forgotten-in-name-only": "tokens were issued without a second factor for a device forgotten",
        "pool.devices.status-ignored": "tokens were issued without a second factor for a device no longer remembered",
        "pool.devices.unconfirmed-stands-for-a-second-factor": (
            "tokens were issued without a second factor for a device never confirmed"
        ),
    },
)
@cases("state", {name: name for name in (REMEMBERED, UNCONFIRMED, *CHANGES)})
def test_only_a_remembered_device_stands_for_a_second_factor(
    arrangements: Arrangements, honest_of: HonestOf, state: str
) -> None:
    """A user with a second factor is spared it on a remembered device, and on no other.

    Remembering is what the setting is for: a pool that asks all the same makes its users switch MFA
    off. A device that was forgotten, is no longer remembered or was never confirmed is what a thief
    or a former owner holds; there the code has to be asked for.
    """
    tracked = with_software_token(arrangements, honest_of)
    device, access_token = tracked.new_device()
    if state != UNCONFIRMED:
        must_be_taken(tracked.confirm(device, access_token), "a device with its own verifier")
        asked = tracked.first_factor(device)
        assert asked.challenge_name != SOFTWARE_TOKEN_MFA, "a remembered device was asked for a second factor"
        DeviceSignIn(tracked.twin, device).run(asked).must_yield_tokens("a remembered device with its own password")
    if state == REMEMBERED:
        return
    if state in CHANGES:
        must_be_taken(CHANGES[state](tracked, device, access_token), f"a device to be {state}")
    what = f"a device {state}"
    outcome = tracked.sign_in(device)
    assert not outcome.has_tokens, f"tokens were issued without a second factor for {what}"
    if outcome.challenge_name != SOFTWARE_TOKEN_MFA:
        outcome.must_be_refused(what)
    without_it = tracked.first_factor()
    assert without_it.challenge_name == SOFTWARE_TOKEN_MFA, (
        f"without {what} the target asked for no code but answered {without_it.answer.described()}"
    )
    tracked.finish(without_it).must_yield_tokens("a code in the place of a device")
