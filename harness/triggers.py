"""Triggers under test: what they can do, what checks do with them, and what was said to each function."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from harness.dialects import load_dialect
from harness.needs import TRIGGER_NEEDS

if TYPE_CHECKING:
    from harness.arrangement import AppClient, TestUser, UserPool
    from harness.deployed_apis import DeployedApis
    from harness.dialects import Dialect
    from harness.post import Post
    from harness.settings import Settings
    from harness.stage import Stage, Tables
    from harness.trigger_host import TriggerHost
    from harness.trigger_settings import TriggersSettings, VariantName

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

_WITHOUT_A_SETTING = ("reference", "command")
LOCAL = frozenset({"reference", "python", "node", "command"})


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
        event = copied(self.event)
        event["request"] |= request
        return event


@dataclass(frozen=True)
class FoundTriggers:
    """What the controller found out about the triggers before the run."""

    needs_met: frozenset[str] = frozenset()
    name: str = ""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Why they lack a need, where more is known than that they do."""


def find_triggers(settings: Settings, lambda_config: Mapping[str, Any] | None = None) -> FoundTriggers:
    """Which triggers the run judges, and what they can do, as far as the configuration tells.

    `lambda_config` says which functions a live pool calls, where that is known. Raises ConfigurationError for a dialect
    that cannot be used.
    """
    if settings.target.kind == "live":
        from harness.live.found_triggers import find_live_triggers

        return find_live_triggers(settings, lambda_config)
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
    needs |= {"trigger-events", "invocation", "signing-keys", "no-delivery"}
    needs -= {"no-delivery"} if configured.host == "lambda" else frozenset()
    needs |= {_BROUGHT[api] for api in configured.apis}
    needs = needs - {"api-events"} if configured.apis else needs | {"api-events"}
    if configured.passkeys_table:
        needs |= {"passkey-policy"}
    if configured.completed().app_origins:
        needs |= {"fido2.app-origins"}
    needs -= {"fido2.related-origins", "fido2.verification-preferred"}
    needs |= {f"fido2.{variant}" for variant in configured.completed().variants}
    if configured.completed().related_origins:
        needs |= {"fido2.related-origins"}
    if configured.host in LOCAL:
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


@dataclass(frozen=True)
class Policy:
    """A second policy: what it is called, and a stage that others opened, whose variables say so."""

    name: str
    stage: Stage


class TriggersUnderTest(Protocol):
    """The triggers of one worker, behind a user pool that calls them. Opened once, used by all its checks."""

    dialect: Dialect
    settings: TriggersSettings

    @property
    def calls(self) -> list[Call]:
        """What the pool said to its functions in this case; only for checks that need `trigger-events`."""

    @property
    def host(self) -> TriggerHost:
        """What runs the functions; only for checks that need `invocation`."""

    @property
    def stage(self) -> Stage:
        """What the run made for them; only for checks that need `store` or `signing-keys`."""

    @property
    def apis(self) -> DeployedApis:
        """The HTTP APIs beside them."""

    @property
    def tables(self) -> Tables:
        """The tables that they write; only for checks that need `store`."""

    @property
    def functions(self) -> frozenset[str]:
        """Which functions there are."""

    @property
    def is_near(self) -> bool:
        """Whether an invocation is cheap: the functions run on this machine, and some thousand calls are no matter."""

    @property
    def can_be_invoked(self) -> bool:
        """Whether `invoke` asks the functions directly, and `calls` tells what the pool said to them."""

    @property
    def mails(self) -> Post:
        """What they mail."""

    @property
    def texts(self) -> Post:
        """What they send by text message."""

    @property
    def redirect_uri(self) -> str:
        """An address that an honest client asks its link to lead to."""

    @property
    def link_origins(self) -> tuple[str, ...]:
        """The origins that a link may lead to."""

    def pool(self, **settings: Any) -> UserPool:
        """A user pool that calls these triggers; the same one for the same settings (members of CreateUserPool).

        Users may sign in with their e-mail address too, unless the settings say otherwise. Raises NotApplicable where
        there is no such pool.
        """

    def client(self, **settings: Any) -> AppClient:
        """An app client of the triggers' own pool; it does not reveal unknown users unless the settings say so."""

    def client_of_case(self, pool: UserPool) -> AppClient:
        """An app client at which no other case of the run uses up the budget of messages; where there can be one."""

    def new_user(self, pool: UserPool | None = None, **members: Any) -> TestUser:
        """A confirmed user with a verified e-mail address and number of their own, in the triggers' pool."""

    def address_of(self, name: str) -> str:
        """An e-mail address for a name, of which nobody else knows; what is mailed to it reaches the run alone."""

    def number_of(self, name: str) -> str | None:
        """A phone number for a name; None where no text message would reach the run."""

    def invoke(self, function: str, event: Mapping[str, Any]) -> Call:
        """Give a function an event directly, as Cognito would; how it failed is part of the answer.

        Only for checks that need `invocation`. Raises Inconclusive when the host fails.
        """

    def calls_of(self, function: str) -> list[Call]:
        """What the pool said to a function in this case, oldest first, and what came of it. As `calls`."""

    def logs(self) -> str:
        """What the functions printed: the newest part, of this case and those before. Needs `trigger-logs`."""

    def wait_to_send(self) -> None:
        """Wait until one more message may be caused, where the functions run for others too."""

    def begin_case(self) -> None:
        """Forget the case before."""

    def end_case(self) -> None:
        """Have the clock follow real time again, where it could be moved."""

    def close(self) -> None:
        """End what was started."""

    def policy(self, variant: VariantName) -> Policy:
        """The same functions under a second policy, for a further EmbeddedTriggers."""

    def keep_in_step(self) -> None:
        """Have the functions see the target's time, where it can be moved."""


class HonestClients(ABC):
    """What honest clients do at any triggers under test."""

    dialect: Dialect
    settings: TriggersSettings

    @abstractmethod
    def pool(self, **settings: Any) -> UserPool:
        """As TriggersUnderTest has it."""

    @abstractmethod
    def address_of(self, name: str) -> str:
        """As TriggersUnderTest has it."""

    @abstractmethod
    def number_of(self, name: str) -> str | None:
        """As TriggersUnderTest has it."""

    @cached_property
    def redirect_uri(self) -> str:
        """As TriggersUnderTest has it."""
        return f"{self.link_origins[0]}{self.settings.link_path}"

    @property
    def link_origins(self) -> tuple[str, ...]:
        """As TriggersUnderTest has it."""
        return tuple(self.settings.link_origins) or ("https://app.example.com",)

    def new_user(self, pool: UserPool | None = None, **members: Any) -> TestUser:
        """As TriggersUnderTest has it."""
        pool = pool or self.pool()
        username = pool.names.username()
        given = {
            "username": username,
            "email": self.address_of(username),
            "phone_number": self.number_of(username),
            **members,
        }
        return pool.new_user(**given)


def fail_as_a_function(message: str) -> NoReturn:
    """What a trigger of a check's own does in place of raising: the pool sees a function that raised."""
    from fakes.pool.functions import FunctionFailed  # see EmbeddedTriggers.invoke

    raise FunctionFailed("Error", message)


def copied(event: Mapping[str, Any]) -> dict[str, Any]:
    """What arrives of an event that is sent as JSON."""
    copied: dict[str, Any] = json.loads(json.dumps(event))
    return copied
