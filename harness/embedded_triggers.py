"""Triggers at the embedded pool: their stage, their host, the user pools that call them, and what was said to each."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.dialects import load_dialect
from harness.mailboxes.mailbox import OutboxMailbox
from harness.post import Post
from harness.stage import Stage, function_arn
from harness.triggers import IN_LAMBDA_CONFIG, LOCAL, Call, HonestClients, Policy, copied

if TYPE_CHECKING:
    from harness.arrangement import AppClient, Arrangements, UserPool
    from harness.dialects import Dialect
    from harness.settings import Settings
    from harness.stage import Tables
    from harness.targets import EmbeddedTarget
    from harness.trigger_host import TriggerHost
    from harness.trigger_settings import VariantName

_IN_STEP = timedelta(milliseconds=50)
"""A clock this near to real time follows it."""

_HOLDS_TWO = 10**7


class EmbeddedTriggers(HonestClients):
    """The triggers of one worker, deployed at the embedded pool. Opened once, used by all its checks.

    Under a second policy they are another deployment of the same functions, at a user pool of its own.
    """

    can_be_invoked = True

    def __init__(
        self, settings: Settings, target: EmbeddedTarget, arrangements: Arrangements, *, policy: Policy | None = None
    ) -> None:
        from harness.deployed_apis import DeployedApis  # urllib3 is heavy
        from harness.trigger_hosts import make_trigger_host  # and so is what it starts

        configured = settings.triggers
        self.dialect: Dialect = load_dialect(configured.dialect, configured.folder)
        self.calls: list[Call] = []
        self._target = target
        self._arrangements = arrangements
        self._clock_is_moved = False
        self._lock = threading.Lock()
        self.mails = Post(OutboxMailbox(target.pool.mailbox))
        self.texts = Post(OutboxMailbox(target.pool.phone))
        self._numbers = itertools.count(1)
        self._case = 0
        endpoint = target.pool.endpoint
        stage = policy.stage if policy else Stage.open(configured, endpoint, target.region)
        self._suffix = f"-{policy.name}" if policy else ""
        expected = configured.handlers.keys() or IN_LAMBDA_CONFIG.keys() - {"user_migration"}
        self._lambda_config = {
            name: self._arn(function) for function, name in IN_LAMBDA_CONFIG.items() if function in expected
        }
        home = self.pool()
        self.stage = stage.for_pool(home.user_pool_id, home.client(reveals_unknown_users=False).client_id)
        self.settings = self.stage.settings
        self.host: TriggerHost = make_trigger_host(self.stage, faults=target.faults, clock=target.clock)
        bases: dict[str, str] = {
            api: self.stage.filled_in(base, f"apis.{api}") for api, base in self.settings.apis.items()
        }
        self.apis = DeployedApis(bases, seconds=self.settings.timeout_seconds + self.settings.start_seconds)
        for function in IN_LAMBDA_CONFIG.keys() & set(expected):
            target.pool.functions.deploy(self._arn(function), self._deployed(function))

    @property
    def tables(self) -> Tables:
        """The tables that the triggers write."""
        return self.stage.tables

    @property
    def is_near(self) -> bool:
        """Whether an invocation is cheap: the functions run on this machine, and some thousand calls are no matter."""
        return self.settings.host in LOCAL

    @property
    def functions(self) -> frozenset[str]:
        """What the host has."""
        return self.host.functions

    def pool(self, **settings: Any) -> UserPool:
        """A user pool that calls these triggers; the same one for the same settings (members of CreateUserPool).

        Users may sign in with their e-mail address too, unless the settings say otherwise.
        """
        return self._arrangements.pool(
            **{"AliasAttributes": ["email"], "LambdaConfig": self._lambda_config, **settings}
        )

    def client(self, **settings: Any) -> AppClient:
        """An app client of the triggers' own pool; it does not reveal unknown users unless the settings say so."""
        return self.pool().client(**{"reveals_unknown_users": False, **settings})

    def client_of_case(self, pool: UserPool) -> AppClient:
        """An app client at which no other case of the run signs in, so that none uses up another's budget of messages.

        At the triggers' own pool; the one that the functions are told of where the configuration names it.
        """
        if pool is not self.pool() or "{client_id}" in str(self.settings.environment | self.settings.environment_of):
            return pool.client(reveals_unknown_users=False)
        return pool.client(reveals_unknown_users=False, which=f"case {self._case}")

    def address_of(self, name: str) -> str:
        """As TriggersUnderTest has it."""
        return f"{name}@users.example.com"

    def number_of(self, name: str) -> str:
        """As HonestClients has it."""
        del name
        return f"+1555{next(self._numbers) % _HOLDS_TWO:07}"

    def invoke(self, function: str, event: Mapping[str, Any]) -> Call:
        """Give a function an event directly, as Cognito would; how it failed is part of the answer.

        Raises Inconclusive when the host fails.
        """
        from fakes.pool.functions import FunctionFailed, FunctionTimedOut  # heavy, and the pool runs by now

        self.keep_in_step()
        given = copied(event)
        try:
            return Call(function, event, self.host.invoke(function, given))
        except (FunctionFailed, FunctionTimedOut) as failure:
            return Call(function, event, failed=failure)

    def calls_of(self, function: str) -> list[Call]:
        """What the pool said to a function in this case, oldest first, and what came of it."""
        return [call for call in self.calls if call.function == function]

    def logs(self) -> str:
        """What the functions printed: the newest part, of this case and those before."""
        return self.host.logs()

    def begin_case(self) -> None:
        """Forget the calls of the case before."""
        self.calls = []
        self._case += 1

    def end_case(self) -> None:
        """As TriggersUnderTest has it."""
        self._target.clock.follow_real_time()

    def wait_to_send(self) -> None:
        """As TriggersUnderTest has it: nothing is delivered, so nothing has to wait."""

    def close(self) -> None:
        """End the host."""
        self.apis.close()
        self.host.close()

    def policy(self, variant: VariantName) -> Policy:
        """The same functions under a second policy, on this stage: what `policy` of a further EmbeddedTriggers is."""
        return Policy(variant, replace(self.stage, settings=self.settings.varied(variant)))

    def _arn(self, function: str) -> str:
        return function_arn(f"{function}{self._suffix}", self._target.region)

    def _deployed(self, function: str) -> Any:
        """What the pool calls: hands on to the host and keeps what was said."""

        def invoke(event: dict[str, Any]) -> object:
            if function not in self.host.functions:
                return event  # as though the pool named no such trigger
            call = self.invoke(function, event)
            self.calls.append(call)
            if call.failed is not None:
                raise call.failed
            return call.returned

        return invoke

    def keep_in_step(self) -> None:
        """Have the functions see the pool's time; the reference triggers take theirs from its clock."""
        if self.settings.host == "reference":
            return
        moment = self._target.now()
        is_moved = abs(moment - datetime.now(UTC)) > _IN_STEP
        with self._lock:
            if is_moved or self._clock_is_moved:
                self.host.set_clock(moment if is_moved else None)
            self._clock_is_moved = is_moved
