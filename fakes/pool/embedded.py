"""The embedded pool: a server in a background thread, with its controls."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fakes.faults import FaultSwitches
from fakes.pool.assembly import assemble
from fakes.pool.callers import Callers
from fakes.pool.clock import Clock
from fakes.pool.deliveries import Outbox
from fakes.pool.entropy import Entropy
from fakes.pool.functions import Functions
from fakes.pool.moto_gateway import MotoGateway
from fakes.pool.network import Network
from fakes.pool.options import PoolOptions
from fakes.pool.signing_keys import SigningKeys

if TYPE_CHECKING:
    from fakes.pool.kms_signatures import PrivateKey

_START_SECONDS = 30.0

_silent = logging.getLogger("fakes.pool.http")  # aiohttp's words on what clients send badly; they have been answered
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


class PoolDidNotStart(Exception):
    """The server did not come up; the message says why."""


class EmbeddedPool:
    """A Cognito endpoint of our own on loopback HTTP.

    Use it as a context manager, or call `stop`. Two in one process share nothing: each has a
    moto account of its own.
    """

    def __init__(self, options: PoolOptions) -> None:
        self.options = options
        self.region = options.region
        self.clock = Clock()
        self.mailbox, self.phone = Outbox(), Outbox()
        """The mails and the texts that were sent: by the pool to its users, and by anybody through SES and SNS."""
        self.service_calls: Counter[str] = Counter()
        """How often each operation of the services beside Cognito was asked for: `kms.Sign`, `dynamodb.PutItem`."""
        self.entropy = Entropy(options.seed)
        self.faults = FaultSwitches()
        self.functions = Functions(self.faults)
        """What user pools call as their triggers, by the ARNs that they name in LambdaConfig."""
        self.network = Network(time.monotonic, self.entropy)
        self.callers = Callers(self.clock, options.region)
        """Whose calls are admitted; as it starts, everybody's."""
        self.keys = SigningKeys(self.faults)
        self._listening = _listen(options.host, options.port)
        host, port = self._listening.getsockname()[:2]
        self.endpoint = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._gateway = MotoGateway(region=options.region, seed=self.entropy.seed)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._crashes: list[str] = []
        self._thread = threading.Thread(target=self._run, name=f"embedded pool {port}", daemon=True)

    @classmethod
    def start(cls, options: PoolOptions | None = None) -> Self:
        """Start a pool; returns once it answers. Raises PoolDidNotStart."""
        try:
            pool = cls(options or PoolOptions())
        except OSError as problem:
            raise PoolDidNotStart(f"cannot listen: {problem}; choose another host or port") from problem
        pool._thread.start()
        answered = pool._ready.wait(_START_SECONDS)
        if pool._failure is not None:
            raise PoolDidNotStart(f"the pool failed while it started: {pool._failure}") from pool._failure
        if not answered:
            pool.stop()
            raise PoolDidNotStart(f"the pool did not start within {_START_SECONDS:g} s; is the machine overloaded?")
        return pool

    @property
    def crashes(self) -> tuple[str, ...]:
        """Tracebacks of what went wrong inside the pool; empty as long as it is sound."""
        return tuple(self._crashes)

    def private_key_of(self, key_id: str) -> PrivateKey:
        """The private half of a key of the endpoint's KMS: to sign as KMS itself never would."""
        from fakes.pool.kms_signatures import KmsSignatures  # cryptography, which only some need

        return KmsSignatures(self._gateway).private_key(self.region, key_id)

    def stop(self) -> None:
        """Stop serving and forget everything; harmless when it has stopped already."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as failure:
            self._failure = failure
        finally:
            self._ready.set()
            self._listening.close()
            self._gateway.release()
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _serve(self) -> None:
        from aiohttp import web  # a quarter of a second, which only a started pool should cost

        front = assemble(
            options=self.options,
            endpoint=self.endpoint,
            callers=self.callers,
            clock=self.clock,
            entropy=self.entropy,
            faults=self.faults,
            functions=self.functions,
            network=self.network,
            keys=self.keys,
            gateway=self._gateway,
            mailbox=self.mailbox,
            phone=self.phone,
            service_calls=self.service_calls,
        )
        self._crashes = front.crashes
        runner = web.AppRunner(
            front.application(), access_log=None, logger=_silent, shutdown_timeout=0.2, handle_signals=False
        )
        await runner.setup()
        await web.SockSite(runner, self._listening).start()
        self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family)
    listening.setblocking(False)
    return listening
