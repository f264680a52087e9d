"""Takes away what runs made in live pools: what the ledger says was made and not removed, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive
from harness.live.ledger import Entry, Ledger, Opening, RunInLedger, UnwritableLedger, read_ledger
from harness.live.pace import SharedPace
from harness.live.plain_wire import plain_wire
from harness.live.processes import lives

if TYPE_CHECKING:
    from harness.settings import Settings
    from harness.wire import Answer, Wire

_AT_ONCE = 4
_UNDER_WAY = timedelta(seconds=2)
_A_PAGE = 60


@dataclass(frozen=True)
class Cleaned:
    """What became of one run's entries. In a dry run, `removed` is what would be tried."""

    run: str
    removed: list[Entry] = field(default_factory=list)
    left: list[tuple[Entry, str]] = field(default_factory=list)
    """Each with the reason, in words that say what to do where something can be done."""
    passed_over: str = ""
    """Why the run was not touched at all; empty when it was."""
    lives: bool = False
    """Whether it was passed over because its process still runs."""


@dataclass(frozen=True)
class Cleanup:
    """What became of every run in a ledger that had something left."""

    runs: list[Cleaned]
    remarks: list[str]

    @property
    def something_is_left(self) -> bool:
        """Whether anything is still there. What a living run uses does not count."""
        return any(cleaned.left or (cleaned.passed_over and not cleaned.lives) for cleaned in self.runs)


def clean_ledger(path: Path, settings: Settings, *, run: str | None = None, dry: bool = False) -> Cleanup:
    """Take away what is left of the runs in a ledger, each through the account, region and endpoint it was made in.

    Args:
        path: the ledger.
        settings: the rate, the time-outs; and how to reach the pool of a run whose first line is lost.
        run: only this one, even if its process still lives.
        dry: change nothing.

    Raises ConfigurationError when the ledger cannot be read, or holds no such run.
    """
    reading = read_ledger(path)
    if run is not None and run not in reading.runs:
        known = ", ".join(reading.runs) or "none"
        raise ConfigurationError(f"{path} holds no run {run}; it holds: {known}")
    chosen = [found for name, found in reading.runs.items() if found.left() and run in (None, name)]
    return Cleanup([_clean(found, path, settings, named=run is not None, dry=dry) for found in chosen], reading.remarks)


def clean_run(found: RunInLedger, ledger: Ledger, wire: Wire, *, dry: bool = False) -> Cleaned:
    """Take away what is left of one run, over this wire. Each removal is noted, and at the end the run's outcome."""
    cleaned = Cleaned(found.run)
    mine: list[Entry] = []
    for entry in found.left():
        in_own_pool = any(pool.kind == "pool" and pool.id == entry.user_pool_id for pool in mine)  # pools come first
        if entry.is_named_after_its_run or in_own_pool:
            mine.append(entry)
        else:
            cleaned.left.append((entry, f"its name is none that the run {found.run} gives; look at it yourself"))
    if dry:
        cleaned.removed.extend(mine)
        return cleaned
    _let_arrive(mine)
    if mine and (unreachable := _unreachable(wire, found.opening)):
        cleaned.left.extend((entry, unreachable) for entry in mine)
        return cleaned
    remover = _Remover(wire, ledger, known={entry.id for entry in mine if entry.id})
    own_pools = {entry.user_pool_id for entry in mine if entry.kind == "pool"}
    apart = [entry for entry in mine if entry.kind == "pool" or entry.user_pool_id not in own_pools]
    for entry, reason in _at_once(remover.remove, apart):
        in_it = [it for it in mine if entry.kind == "pool" and entry.id and it.user_pool_id == entry.id]
        fate = in_it or [entry]
        if reason:
            cleaned.left.extend((it, reason) for it in fate)
        else:
            cleaned.removed.extend(fate)
    ledger.end("left" if cleaned.left else "cleaned")
    return cleaned


class _Remover:
    """Removes one entry after another. Safe to use from several threads."""

    def __init__(self, wire: Wire, ledger: Ledger, *, known: set[str]) -> None:
        self._wire = wire
        self._ledger = ledger
        self._known = known

    def remove(self, entry: Entry) -> str:
        """Why the entry could not be taken away; empty when it is gone, now or before."""
        try:
            for reason in self._reasons(entry):
                if reason:
                    return reason
            self._ledger.removed(entry.kind, user_pool_id=entry.user_pool_id, name=entry.name, id=entry.id)
        except (Inconclusive, UnwritableLedger) as problem:
            return str(problem)
        return ""

    def _reasons(self, entry: Entry) -> Iterator[str]:
        if entry.kind == "user":
            yield self._why_not("AdminDeleteUser", {"UserPoolId": entry.user_pool_id, "Username": entry.name})
        elif entry.kind == "client":
            for id in [entry.id] if entry.id else self._clients_named(entry):
                yield self._client(entry, id)
        else:
            for id in [entry.id] if entry.id else self._pools_named(entry):
                yield self._pool(entry, id)

    def _client(self, entry: Entry, id: str) -> str:
        where = {"UserPoolId": entry.user_pool_id, "ClientId": id}
        seen = self._wire.call("DescribeUserPoolClient", where)
        return self._unless_named(entry, seen, "UserPoolClient", "ClientName") or self._why_not(
            "DeleteUserPoolClient", where
        )

    def _pool(self, entry: Entry, id: str) -> str:
        seen = self._wire.call("DescribeUserPool", {"UserPoolId": id})
        return self._unless_named(entry, seen, "UserPool", "Name") or self._why_not(
            "DeleteUserPool", {"UserPoolId": id}
        )

    def _unless_named(self, entry: Entry, seen: Answer, whole: str, member: str) -> str:
        """An id from a file is not proof enough: what has it must also have the name."""
        if _is_gone(seen):
            return ""
        if not seen.succeeded:
            return f"{seen.operation} was answered by {seen.described()}"
        name = ((seen.json or {}).get(whole) or {}).get(member)
        return "" if name == entry.name else f"what has this id is named {name!r}; look at it yourself"

    def _why_not(self, operation: str, request: dict[str, Any]) -> str:
        answer = self._wire.call(operation, request)
        return "" if answer.succeeded or _is_gone(answer) else f"{operation} was answered by {answer.described()}"

    def _clients_named(self, entry: Entry) -> list[str]:
        """The ids of the pool's clients of this name, the ones left out of which the ledger knows the id."""
        clients = self._pages(
            "ListUserPoolClients", {"UserPoolId": entry.user_pool_id, "MaxResults": _A_PAGE}, "UserPoolClients"
        )
        found = [str(it["ClientId"]) for it in clients if it.get("ClientName") == entry.name]
        return [id for id in found if id not in self._known]

    def _pools_named(self, entry: Entry) -> list[str]:
        pools = self._pages("ListUserPools", {"MaxResults": _A_PAGE}, "UserPools")
        found = [str(it["Id"]) for it in pools if it.get("Name") == entry.name]
        return [id for id in found if id not in self._known]

    def _pages(self, operation: str, request: dict[str, Any], member: str) -> Iterator[dict[str, Any]]:
        while True:
            page = self._wire.ask(operation, request)
            yield from page.get(member, [])
            if not page.get("NextToken"):
                return
            request = {**request, "NextToken": page["NextToken"]}


def _is_gone(answer: Answer) -> bool:
    return answer.error is not None and answer.error.type in ("UserNotFoundException", "ResourceNotFoundException")


def _let_arrive(entries: list[Entry]) -> None:
    """Wait until what a killed process asked for last has been made, if it ever is: it could not be found before."""
    latest = max((entry.noted for entry in entries if entry.noted and not entry.id), default=None)
    if latest is not None:
        age = datetime.now(UTC) - latest
        time.sleep(max(timedelta(0), min(_UNDER_WAY, _UNDER_WAY - age)).total_seconds())


def _unreachable(wire: Wire, opening: Opening | None) -> str:
    """Why nothing can be said of what is left: "not found" means gone only where the run's own pool is found."""
    if opening is None:
        return ""
    try:
        seen = wire.call("DescribeUserPool", {"UserPoolId": opening.user_pool_id})
    except Inconclusive as problem:
        return str(problem)
    if _is_gone(seen):
        return (
            f"these credentials see no pool {opening.user_pool_id} in {opening.region}; they are perhaps another "
            "account's. If the pool itself was deleted, delete the ledger"
        )
    return "" if seen.speaks_the_protocol else f"DescribeUserPool was answered by {seen.described()}"


def _clean(found: RunInLedger, path: Path, settings: Settings, *, named: bool, dry: bool) -> Cleaned:
    if not named and (passed_over := _in_use(found)):
        return passed_over
    target, live, opening = settings.target, settings.live, found.opening
    if opening is not None:
        target = target.model_copy(update={"kind": "live", "region": opening.region, "endpoint": opening.endpoint})
        live = live.model_copy(
            update={
                "user_pool_id": opening.user_pool_id,
                "profile": opening.profile or live.profile,
                "role_arn": opening.role_arn or live.role_arn,
            }
        )
    elif target.kind != "live":
        reason = "the line that says where it ran is lost; give the configuration of its pool with --config"
        return Cleaned(found.run, left=[(entry, reason) for entry in found.left()])
    wire = plain_wire(target, live, found.run)
    try:
        return _clean_until_quiet(found, path, wire, dry=dry)
    finally:
        wire.close()
        SharedPace.of_run(found.run, live.requests_per_second).remove()


def _clean_until_quiet(found: RunInLedger, path: Path, wire: Wire, *, dry: bool) -> Cleaned:
    """Clean, and again what was noted meanwhile: workers live a moment longer than the process that led them."""
    removed: list[Entry] = []
    while True:
        cleaned = clean_run(found, Ledger(path, found.run), wire, dry=dry)
        removed += cleaned.removed
        found = read_ledger(path).runs[found.run]
        if dry or cleaned.left or not found.left():
            return Cleaned(found.run, removed, cleaned.left)


def _in_use(found: RunInLedger) -> Cleaned | None:
    """The run passed over, where its process still works with what it made, or nobody can tell."""
    opening = found.opening
    if opening is None or found.ended is not None:
        return None
    living = lives(opening.host, opening.process, opening.process_started)
    if living is None:
        reason = f"it ran on {opening.host}, and from here nobody sees whether it still does; if not: --run {found.run}"
        return Cleaned(found.run, passed_over=reason)
    reason = f"it still runs, as process {opening.process}; to take its things away all the same: --run {found.run}"
    return Cleaned(found.run, passed_over=reason, lives=True) if living else None


def _at_once(remove: Callable[[Entry], str], entries: Iterable[Entry]) -> list[tuple[Entry, str]]:
    """A few at a time: the pace, and not the way there and back, shall say how long it takes."""
    with ThreadPoolExecutor(_AT_ONCE) as several:
        begun = [(entry, several.submit(remove, entry)) for entry in entries]
        try:
            return [(entry, each.result()) for entry, each in begun]
        except BaseException:
            several.shutdown(wait=False, cancel_futures=True)
            raise
