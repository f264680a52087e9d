"""What checks are set up with at a live pool: the configured pool and clients, and what the run makes beside them."""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.arrangement import ALL_FLOWS, NAME_PREFIX, AppClient, Arrangements, TestUser, UserPool
from harness.findings import Inconclusive, NotApplicable
from harness.live.description import ClientDescription, PoolDescription

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.arrangement import Names
    from harness.live.door import LiveWire
    from harness.live.settings import LiveSettings
    from harness.wire import Wire

_GONE = frozenset({"UserNotFoundException", "ResourceNotFoundException"})
TAG = NAME_PREFIX
"""The tag of every pool that a run makes; its value is the run's name."""


class LiveArrangements(Arrangements):
    """The configured pool, wherever its settings are what a check wants; else pools of the run's own, if it may."""

    def __init__(self, wire: LiveWire, names: Names, run_name: str, live: LiveSettings) -> None:
        super().__init__(wire, names, run_name)
        self._live_wire = wire
        self._live = live

    @cached_property
    def configured(self) -> LiveUserPool:
        """The pool that the configuration names."""
        return LiveUserPool(self._live_wire, self._names, self._live)

    def pool(self, **settings: Any) -> UserPool:
        """As Arrangements.pool; raises NotApplicable where no such pool can be had."""
        if not settings or self.configured.meets(settings):
            return self.configured
        if not self._live.make_pools:
            wanted = ", ".join(sorted(settings))
            raise NotApplicable("configure", f"it wants a pool with {wanted} of its own; live.make_pools allows that")
        tags = {**settings.get("UserPoolTags", {}), TAG: self._run_name}
        return super().pool(**{**settings, "UserPoolTags": tags})

    def _opened(self, user_pool_id: str) -> UserPool:
        return PoolOfTheRun(self._wire, self._names, user_pool_id, self._live)

    def delete_all(self) -> list[str]:
        """Delete what was made, in the configured pool and beside it; what would not go."""
        left = self.configured.delete_what_was_made() if "configured" in self.__dict__ else []
        return left + super().delete_all()


class PoolOfTheRun(UserPool):
    """A pool beside the configured one, whose users have addresses that mails may go to all the same."""

    def __init__(self, wire: Wire, names: Names, user_pool_id: str, live: LiveSettings) -> None:
        super().__init__(wire, names, user_pool_id)
        self._live = live

    def address_of(self, username: str) -> str:
        """As `live.email_address` makes it."""
        return self._live.email_address.replace("{name}", username)


class LiveUserPool(UserPool):
    """The pool that the configuration names. Its own settings and its other users are left as they are."""

    def __init__(self, wire: LiveWire, names: Names, live: LiveSettings) -> None:
        if live.user_pool_id is None:
            raise Inconclusive("live.user_pool_id names no pool")
        super().__init__(wire, names, live.user_pool_id)
        self._live_wire = wire
        self._live = live
        self._given_to: dict[str, dict[str, str]] = {}
        """For what was asked of a client: the configured ones that fitted, and which of several each stands for."""
        self._accounts = itertools.cycle(live.accounts)
        self._made: list[str] = []

    @cached_property
    def description(self) -> PoolDescription | None:
        """The pool's settings; None where the credentials may not ask."""
        try:
            return PoolDescription.read(self.wire, self.user_pool_id)
        except NotApplicable:
            return None

    @cached_property
    def _configured_clients(self) -> list[ClientDescription]:
        """The configured app clients, described where that is allowed."""
        found = []
        for client in self._live.clients:
            secret = client.secret.read() if client.secret else None
            self.wire.transcript.redactor.learn(secret)
            described = ClientDescription.read(self.wire, self.user_pool_id, client.client_id, secret)
            self._live_wire.knows_client(described, self.user_pool_id)
            found.append(described)
        return found

    def meets(self, settings: Mapping[str, Any]) -> bool:
        """Whether the pool already is as these settings would make one."""
        return self.description is not None and self.description.meets(settings)

    def client(
        self,
        *,
        with_secret: bool | None = None,
        flows: tuple[str, ...] = ALL_FLOWS,
        reveals_unknown_users: bool | None = None,
        which: str = "first",
        **settings: Any,
    ) -> AppClient:
        """A configured client that is as asked for; else one of the run's own, where it may make one.

        Raises NotApplicable when there is none and none may be made.
        """
        wanted = repr((with_secret, flows, reveals_unknown_users, sorted(settings.items())))
        given = self._given_to.setdefault(wanted, {})
        for described in sorted(self._configured_clients, key=ClientDescription.has_srp, reverse=True):
            holder = given.get(described.client_id, which)
            if holder == which and described.fits(
                with_secret=with_secret, flows=flows, reveals_unknown_users=reveals_unknown_users, settings=settings
            ):
                given[described.client_id] = which
                self.wire.transcript.redactor.learn(described.secret)
                return AppClient(self.user_pool_id, described.client_id, described.secret)
        if not self._live.make_clients:
            raise NotApplicable(
                "configure", "none of live.clients is as it wants one, and live.make_clients does not allow another"
            )
        return super().client(
            with_secret=with_secret,
            flows=flows,
            reveals_unknown_users=reveals_unknown_users,
            which=which,
            **settings,
        )

    def address_of(self, username: str) -> str:
        """The address of a user of this name: one whose mails the run reads, or one that `live.email_address` makes.

        Raises Inconclusive for a name that makes no address of the mailbox's.
        """
        if self._live.mailbox is None:
            return self._live.email_address.replace("{name}", username)
        pool = self.description
        is_the_name = pool is not None and pool.username_is_an_address
        try:
            return self._live.mailbox.recipient_of(
                username if is_the_name else username.removeprefix(f"{NAME_PREFIX}-")
            )
        except ValueError as problem:
            raise Inconclusive(f"live.mailbox.address: {problem}") from problem

    def new_user(
        self,
        *,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        phone_number: str | None = None,
    ) -> TestUser:
        """A user of the run's own; or, where the run signs in to given accounts, the next of them.

        Raises NotApplicable where neither is to be had.
        """
        if self._live.users == "given" and (username, password, email, phone_number) == (None,) * 4:
            return self._next_account()
        if self._live.users != "admin":
            raise NotApplicable("users", f'live.users is "{self._live.users}"; "admin" lets the run make its own users')
        pool = self.description
        username = username or self.names.username()
        if pool is not None:
            if missing := pool.wanted_beyond(self._live.attributes):
                raise NotApplicable("users", f"the pool requires {', '.join(missing)}; give live.attributes")
            if email is None and (pool.username_is_an_address or "email" in pool.required_attributes):
                email = self.address_of(username)
            if pool.username_is_an_address:
                username = email or username
            if phone_number is None and "phone_number" in pool.required_attributes:
                phone_number = "+15555550100"
        return self.make(
            TestUser(username, password or self.names.password(), email, phone_number), **self._live.attributes
        )

    def make(self, user: TestUser, **attributes: str) -> TestUser:
        """As UserPool.make; the user is deleted with everything else that the run made."""
        self._made.append(user.username)
        return super().make(user, **attributes)

    def delete_what_was_made(self) -> list[str]:
        """Delete the run's users and app clients; what would not go, in words."""
        left: list[str] = []
        for username in self._made:
            self._delete("AdminDeleteUser", {"Username": username}, f"the user {username}", left)
        for client in self._clients.values():
            self._delete("DeleteUserPoolClient", {"ClientId": client.client_id}, f"the client {client.client_id}", left)
        self._made.clear()
        self._clients.clear()
        return left

    def _delete(self, operation: str, what: dict[str, str], in_words: str, left: list[str]) -> None:
        try:
            answer = self.wire.call(operation, {"UserPoolId": self.user_pool_id, **what})
        except (NotApplicable, Inconclusive) as refused:
            left.append(f"{in_words} ({refused})")
            return
        if not answer.succeeded and (answer.error is None or answer.error.type not in _GONE):
            left.append(f"{in_words} ({answer.described()})")

    def _next_account(self) -> TestUser:
        account = next(self._accounts)
        password = account.password.read()
        self.wire.transcript.redactor.learn(password)
        return TestUser(account.username, password, is_ours=False)
