"""Every flow in which a password is the first factor, each driven from a name and a password to its outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.arrangement import ALL_FLOWS
from harness.flows import admin_initiate, initiate, respond
from harness.sign_in import Change, Outcome, PasswordVerifier, SrpSignIn
from protocol.numbers import hex_of

if TYPE_CHECKING:
    from harness.arrangement import AppClient, UserPool
    from harness.sign_in import HonestTwin

WITH_USER_AUTH = (*ALL_FLOWS, "ALLOW_USER_AUTH")
"""ExplicitAuthFlows of a client that has every flow."""


@dataclass(frozen=True)
class PasswordFlow:
    """One flow. `run` sends the password of its second argument, or a proof of it, in the twin's user's name."""

    run: Callable[[HonestTwin, str], Outcome]
    need: str | None = None
    by_administrator: bool = False
    is_challenged: bool = False
    """Whether a challenge stands between the name and the proof."""

    def client(self, pool: UserPool, *, reveals_unknown_users: bool = True) -> AppClient:
        """A client of the pool that has the flow."""
        flows = WITH_USER_AUTH if self.need == "user-auth" else ALL_FLOWS
        return pool.client(flows=flows, reveals_unknown_users=reveals_unknown_users)


def by_srp(twin: HonestTwin, password: str) -> Outcome:
    """USER_SRP_AUTH."""
    return twin.but(password=password)


def by_password(twin: HonestTwin, password: str) -> Outcome:
    """USER_PASSWORD_AUTH."""
    parameters = {"USERNAME": twin.user.username, "PASSWORD": password}
    return initiate(twin.pool, twin.client, "USER_PASSWORD_AUTH", parameters)


def by_administrator(twin: HonestTwin, password: str) -> Outcome:
    """ADMIN_USER_PASSWORD_AUTH."""
    parameters = {"USERNAME": twin.user.username, "PASSWORD": password}
    return admin_initiate(twin.pool, twin.client, "ADMIN_USER_PASSWORD_AUTH", parameters)


def by_srp_as_administrator(twin: HonestTwin, password: str) -> Outcome:
    """AdminInitiateAuth with USER_SRP_AUTH, answered by AdminRespondToAuthChallenge."""
    attempt = twin.sign_in(Change(password=password))
    parameters = {"USERNAME": twin.user.username, "SRP_A": hex_of(attempt.client_public)}
    started = admin_initiate(twin.pool, twin.client, "USER_SRP_AUTH", parameters)
    return _answered(twin, attempt, started, by_administrator=True)


def by_user_auth_with_password(twin: HonestTwin, password: str) -> Outcome:
    """USER_AUTH with PASSWORD preferred."""
    parameters = {"USERNAME": twin.user.username, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": password}
    return initiate(twin.pool, twin.client, "USER_AUTH", parameters)


def by_user_auth_with_srp(twin: HonestTwin, password: str) -> Outcome:
    """USER_AUTH with PASSWORD_SRP preferred."""
    attempt = twin.sign_in(Change(password=password))
    parameters = {
        "USERNAME": twin.user.username,
        "PREFERRED_CHALLENGE": "PASSWORD_SRP",
        "SRP_A": hex_of(attempt.client_public),
    }
    return _answered(twin, attempt, initiate(twin.pool, twin.client, "USER_AUTH", parameters))


def _answered(twin: HonestTwin, attempt: SrpSignIn, started: Outcome, *, by_administrator: bool = False) -> Outcome:
    if started.challenge_name != "PASSWORD_VERIFIER":
        return started
    request = attempt.prepare_answer(PasswordVerifier.read(started))
    return respond(
        twin.pool,
        twin.client,
        "PASSWORD_VERIFIER",
        started.session,
        request["ChallengeResponses"],
        by_administrator=by_administrator,
    )


PASSWORD_FLOWS = {
    "USER_SRP_AUTH": PasswordFlow(by_srp, is_challenged=True),
    "USER_PASSWORD_AUTH": PasswordFlow(by_password),
    "ADMIN_USER_PASSWORD_AUTH": PasswordFlow(by_administrator, by_administrator=True),
    "ADMIN USER_SRP_AUTH": PasswordFlow(
        by_srp_as_administrator, need="admin-srp", by_administrator=True, is_challenged=True
    ),
    "USER_AUTH with PASSWORD": PasswordFlow(by_user_auth_with_password, need="user-auth"),
    "USER_AUTH with PASSWORD_SRP": PasswordFlow(by_user_auth_with_srp, need="user-auth", is_challenged=True),
}
"""By the name that reports show."""
