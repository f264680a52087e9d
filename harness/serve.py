"""The embedded pool by itself, for clients to sign in to, and for a live run to be rehearsed at."""

from __future__ import annotations

import json
import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.pool import EmbeddedPool, PoolOptions
from harness.arrangement import Arrangements, Names
from harness.settings import Settings, TargetSettings, load_settings
from harness.targets import EmbeddedTarget
from harness.transcript import Transcript
from harness.wire import Wire

if TYPE_CHECKING:
    from harness.arrangement import UserPool
    from harness.embedded_triggers import EmbeddedTriggers

REFERENCE = "reference"
_ALIASES = ["email", "phone_number"]


@dataclass(frozen=True)
class ServedUser:
    """A user to be made before anybody signs in."""

    username: str
    password: str


@dataclass(frozen=True)
class ServeOptions:
    """What `serve` was asked for. Latency, limits and what is refused apply once everything is set up.

    `triggers` is `reference`, or a configuration file whose triggers are to be deployed.
    """

    pool: PoolOptions
    users: Sequence[ServedUser] = ()
    with_secret: bool = False
    faults: Sequence[str] = ()
    latency_seconds: float = 0.0
    requests_per_second: float | None = None
    throttling_probability: float = 0.0
    denied: Sequence[str] = ()
    requires_signature: bool = False
    pool_name: str = "served"
    triggers: str | None = None
    outbox: Path | None = None
    mail_bucket: str | None = None


def serve(options: ServeOptions, announce: Callable[[str], None]) -> None:
    """Run the pool until the process is told to stop (SIGINT, SIGTERM).

    `announce` gets one line of JSON when everything is ready: endpoint, region, user_pool_id, client_id; for a client
    with a secret, client_secret; with triggers, the names of their tables, and the ARNs of the functions that the pool
    calls. At the end it gets another, with what was counted since.

    Raises:
        ConfigurationError: the triggers cannot be deployed as they are configured, or the outbox not be written to.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with EmbeddedPool.start(options.pool) as pool, ExitStack() as until_the_end:
        if options.triggers is not None:
            import fakes.triggers  # noqa: F401 - declares their faults
        pool.faults.switch_on(*options.faults)
        until_the_end.enter_context(_post_room(pool, options))
        wire = Wire(pool.endpoint, transcript=Transcript(), timeout_seconds=30)
        names = Names(random.Random(), canary="")  # noqa: S311 - names of test users
        arrangements = _ServedPools(wire, names, options.pool_name)
        triggers = None
        if options.triggers is not None:
            triggers = _triggers(options.triggers, pool, arrangements)
            until_the_end.callback(triggers.close)
        user_pool = triggers.pool() if triggers else arrangements.pool()
        ready = _ready(options, pool, user_pool, triggers)
        pool.callers.denied = tuple(options.denied)
        pool.callers.requires_signature = options.requires_signature
        pool.network.latency_seconds = options.latency_seconds
        pool.network.requests_per_second = options.requests_per_second
        pool.network.throttling_probability = options.throttling_probability
        pool.network.forget()
        announce(json.dumps(ready))
        stop.wait()
    announce(json.dumps(counted(pool)))


def counted(pool: EmbeddedPool) -> dict[str, Any]:
    """What came to Cognito, as the pool saw it.

    `over_rate` were refused for its own limit, `throttled` by chance; both are among `requests`.
    """
    network = pool.network
    return {
        "requests": network.requests_seen.total(),
        "over_rate": network.over_rate,
        "throttled": network.throttled,
        "most_in_a_second": network.most_in_a_second,
        "by_operation": dict(sorted(network.requests_seen.items())),
    }


def _ready(
    options: ServeOptions, pool: EmbeddedPool, user_pool: UserPool, triggers: EmbeddedTriggers | None
) -> dict[str, Any]:
    """Make the client and the users; what somebody has to know who wants to use them."""
    if triggers and not options.with_secret:
        client = triggers.client()  # the one that the functions are told of
    else:
        client = user_pool.client(with_secret=options.with_secret)
    for user in options.users:
        user_pool.new_user(username=user.username, password=user.password)
    ready: dict[str, Any] = {
        "endpoint": pool.endpoint,
        "region": pool.region,
        "user_pool_id": user_pool.user_pool_id,
        "client_id": client.client_id,
    }
    if client.secret:
        ready["client_secret"] = client.secret
    if triggers:
        ready["tables"] = {name: triggers.tables.actual_name(name) for name in triggers.tables.names}
        ready["functions"] = _arns(triggers, pool.region)
    return ready


def _arns(triggers: EmbeddedTriggers, region: str) -> dict[str, str]:
    """The functions that the pool calls, and that there are."""
    from harness.stage import function_arn
    from harness.triggers import IN_LAMBDA_CONFIG

    return {name: function_arn(name, region) for name in IN_LAMBDA_CONFIG if name in triggers.functions}


def _triggers(which: str, pool: EmbeddedPool, arrangements: Arrangements) -> EmbeddedTriggers:
    from harness.embedded_triggers import EmbeddedTriggers  # with all that they use; most pools are served without

    settings = Settings() if which == REFERENCE else load_settings(Path(which))
    triggers = EmbeddedTriggers(settings, _Running(pool), arrangements)
    triggers.calls = _Unkept()
    return triggers


@contextmanager
def _post_room(pool: EmbeddedPool, options: ServeOptions) -> Iterator[None]:
    if options.outbox is None and options.mail_bucket is None:
        yield
        return
    from harness.post_room import PostRoom  # for who wants to read the mails
    from harness.stage import aws_clients

    client = aws_clients(pool.endpoint, pool.region)
    with PostRoom(folder=options.outbox, bucket=options.mail_bucket, client=client) as room:
        room.collect(mails=pool.mailbox, texts=pool.phone)
        yield


class _Unkept(list[Any]):
    """The calls of functions that nobody is going to look at: a served pool may run for long."""

    def append(self, call: Any) -> None:
        """Forget it."""


class _Running(EmbeddedTarget):
    """The target that a pool is which runs already."""

    def __init__(self, pool: EmbeddedPool) -> None:
        super().__init__(TargetSettings(region=pool.region), seed=0, run_name="served")
        self._pool = pool
        self.faults = pool.faults


class _ServedPools(Arrangements):
    """User pools of the name that was asked for, in which addresses and numbers are aliases."""

    def __init__(self, wire: Wire, names: Names, pool_name: str) -> None:
        super().__init__(wire, names, "served")
        self._pool_name = pool_name

    def pool(self, **settings: Any) -> UserPool:
        """As Arrangements.pool."""
        return super().pool(**{**settings, "AliasAttributes": _ALIASES, "PoolName": self._pool_name})
