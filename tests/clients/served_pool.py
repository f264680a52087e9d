"""A pool that `cognito-conformance serve` runs in a process of its own, and the directory calls that fill it."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class AppClient:
    """An app client; `secret` is None for a public one."""

    id: str
    secret: str | None


@dataclass(frozen=True)
class User:
    """A confirmed user with a verified e-mail address, which is an alias."""

    name: str
    email: str
    password: str


@dataclass(frozen=True)
class ServedPool:
    """One user pool behind `serve`: the base URL, without a slash at its end, and how to add to it."""

    endpoint: str
    region: str
    user_pool_id: str
    directory: CognitoIdentityProviderClient

    def add_app_client(self, *, with_secret: bool) -> AppClient:
        """An app client that allows SRP."""
        created = self.directory.create_user_pool_client(
            UserPoolId=self.user_pool_id,
            ClientName=f"client-{uuid.uuid4()}",
            GenerateSecret=with_secret,
            ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]
        return AppClient(created["ClientId"], created.get("ClientSecret"))

    def add_user(self, *, password: str, permanent: bool = True) -> User:
        """A confirmed user of a new name; unless `permanent`, the password is one to be changed."""
        name = f"user-{uuid.uuid4()}"
        user = User(name, f"{name}@example.com", password)
        self.directory.admin_create_user(
            UserPoolId=self.user_pool_id,
            Username=user.name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": user.email}, {"Name": "email_verified", "Value": "true"}],
        )
        self.directory.admin_set_user_password(
            UserPoolId=self.user_pool_id, Username=user.name, Password=password, Permanent=permanent
        )
        return user


def pool_behind(endpoint: str, region: str, **settings: Any) -> ServedPool:
    """A new user pool in which the e-mail address is an alias, with other settings of CreateUserPool."""
    directory = boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
    created = directory.create_user_pool(PoolName="real-clients", AliasAttributes=["email"], **settings)
    return ServedPool(endpoint.rstrip("/"), region, created["UserPool"]["Id"], directory)


@contextmanager
def served_pool(*, seed: int) -> Iterator[ServedPool]:
    """Run `serve` on a free port, and make a user pool there."""
    command = [sys.executable, "-m", "cognito_conformance", "serve", "--port", "0", "--seed", str(seed)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            served = json.loads(process.stdout.readline())
            yield pool_behind(served["endpoint"], served["region"])
        finally:
            process.terminate()
