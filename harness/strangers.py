"""People who sign up by themselves, with an address that may be somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.arrangement import TestUser
from harness.flows import initiate

if TYPE_CHECKING:
    from harness.arrangement import AppClient, UserPool
    from harness.sign_in import Outcome
    from harness.wire import Answer


def stranger(pool: UserPool, email: str | None, *, username: str | None = None, number: str | None = None) -> TestUser:
    """Somebody who has not signed up yet."""
    user = TestUser(username or pool.names.username(), pool.names.password(), email, number)
    pool.wire.transcript.redactor.learn(user.password)
    return user


def address_of_nobody(pool: UserPool) -> str:
    """An e-mail address that no user has."""
    return pool.address_of(pool.names.username())


def sign_up(pool: UserPool, client: AppClient, user: TestUser) -> Answer:
    """SignUp."""
    given = {"email": user.email, "phone_number": user.phone_number}
    attributes = [{"Name": name, "Value": value} for name, value in given.items() if value]
    who = {"Username": user.username, "Password": user.password}
    return pool.wire.call("SignUp", {"ClientId": client.client_id, "UserAttributes": attributes, **who})


def with_password(pool: UserPool, client: AppClient, user: TestUser) -> Outcome:
    """USER_PASSWORD_AUTH."""
    return initiate(pool, client, "USER_PASSWORD_AUTH", {"USERNAME": user.username, "PASSWORD": user.password})


def attributes_of(pool: UserPool, username: str) -> dict[str, str]:
    """A user's attributes as an administrator sees them."""
    found = pool.administer("AdminGetUser", username).get("UserAttributes") or []
    return {each["Name"]: each.get("Value", "") for each in found}
