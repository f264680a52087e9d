"""Triggers that are deployed behind a live pool: the pool calls them, and the run sees what their users see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from harness.deployed_apis import DeployedApis
from harness.dialects import load_dialect
from harness.findings import NotApplicable
from harness.live.description import permission
from harness.live.found_triggers import NO_MAILBOX, NO_PHONE, WHY_NEVER, functions_in
from harness.live.pace import SharedPace
from harness.mailboxes.opening import open_mailbox
from harness.post import Post
from harness.triggers import HonestClients

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from harness.arrangement import AppClient, UserPool
    from harness.live.access import Access
    from harness.live.arrangement import LiveArrangements
    from harness.mailboxes.live_mailbox import LiveMailbox
    from harness.mailboxes.settings import MailboxSettings, PhoneSettings
    from harness.settings import Settings
    from harness.stage import Stage, Tables
    from harness.trigger_host import TriggerHost
    from harness.trigger_settings import VariantName
    from harness.triggers import Call, Policy

_USUAL_MAILS_PER_MINUTE = 60
"""Where no limit is documented: what SES allows an account that is in its sandbox."""

_OF_THE_LIMIT = 0.9
_SETTINGS_THAT_MAY_BE_SO = frozenset({"AliasAttributes", "UsernameConfiguration"})


class LiveTriggers(HonestClients):
    """The functions that the configured pool calls, for one worker. Implements TriggersUnderTest.

    Messages are caused for the run's own users only, no faster than `triggers.mails_per_minute` lets pass.

    Args:
        settings: of the run; `triggers.host` is `pool`.
        access: to AWS, for mailboxes that stand there.
        arrangements: with the configured pool.
        run_name: the same for all workers of the run.
    """

    is_near = False
    can_be_invoked = False

    def __init__(self, settings: Settings, access: Access, arrangements: LiveArrangements, *, run_name: str) -> None:
        self.settings = settings.triggers
        self.dialect = load_dialect(self.settings.dialect, self.settings.folder)
        self._live, self._access, self._arrangements = settings.live, access, arrangements
        most = self.settings.mails_per_minute or _USUAL_MAILS_PER_MINUTE
        self._messages = SharedPace.of_run(f"{run_name}-messages", _OF_THE_LIMIT * most / 60)
        self._opened: list[LiveMailbox] = []
        self._requests = SharedPace.of_run(run_name, settings.live.requests_per_second)
        bases: dict[str, str] = {str(api): base for api, base in self.settings.apis.items()}
        self.apis = DeployedApis(
            bases,
            seconds=self.settings.timeout_seconds + self.settings.start_seconds,
            take_turn=self._take_turn,
        )
        """Asked no faster than the pool: their requests count among the run's."""

    @cached_property
    def mails(self) -> Post:
        """As TriggersUnderTest has it. Raises NotApplicable without a mailbox."""
        return self._post(self._live.mailbox, "magic-links", NO_MAILBOX)

    @cached_property
    def texts(self) -> Post:
        """As TriggersUnderTest has it. Raises NotApplicable without a phone."""
        return self._post(self._live.phone, "codes", NO_PHONE)

    def pool(self, **settings: Any) -> UserPool:
        """The configured pool, where it is as asked for; else NotApplicable: no other pool calls the functions."""
        configured = self._arrangements.configured
        if not settings:
            return configured
        if configured.description is None:
            raise NotApplicable("configure", permission("DescribeUserPool"))
        members = configured.description.members
        for name, wanted in settings.items():
            if name not in _SETTINGS_THAT_MAY_BE_SO or (members.get(name) or type(wanted)()) != wanted:
                raise NotApplicable(
                    "configure", f"it wants a user pool with another {name} that calls the same functions"
                )
        return configured

    def client(self, **settings: Any) -> AppClient:
        """As TriggersUnderTest has it. Raises NotApplicable where there is none and none may be made."""
        return self._client(self.pool(), **{"reveals_unknown_users": False, **settings})

    def client_of_case(self, pool: UserPool) -> AppClient:
        """The same client for all cases: `wait_to_send` keeps its budget."""
        return self._client(pool, reveals_unknown_users=False)

    def address_of(self, name: str) -> str:
        """As TriggersUnderTest has it."""
        return self._arrangements.configured.address_of(name)

    def number_of(self, name: str) -> str | None:
        """As HonestClients has it."""
        return self._live.phone.recipient_of(name) if self._live.phone else None

    @cached_property
    def functions(self) -> frozenset[str]:
        """As TriggersUnderTest has it; none where the credentials may not ask."""
        description = self._arrangements.configured.description
        return functions_in(description.members.get("LambdaConfig") or {}) if description else frozenset()

    def wait_to_send(self) -> None:
        """As TriggersUnderTest has it: the run, all its workers together, stays under the documented limit."""
        with self._out_of_the_case():
            self._messages.take_turn()

    def begin_case(self) -> None:
        """As TriggersUnderTest has it: nothing is kept of a case."""

    def end_case(self) -> None:
        """As TriggersUnderTest has it: no clock was moved."""

    def keep_in_step(self) -> None:
        """As TriggersUnderTest has it: nobody moves the functions' clock."""

    def close(self) -> None:
        """Let go of the mailboxes and of the connections."""
        self.apis.close()
        for mailbox in self._opened:
            mailbox.close()
        self._messages.remove()

    # what a live pool does not give; a check says that it needs it, and where one forgets, it is not applicable

    @property
    def calls(self) -> list[Call]:
        """Not to be had: `trigger-events`."""
        return _out_of_reach("trigger-events")

    def calls_of(self, function: str) -> list[Call]:
        """Not to be had: `trigger-events`."""
        del function
        return _out_of_reach("trigger-events")

    def invoke(self, function: str, event: Mapping[str, Any]) -> Call:
        """Not to be had: `invocation`."""
        del function, event
        return _out_of_reach("invocation")

    @property
    def host(self) -> TriggerHost:
        """Not to be had: `invocation`."""
        return _out_of_reach("invocation")

    @property
    def stage(self) -> Stage:
        """Not to be had: `signing-keys`."""
        return _out_of_reach("signing-keys")

    @property
    def tables(self) -> Tables:
        """Not to be had: `store`."""
        return _out_of_reach("store")

    def logs(self) -> str:
        """Not to be had: `trigger-logs`."""
        return _out_of_reach("trigger-logs")

    def policy(self, variant: VariantName) -> Policy:
        """Not to be had: `own-triggers`."""
        del variant
        return _out_of_reach("own-triggers")

    def _post(self, settings: MailboxSettings | PhoneSettings | None, need: str, why: str) -> Post:
        if settings is None:
            raise NotApplicable(need, why)
        mailbox = open_mailbox(settings, self._access.session if settings.kind in ("s3", "sqs") else None)
        self._opened.append(mailbox)
        return Post(mailbox, quiet_seconds=self._live.quiet_seconds, waiting=self._out_of_the_case)

    def _take_turn(self) -> None:
        with self._out_of_the_case():
            self._requests.take_turn()

    def _out_of_the_case(self) -> AbstractContextManager[None]:
        """What is waited for here is no slowness of the target."""
        return self._arrangements.configured.wire.time_out_of_the_case()

    def _client(self, pool: UserPool, **settings: Any) -> AppClient:
        """The one that everybody uses, where it is as asked for; else one of the triggers' own."""
        try:
            return pool.client(**settings)
        except NotApplicable:
            try:
                return pool.client(which="triggers", **settings)
            except NotApplicable as none:
                raise NotApplicable(none.need, f"{none.why}; it has to be {_told(settings)}") from none


def _told(settings: Mapping[str, Any]) -> str:
    """The settings of an app client in words."""
    told = ["one with ALLOW_CUSTOM_AUTH"]
    for name, value in settings.items():
        reveals = name == "reveals_unknown_users"
        told.append("PreventUserExistenceErrors ENABLED" if reveals and not value else f"{name} {value}")
    return ", ".join(told)


def _out_of_reach(need: str) -> NoReturn:
    raise NotApplicable(need, WHY_NEVER[need])
