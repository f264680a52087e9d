"""How a device proves itself: DEV-02."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.check import AWS_DOC, CRITICAL, MUST, POOL, cases, check
from harness.devices import DEVICE_SRP_AUTH, DeviceChange, DeviceSignIn, Tracked, tracked_user
from harness.sign_in import between_honest
from harness.token_calls import claims_of
from protocol.cognito_srp import COGNITO
from protocol.numbers import hex_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.arrangement import Arrangements
    from harness.devices import Device
    from harness.fixtures import HonestOf
    from harness.sign_in import Outcome

N = COGNITO.group.prime


def its_own_password(tracked: Tracked, device: Device) -> Outcome:
    """The honest device."""
    return tracked.sign_in(device)


def with_password(password: str) -> Callable[[Tracked, Device], Outcome]:
    """The device with another password than its own."""
    return lambda tracked, device: tracked.sign_in(device, DeviceChange(password=password))


def the_users_password(tracked: Tracked, device: Device) -> Outcome:
    """The user's password for the device's."""
    return tracked.sign_in(device, DeviceChange(password=tracked.twin.user.password))


def zero_a(multiple: int) -> Callable[[Tracked, Device], Outcome]:
    """A multiple of N for A, and the proof that follows from S = 0."""
    return lambda tracked, device: tracked.sign_in(
        device, DeviceChange(a_sent=hex_of(multiple * N), premaster_secret=0)
    )


def another_device_instead(tracked: Tracked, device: Device) -> Outcome:
    """The sign-in names one device; another of the user's goes on with it, with its own password."""
    other = tracked.given_device()
    return DeviceSignIn(tracked.twin, other).run(tracked.first_factor(device))


def another_devices_password(tracked: Tracked, device: Device) -> Outcome:
    """The device's key with the password of another of the user's devices."""
    return tracked.sign_in(device, DeviceChange(password=tracked.given_device().password))


def another_key_at_the_answer(tracked: Tracked, device: Device) -> Outcome:
    """A right proof, sent under the key of another of the user's devices."""
    return tracked.sign_in(device, DeviceChange(answered_key=tracked.given_device().key))


def another_users_device(tracked: Tracked, device: Device) -> Outcome:
    """The user's own password, and a device of somebody else with its right password."""
    del device
    somebody = Tracked(tracked.twin.of(tracked.pool.new_user()))
    return tracked.sign_in(somebody.given_device())


def without_the_users_password(tracked: Tracked, device: Device) -> Outcome:
    """The device's right proof, with nobody having proved the user's password."""
    begun = DeviceSignIn(tracked.twin, device)
    started = begun.start(None)
    return begun.answer(started) if started.challenge_name else started


def after_a_wrong_password(tracked: Tracked, device: Device) -> Outcome:
    """The user's password is wrong; then the device's right proof."""
    tracked.twin.but(device_key=device.key, password="Wrong-Horse-7")  # noqa: S106 - it is wrong
    return without_the_users_password(tracked, device)


def its_key_alone(tracked: Tracked, device: Device) -> Outcome:
    """The device's key, which stands in every access token, and no proof."""
    return tracked.first_factor(device)


ATTEMPTS: dict[str, Callable[[Tracked, Device], Outcome]] = {
    "its own password": its_own_password,
    "a wrong password": with_password("Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZS1hbmQtc28tb24u"),
    "an empty password": with_password(""),
    "the user's password": the_users_password,
    "the password of another device": another_devices_password,
    "another device in its place": another_device_instead,
    "the key of another device at the answer": another_key_at_the_answer,
    "the device of another user": another_users_device,
    "A = 0": zero_a(0),
    "A = N": zero_a(1),
    "A = 2N": zero_a(2),
    "no password of the user": without_the_users_password,
    "a wrong password of the user": after_a_wrong_password,
    "its key alone": its_key_alone,
}


@check(
    "DEV-02",
    level=MUST,
    severity=CRITICAL,
    clause="Cognito developer guide, signing in with a device; RFC 5054 sections 2.5.4 and 2.6",
    evidence=AWS_DOC,
    subject=POOL,
    needs={"srp", "users", "configure", "device-sign-in"},
    killed_by={
        "pool.devices.tokens-without-device": "does not name the device",
        "pool.devices.proof-not-verified": "tokens were issued for a device with a wrong password",
        "pool.devices.key-of-another-device": "tokens were issued for a device with another device in its place",
        "pool.devices.device-of-another-user": "tokens were issued for a device with the device of another user",
        "pool.devices.accepts-zero-a": "tokens were issued for a device with A = ",
        "pool.devices.without-the-first-factor": "tokens were issued for a device with no password of the user",
        "pool.devices.key-alone-suffices": "tokens were issued for a device with its key alone",
    },
)
@cases("attempt", {name: name for name in ATTEMPTS})
def test_only_the_devices_own_proof_signs_in(arrangements: Arrangements, honest_of: HonestOf, attempt: str) -> None:
    """After the user's password, a remembered device signs in with a proof of its own password, and with nothing less.

    The device stands where a second factor would. A pool that takes its key for it, another device's
    proof, somebody else's device or A ≡ 0 has no second factor; one that takes the device without
    the password has no first. Verify the device's SRP as the user's, and bind it to the sign-in.
    """
    tracked = tracked_user(arrangements, honest_of)
    device = tracked.given_device()
    if ATTEMPTS[attempt] is its_own_password:
        tokens = tracked.sign_in(device).must_yield_tokens("a device with its own password")
        named = claims_of(tokens.access, "the access token").get("device_key")
        assert named == device.key, "the access token of a device's sign-in does not name the device"
        return
    with between_honest(lambda: tracked.sign_in(device)):
        outcome = ATTEMPTS[attempt](tracked, device)
        what = f"a device with {attempt}"
        assert not outcome.has_tokens, f"tokens were issued for {what}"
        if outcome.challenge_name != DEVICE_SRP_AUTH:
            outcome.must_be_refused(what)
