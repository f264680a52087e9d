"""A relying-party library under test, behind the driver protocol (docs/testing-relying-parties.md)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

from harness.findings import Inconclusive
from harness.needs import RELYING_PARTY_NEEDS
from harness.verifier import Driver, VerifierIdentity

if TYPE_CHECKING:
    from fakes.faults import FaultSwitches
    from harness.concurrent_peer import ConcurrentPeer
    from harness.peer import Peer
    from harness.settings import RelyingPartySettings, Settings
    from harness.transcript import Transcript

Ceremony = Literal["register", "authenticate"]


class RelyingPartyIdentity(VerifierIdentity):
    """What a relying party says of itself at `hello`."""

    @property
    def needs_met(self) -> frozenset[str]:
        """What it can do, in the words of harness.needs."""
        return RELYING_PARTY_NEEDS & {"relying-party", *(f"relying-party.{name}" for name in self.capabilities)}


@dataclass(frozen=True)
class Judgement:
    """What a relying party said of one response, and what it would write down (`credential`, `sign_count`, …)."""

    accepted: bool
    error_type: str = ""
    error_message: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Judgement:
        """The judgement in a driver's answer."""
        return cls(
            accepted=answer["ok"],
            error_type=str(answer.get("error_type", "")),
            error_message=str(answer.get("error_message", "")),
            told=answer,
        )

    def described(self) -> str:
        """`accepted`, or `refused` and why."""
        return "accepted" if self.accepted else f"refused ({self.error_type}: {self.error_message})"


class RelyingPartyUnderTest:
    """The relying party as a check's case puts ceremonies before it."""

    def __init__(
        self,
        driver: Driver,
        identity: VerifierIdentity,
        *,
        transcript: Transcript,
        seconds: float,
        for_many: Callable[[], AbstractContextManager[Driver]] | None = None,
    ) -> None:
        """`for_many` gives a driver that may be asked from many threads; without it `driver` is one."""
        self.identity = identity
        self._driver = driver
        self._for_many = for_many or (lambda: nullcontext(driver))
        self._transcript = transcript
        self._case_ends = time.monotonic() + seconds

    def can(self, capability: str) -> bool:
        """Whether the driver claims a capability."""
        return capability in self.identity.capabilities

    def judge(self, ceremony: Ceremony, request: Mapping[str, Any]) -> Judgement:
        """Put one response before the relying party. Raises Inconclusive when it brings no judgement."""
        return self._judged_by(self._driver, ceremony, request)

    async def judge_at_once(
        self, ceremony: Ceremony, request: Mapping[str, Any], times: int, afterwards: Mapping[str, Any]
    ) -> tuple[list[Judgement], Judgement]:
        """Put one response so many times before it at the same moment, and when they are judged one more response."""
        from harness.custom_auth import at_once

        with self._for_many() as driver:
            judgements = await at_once([partial(self._judged_by, driver, ceremony, request)] * times)
            return judgements, self._judged_by(driver, ceremony, afterwards)

    def _judged_by(self, driver: Driver, ceremony: Ceremony, request: Mapping[str, Any]) -> Judgement:
        if time.monotonic() > self._case_ends:
            raise Inconclusive("the case ran out of its time (run.check_seconds); the relying party answers too slowly")
        started, clock = datetime.now(UTC), time.perf_counter()
        response: Any = None
        try:
            response = answer = driver.ask(ceremony, **request)
        except Inconclusive as error:
            response = str(error)
            raise
        finally:
            self._transcript.record(
                operation=ceremony,
                method="driver",
                url=str(self.identity),
                request=dict(request),
                status=None,
                response=response,
                started=started,
                seconds=time.perf_counter() - clock,
            )
        return Judgement.of(answer)


class RelyingPartyBench:
    """What one worker needs to judge a relying party, each part made when first asked for."""

    def __init__(self, settings: RelyingPartySettings) -> None:
        self._settings = settings

    def driver(self, switches: FaultSwitches) -> Driver:
        """The configured program; without one, the reference relying party, fresh, with these faults."""
        if self._settings.command:
            return self._peer
        from fakes.relying_party import ReferenceRelyingParty  # cryptography is heavy, and only some checks need it

        return ReferenceRelyingParty(switches)

    def identity(self, driver: Driver) -> VerifierIdentity:
        """What the driver says of itself; a program is asked once."""
        return self._identity_of_the_peer if self._settings.command else RelyingPartyIdentity.of(driver)

    @contextmanager
    def for_many(self, driver: Driver) -> Iterator[Driver]:
        """A driver that may be asked from many threads: a run of the program of its own, or the reference."""
        if not self._settings.command:
            yield driver
            return
        from harness.concurrent_peer import ConcurrentPeer

        peer = ConcurrentPeer(self._settings.command)
        try:
            yield _Crowded(peer, self._settings.timeout_seconds)
        finally:
            peer.close()

    def close(self) -> None:
        """Stop what runs."""
        if "_peer" in self.__dict__:
            self._peer.close()

    @cached_property
    def _peer(self) -> Peer:
        from harness.peer import Peer

        return Peer(self._settings.command, timeout_seconds=self._settings.timeout_seconds)

    @cached_property
    def _identity_of_the_peer(self) -> VerifierIdentity:
        return RelyingPartyIdentity.of(self._peer)


@dataclass(frozen=True)
class _Crowded:
    """A peer that is asked many things at once, each of which has the same time."""

    peer: ConcurrentPeer
    seconds: float

    def ask(self, op: str, **members: Any) -> dict[str, Any]:
        return self.peer.ask(op, seconds=self.seconds, **members)


@dataclass(frozen=True)
class FoundRelyingParty:
    """What the controller found out about the relying party before the run."""

    needs_met: frozenset[str] = frozenset()
    name: str = ""


def find_relying_party(settings: Settings) -> FoundRelyingParty:
    """Which relying party the run judges, and what it can do.

    Without a command the embedded target brings the reference relying party and any other target none. A program
    that does not say what it can do is taken to claim everything: its checks then say what is wrong with it.
    """
    if not settings.relying_party.command:
        return FoundRelyingParty(RELYING_PARTY_NEEDS if settings.target.kind == "embedded" else frozenset())
    from fakes.faults import FaultSwitches

    bench = RelyingPartyBench(settings.relying_party)
    try:
        identity = bench.identity(bench.driver(FaultSwitches()))
    except Inconclusive:
        return FoundRelyingParty(RELYING_PARTY_NEEDS)
    finally:
        bench.close()
    return FoundRelyingParty(identity.needs_met, str(identity))
