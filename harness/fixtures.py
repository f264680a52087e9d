"""The fixtures that checks ask for."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn, cast

import pytest

from harness.needs import NEEDS
from harness.plugin import CASE, SESSION_PLUGIN, case_id
from harness.sign_in import HonestTwin, between_honest

if TYPE_CHECKING:
    from fakes.arithmetic.ceremonies import Ceremonies
    from fakes.faults import FaultSwitches
    from fakes.pool.signing_keys import SigningKeys
    from harness.arrangement import AppClient, Arrangements, TestUser, UserPool
    from harness.bench import Bench
    from harness.ceremony_court import CeremonyCourt
    from harness.client import ClientBench, ClientUnderTest
    from harness.client_surroundings import Surroundings
    from harness.edges import Edges
    from harness.key_site import KeySite
    from harness.properties import ForAll
    from harness.relying_party import RelyingPartyBench
    from harness.session import CheckSession
    from harness.targets import Target
    from harness.verifier import VerifierBench, VerifierUnderTest
    from harness.webauthn_cases.making import ResponseMaker
    from protocol.arithmetic import Arithmetic

Observe = Callable[[str, str], None]
HonestOf = Callable[["UserPool", "AppClient", "TestUser"], HonestTwin]


@pytest.fixture
def check_session(request: pytest.FixtureRequest) -> CheckSession:
    """This process's part of the run."""
    session = request.config.pluginmanager.get_plugin(SESSION_PLUGIN)
    return cast("CheckSession", session)


@pytest.fixture
def active_fault(request: pytest.FixtureRequest) -> str | None:
    """The fault that `prove` has switched on for this run of the case, or None."""
    fault: str | None = getattr(request, "param", None)
    return fault


@pytest.fixture
def bench(check_session: CheckSession) -> Bench:
    """The worker's bench."""
    return check_session.bench


@pytest.fixture
def switches(bench: Bench, active_fault: str | None) -> Iterator[FaultSwitches]:
    """The faults of the fakes, with the active one on while the case runs."""
    if active_fault is None:
        yield bench.target.faults
        return
    if active_fault.startswith("arithmetic."):
        import fakes.arithmetic
    elif active_fault.startswith("verifier."):
        import fakes.verifier
    elif active_fault.startswith("client."):
        import fakes.client
    elif active_fault.startswith("rp."):
        import fakes.relying_party
    else:
        bench.wire  # noqa: B018 - opens the target, which declares the pool's faults
    if active_fault.startswith("client."):
        import fakes.client
    if active_fault.startswith("triggers."):
        import fakes.triggers  # noqa: F401 - likewise
    with bench.target.faults.switched_on(active_fault):
        yield bench.target.faults


@pytest.fixture
def randomness(bench: Bench, request: pytest.FixtureRequest) -> random.Random:
    """A source that draws the same for this case in every run of one seed."""
    return bench.randomness(case_id(request.node))


@pytest.fixture
def observe(request: pytest.FixtureRequest) -> Observe:
    """Record what the target does where nothing is required: `observe("replay", "accepted")`."""

    def note(name: str, value: str) -> None:
        request.node.stash[CASE].observations[name] = value

    return note


@pytest.fixture
def arithmetic(switches: FaultSwitches) -> Arithmetic:
    """The protocol's arithmetic: this project's own, which judges everybody else."""
    from fakes.arithmetic import arithmetic_with  # heavy, and only some checks need it

    return arithmetic_with(switches)


@pytest.fixture
def ceremonies(switches: FaultSwitches) -> Ceremonies:
    """WebAuthn's ceremonies: this project's own, which judge everybody else's."""
    from fakes.arithmetic import ceremonies_with  # likewise

    return ceremonies_with(switches)


@pytest.fixture
def for_all(bench: Bench, request: pytest.FixtureRequest) -> ForAll:
    """Runs a property over generated inputs, the same ones for the same seed."""
    from harness.properties import ForAll  # hypothesis is heavy

    seed = bench.randomness(case_id(request.node)).getrandbits(64)
    return ForAll(seed=seed, examples=bench.settings.run.examples)


@pytest.fixture
def needing(request: pytest.FixtureRequest, bench: Bench) -> Callable[[str], NoReturn]:
    """Ends a case as not applicable: for a need that shows, or matters, in some cases of a check only."""

    def end(need: str) -> NoReturn:
        request.node.stash[CASE].lacks(need, bench.why_it_lacks(need))
        pytest.skip(f"not applicable: the target lacks {need} ({NEEDS[need]})")

    return end


@pytest.fixture(scope="session")
def verifier_bench(request: pytest.FixtureRequest) -> Iterator[VerifierBench]:
    """This worker's verifier under test, and the issuer of its tokens."""
    from harness.verifier import VerifierBench

    session = cast("CheckSession", request.config.pluginmanager.get_plugin(SESSION_PLUGIN))
    bench = VerifierBench(session.settings.verifier)
    yield bench
    bench.close()


@pytest.fixture
def verifier(
    verifier_bench: VerifierBench, bench: Bench, switches: FaultSwitches, observe: Observe
) -> VerifierUnderTest:
    """The verifier under test: the configured one, or the reference verifier."""
    from harness.verifier import VerifierUnderTest

    driver = verifier_bench.driver(switches)
    identity = verifier_bench.identity(driver)
    return VerifierUnderTest(
        driver,
        identity,
        verifier_bench.forge(identity),
        transcript=bench.transcript,
        observe=observe,
        seconds=bench.settings.run.check_seconds,
    )


@pytest.fixture(scope="session")
def relying_party_bench(request: pytest.FixtureRequest) -> Iterator[RelyingPartyBench]:
    """This worker's relying party under test."""
    from harness.relying_party import RelyingPartyBench

    session = cast("CheckSession", request.config.pluginmanager.get_plugin(SESSION_PLUGIN))
    bench = RelyingPartyBench(session.settings.relying_party)
    yield bench
    bench.close()


@pytest.fixture
def relying_party(
    relying_party_bench: RelyingPartyBench,
    bench: Bench,
    switches: FaultSwitches,
    observe: Observe,
    require: Callable[[str | None], None],
    response_maker: ResponseMaker,
) -> CeremonyCourt:
    """The relying party under test, the configured one or the reference, with an authenticator before it."""
    from harness.ceremony_court import CeremonyCourt
    from harness.relying_party import RelyingPartyUnderTest

    driver = relying_party_bench.driver(switches)
    judged = RelyingPartyUnderTest(
        driver,
        relying_party_bench.identity(driver),
        transcript=bench.transcript,
        seconds=bench.settings.run.check_seconds,
        for_many=lambda: relying_party_bench.for_many(driver),
    )
    return CeremonyCourt(judged, response_maker, observe=observe, require=require)


@pytest.fixture
def key_site(verifier: VerifierUnderTest) -> Iterator[KeySite]:
    """The issuer's keys at an address of their own, where fetches are counted."""
    from harness.key_site import KeySite

    site = KeySite(verifier.forge.issuer)
    yield site
    site.close()


@pytest.fixture(scope="session")
def client_bench(request: pytest.FixtureRequest) -> Iterator[ClientBench]:
    """This worker's client under test, and the stage that it is judged on."""
    from harness.client import ClientBench

    session = cast("CheckSession", request.config.pluginmanager.get_plugin(SESSION_PLUGIN))
    bench = ClientBench(session.settings.client, session.bench.stage)
    yield bench
    bench.close()


@pytest.fixture
def trial_in(
    client_bench: ClientBench, bench: Bench, switches: FaultSwitches, observe: Observe
) -> Callable[[Surroundings], ClientUnderTest]:
    """The client under test, started in any surroundings."""
    from harness.client import ClientUnderTest

    def start(surroundings: Surroundings) -> ClientUnderTest:
        driver = client_bench.driver(switches, surroundings)
        return ClientUnderTest(
            driver,
            client_bench.identity(driver),
            client_bench.stage,
            twins=client_bench.twins(switches, surroundings),
            transcript=bench.transcript,
            observe=observe,
            seconds=bench.settings.run.check_seconds,
        )

    return start


@pytest.fixture
def trial(trial_in: Callable[[Surroundings], ClientUnderTest]) -> ClientUnderTest:
    """The client under test: the configured one, or the reference client."""
    from harness.client_surroundings import HERE

    return trial_in(HERE)


@pytest.fixture
def silence_seconds(client_bench: ClientBench) -> float:
    """How long a silent server keeps a connection."""
    return client_bench.settings.silence_seconds


@pytest.fixture
def target(bench: Bench, switches: FaultSwitches) -> Target:
    """The open target."""
    del switches  # on before anything is sent
    bench.wire.allow_seconds(bench.settings.run.check_seconds)
    return bench.target


@pytest.fixture
def now(target: Target) -> Callable[[], datetime]:
    """The target's time."""
    return target.now


@pytest.fixture
def arrangements(bench: Bench, target: Target) -> Arrangements:
    """User pools of any settings."""
    del target
    return bench.arrangements


@pytest.fixture
def pool(arrangements: Arrangements) -> UserPool:
    """A user pool with Cognito's default settings."""
    return arrangements.pool()


@pytest.fixture
def client(pool: UserPool) -> AppClient:
    """An app client without secret, all flows on, that reveals unknown users (LEGACY)."""
    return pool.client()


@pytest.fixture
def user(pool: UserPool) -> TestUser:
    """A fresh confirmed user."""
    return pool.new_user()


@pytest.fixture
def honest_of(target: Target, randomness: random.Random) -> HonestOf:
    """Sign-ins of any user at any client. No twin is run: for a check about the honest exchange, or with its own."""

    def make(pool: UserPool, client: AppClient, user: TestUser) -> HonestTwin:
        return HonestTwin(pool, client, user, randomness=randomness, now=target.now)

    return make


@pytest.fixture
def sign_in(honest_of: HonestOf, pool: UserPool, client: AppClient, user: TestUser) -> HonestTwin:
    """Sign-ins of a fresh user, without a twin."""
    return honest_of(pool, client, user)


@pytest.fixture
def honest(sign_in: HonestTwin) -> Iterator[HonestTwin]:
    """Sign-ins of a fresh user, who signs in honestly before the check and again after it."""
    with between_honest(sign_in.but):
        yield sign_in


@pytest.fixture
def edges(bench: Bench, target: Target) -> Edges:
    """Sign-ins in which a value has a chosen shape."""
    from harness.edges import Edges

    return Edges(target, most_sign_ins=bench.settings.target.edge_sign_ins)


@pytest.fixture
def advance(target: Target) -> Iterator[Callable[[timedelta], None]]:
    """Moves the target's clock forward; it follows real time again afterwards."""
    clock = target.clock
    yield clock.advance
    clock.follow_real_time()


@pytest.fixture
def a_second_later(target: Target, bench: Bench) -> Iterator[Callable[[], None]]:
    """Lets the target's clock go on by more than a second, by moving it where it can be moved."""
    if "clock" not in bench.capabilities():
        yield lambda: time.sleep(1.1)
        return
    clock = target.clock
    yield lambda: clock.advance(timedelta(seconds=2))
    clock.follow_real_time()


@pytest.fixture
def require(needing: Callable[[str], NoReturn], bench: Bench) -> Callable[[str | None], None]:
    """Ends the case as not applicable unless the target can do this: for what only some cases of a check need."""

    def demand(need: str | None) -> None:
        if need is not None and need not in bench.capabilities():
            needing(need)

    return demand


@pytest.fixture
def movable(target: Target, bench: Bench) -> Iterator[Callable[[timedelta], None] | None]:
    """Moves the target's clock forward where it can be moved, else None; it follows real time again afterwards."""
    if "clock" not in bench.capabilities():
        yield None
        return
    clock = target.clock
    yield clock.advance
    clock.follow_real_time()


@pytest.fixture
def keys(target: Target) -> SigningKeys:
    """The target's signing keys, to be changed."""
    return target.keys


@pytest.fixture
def set_clock(target: Target) -> Iterator[Callable[[datetime], None]]:
    """Sets the target's clock; it follows real time again afterwards."""
    clock = target.clock
    yield clock.set
    clock.follow_real_time()
