"""pycognito's own class verifies what it is given: with the pool's JWKS, and with the endpoint as the issuer."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from pycognito import Cognito

from tests.clients.served_pool import AppClient, ServedPool, User


def cognito(pool: ServedPool, app_client: AppClient, user: User) -> Cognito:
    """The class as an application makes it, pointed at the pool."""
    return Cognito(
        pool.user_pool_id,
        app_client.id,
        username=user.name,
        boto3_client_kwargs={"endpoint_url": pool.endpoint},
    )


def test_the_tokens_of_a_sign_in_are_verified(controlled_pool: ServedPool, controlled_client: AppClient) -> None:
    user = controlled_pool.add_user(password="Correct-Horse-7")
    signed_in = cognito(controlled_pool, controlled_client, user)
    signed_in.authenticate(user.password)
    assert signed_in.id_claims["cognito:username"] == user.name
    assert signed_in.access_claims["username"] == user.name


def test_a_wrong_password_is_refused(controlled_pool: ServedPool, controlled_client: AppClient) -> None:
    user = controlled_pool.add_user(password="Correct-Horse-7")
    with pytest.raises(ClientError, match="Incorrect username or password"):
        cognito(controlled_pool, controlled_client, user).authenticate(user.password + "!")
