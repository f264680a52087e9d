"""What a check is set up with: user pools, app clients and users, made through the target's own API."""

from __future__ import annotations

import itertools
import random
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.findings import Inconclusive, NotApplicable

if TYPE_CHECKING:
    from harness.wire import Answer, Wire

NAME_PREFIX = "cognito-conformance"
"""Begins the name of everything that a run makes, so that it can be told from what was there before."""


def belongs_to_run(run: str, name: str) -> bool:
    """Whether a run of this name made the user, app client or pool: the mark stands in every name that it gives."""
    return f"{NAME_PREFIX}-{run}" in name


ALL_FLOWS = (
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
)


@dataclass(frozen=True)
class AppClient:
    """An app client of a user pool."""

    user_pool_id: str
    client_id: str
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class TestUser:
    """A user that checks sign in: the name in the pool, the aliases, the password."""

    __test__ = False

    username: str
    password: str = field(repr=False)
    email: str | None = None
    phone_number: str | None = None
    is_ours: bool = True
    """Whether the run made it. Somebody else's account never gets a wrong password."""


class Names:
    """Names and passwords for one worker, from its seed; each password holds the run's canary.

    `mark` begins every user's name where others have users too.
    """

    def __init__(self, randomness: random.Random, canary: str, *, mark: str = "") -> None:
        self._randomness = randomness
        self._canary = canary
        self.mark = mark
        self._count = itertools.count(1)

    def username(self) -> str:
        """A user name that no other check of the run uses."""
        return f"{self.mark}user-{next(self._count)}-{self._letters(8)}"

    def password(self) -> str:
        """A password that Cognito's default policy takes."""
        return f"Aa1!{self._canary}{self._letters(8)}"

    def _letters(self, count: int) -> str:
        return "".join(self._randomness.choices(string.ascii_lowercase, k=count))


class UserPool:
    """One user pool of the target, and the clients and users that checks make in it."""

    def __init__(self, wire: Wire, names: Names, user_pool_id: str) -> None:
        self.wire = wire
        self.names = names
        self.user_pool_id = user_pool_id
        self._clients: dict[str, AppClient] = {}

    def client(
        self,
        *,
        with_secret: bool | None = None,
        flows: tuple[str, ...] = ALL_FLOWS,
        reveals_unknown_users: bool | None = None,
        which: str = "first",
        **settings: Any,
    ) -> AppClient:
        """The pool's app client of these settings; the same one for the same settings.

        Args:
            with_secret: a client with a client secret, so that SECRET_HASH is required; None where it does not matter.
            flows: ExplicitAuthFlows.
            reveals_unknown_users: PreventUserExistenceErrors LEGACY; ENABLED when false; None where it does not matter.
            which: tells apart clients of equal settings.
            settings: any other member of CreateUserPoolClient.
        """
        request = {
            "UserPoolId": self.user_pool_id,
            "ClientName": f"{self.names.mark or NAME_PREFIX + '-'}{which}",
            "GenerateSecret": bool(with_secret),
            "ExplicitAuthFlows": list(flows),
            "PreventUserExistenceErrors": "ENABLED" if reveals_unknown_users is False else "LEGACY",
            **settings,
        }
        key = repr(sorted(request.items()))
        if key not in self._clients:
            made = self.wire.ask("CreateUserPoolClient", request).get("UserPoolClient", {})
            self._clients[key] = AppClient(self.user_pool_id, text_of(made, "ClientId"), made.get("ClientSecret"))
        client = self._clients[key]
        self.wire.transcript.redactor.learn(client.secret)
        return client

    def new_user(
        self,
        *,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        phone_number: str | None = None,
    ) -> TestUser:
        """A confirmed user with a permanent password, of whom no other check knows.

        Args:
            username: its name; one is made up when absent.
            password: its password; one is made up when absent.
            email: a verified address, to sign in with where the pool has e-mail aliases.
            phone_number: a verified number.
        """
        user = TestUser(username or self.names.username(), password or self.names.password(), email, phone_number)
        return self.make(user)

    def address_of(self, username: str) -> str:
        """An e-mail address for a user of this name, of which nobody else knows."""
        return f"{username}@example.com"

    def make(self, user: TestUser, **attributes: str) -> TestUser:
        """Make this user, with verified aliases and whatever further attributes are given."""
        self.wire.transcript.redactor.learn(user.password)
        given = [
            attribute
            for name, value in (("email", user.email), ("phone_number", user.phone_number))
            if value
            for attribute in ({"Name": name, "Value": value}, {"Name": f"{name}_verified", "Value": "true"})
        ]
        given += [{"Name": name, "Value": value} for name, value in attributes.items()]
        self.wire.ask(
            "AdminCreateUser",
            {
                "UserPoolId": self.user_pool_id,
                "Username": user.username,
                "MessageAction": "SUPPRESS",
                "UserAttributes": given,
            },
        )
        self.set_password(user.username, user.password)
        return user

    def set_password(self, username: str, password: str) -> None:
        """Give a user a permanent password. Raises Inconclusive when the target does not take it."""
        answer = self.try_password(username, password)
        if not answer.succeeded:
            raise Inconclusive(f"set-up failed: AdminSetUserPassword was answered by {answer.described()}")

    def set_temporary_password(self, username: str, password: str) -> None:
        """Give a user a password that has to be changed (FORCE_CHANGE_PASSWORD)."""
        self.wire.transcript.redactor.learn(password)
        self.administer("AdminSetUserPassword", username, Password=password, Permanent=False)

    def administer(self, operation: str, username: str, **members: Any) -> dict[str, Any]:
        """An administrator's operation on a user. Raises Inconclusive when it does not succeed."""
        return self.wire.ask(operation, {"UserPoolId": self.user_pool_id, "Username": username, **members})

    def try_password(self, username: str, password: str) -> Answer:
        """Ask for a permanent password, for a check that is about which ones are taken."""
        self.wire.transcript.redactor.learn(password)
        return self.wire.call(
            "AdminSetUserPassword",
            {"UserPoolId": self.user_pool_id, "Username": username, "Password": password, "Permanent": True},
        )


class Arrangements:
    """The user pools of one worker: made when first asked for, shared by its checks, deleted at the end."""

    def __init__(self, wire: Wire, names: Names, run_name: str) -> None:
        self._wire = wire
        self._names = names
        self._run_name = run_name
        self._pools: dict[str, UserPool] = {}

    def pool(self, **settings: Any) -> UserPool:
        """The user pool of these settings (members of CreateUserPool); the same one for the same settings."""
        key = repr(sorted(settings.items()))
        if key not in self._pools:
            request = {"PoolName": f"{NAME_PREFIX}-{self._run_name}", **settings}
            made = self._wire.ask("CreateUserPool", request).get("UserPool", {})
            self._pools[key] = self._opened(text_of(made, "Id"))
        return self._pools[key]

    def _opened(self, user_pool_id: str) -> UserPool:
        return UserPool(self._wire, self._names, user_pool_id)

    def delete_all(self) -> list[str]:
        """Delete what was made; the ids of the pools that would not go."""
        left = []
        for pool in self._pools.values():
            try:
                self._wire.ask("DeleteUserPool", {"UserPoolId": pool.user_pool_id})
            except (Inconclusive, NotApplicable):
                left.append(pool.user_pool_id)
        self._pools.clear()
        return left


def text_of(members: Any, name: str) -> str:
    """A member that a set-up answer must hold as text. Raises Inconclusive when it does not."""
    value = members.get(name) if isinstance(members, dict) else None
    if not isinstance(value, str) or not value:
        raise Inconclusive(f"set-up failed: the target's answer lacks {name}")
    return value
