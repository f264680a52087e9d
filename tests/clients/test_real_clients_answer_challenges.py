"""Clients that others wrote, at `cognito-conformance serve`, in the sign-ins that ask for more than a password."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from protocol.totp import STEP_SECONDS, totp
from tests.clients.conftest import ADAPTERS
from tests.clients.driver import Driver
from tests.clients.served_pool import AppClient, ServedPool
from tests.clients.test_real_clients_sign_in import assert_refused, assert_signed_in, verified_claims

JS = "amazon-cognito-identity-js"
PASSWORDLESS = "amazon-cognito-passwordless-auth"
PASSWORD = "Correct-Horse-7"
every_client = pytest.mark.parametrize("name", ADAPTERS)
every_client_with_devices = pytest.mark.parametrize("name", [name for name in ADAPTERS if name != PASSWORDLESS])


@every_client
def test_a_temporary_password_is_replaced_and_the_new_one_signs_in(
    name: str, drivers: dict[str, Driver], pool: ServedPool, public_client: AppClient
) -> None:
    user, client = pool.add_user(password=PASSWORD, permanent=False), drivers[name]

    def sign_in(password: str, **answers: str) -> Mapping[str, Any]:
        return client.sign_in(pool, public_client, username=user.name, password=password, answers=answers)

    assert not sign_in(PASSWORD)["ok"], "tokens without the new password"
    assert_refused(sign_in("Wrong-Horse-7", new_password="New-Horse-7"))
    assert_signed_in(sign_in(PASSWORD, new_password="New-Horse-7"), pool, user)
    assert_signed_in(sign_in("New-Horse-7"), pool, user)
    assert_refused(sign_in(PASSWORD))


def remembered(
    client: Driver, pool: ServedPool, app_client: AppClient, username: str
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The device and the tokens of a first sign-in, at which the client has its device remembered."""
    answer = client.sign_in(pool, app_client, username=username, password=PASSWORD, answers={"remember_device": True})
    assert answer["ok"], answer
    return answer["device"], answer["tokens"]


def devices_of(pool: ServedPool, username: str) -> set[str]:
    listed = pool.directory.admin_list_devices(UserPoolId=pool.user_pool_id, Username=username)
    return {device["DeviceKey"] for device in listed["Devices"]}


@every_client_with_devices
def test_a_device_is_remembered_and_signs_in(
    name: str, drivers: dict[str, Driver], tracking_pool: ServedPool, tracking_client: AppClient
) -> None:
    user, client = tracking_pool.add_user(password=PASSWORD), drivers[name]
    device, _ = remembered(client, tracking_pool, tracking_client, user.name)
    assert devices_of(tracking_pool, user.name) == {device["key"]}

    for _ in range(3):  # each with another B, u and S
        answer = client.sign_in(tracking_pool, tracking_client, username=user.name, password=PASSWORD, device=device)
        assert_signed_in(answer, tracking_pool, user)
        assert verified_claims(tracking_pool, answer["tokens"]["access_token"])["device_key"] == device["key"]
    assert devices_of(tracking_pool, user.name) == {device["key"]}


@every_client_with_devices
def test_a_device_with_a_wrong_password_or_another_users_is_refused(
    name: str, drivers: dict[str, Driver], tracking_pool: ServedPool, tracking_client: AppClient
) -> None:
    user, other, client = (
        tracking_pool.add_user(password=PASSWORD),
        tracking_pool.add_user(password=PASSWORD),
        drivers[name],
    )
    device, _ = remembered(client, tracking_pool, tracking_client, user.name)
    others, _ = remembered(client, tracking_pool, tracking_client, other.name)

    def sign_in(device: Mapping[str, str]) -> Mapping[str, Any]:
        return client.sign_in(tracking_pool, tracking_client, username=user.name, password=PASSWORD, device=device)

    assert_refused(sign_in({**device, "password": others["password"]}))
    as_somebody_elses = sign_in(others)
    # The browser client forgets a device that the pool does not know, and signs in as on a new one.
    if as_somebody_elses["ok"]:
        assert as_somebody_elses["device"]["key"] not in {device["key"], others["key"]}
    else:
        assert "Device does not exist." in as_somebody_elses["error_message"]
    assert_signed_in(sign_in(device), tracking_pool, user)


def test_the_browser_client_signs_in_again_after_its_device_was_forgotten(
    drivers: dict[str, Driver], tracking_pool: ServedPool, tracking_client: AppClient
) -> None:
    user, client = tracking_pool.add_user(password=PASSWORD), drivers[JS]
    device, _ = remembered(client, tracking_pool, tracking_client, user.name)
    tracking_pool.directory.admin_forget_device(
        UserPoolId=tracking_pool.user_pool_id, Username=user.name, DeviceKey=device["key"]
    )
    answer = client.sign_in(tracking_pool, tracking_client, username=user.name, password=PASSWORD, device=device)
    assert_signed_in(answer, tracking_pool, user)
    assert answer["device"]["key"] != device["key"]
    assert devices_of(tracking_pool, user.name) == {answer["device"]["key"]}


def test_the_browser_client_refreshes_with_and_without_a_device(
    drivers: dict[str, Driver],
    pool: ServedPool,
    public_client: AppClient,
    tracking_pool: ServedPool,
    tracking_client: AppClient,
) -> None:
    client = drivers[JS]
    plain, tracked = pool.add_user(password=PASSWORD), tracking_pool.add_user(password=PASSWORD)
    tokens = client.sign_in(pool, public_client, username=plain.name, password=PASSWORD)["tokens"]
    answer = client.ask_user("refresh", pool, public_client, username=plain.name, tokens=tokens)
    assert_signed_in(answer, pool, plain)
    assert answer["tokens"]["access_token"] != tokens["access_token"]

    device, tokens = remembered(client, tracking_pool, tracking_client, tracked.name)

    def refresh(**members: object) -> Mapping[str, Any]:
        return client.ask_user(
            "refresh", tracking_pool, tracking_client, username=tracked.name, tokens=tokens, **members
        )

    assert_signed_in(refresh(device=device), tracking_pool, tracked)
    elsewhere = refresh()
    assert not elsewhere["ok"], "a refresh token was taken on another device"
    assert elsewhere["error_message"] == "Invalid Refresh Token"


def test_the_browser_client_signs_out_everywhere(
    drivers: dict[str, Driver], pool: ServedPool, public_client: AppClient
) -> None:
    user, client = pool.add_user(password=PASSWORD), drivers[JS]
    tokens = client.sign_in(pool, public_client, username=user.name, password=PASSWORD)["tokens"]
    assert client.ask_user("global_sign_out", pool, public_client, username=user.name, tokens=tokens)["ok"]
    again = client.ask_user("global_sign_out", pool, public_client, username=user.name, tokens=tokens)
    refreshed = client.ask_user("refresh", pool, public_client, username=user.name, tokens=tokens)
    assert again["error_type"] == refreshed["error_type"] == "NotAuthorizedException"
    assert_signed_in(client.sign_in(pool, public_client, username=user.name, password=PASSWORD), pool, user)


class Authenticator:
    """A user's authenticator app: no code of it is shown twice."""

    def __init__(self, secret_code: str) -> None:
        self._secret = base64.b32decode(secret_code)
        self._ahead = 0

    def code(self) -> str:
        """The present code, then the one after it: both are still in the pool's window when a step ends meanwhile."""
        moment = datetime.now(UTC) + timedelta(seconds=STEP_SECONDS * self._ahead)
        self._ahead += 1
        return totp(self._secret, moment)


def enrolled(pool: ServedPool, access_token: str) -> Authenticator:
    """An app that the user of an access token has set up, and is asked for from now on."""
    directory = pool.directory
    app = Authenticator(directory.associate_software_token(AccessToken=access_token)["SecretCode"])
    directory.verify_software_token(AccessToken=access_token, UserCode=app.code())
    directory.set_user_mfa_preference(
        AccessToken=access_token, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    return app


@every_client
def test_a_software_token_is_asked_for_and_its_code_signs_in(
    name: str, drivers: dict[str, Driver], mfa_pool: ServedPool, mfa_client: AppClient
) -> None:
    user, client = mfa_pool.add_user(password=PASSWORD), drivers[name]

    def sign_in(password: str = PASSWORD, **answers: str) -> Mapping[str, Any]:
        return client.sign_in(mfa_pool, mfa_client, username=user.name, password=password, answers=answers)

    app = enrolled(mfa_pool, sign_in()["tokens"]["access_token"])
    assert not sign_in()["ok"], "tokens without the code"
    wrong = sign_in(totp="000000")
    assert wrong["error_type"] == "CodeMismatchException"
    assert_refused(sign_in(password="Wrong-Horse-7", totp="000000"))
    assert_signed_in(sign_in(totp=app.code()), mfa_pool, user)


def test_the_browser_client_is_spared_the_code_on_a_remembered_device(
    drivers: dict[str, Driver], mfa_pool: ServedPool, mfa_client: AppClient
) -> None:
    user, client = mfa_pool.add_user(password=PASSWORD), drivers[JS]

    def sign_in(**members: object) -> Mapping[str, Any]:
        return client.sign_in(mfa_pool, mfa_client, username=user.name, password=PASSWORD, **members)

    app = enrolled(mfa_pool, sign_in()["tokens"]["access_token"])
    with_code = sign_in(answers={"totp": app.code()})
    assert_signed_in(with_code, mfa_pool, user)
    assert_signed_in(sign_in(device=with_code["device"]), mfa_pool, user)
    assert not sign_in()["ok"], "tokens without the code on a new device"
    mfa_pool.directory.admin_forget_device(
        UserPoolId=mfa_pool.user_pool_id, Username=user.name, DeviceKey=with_code["device"]["key"]
    )
    assert not sign_in(device=with_code["device"])["ok"], "tokens without the code on a forgotten device"
