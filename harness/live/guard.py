"""The guard: a live run makes nothing in a pool that looks like production, unless it is named in so many words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.arrangement import NAME_PREFIX
from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive, SetUpRefused
from harness.live.description import demand_entry

if TYPE_CHECKING:
    from harness.live.settings import LiveSettings
    from harness.wire import Wire

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PRODUCTION = re.compile(r"prod(?!uc)[a-z]*|production[a-z]*|prd|live")
_OF_A_RUN = re.compile(rf"{NAME_PREFIX}-[0-9a-f]{{8}}-")
_NOT_YET = frozenset({"non", "not", "pre"})
_A_PAGE = 60
_MOST_PAGES = 20


@dataclass(frozen=True)
class PoolSeen:
    """What DescribeUserPool tells of the configured pool; everything empty when it may not be called."""

    name: str = ""
    tags: Mapping[str, str] | None = None
    estimated_users: int = 0
    refused: str = ""


def looks_like_production(text: str) -> bool:
    """Whether a name or a tag's value has a word that means production: prod, production, prd, live.

    Words end at anything that is no letter, and where a capital begins one (`MyProdPool`). A word that begins with prod
    is one too (`prodpool`), but not product, produce, reproduce; nor is `non-prod` or `pre-prod`.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    return any(
        _PRODUCTION.fullmatch(word) and before not in _NOT_YET
        for before, word in zip(["", *words], words, strict=False)
    )


def makes_something(live: LiveSettings) -> bool:
    """Whether a run of these settings can change anything in the pool, or signs anybody in."""
    return live.users != "none" or live.make_clients or live.make_pools


def guard(wire: Wire, live: LiveSettings) -> PoolSeen:
    """Look at the configured pool, and refuse it when it looks like production. Makes nothing.

    A run that only reads (users = "none", nothing made) is never refused.

    Raises:
        ConfigurationError: the pool is refused; says what to write where if it is meant all the same.
        Inconclusive: the pool could not be looked at.
    """
    pool_id = live.user_pool_id or ""
    seen = look(wire, pool_id)
    if not makes_something(live):
        return seen
    if live.production is not None and live.production == (seen.name or pool_id):
        return seen
    word = seen.name or pool_id
    if live.production is not None:
        raise ConfigurationError(
            f'live.production is "{live.production}", but the pool {pool_id} is named "{word}"; look which is meant'
        )
    if reason := _why_not(wire, live, seen):
        raise ConfigurationError(
            f"the pool {pool_id} looks like production: {reason}. A run makes users and signs in: take a staging "
            f'pool, or write live.production = "{word}" if this one is meant. With live.users = "none" a run only reads'
        )
    return seen


def look(wire: Wire, pool_id: str) -> PoolSeen:
    """The pool as DescribeUserPool tells it.

    Raises:
        ConfigurationError: there is no such pool.
        Inconclusive: AWS does not know the credentials, or what answers is no answer.
    """
    answer = wire.call("DescribeUserPool", {"UserPoolId": pool_id})
    if answer.error is not None and answer.error.type == "ResourceNotFoundException":
        raise ConfigurationError(
            f"live.user_pool_id: there is no pool {pool_id} in this region and account; look at target.region and the "
            f"credentials ({answer.described()})"
        )
    demand_entry(answer.error, pool_id)
    if answer.error is not None:
        return PoolSeen(refused=answer.described())
    pool = (answer.json or {}).get("UserPool")
    if not isinstance(pool, dict):
        raise Inconclusive(f"DescribeUserPool was answered by {answer.described()}")
    tags = {str(name): str(value) for name, value in (pool.get("UserPoolTags") or {}).items()}
    return PoolSeen(str(pool.get("Name") or ""), tags, int(pool.get("EstimatedNumberOfUsers") or 0))


def _why_not(wire: Wire, live: LiveSettings, seen: PoolSeen) -> str:
    """Why the pool is refused; empty when it is not."""
    if seen.refused:
        return (
            "nobody can tell, because DescribeUserPool is refused to these credentials "
            f"(allow cognito-idp:DescribeUserPool and cognito-idp:ListUsers) - {seen.refused}"
        )
    if looks_like_production(seen.name):
        return f'it is named "{seen.name}"'
    for tag, value in (seen.tags or {}).items():
        if looks_like_production(value):
            return f'its tag {tag} is "{value}"'
    return _foreign_users(wire, live, seen)


def _foreign_users(wire: Wire, live: LiveSettings, seen: PoolSeen) -> str:
    """In words, that the pool holds users whom no run made and the configuration does not name; empty: none."""
    known = {account.username for account in live.accounts}
    try:
        for user in _users(wire, live.user_pool_id or ""):
            if not _is_a_runs_own(user) and not known & {str(user.get("Username")), *_aliases(user)}:
                return "it holds users that no run of this tool made"
    except SetUpRefused:
        if seen.estimated_users > len(known):
            return (
                f"it holds {seen.estimated_users} users or so, and whose they are cannot be seen because ListUsers is "
                "refused (allow cognito-idp:ListUsers)"
            )
    return ""


def _users(wire: Wire, pool_id: str) -> Iterator[Mapping[str, Any]]:
    request: dict[str, Any] = {"UserPoolId": pool_id, "Limit": _A_PAGE}
    for _ in range(_MOST_PAGES):
        page = wire.ask("ListUsers", request)
        yield from page.get("Users", [])
        if not page.get("PaginationToken"):
            return
        request["PaginationToken"] = page["PaginationToken"]
    raise ConfigurationError(
        f"the pool holds more than {_A_PAGE * _MOST_PAGES} users that earlier runs made; take them away first with "
        "`cognito-conformance cleanup`"
    )


def _is_a_runs_own(user: Mapping[str, Any]) -> bool:
    """Whether a run made the user: by its name, or by its address where the pool makes up the names itself."""
    return any(_OF_A_RUN.search(name) for name in (str(user.get("Username", "")), *_aliases(user)))


def _aliases(user: Mapping[str, Any]) -> list[str]:
    told = ("email", "phone_number", "preferred_username")
    return [str(it.get("Value")) for it in user.get("Attributes", []) if it.get("Name") in told]
