"""A client under test: somebody's program that signs in, behind the driver protocol (docs/testing-clients.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from harness.client_surroundings import HERE, Surroundings, shim_is_installed
from harness.findings import Finding, Inconclusive
from harness.needs import CLIENT_NEEDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.faults import FaultSwitches
    from fakes.pool.entropy import Edge
    from harness.client_attempt import Attempt
    from harness.client_front import Front, Script
    from harness.client_stage import Account, Stage
    from harness.peer import Peer
    from harness.settings import ClientSettings, Settings
    from harness.transcript import Transcript
    from harness.verifier import Driver

TRIES_OF_A_TWIN = 8
"""A client that fails now and then is judged too: its honest sign-in may be tried so often, each time by a new user.

One that has failed so often running is tried once from then on.
"""


@dataclass(frozen=True)
class ClientIdentity:
    """What a client says of itself at `hello`."""

    name: str
    version: str
    capabilities: frozenset[str]

    @classmethod
    def of(cls, driver: Driver) -> ClientIdentity:
        """Ask for it. Raises Inconclusive when the answer is none."""
        answer = driver.ask("hello")
        name, version, capabilities = (answer.get(member) for member in ("name", "version", "capabilities"))
        if not (answer["ok"] and isinstance(name, str) and isinstance(version, str) and isinstance(capabilities, list)):
            raise Inconclusive(f"the driver answered hello without name, version and capabilities: {answer}")
        return cls(name, version, frozenset(str(capability) for capability in capabilities))

    @property
    def needs_met(self) -> frozenset[str]:
        """What it can do, in the words of harness.needs."""
        met = {"client", "client.zone", *(f"client.{capability}" for capability in self.capabilities)}
        if shim_is_installed():
            met.add("client.clock")
        return CLIENT_NEEDS & met

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class ClientUnderTest:
    """The client as a check sees it."""

    def __init__(
        self,
        driver: Driver,
        identity: ClientIdentity,
        stage: Stage,
        *,
        twins: Twins,
        transcript: Transcript,
        observe: Callable[[str, str], None],
        seconds: float,
    ) -> None:
        self.identity = identity
        self.stage = stage
        self.observe = observe
        self._driver = driver
        self._twins = twins
        self._transcript = transcript
        self._case_ends = time.monotonic() + seconds

    def can(self, capability: str) -> bool:
        """Whether the driver claims a capability."""
        return capability in self.identity.capabilities

    def attempt(
        self,
        account: Account,
        *,
        script: Script | None = None,
        front: Front | None = None,
        edges: tuple[Edge, ...] | None = None,
        may_hang: bool = False,
        **told: Any,
    ) -> Attempt:
        """Have the client sign in, and see what it sends.

        Args:
            account: who signs in, and where.
            script: what the server does; None for an honest one.
            front: the server; None for the usual one.
            edges: what each challenge must have; None for plain values everywhere (see harness.client_stage.PLAIN).
            may_hang: a driver that does not answer is an attempt too, and no failed one.
            told: members of the request, beside the account's or in their place.

        Raises:
            Inconclusive: the driver failed; the message shows what it printed.
        """
        from harness.client_attempt import Attempt
        from harness.client_front import honestly
        from harness.client_stage import PLAIN
        from harness.peer import PeerSilent

        if time.monotonic() > self._case_ends:
            raise Inconclusive("the case ran out of its time (run.check_seconds); the client answers too slowly")
        self._twins.last_was_honest = False
        front = front or self.stage.front
        request = {**account.told(front.url(), self.stage.region), **told}
        self._learn_secrets(request)
        began, clock = datetime.now(UTC), time.perf_counter()
        answer: Mapping[str, Any] = {}
        failure = ""
        with self.stage.forcing(*(PLAIN if edges is None else edges)), front.playing(script or honestly):
            try:
                answer = self._driver.ask("sign_in", **request)
            except PeerSilent as silence:
                failure = str(silence)
                if not may_hang:
                    raise
            except Inconclusive as error:
                failure = str(error)
                raise
            finally:
                seconds = time.perf_counter() - clock
                attempt = Attempt(answer, tuple(front.exchanges()), began, seconds)
                self._twins.public_values += attempt.public_values[:1]
                self._record(request, attempt, failure)
        return attempt

    def sign_in_honestly(self) -> Attempt:
        """A plain sign-in of a user of the client's own; `claims_success` says whether it went well."""
        account = self._twins.account or self.stage.account()
        attempt = self.attempt(account)
        well = attempt.signed_in
        self._twins.account = account if well else None
        self._twins.last_was_honest = well
        if well:
            self._twins.seconds.append(attempt.seconds)
        return attempt

    @contextmanager
    def between_honest(self) -> Iterator[None]:
        """The client signs in honestly before the block and after it; Inconclusive when it does not."""
        if not self._twins.last_was_honest:  # what came after the last case comes before this one
            self._twin_must_succeed("before")
        yield
        self._twin_must_succeed("after")

    def must_sign_in(self, what: str, account: Account, **how: Any) -> Attempt:
        """The requirement of every positive; `what` completes "did not sign in …".

        Raises:
            Finding: it did not, though without the one departure it does.
            Inconclusive: it does not sign in honestly either.
        """
        attempt = self.attempt(account, **how)
        self.judge_sign_in(what, attempt)
        return attempt

    @property
    def seen(self) -> Twins:
        """What was seen of the client in this run so far."""
        return self._twins

    def judge_sign_in(self, what: str, attempt: Attempt) -> None:
        """The same of an attempt that was made already."""
        if attempt.signed_in:
            return
        self._twin_must_succeed("after")
        raise Finding(f"the client did not sign in {what}: {attempt.described()}")

    def must_end_in_an_error(
        self, what: str, account: Account, *, no_claim: bool = False, heard: bool = False, **how: Any
    ) -> Attempt:
        """The requirement of most negatives: an error, within the time-out; `what` completes "… after …".

        Args:
            what: what was changed.
            account: who signs in, and where.
            no_claim: nor may a proof be sent.
            heard: what the server heard is the check's to judge, whatever the client says of it.
            how: see `attempt`.

        Raises Finding for a client that claims success or never answers. To be called inside `between_honest`.
        """
        attempt = self.attempt(account, may_hang=True, **how)
        if heard and attempt.requests:
            return attempt
        if no_claim and attempt.claims:
            raise Finding(f"the client sent its claim after {what}")
        if attempt.hung:
            raise Finding(f"the client hung after {what}: no answer came within the driver's time-out")
        if attempt.claims_success:
            raise Finding(f"the client reported success after {what}")
        return attempt

    def what_left(self, attempt: Attempt, account: Account, password: str | None = None) -> str | None:
        """What of the account's password stands in the attempt's requests, in words; None when nothing does."""
        from harness.client_secrets import what_left

        return what_left(
            attempt,
            password=password or account.user.password,
            user_pool_id=account.pool.user_pool_id,
            names=[name for name in (account.user.username, account.user.email) if name],
        )

    def _twin_must_succeed(self, when: str) -> None:
        for _ in range(1 if self._twins.given_up else TRIES_OF_A_TWIN):
            attempt = self.sign_in_honestly()
            if self._twins.last_was_honest:
                self._twins.given_up = False
                return
        self._twins.given_up = True
        raise Inconclusive(f"the honest twin failed {when} the change: {attempt.described()}")

    def _learn_secrets(self, request: Mapping[str, Any]) -> None:
        device, answers = request.get("device") or {}, request.get("answers") or {}
        self._transcript.redactor.learn(
            request["password"], request["client_secret"], device.get("password"), answers.get("new_password")
        )

    def _record(self, request: Mapping[str, Any], attempt: Attempt, failure: str) -> None:
        device = attempt.answer.get("device")
        if isinstance(device, dict):
            self._transcript.redactor.learn(str(device.get("password", "")))
        self._transcript.record(
            operation="sign_in",
            method="driver",
            url=str(self.identity),
            request=request,
            status=None,
            response=dict(attempt.answer) or failure,
            started=attempt.began,
            seconds=attempt.seconds,
        )
        for exchange in attempt.exchanges:
            sent, reply = exchange.request, exchange.reply
            self._transcript.record(
                operation=sent.operation,
                method=sent.method,
                url=sent.path,
                request=sent.json or sent.body.decode("utf-8", "replace"),
                status=reply.status or None,
                response=reply.json or reply.body.decode("utf-8", "replace") if reply.status else "nothing was sent",
                started=sent.arrived,
                seconds=0,
            )


@dataclass
class Twins:
    """What is known of a driver so far: whose its honest sign-ins are, how the last attempt was, what was seen."""

    account: Account | None = None
    last_was_honest: bool = False
    given_up: bool = False
    public_values: list[str] = field(default_factory=list)
    """SRP_A of every attempt, the first where there are several."""
    seconds: list[float] = field(default_factory=list)
    """What each honest sign-in took."""


class ClientBench:
    """What one worker needs to judge a client: the stage, and the client in whatever surroundings."""

    def __init__(self, settings: ClientSettings, stage: Callable[[], Stage]) -> None:
        self.settings = settings
        self._make_stage = stage
        self._stage: Stage | None = None
        self._peers: dict[Surroundings, Peer] = {}
        self._twins: dict[Surroundings, Twins] = {}
        self._identity: ClientIdentity | None = None

    @property
    def stage(self) -> Stage:
        """The judge's side."""
        if self._stage is None:
            self._stage = self._make_stage()
        return self._stage

    def driver(self, switches: FaultSwitches, surroundings: Surroundings = HERE) -> Driver:
        """The configured program; without one, the reference client, fresh, with these faults."""
        if self.settings.command:
            return self._peer(surroundings)
        from fakes.client import ReferenceClient

        return ReferenceClient(switches, environment=surroundings.environment(), wait_for_ever=_silent)

    def twins(self, switches: FaultSwitches, surroundings: Surroundings = HERE) -> Twins:
        """What is known of the driver's honest sign-ins; nothing, of a reference client with a fault."""
        faulty = not self.settings.command and bool(switches.active)
        return Twins() if faulty else self._twins.setdefault(surroundings, Twins())

    def identity(self, driver: Driver) -> ClientIdentity:
        """What the driver says of itself; a program is asked once."""
        if not self.settings.command:
            return ClientIdentity.of(driver)
        if self._identity is None:
            self._identity = ClientIdentity.of(driver)
        return self._identity

    def close(self) -> None:
        """Stop what runs."""
        for peer in self._peers.values():
            peer.close()
        if self._stage is not None:
            self._stage.close()

    def _peer(self, surroundings: Surroundings) -> Peer:
        """The program in these surroundings. Beside the one that runs here, only the last one is kept."""
        from harness.peer import Peer

        for other in [each for each in self._peers if each not in (HERE, surroundings)]:
            self._peers.pop(other).close()
            self._twins.pop(other, None)
        if surroundings not in self._peers:
            self._peers[surroundings] = Peer(
                surroundings.command(self.settings.command),
                timeout_seconds=self.settings.timeout_seconds,
                environment=surroundings.environment(),
            )
        return self._peers[surroundings]


@dataclass(frozen=True)
class FoundClient:
    """What the controller found out about the client before the run."""

    needs_met: frozenset[str] = frozenset()
    name: str = ""


def find_client(settings: Settings) -> FoundClient:
    """Which client the run judges, and what it can do.

    Without a command the embedded target brings the reference client and any other target none. A program that
    does not say what it can do is taken to claim everything: its checks then say what is wrong with it.
    """
    if not settings.client.command:
        return FoundClient(CLIENT_NEEDS if settings.target.kind == "embedded" else frozenset())
    from harness.peer import Peer

    peer = Peer(settings.client.command, timeout_seconds=settings.client.timeout_seconds)
    try:
        identity = ClientIdentity.of(peer)
    except Inconclusive:
        return FoundClient(CLIENT_NEEDS)
    finally:
        peer.close()
    return FoundClient(identity.needs_met, str(identity))


def _silent() -> NoReturn:
    """What stands for a client that never answers, where it runs in this process: the end of the wait."""
    from harness.peer import PeerSilent

    raise PeerSilent("the reference client did not answer sign_in")
