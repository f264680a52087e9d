"""The judge's side of a client's trial: an embedded pool, its users, and the servers that stand before it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.pool import EmbeddedPool, PoolDidNotStart, PoolOptions
from fakes.pool.entropy import FORCIBLE, Edge
from harness.arrangement import Arrangements, Names
from harness.client_front import Front
from harness.findings import Inconclusive
from harness.wire import Wire
from protocol.shapes import WIDTHS, Quantity, Shape

if TYPE_CHECKING:
    from harness.arrangement import AppClient, TestUser, UserPool
    from harness.client_certificates import Certificates
    from harness.transcript import Transcript

_POOL_SECONDS = 60.0


class Plain(Edge):
    """No edge at all: a value of full width, whose first byte needs no sign byte and has no leading zero digit."""

    def __init__(self, quantity: Quantity) -> None:
        object.__setattr__(self, "quantity", quantity)
        object.__setattr__(self, "shape", "plain")

    def holds(self, value: int) -> bool:
        """Whether the first byte is between 0x10 and 0x7F; K is no number, but bytes, and may have a high bit."""
        bits = 8 * WIDTHS[self.quantity]
        return bits - 3 <= value.bit_length() < bits + (self.quantity == "K")


@dataclass(frozen=True)
class Account:
    """A user, and the app client to sign in at."""

    pool: UserPool
    client: AppClient
    user: TestUser

    def told(self, endpoint: str, region: str) -> dict[str, Any]:
        """The members of `sign_in` that say where and who."""
        return {
            "endpoint": endpoint,
            "region": region,
            "user_pool_id": self.pool.user_pool_id,
            "client_id": self.client.client_id,
            "client_secret": self.client.secret,
            "username": self.user.username,
            "password": self.user.password,
        }


class Stage:
    """What one worker judges clients with. Each part is made when first asked for."""

    def __init__(self, transcript: Transcript, *, seed: int, names: Names, run_name: str, region: str) -> None:
        self.transcript = transcript
        self.names = names
        self.region = region
        self._seed = seed
        self._run_name = run_name
        self._open = ExitStack()

    @cached_property
    def pool(self) -> EmbeddedPool:
        """The pool that decides; no check of another kind touches it."""
        try:
            pool = EmbeddedPool.start(PoolOptions(region=self.region, seed=self._seed))
        except PoolDidNotStart as problem:
            raise Inconclusive(f"the pool that judges the client did not start: {problem}") from problem
        self._open.callback(pool.stop)
        return pool

    @cached_property
    def arrangements(self) -> Arrangements:
        """User pools of any settings."""
        wire = Wire(self.pool.endpoint, transcript=self.transcript, timeout_seconds=_POOL_SECONDS)
        self._open.callback(wire.close)
        return Arrangements(wire, self.names, self._run_name)

    @cached_property
    def front(self) -> Front:
        """The server that clients are pointed at."""
        return self._serving(Front(self.pool.endpoint))

    @cached_property
    def elsewhere(self) -> Front:
        """Another host, where nothing that a client holds has any business."""
        return self._serving(Front(self.pool.endpoint))

    @cached_property
    def certificates(self) -> Certificates:
        """Certificates for the servers below."""
        from harness.client_certificates import Certificates

        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="cognito-conformance-"))
        return Certificates(Path(folder))

    @cached_property
    def trusted(self) -> Front:
        """A server on TLS with this host's certificate, by the authority in `certificates.ca_file`."""
        return self._serving(Front(self.pool.endpoint, certificate=self.certificates.trusted()))

    @cached_property
    def self_signed(self) -> Front:
        """A server on TLS whose certificate nobody vouches for."""
        return self._serving(Front(self.pool.endpoint, certificate=self.certificates.self_signed()))

    @cached_property
    def of_another_host(self) -> Front:
        """A server on TLS with another host's certificate, by the same authority."""
        return self._serving(Front(self.pool.endpoint, certificate=self.certificates.of_another_host()))

    def account(self, pool: UserPool | None = None, *, client: dict[str, Any] | None = None, **user: Any) -> Account:
        """A fresh user of a pool (Cognito's default settings, unless given) and an app client of these settings."""
        pool = pool or self.arrangements.pool()
        return Account(pool, pool.client(**(client or {})), pool.new_user(**user))

    @contextmanager
    def forcing(self, *edges: Edge) -> Iterator[None]:
        """Inside the block each new challenge has these edges."""
        with ExitStack() as forced:
            for edge in edges:
                forced.enter_context(self.pool.entropy.force(edge))
            yield

    def close(self) -> None:
        """Stop every server."""
        self._open.close()

    def _serving(self, front: Front) -> Front:
        self._open.callback(front.close)
        return front


def edges(shapes: Mapping[Quantity, Shape]) -> tuple[Edge, ...]:
    """These edges, and every other value plain, so that a failure has no other cause.

    Beside two zero bytes of B or u, and beside K, the search takes long; S and K are then left as they come.
    """
    forced = (Edge(quantity, shape) for quantity, shape in shapes.items())
    long_search = "K" in shapes or "two-zero-bytes" in (shapes.get("B"), shapes.get("u"))
    others = [other for other in FORCIBLE if not (long_search and other in {"S", "K"})]
    return (*forced, *(Plain(other) for other in others if other not in shapes))


PLAIN: tuple[Edge, ...] = edges({})
"""A sign-in without any edge, but for A, which is the client's own."""
