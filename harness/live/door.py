"""The one door to a live pool: what is made is noted first, and nothing that the run did not make is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.arrangement import NAME_PREFIX, belongs_to_run
from harness.findings import NotApplicable
from harness.live.access import wants_signature
from harness.live.description import permission
from harness.wire import Answer, Pace, Sign, Wire

if TYPE_CHECKING:
    from harness.live.description import ClientDescription
    from harness.live.ledger import Ledger
    from harness.transcript import Transcript

ACCESS_DENIED = "AccessDeniedException"
_OF_A_POOL = frozenset(
    {
        "AddCustomAttributes", "CreateGroup", "CreateIdentityProvider", "CreateManagedLoginBranding",
        "CreateResourceServer", "CreateUserImportJob", "CreateUserPoolDomain", "DeleteGroup", "DeleteIdentityProvider",
        "DeleteManagedLoginBranding", "DeleteResourceServer", "DeleteUserPool", "DeleteUserPoolDomain",
        "SetLogDeliveryConfiguration", "SetRiskConfiguration", "SetUICustomization", "SetUserPoolMfaConfig",
        "StartUserImportJob", "StopUserImportJob", "UpdateGroup", "UpdateIdentityProvider", "UpdateResourceServer",
        "UpdateUserPool", "UpdateUserPoolDomain",
    }
)  # fmt: skip
"""What changes a pool for everybody in it."""

_OF_A_CLIENT = frozenset({"UpdateUserPoolClient", "DeleteUserPoolClient"})
_ONLY_LOOKS = frozenset(
    {
        "AdminGetDevice", "AdminGetUser", "AdminInitiateAuth", "AdminListDevices", "AdminListGroupsForUser",
        "AdminListUserAuthEvents", "AdminRespondToAuthChallenge",
    }
)  # fmt: skip
"""Administrators' operations on a user that leave the user as it was."""


class LiveWire(Wire):
    """A wire on which a run cannot do more than its configuration allows, whatever a check asks for."""

    def __init__(
        self,
        endpoint: str,
        *,
        transcript: Transcript,
        timeout_seconds: float,
        sign: Sign,
        pace: Pace | None,
        ledger: Ledger,
        user_pool_id: str,
        may_make_clients: bool,
        may_make_pools: bool,
    ) -> None:
        super().__init__(endpoint, transcript=transcript, timeout_seconds=timeout_seconds, sign=sign, pace=pace)
        self._ledger = ledger
        self._user_pool_id = user_pool_id
        self._may_make_clients, self._may_make_pools = may_make_clients, may_make_pools
        self._own_pools: set[str] = set()
        self._own_users: set[tuple[str, str]] = set()
        self._pool_of_client: dict[str, str] = {}
        self._own_clients: dict[str, str] = {}
        self._given_clients: dict[str, ClientDescription] = {}

    def call(
        self,
        operation: str,
        request: Mapping[str, Any] | bytes,
        *,
        patiently: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """As Wire.call; raises NotApplicable in place of anything that the run may not do.

        So it is with what IAM refuses the credentials: that says nothing about the pool.
        """
        members = _members(request)
        self._admit(operation, members)
        answer = super().call(operation, request, patiently=patiently, headers=headers)
        if answer.error is not None and answer.error.type == ACCESS_DENIED and wants_signature(operation):
            if operation == "AdminCreateUser":  # IAM refused it, so nobody was made
                self._ledger.removed("user", user_pool_id=_text(members, "UserPoolId"), name=_text(members, "Username"))
            raise NotApplicable("permissions", permission(operation))
        if answer.succeeded:
            self._note(operation, members, answer.json or {})
        return answer

    def knows_client(self, client: ClientDescription, user_pool_id: str) -> None:
        """An app client that was there before: users that sign up at it are made in this pool."""
        self._pool_of_client[client.client_id] = user_pool_id
        self._given_clients[client.client_id] = client

    def _admit(self, operation: str, members: Mapping[str, Any]) -> None:
        pool = _text(members, "UserPoolId")
        if operation == "CreateUserPool":
            self._admit_pool(_text(members, "PoolName"))
        elif operation == "CreateUserPoolClient":
            self._admit_client(pool, _text(members, "ClientName"))
        elif operation in _OF_A_POOL and pool not in self._own_pools:
            raise NotApplicable("configure", f"{operation} would change the configured pool, which a run never does")
        elif operation in _OF_A_CLIENT and _text(members, "ClientId") not in self._own_clients:
            raise NotApplicable("configure", f"{operation} would change an app client that the run did not make")
        elif operation == "AdminCreateUser":
            self._will_make_user(pool, _text(members, "Username"))
        elif operation == "SignUp":
            self._will_make_user(
                self._pool_of_client.get(_text(members, "ClientId"), self._user_pool_id), _text(members, "Username")
            )
        elif operation in ("InitiateAuth", "AdminInitiateAuth"):
            self._admit_sign_in(members)
        elif operation.startswith("Admin") and operation not in _ONLY_LOOKS:
            self._admit_change_of_user(operation, pool, _text(members, "Username"))

    def _admit_pool(self, name: str) -> None:
        if not self._may_make_pools:
            raise NotApplicable("configure", "it wants a user pool of its own; live.make_pools allows that")
        if not name.startswith(NAME_PREFIX):
            raise NotApplicable("configure", f"a live run makes no user pool whose name does not begin {NAME_PREFIX}")
        self._ledger.will_make("pool", user_pool_id="", name=name)

    def _admit_client(self, pool: str, name: str) -> None:
        if pool not in self._own_pools and not self._may_make_clients:
            raise NotApplicable("configure", "it wants an app client of its own; live.make_clients allows that")
        self._demand_mark("configure", pool, name)
        self._ledger.will_make("client", user_pool_id=pool, name=name)

    def _demand_mark(self, need: str, pool: str, name: str) -> None:
        """What had no mark would not be taken away again: the clean-up goes by the ledger and by the mark."""
        if pool not in self._own_pools and not belongs_to_run(self._ledger.run, name):
            raise NotApplicable(need, f"a live run makes nothing in the configured pool without its mark, as {name!r}")

    def _will_make_user(self, pool: str, name: str) -> None:
        if name:
            self._demand_mark("users", pool, name)
            self._ledger.will_make("user", user_pool_id=pool, name=name)

    def _admit_sign_in(self, members: Mapping[str, Any]) -> None:
        client = self._given_clients.get(_text(members, "ClientId"))
        if client is not None and (lacking := client.lacks(_text(members, "AuthFlow"))):
            raise NotApplicable("configure", f"the app client {client.client_id} has not {lacking}")

    def _admit_change_of_user(self, operation: str, pool: str, name: str) -> None:
        if pool not in self._own_pools and (pool, name) not in self._own_users:
            raise NotApplicable("users", f"{operation} would change a user that the run did not make")

    def _note(self, operation: str, members: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        pool, name = _text(members, "UserPoolId"), _text(members, "Username")
        if operation == "CreateUserPool":
            made = _text(answer.get("UserPool", {}), "Id")
            self._own_pools.add(made)
            self._ledger.made("pool", user_pool_id=made, name=_text(members, "PoolName"), id=made)
        elif operation == "CreateUserPoolClient":
            made = _text(answer.get("UserPoolClient", {}), "ClientId")
            self._pool_of_client[made] = pool
            self._own_clients[made] = _text(members, "ClientName")
            self._ledger.made("client", user_pool_id=pool, name=_text(members, "ClientName"), id=made)
        elif operation == "AdminCreateUser":
            self._own_users.add((pool, name))
        elif operation == "SignUp":
            self._own_users.add((self._pool_of_client.get(_text(members, "ClientId"), self._user_pool_id), name))
        elif operation == "AdminDeleteUser":
            self._ledger.removed("user", user_pool_id=pool, name=name)
        elif operation == "DeleteUserPoolClient":
            self._ledger.removed("client", user_pool_id=pool, name="", id=_text(members, "ClientId"))
        elif operation == "DeleteUserPool":
            self._ledger.removed("pool", user_pool_id=pool, name="")


def _members(request: Mapping[str, Any] | bytes) -> Mapping[str, Any]:
    """The members of a request; none of what is sent as bytes that are no JSON object."""
    if not isinstance(request, bytes):
        return request
    try:
        members = json.loads(request)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _text(members: Any, name: str) -> str:
    value = members.get(name) if isinstance(members, Mapping) else None
    return value if isinstance(value, str) else ""
