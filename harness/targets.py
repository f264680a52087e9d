"""The targets: the embedded pool, and any endpoint that speaks Cognito's protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from fakes.faults import FaultSwitches
from harness.arrangement import Arrangements, Names
from harness.devices import device_abilities
from harness.findings import Finding, Inconclusive, SetUpRefused, TargetUnreachable
from harness.needs import NEEDS
from harness.passkey_abilities import passkey_abilities
from harness.second_factors import sign_in_abilities
from harness.sign_in import HonestTwin, PasswordVerifier
from harness.token_calls import token_operations_of
from harness.wire import Wire

if TYPE_CHECKING:
    import random

    from fakes.pool import EmbeddedPool
    from fakes.pool.clock import Clock
    from fakes.pool.deliveries import Outbox
    from fakes.pool.signing_keys import SigningKeys
    from harness.settings import Settings, TargetSettings
    from harness.transcript import Transcript
    from protocol.shapes import Quantity, Shape


_EMBEDDED_SECONDS = 60.0


class Target(Protocol):
    """What is tested. Opened once a worker, before the first check that needs it."""

    kind: str
    region: str
    faults: FaultSwitches

    @property
    def endpoint(self) -> str | None:
        """The URL, or None before the target is open."""

    def open(self) -> str:
        """Start it, or make ready to reach it; the endpoint's URL."""

    def close(self) -> None:
        """Stop what `open` started."""

    def connect(self, transcript: Transcript) -> Wire:
        """Open it and give the wire to it, on which every exchange goes into the transcript."""

    def arrangements(self, wire: Wire, names: Names) -> Arrangements:
        """What checks make at it."""

    def capabilities(self, wire: Wire, names: Names, randomness: random.Random) -> frozenset[str]:
        """What it can do, in the words of harness.needs. Raises TargetUnreachable."""

    @property
    def lacking(self) -> Mapping[str, str]:
        """Why it lacks a need, where `capabilities` found that out: the permission or the setting that is missing."""

    @property
    def lambda_config(self) -> Mapping[str, Any] | None:
        """The functions that its one pool calls (LambdaConfig), where `capabilities` found that out."""

    def now(self) -> datetime:
        """The target's own time, aware, UTC."""

    @property
    def clock(self) -> Clock:
        """Its clock; only for checks that need `clock`."""

    @property
    def keys(self) -> SigningKeys:
        """Its signing keys; only for checks that need `key-rotation`."""

    @property
    def mailbox(self) -> Outbox:
        """The mails that it sent; only for checks that need `mailbox`."""

    @property
    def phone(self) -> Outbox:
        """The texts that it sent; only for checks that need `sms`."""

    def forcing(self, quantity: Quantity, shape: Shape) -> AbstractContextManager[bool]:
        """Make the next challenges have an edge; yields whether it is forced or must be waited for."""


class EmbeddedTarget:
    """The embedded pool, in this process, on loopback."""

    kind = "embedded"

    def __init__(self, settings: TargetSettings, *, seed: int, run_name: str) -> None:
        self.region = settings.region
        self.faults = FaultSwitches()
        self.lacking: Mapping[str, str] = {}
        self.lambda_config: Mapping[str, Any] | None = None
        self._timeout_seconds = max(settings.timeout_seconds, _EMBEDDED_SECONDS)
        self._seed = seed
        self._run_name = run_name
        self._pool: EmbeddedPool | None = None

    @property
    def endpoint(self) -> str | None:
        """The URL, or None before the target is open."""
        return self._pool.endpoint if self._pool else None

    @property
    def pool(self) -> EmbeddedPool:
        """The running pool."""
        if self._pool is None:
            raise Inconclusive("the embedded pool is not running; open the target first")
        return self._pool

    def open(self) -> str:
        """Start the pool. Raises TargetUnreachable when it does not come up."""
        from fakes.pool import EmbeddedPool, PoolDidNotStart, PoolOptions  # moto is heavy and only runs need it

        try:
            self._pool = EmbeddedPool.start(PoolOptions(region=self.region, seed=self._seed))
        except PoolDidNotStart as problem:
            raise TargetUnreachable(f"the embedded pool did not start: {problem}") from problem
        self.faults = self._pool.faults
        return self._pool.endpoint

    def connect(self, transcript: Transcript) -> Wire:
        """Start the pool and give a wire to it, patient: it never hangs, but may search for a forced edge."""
        return Wire(self.open(), transcript=transcript, timeout_seconds=self._timeout_seconds)

    def arrangements(self, wire: Wire, names: Names) -> Arrangements:
        """User pools of any settings."""
        return Arrangements(wire, names, self._run_name)

    def close(self) -> None:
        """Stop the pool."""
        if self._pool is not None:
            self._pool.stop()
            self._pool = None

    def capabilities(self, wire: Wire, names: Names, randomness: random.Random) -> frozenset[str]:
        """Everything."""
        del wire, names, randomness
        return frozenset(NEEDS)

    def now(self) -> datetime:
        """The pool's time."""
        return self.pool.clock.now()

    @property
    def clock(self) -> Clock:
        """The pool's clock."""
        return self.pool.clock

    @property
    def keys(self) -> SigningKeys:
        """The pool's signing keys."""
        return self.pool.keys

    @property
    def mailbox(self) -> Outbox:
        """The mails that the pool sent."""
        return self.pool.mailbox

    @property
    def phone(self) -> Outbox:
        """The texts that the pool sent."""
        return self.pool.phone

    @contextmanager
    def forcing(self, quantity: Quantity, shape: Shape) -> Iterator[bool]:
        """Have the pool search for values of the shape."""
        from fakes.pool.entropy import Edge  # see open()

        with self.pool.entropy.force(Edge(quantity, shape)):
            yield True


class EndpointTarget:
    """A Cognito endpoint at a URL: an emulator, or anything else that speaks AWS JSON 1.1."""

    kind = "endpoint"

    def __init__(self, settings: TargetSettings, *, run_name: str) -> None:
        self.region = settings.region
        self.faults = FaultSwitches()
        self.lacking: Mapping[str, str] = {}
        self.lambda_config: Mapping[str, Any] | None = None
        self._settings = settings
        self._run_name = run_name

    @property
    def endpoint(self) -> str | None:
        """The configured URL."""
        return self._settings.endpoint

    def open(self) -> str:
        """Nothing to start."""
        return self._settings.endpoint or ""

    def connect(self, transcript: Transcript) -> Wire:
        """A wire to the endpoint."""
        return Wire(self.open(), transcript=transcript, timeout_seconds=self._settings.timeout_seconds)

    def arrangements(self, wire: Wire, names: Names) -> Arrangements:
        """User pools of any settings."""
        return Arrangements(wire, names, self._run_name)

    def close(self) -> None:
        """Nothing to stop."""

    def capabilities(self, wire: Wire, names: Names, randomness: random.Random) -> frozenset[str]:
        """What the configuration claims; without a claim, what a probe shows."""
        first = wire.call("ListUserPools", {"MaxResults": 1})
        if not first.speaks_the_protocol:
            raise TargetUnreachable(f"what answers at {self.endpoint} is no Cognito endpoint: {first.described()}")
        if self._settings.capabilities is not None:
            found = frozenset(self._settings.capabilities)
        else:
            found = _probe(wire, names, randomness)
        return found | {"edges"} if self._settings.edge_sign_ins else found - {"edges"}

    def now(self) -> datetime:
        """This machine's time: a target whose clock is far off refuses sign-ins anyway."""
        return datetime.now(UTC)

    @property
    def clock(self) -> Clock:
        """No endpoint's clock can be moved."""
        raise Inconclusive("this target's clock cannot be moved; a check that moves it must need `clock`")

    @property
    def keys(self) -> SigningKeys:
        """No endpoint's keys can be changed."""
        raise Inconclusive("this target's keys cannot be changed; a check that does must need `key-rotation`")

    @property
    def mailbox(self) -> Outbox:
        """No endpoint shows its mails."""
        raise Inconclusive("this target does not show its mails; a check that reads them must need `mailbox`")

    @property
    def phone(self) -> Outbox:
        """No endpoint shows its texts."""
        raise Inconclusive("this target does not show its texts; a check that reads them must need `sms`")

    @contextmanager
    def forcing(self, quantity: Quantity, shape: Shape) -> Iterator[bool]:
        """Nothing can be forced from outside."""
        del quantity, shape
        yield False


def _probe(wire: Wire, names: Names, randomness: random.Random) -> frozenset[str]:
    """What a target can do, by trying: make a pool, a client, a user; begin an SRP sign-in.

    What it cleanly refuses, it cannot do. A target that breaks instead is not known to lack anything:
    were its checks `not applicable`, a gate would be green by accident. Raises TargetUnreachable then.
    """
    arrangements = Arrangements(wire, names, "probe")
    found: set[str] = set()
    try:
        pool = arrangements.pool()
        client = pool.client()
        found.add("configure")
        user = pool.new_user()
        found |= {"users", "accounts"}
        twin = HonestTwin(pool, client, user, randomness=randomness, now=lambda: datetime.now(UTC))
        started = twin.sign_in().start()
        if not started.answer.speaks_the_protocol:
            raise Inconclusive(f"InitiateAuth was answered by {started.answer.described()}")
        PasswordVerifier.read(started)
        found.add("srp")
        found |= token_operations_of(twin)
        found |= sign_in_abilities(pool, twin, arrangements)
        found |= device_abilities(arrangements, twin)
        from harness.webauthn_cases.making import ResponseMaker  # cryptography is heavy, and only a probe needs it

        found |= passkey_abilities(arrangements, ResponseMaker("probe", randomness))
    except (SetUpRefused, Finding):
        return frozenset(found)  # what was found before the first thing it cannot do
    except Inconclusive as broken:
        raise TargetUnreachable(f"{wire.endpoint} answers, but cannot be set up: {broken}") from broken
    finally:
        arrangements.delete_all()
    return frozenset(found)


def make_target(settings: Settings, run_name: str) -> Target:
    """The target that the configuration names; `run_name` stands in the names of what is made at it."""
    match settings.target.kind:
        case "embedded":
            return EmbeddedTarget(settings.target, seed=settings.run.seed, run_name=run_name)
        case "endpoint":
            return EndpointTarget(settings.target, run_name=run_name)
        case "live":
            from harness.live.target import LiveTarget  # boto3 is heavy, and only live runs need it

            return LiveTarget(settings.target, settings.live, run_name=run_name)


def fingerprint(kind: str, where: str | None, capabilities: frozenset[str]) -> str:
    """SHA-256 (hex) of what identifies a target: its endpoint, or a live pool's id.

    The embedded pool's port is left out: it is another each time.
    """
    identity = [kind, "" if kind == "embedded" else where or "", *sorted(capabilities)]
    return hashlib.sha256("\n".join(identity).encode()).hexdigest()
