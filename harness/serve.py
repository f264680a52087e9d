"""The embedded pool by itself, for clients to sign in to."""

from __future__ import annotations

import json
import random
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fakes.pool import EmbeddedPool, PoolOptions
from harness.arrangement import Arrangements, Names
from harness.transcript import Transcript
from harness.wire import Wire


@dataclass(frozen=True)
class ServedUser:
    """A user to be made before anybody signs in."""

    username: str
    password: str


@dataclass(frozen=True)
class ServeOptions:
    """What `serve` was asked for. `latency_seconds` and the limits apply once everything is set up."""

    pool: PoolOptions
    users: Sequence[ServedUser] = ()
    with_secret: bool = False
    faults: Sequence[str] = ()
    latency_seconds: float = 0.0
    requests_per_second: float | None = None


def serve(options: ServeOptions, announce: Callable[[str], None]) -> None:
    """Run the pool until the process is told to stop (SIGINT, SIGTERM).

    `announce` gets one line of JSON when everything is ready: endpoint, region, user_pool_id,
    client_id and, for a client with a secret, client_secret.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with EmbeddedPool.start(options.pool) as pool:
        pool.faults.switch_on(*options.faults)
        wire = Wire(pool.endpoint, transcript=Transcript(), timeout_seconds=30)
        names = Names(random.Random(), canary="")  # noqa: S311 - names of test users
        user_pool = Arrangements(wire, names, "served").pool(AliasAttributes=["email", "phone_number"])
        client = user_pool.client(with_secret=options.with_secret)
        for user in options.users:
            user_pool.new_user(username=user.username, password=user.password)
        pool.network.latency_seconds = options.latency_seconds
        pool.network.requests_per_second = options.requests_per_second
        ready = {
            "endpoint": pool.endpoint,
            "region": pool.region,
            "user_pool_id": user_pool.user_pool_id,
            "client_id": client.client_id,
            **({"client_secret": client.secret} if client.secret else {}),
        }
        announce(json.dumps(ready))
        stop.wait()
