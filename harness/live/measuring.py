"""Measures footprints: runs checks on the embedded pool, and counts at the wire what each asks of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.bench import Probed, RunIdentity
from harness.check import check_of
from harness.live.footprints import Footprint
from harness.needs import NEEDS
from harness.plugin import SESSION_PLUGIN
from harness.run import Controller, run_pytest
from harness.service_model import service_model
from harness.settings import Settings

if TYPE_CHECKING:
    from harness.bench import Bench
    from harness.embedded_triggers import EmbeddedTriggers
    from harness.session import CheckSession
    from harness.wire import Answer

_SEED = 1
_SIGN_INS = frozenset(
    {"InitiateAuth", "RespondToAuthChallenge", "AdminInitiateAuth", "AdminRespondToAuthChallenge"}
)  # fmt: skip
_WRONG = frozenset({"NotAuthorizedException", "CodeMismatchException"})
_NOT_SETTINGS = ("PoolName", "UserPoolId")
PLAIN_POOL = ""
NO_OPERATION = "(none that there is)"


@dataclass
class _Count:
    requests: Counter[str] = field(default_factory=Counter)
    users: int = 0
    refused_sign_ins: int = 0
    mails: int = 0
    texts: int = 0
    pools: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)

    def footprint(self) -> Footprint:
        return Footprint(
            requests=dict(sorted(self.requests.items())),
            users=self.users,
            refused_sign_ins=self.refused_sign_ins,
            mails=self.mails,
            texts=self.texts,
            pools=tuple(sorted(self.pools - {PLAIN_POOL})),
            clients=tuple(sorted(self.clients)),
        )


@dataclass
class _Measuring(Controller):
    """Stands for the controller of a run in this process, and counts for the check whose case is running.

    Each check starts without pools and clients, so that it shows all that it wants, whoever else wants the same.
    """

    counts: dict[str, _Count] = field(default_factory=dict)
    _current: _Count = field(default_factory=_Count)
    _settings_of: dict[str, str] = field(default_factory=dict)
    _watched: bool = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Count for the item's check."""
        check = check_of(getattr(item, "function", None))
        if check is not None:
            session = cast("CheckSession", item.config.pluginmanager.get_plugin(SESSION_PLUGIN))
            self._watch(session.bench)
            if check.id not in self.counts:
                session.bench.__dict__.pop("arrangements", None)
            self._current = self.counts.setdefault(check.id, _Count())
        result = yield
        self._current = _Count()  # what comes after the last check is no check's
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """Have triggers asked through the pool alone, as at a live one: each of these requests counts."""
        made = yield
        if fixturedef.argname == "triggers":
            cast("EmbeddedTriggers", made).can_be_invoked = False
        return made

    def _watch(self, bench: Bench) -> None:
        if not self._watched:
            bench.wire.watch = self._saw
            bench.target.mailbox.watch(lambda _: self._sent("mails"))
            bench.target.phone.watch(lambda _: self._sent("texts"))
            self._watched = True

    def _sent(self, what: str) -> None:
        setattr(self._current, what, getattr(self._current, what) + 1)

    def _saw(self, request: Any, answer: Answer) -> None:
        members: Mapping[str, Any] = request if isinstance(request, Mapping) else {}
        operation, count = _known(answer.operation), self._current
        if answer.succeeded and operation == "CreateUserPool":
            count.pools.add(self._pool_made(members, answer))
            return
        if answer.succeeded and operation == "CreateUserPoolClient":
            pool = self._settings_of.get(str(members.get("UserPoolId")), PLAIN_POOL)
            count.clients.add(f"{pool}/{_digest(members)}" if pool else _digest(members))
            return
        count.requests[operation] += 1
        if answer.succeeded and operation in ("AdminCreateUser", "SignUp"):
            count.users += 1
        if operation in _SIGN_INS and answer.error is not None and answer.error.type in _WRONG:
            count.refused_sign_ins += 1

    def _pool_made(self, members: Mapping[str, Any], answer: Answer) -> str:
        settings = {name: value for name, value in members.items() if name not in _NOT_SETTINGS}
        pool = _digest(members) if settings else PLAIN_POOL
        made = (answer.json or {}).get("UserPool", {})
        self._settings_of[str(made.get("Id"))] = pool
        return pool


def measure(ids: Sequence[str] = ()) -> dict[str, Footprint]:
    """The footprints of the checks of these ids; of all checks when none is given."""
    settings = Settings.model_validate({"run": {"select": list(ids), "seed": _SEED}})
    controller = _Measuring(
        settings, RunIdentity.of(settings), Probed.of(frozenset(NEEDS), settings), take=lambda record, fault: None
    )
    run_pytest(controller, workers=1)
    return {id: count.footprint() for id, count in controller.counts.items()}


def _known(operation: str) -> str:
    """The operation; of what the service model has not, only that it is none."""
    return operation if operation in service_model().operation_names else NO_OPERATION


def _digest(members: Mapping[str, Any]) -> str:
    told = {name: value for name, value in members.items() if name not in _NOT_SETTINGS}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:8]
