"""Triggers under test: their stage, their host, the user pools that call them, and what was said to each."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from harness.dialects import load_dialect
from harness.needs import TRIGGER_NEEDS
from harness.stage import Stage, function_arn

if TYPE_CHECKING:
    from harness.arrangement import AppClient, Arrangements, TestUser, UserPool
    from harness.dialects import Dialect
    from harness.settings import Settings
    from harness.stage import Tables
    from harness.targets import EmbeddedTarget
    from harness.trigger_host import TriggerHost
    from harness.trigger_settings import TriggersSettings

DEFINE, CREATE, VERIFY = "define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response"

IN_LAMBDA_CONFIG = {
    DEFINE: "DefineAuthChallenge",
    CREATE: "CreateAuthChallenge",
    VERIFY: "VerifyAuthChallengeResponse",
    "pre_sign_up": "PreSignUp",
    "pre_authentication": "PreAuthentication",
    "post_authentication": "PostAuthentication",
    "pre_token_generation": "PreTokenGeneration",
    "user_migration": "UserMigration",
}
"""The functions that a user pool calls, and what LambdaConfig calls each."""

_IN_STEP = timedelta(milliseconds=50)
"""A clock this near to real time follows it."""

REDIRECT_PATH = "/sign-in"
"""The path of an honest redirectUri."""

_WITHOUT_A_SETTING = ("reference", "command")
_LOCAL = frozenset({"reference", "python", "node", "command"})
_HOLDS_TWO = 10**7


@dataclass(frozen=True)
class Call:
    """One call of a function: the event that it got, and what it returned or how it failed."""

    function: str
    event: Mapping[str, Any] = field(repr=False)
    returned: object = field(default=None, repr=False)
    failed: Exception | None = None

    @property
    def response(self) -> Mapping[str, Any]:
        """The member `response` of what was returned, or an empty mapping."""
        found = self.returned.get("response") if isinstance(self.returned, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    @property
    def request(self) -> Mapping[str, Any]:
        """The member `request` of the event."""
        found: Mapping[str, Any] = self.event["request"]
        return found

    def again(self, **request: Any) -> dict[str, Any]:
        """The same event as it was sent, with members of its request changed: for `TriggersUnderTest.invoke`."""
        event = _copied(self.event)
        event["request"] |= request
        return event


@dataclass(frozen=True)
class FoundTriggers:
    """What the controller found out about the triggers before the run."""

    needs_met: frozenset[str] = frozenset()
    name: str = ""


def find_triggers(settings: Settings) -> FoundTriggers:
    """Which triggers the run judges, and what they can do, as far as the configuration tells.

    Raises ConfigurationError for a dialect that cannot be used.
    """
    if settings.target.kind != "embedded":
        return FoundTriggers()
    configured = settings.triggers
    dialect = load_dialect(configured.dialect, configured.folder)
    if configured.host in _WITHOUT_A_SETTING:
        needs = TRIGGER_NEEDS - SPOKEN
    else:
        needs = frozenset(
            {"custom-auth", "own-triggers"}
            if {DEFINE, CREATE, VERIFY} <= configured.handlers.keys()
            else {"own-triggers"}
        )
        needs |= {need for function, need in _BROUGHT.items() if function in configured.handlers}
    if configured.passkeys_table:
        needs |= {"passkey-policy"}
    if configured.completed().app_origins:
        needs |= {"fido2.app-origins"}
    if configured.host in _LOCAL:
        needs |= {"trigger-clock", "trigger-logs"}
        needs |= {"store"} if configured.tables or configured.host == "reference" else frozenset()
    if not configured.completed().passkeys_table:
        needs -= {"passkey-policy"}
    spoken = dialect.needs_met if "custom-auth" in needs else frozenset()
    return FoundTriggers(needs | spoken, described(configured))


SPOKEN = frozenset({"magic-links", "codes", "step-up", "several-methods", "fido2"})
"""The needs that the dialect meets."""

_BROUGHT = {
    "pre_sign_up": "pre-sign-up",
    "pre_token_generation": "pre-token-generation",
    "fido2_credentials_api": "credential-api",
    "fido2_challenge_api": "challenge-api",
}
"""The functions that not every team has, and the need that each meets."""


def described(settings: TriggersSettings) -> str:
    """The triggers as the results' header names them."""
    if settings.host == "reference":
        return "the reference triggers"
    where = " ".join(settings.command) or ", ".join(sorted(set(settings.handlers.values())))
    return f"{settings.host}: {where} ({settings.dialect})"


class TriggersUnderTest:
    """The triggers of one worker, deployed at the embedded pool. Opened once, used by all its checks."""

    def __init__(self, settings: Settings, target: EmbeddedTarget, arrangements: Arrangements) -> None:
        from harness.trigger_hosts import make_trigger_host  # what it starts is heavy

        configured = settings.triggers
        self.dialect: Dialect = load_dialect(configured.dialect, configured.folder)
        self.calls: list[Call] = []
        self._target = target
        self._arrangements = arrangements
        self._clock_is_moved = False
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._case = 0
        endpoint = target.pool.endpoint
        stage = Stage.open(configured, endpoint, target.region)
        expected = configured.handlers.keys() or IN_LAMBDA_CONFIG.keys() - {"user_migration"}
        self._lambda_config = {
            name: function_arn(function, target.region)
            for function, name in IN_LAMBDA_CONFIG.items()
            if function in expected
        }
        home = self.pool()
        self.stage = stage.for_pool(home.user_pool_id, home.client(reveals_unknown_users=False).client_id)
        self.settings = self.stage.settings
        self.host: TriggerHost = make_trigger_host(self.stage, faults=target.faults, clock=target.clock)
        for function in IN_LAMBDA_CONFIG.keys() & set(expected):
            target.pool.functions.deploy(function_arn(function, target.region), self._deployed(function))

    @property
    def tables(self) -> Tables:
        """The tables that the triggers write."""
        return self.stage.tables

    @property
    def is_near(self) -> bool:
        """Whether an invocation is cheap: the functions run on this machine, and some thousand calls are no matter."""
        return self.settings.host in _LOCAL

    @property
    def functions(self) -> frozenset[str]:
        """What the host has."""
        return self.host.functions

    @cached_property
    def redirect_uri(self) -> str:
        """An address that an honest client asks its link to lead to."""
        return f"{self.link_origins[0]}{REDIRECT_PATH}"

    @property
    def link_origins(self) -> tuple[str, ...]:
        """The origins that a link may lead to."""
        return tuple(self.settings.link_origins) or ("https://app.example.com",)

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

    def new_user(self, pool: UserPool | None = None, **members: Any) -> TestUser:
        """A confirmed user with a verified e-mail address and number of their own, in the triggers' pool."""
        pool = pool or self.pool()
        number = next(self._numbers)
        username = pool.names.username()
        given = {
            "username": username,
            "email": f"{username}@users.example.com",
            "phone_number": f"+1555{number % _HOLDS_TWO:07}",
            **members,
        }
        return pool.new_user(**given)

    def invoke(self, function: str, event: Mapping[str, Any]) -> Call:
        """Give a function an event directly, as Cognito would; how it failed is part of the answer.

        Raises Inconclusive when the host fails.
        """
        from fakes.pool.functions import FunctionFailed, FunctionTimedOut  # heavy, and the pool runs by now

        self._keep_in_step()
        given = _copied(event)
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

    def close(self) -> None:
        """End the host."""
        self.host.close()

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

    def _keep_in_step(self) -> None:
        """Have the functions see the pool's time; the reference triggers take theirs from its clock."""
        if self.settings.host == "reference":
            return
        moment = self._target.now()
        is_moved = abs(moment - datetime.now(UTC)) > _IN_STEP
        with self._lock:
            if is_moved or self._clock_is_moved:
                self.host.set_clock(moment if is_moved else None)
            self._clock_is_moved = is_moved


def fail_as_a_function(message: str) -> NoReturn:
    """What a trigger of a check's own does in place of raising: the pool sees a function that raised."""
    from fakes.pool.functions import FunctionFailed  # see TriggersUnderTest.invoke

    raise FunctionFailed("Error", message)


def _copied(event: Mapping[str, Any]) -> dict[str, Any]:
    """What arrives of an event that is sent as JSON."""
    copied: dict[str, Any] = json.loads(json.dumps(event))
    return copied
