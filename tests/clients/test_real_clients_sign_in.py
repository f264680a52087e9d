"""Clients that others wrote, unmodified, at `cognito-conformance serve`: right password in, wrong password out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import urllib3
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.clients.conftest import ADAPTERS
from tests.clients.driver import Driver
from tests.clients.served_pool import AppClient, ServedPool, User

every_client = pytest.mark.parametrize("name", ADAPTERS)
# The others have no notion of a client secret.
every_client_that_takes_a_secret = pytest.mark.parametrize(
    "name", ["pycognito", "amazon-cognito-passwordless-auth", "cognito-srp-helper"]
)


def verified_claims(pool: ServedPool, token: str) -> Mapping[str, Any]:
    """The claims of a token, after its signature was verified with the pool's published keys."""
    published = urllib3.request("GET", f"{pool.endpoint}/{pool.user_pool_id}/.well-known/jwks.json").json()
    return jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"]).claims


def assert_signed_in(answer: Mapping[str, Any], pool: ServedPool, user: User) -> None:
    assert answer["ok"], answer
    tokens = answer["tokens"]
    assert verified_claims(pool, tokens["id_token"])["cognito:username"] == user.name
    assert verified_claims(pool, tokens["access_token"])["username"] == user.name
    assert tokens["refresh_token"]


def assert_refused(answer: Mapping[str, Any]) -> None:
    assert not answer["ok"], "tokens for a wrong password"
    assert answer["error_type"] == "NotAuthorizedException"
    assert "Incorrect username or password." in answer["error_message"]


@every_client
def test_the_right_password_signs_in(
    name: str, drivers: dict[str, Driver], pool: ServedPool, public_client: AppClient, user: User
) -> None:
    answer = drivers[name].sign_in(pool, public_client, username=user.name, password=user.password)
    assert_signed_in(answer, pool, user)


@every_client
def test_a_wrong_password_is_refused_and_the_right_one_still_signs_in(
    name: str, drivers: dict[str, Driver], pool: ServedPool, public_client: AppClient, user: User
) -> None:
    refused = drivers[name].sign_in(pool, public_client, username=user.name, password=user.password + "!")
    accepted = drivers[name].sign_in(pool, public_client, username=user.name, password=user.password)
    assert_refused(refused)
    assert_signed_in(accepted, pool, user)


@every_client
def test_the_email_alias_signs_in(
    name: str, drivers: dict[str, Driver], pool: ServedPool, public_client: AppClient, user: User
) -> None:
    answer = drivers[name].sign_in(pool, public_client, username=user.email, password=user.password)
    assert_signed_in(answer, pool, user)


@every_client
@pytest.mark.parametrize("password", ["Pässwort-日本-1", "Clé-𝄞-Ключ-7", " Leading-Space-7"])
def test_an_unusual_password_signs_in_and_a_near_one_does_not(
    name: str, password: str, drivers: dict[str, Driver], pool: ServedPool, public_client: AppClient
) -> None:
    user = pool.add_user(password=password)
    near = drivers[name].sign_in(pool, public_client, username=user.name, password=password[1:])
    exact = drivers[name].sign_in(pool, public_client, username=user.name, password=password)
    assert_refused(near)
    assert_signed_in(exact, pool, user)


@every_client_that_takes_a_secret
def test_a_client_with_a_secret_signs_in(
    name: str, drivers: dict[str, Driver], pool: ServedPool, confidential_client: AppClient, user: User
) -> None:
    answer = drivers[name].sign_in(pool, confidential_client, username=user.name, password=user.password)
    assert_signed_in(answer, pool, user)


@pytest.mark.parametrize("name", ["pycognito", "cognito-srp-helper"])
def test_a_client_with_a_secret_signs_in_by_alias(
    name: str, drivers: dict[str, Driver], pool: ServedPool, confidential_client: AppClient, user: User
) -> None:
    answer = drivers[name].sign_in(pool, confidential_client, username=user.email, password=user.password)
    assert_signed_in(answer, pool, user)


@every_client_that_takes_a_secret
def test_a_wrong_client_secret_is_refused(
    name: str, drivers: dict[str, Driver], pool: ServedPool, confidential_client: AppClient, user: User
) -> None:
    impostor = AppClient(confidential_client.id, "0" * 40)
    answer = drivers[name].sign_in(pool, impostor, username=user.name, password=user.password)
    assert not answer["ok"]
    assert "Unable to verify secret hash" in answer["error_message"]


@every_client
def test_an_adapter_names_its_client_and_what_it_can_do(name: str, drivers: dict[str, Driver]) -> None:
    answer = drivers[name].ask("hello")
    assert answer["ok"], answer
    assert answer["name"] == name
    assert answer["version"]
    assert {"srp", "alias"} <= set(answer["capabilities"])


@every_client
def test_an_adapter_refuses_an_unknown_operation_and_goes_on(name: str, drivers: dict[str, Driver]) -> None:
    refused = drivers[name].ask("sign_out")
    assert not refused["ok"]
    assert "sign_out" in refused["error_message"]
    assert drivers[name].ask("hello")["ok"]
