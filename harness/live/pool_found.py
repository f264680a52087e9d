"""A look at a live pool, for its configuration: what can be read of it, and nothing else is asked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive, NotApplicable
from harness.live.commented_toml import toml
from harness.live.description import PoolDescription
from harness.live.found_triggers import functions_in
from harness.live.guard import guard
from harness.live.init import Suggestions
from harness.live.pace import SharedPace
from harness.live.plain_wire import plain_wire
from harness.posture_reading import PostureReader
from harness.triggers import CREATE, DEFINE, IN_LAMBDA_CONFIG, VERIFY

if TYPE_CHECKING:
    from harness.settings import Settings
    from harness.wire import Wire

_SIGN_IN = {"ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"}
_MOST_CLIENTS = 20


def look_at_pool(settings: Settings, known: Suggestions) -> Suggestions:
    """What is known of the pool, and what it says itself as far as the credentials may ask."""
    name = f"init-{secrets.token_hex(4)}"
    wire = plain_wire(settings.target, settings.live, name)
    try:
        return _looked(wire, settings, known)
    except (Inconclusive, NotApplicable, ConfigurationError) as problem:
        unseen = f"the pool could not be looked at: {str(problem).partition(chr(10))[0]}"
        return Suggestions(known.given, known.above, (*known.told, unseen, "`cognito-conformance doctor` says more"))
    finally:
        wire.close()
        SharedPace.of_run(name, settings.live.requests_per_second).remove()


def _looked(wire: Wire, settings: Settings, known: Suggestions) -> Suggestions:
    live = settings.live
    pool = PoolDescription.read(wire, live.user_pool_id or "")
    given, above, told = dict(known.given), dict(known.above), [f'the pool is named "{pool.name}"']
    above["live.user_pool_id"] = [f'Its name is "{pool.name}".']
    _suggest_users(wire, settings, given, above, told)
    if missing := pool.wanted_beyond({}):
        above["live.attributes"] = [f"The pool requires {', '.join(missing)}: give each user something there."]
        told.append(f"the pool requires {', '.join(missing)} of each user; give live.attributes")
    _suggest_clients(wire, live.user_pool_id or "", given, above, told)
    _suggest_triggers(pool.members.get("LambdaConfig") or {}, given, above, told)
    return Suggestions(given, above, tuple(told))


def _suggest_users(
    wire: Wire, settings: Settings, given: dict[str, str], above: dict[str, list[str]], told: list[str]
) -> None:
    try:
        guard(wire, settings.live.model_copy(update={"users": "admin"}))
        given["live.users"] = toml("admin")
    except ConfigurationError as refused:
        given["live.users"] = toml("none")
        above["live.users"] = [f"Nobody is made or signed in, because {refused}."]
        told.append("the run only reads (users = none); the file says why")


def _suggest_clients(
    wire: Wire, user_pool_id: str, given: dict[str, str], above: dict[str, list[str]], told: list[str]
) -> None:
    try:
        clients = PostureReader(wire, user_pool_id, _no_lambda).clients()
    except (NotApplicable, Inconclusive) as refused:
        told.append(f"the app clients could not be read: {refused}")
        return
    fit = [client for client in clients if _SIGN_IN & set(client.get("ExplicitAuthFlows") or ())][:_MOST_CLIENTS]
    if not fit:
        told.append("the pool has no app client that signs users in; live.make_clients lets a run make its own")
        return
    above["live.clients"] = [_described(client) for client in fit]
    given["live.clients"] = toml([{"client_id": str(client.get("ClientId"))} for client in fit])
    told.append(f"{len(fit)} of {len(clients)} app clients sign users in; take out those that no test shall use")


def _described(client: Mapping[str, Any]) -> str:
    flows = ", ".join(sorted(client.get("ExplicitAuthFlows") or ()))
    told = f'{client.get("ClientId")} is "{client.get("ClientName")}": {flows}'
    if client.get("HasSecret"):
        told += "; it has a secret, which the run reads with DescribeUserPoolClient, or from `secret`"
    return f"{told}."


def _suggest_triggers(
    lambda_config: Mapping[str, Any], given: dict[str, str], above: dict[str, list[str]], told: list[str]
) -> None:
    named = functions_in(lambda_config)
    if missing := [IN_LAMBDA_CONFIG[each] for each in (DEFINE, CREATE, VERIFY) if each not in named]:
        above["triggers.host"] = [f"LambdaConfig of the pool names no {', '.join(missing)}."]
        return
    given["triggers.host"] = toml("pool")
    above["triggers.host"] = ["LambdaConfig of the pool names the three functions of custom auth."]
    told.append("the pool calls functions of custom auth, and they are judged: look at [triggers], and give a mailbox")


def _no_lambda() -> Any:
    raise NotApplicable("posture.functions", "no function is looked at")
