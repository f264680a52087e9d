"""The fixtures of checks that judge custom-auth triggers, and the pools that run them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from harness.plugin import SESSION_PLUGIN

if TYPE_CHECKING:
    from fakes.pool.deliveries import Outbox
    from harness.arrangement import Arrangements, UserPool
    from harness.bench import Bench
    from harness.code_samples import CodeSample
    from harness.dialects import Dialect
    from harness.histories import Decision, Definer
    from harness.live.arrangement import LiveArrangements
    from harness.live.target import LiveTarget
    from harness.session import CheckSession
    from harness.stage import Tables
    from harness.targets import EmbeddedTarget, Target
    from harness.trigger_flows import CodeFlow, Flow, LinkFlow
    from harness.trigger_settings import VariantName
    from harness.triggers import Call, TriggersUnderTest

OwnTrigger = Callable[[dict[str, Any]], object]
DeployTriggers = Callable[..., "UserPool"]

LONGEST_NEAR, LONGEST_FAR = 5, 2
"""Rounds of the longest history that is tried among all; and, in every client's words, among the short ones."""

_NUMBERS = itertools.count(1)


class TriggersBench:
    """This worker's triggers under test, opened when the first check asks for them."""

    def __init__(self, session: CheckSession) -> None:
        self._session = session
        self._opened: TriggersUnderTest | None = None
        self._varied: dict[str, TriggersUnderTest] = {}
        self.honest_calls: list[Call] = []
        """What DefineAuthChallenge was asked in an honest sign-in of each kind."""
        self.decisions: dict[frozenset[str], list[Decision]] = {}
        """Its decisions on every short history, by the faults that were on."""
        self.code_samples: dict[frozenset[str], CodeSample] = {}
        """Codes that were sent, by the faults that were on."""

    def triggers(self) -> TriggersUnderTest:
        """The triggers. The target is open by now."""
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> TriggersUnderTest:
        bench = self._session.bench
        if bench.target.kind == "live":
            from harness.live.triggers import LiveTriggers

            return LiveTriggers(
                bench.settings,
                cast("LiveTarget", bench.target).access,
                cast("LiveArrangements", bench.arrangements),
                run_name=bench.identity.name,
            )
        from harness.embedded_triggers import EmbeddedTriggers

        target = cast("EmbeddedTarget", bench.target)  # the only other kind that meets `custom-auth`
        return EmbeddedTriggers(bench.settings, target, bench.arrangements)

    def varied(self, variant: VariantName) -> TriggersUnderTest:
        """The same triggers under a second policy, opened when the first check asks for it."""
        from harness.embedded_triggers import EmbeddedTriggers

        if variant not in self._varied:
            bench, policy = self._session.bench, self.triggers().policy(variant)
            target = cast("EmbeddedTarget", bench.target)
            self._varied[variant] = EmbeddedTriggers(bench.settings, target, bench.arrangements, policy=policy)
        return self._varied[variant]

    @property
    def active_faults(self) -> frozenset[str]:
        """The faults that are on."""
        return self._session.bench.target.faults.active

    def close(self) -> None:
        """End the hosts."""
        for each in (*self._varied.values(), *([self._opened] if self._opened else [])):
            each.close()


@pytest.fixture(scope="session")
def triggers_bench(request: pytest.FixtureRequest) -> Iterator[TriggersBench]:
    """This worker's triggers, opened at most once."""
    bench = TriggersBench(cast("CheckSession", request.config.pluginmanager.get_plugin(SESSION_PLUGIN)))
    yield bench
    bench.close()


@pytest.fixture
def triggers(triggers_bench: TriggersBench, target: Target) -> Iterator[TriggersUnderTest]:
    """The triggers under test, deployed at a user pool. The clock follows real time again afterwards."""
    del target  # open by now
    under_test = triggers_bench.triggers()
    under_test.begin_case()
    yield under_test
    under_test.end_case()


@pytest.fixture
def dialect(triggers: TriggersUnderTest) -> Dialect:
    """How the flow is spoken."""
    return triggers.dialect


@pytest.fixture
def links(triggers: TriggersUnderTest, target: Target) -> LinkFlow:
    """Signing in by link, at the triggers' own pool and a client that does not reveal unknown users."""
    from harness.trigger_flows import LinkFlow

    return LinkFlow(triggers, target)


@pytest.fixture
def readable_links(triggers: TriggersUnderTest, target: Target, bench: Bench) -> LinkFlow | None:
    """The same, where the dialect speaks links and the run can read what is mailed."""
    from harness.trigger_flows import LinkFlow

    return LinkFlow(triggers, target) if "magic-links" in bench.capabilities() else None


@pytest.fixture
def links_at(triggers: TriggersUnderTest, target: Target) -> Callable[..., LinkFlow]:
    """Signing in by link at another pool or client: `links_at(pool=triggers.pool(…), client=…)`."""
    from harness.trigger_flows import LinkFlow

    return lambda **where: LinkFlow(triggers, target, **where)


@pytest.fixture
def codes(triggers: TriggersUnderTest, target: Target) -> CodeFlow:
    """Signing in or stepping up by code."""
    from harness.trigger_flows import CodeFlow

    return CodeFlow(triggers, target)


@pytest.fixture
def codes_at(triggers: TriggersUnderTest, target: Target) -> Callable[..., CodeFlow]:
    """The same at another pool or client."""
    from harness.trigger_flows import CodeFlow

    return lambda **where: CodeFlow(triggers, target, **where)


@pytest.fixture
def sampled_codes(
    triggers_bench: TriggersBench, codes: CodeFlow, triggers: TriggersUnderTest
) -> Callable[[int], list[str]]:
    """So many codes as the triggers send them: `sampled_codes(80)`. The same ones for every check of a worker."""
    from harness.code_samples import CodeSample

    sample = triggers_bench.code_samples.setdefault(triggers_bench.active_faults, CodeSample())
    return lambda count: sample.codes(count, codes, triggers)


@pytest.fixture
def flows(triggers: TriggersUnderTest, target: Target, bench: Bench, needing: Callable[[str], NoReturn]) -> list[Flow]:
    """Every way to sign in that the dialect speaks and whose messages the run can read, links first."""
    from harness.trigger_flows import CodeFlow, LinkFlow

    found: list[Flow] = []
    if "magic-links" in bench.capabilities():
        found.append(LinkFlow(triggers, target))
    if "codes" in bench.capabilities():
        found.append(CodeFlow(triggers, target))
    if not found and (triggers.dialect.links or triggers.dialect.codes):
        needing("magic-links" if triggers.dialect.links else "codes")
    return found


@pytest.fixture
def flow(flows: list[Flow]) -> Flow:
    """One way to sign in: by link where the dialect speaks links."""
    return flows[0]


@pytest.fixture
def definer(triggers_bench: TriggersBench, triggers: TriggersUnderTest, flows: list[Flow]) -> Definer:
    """DefineAuthChallenge, to be asked directly about histories in the words of honest sign-ins."""
    from harness.histories import Definer
    from harness.trigger_flows import must_sign_in
    from harness.triggers import DEFINE

    if not triggers_bench.honest_calls:
        for each in flows:
            must_sign_in(each.pending().answer(), f"a sign-in by {each.method}")
            must_sign_in(each.sign_in(), f"a sign-in by {each.method}")
        triggers_bench.honest_calls = triggers.calls_of(DEFINE)
    return Definer(triggers, triggers_bench.honest_calls)


@pytest.fixture
def decisions(triggers_bench: TriggersBench, triggers: TriggersUnderTest, definer: Definer) -> list[Decision]:
    """The decisions on every history up to five rounds; up to two where each call goes over a network."""
    on = triggers_bench.active_faults
    if on not in triggers_bench.decisions:
        longest = LONGEST_NEAR if triggers.is_near else LONGEST_FAR
        triggers_bench.decisions[on] = [
            decision
            for history in definer.histories(longest)
            for decision in (
                definer.decide(history),
                *(definer.decide_in_other_words(history) if len(history) <= LONGEST_FAR else ()),
            )
        ]
    return triggers_bench.decisions[on]


@pytest.fixture
def store(triggers: TriggersUnderTest) -> Tables:
    """The tables that the triggers write."""
    return triggers.tables


@pytest.fixture
def mailbox(target: Target) -> Outbox:
    """Every mail that was sent, by the pool or by triggers."""
    return target.mailbox


@pytest.fixture
def phone(target: Target) -> Outbox:
    """Every text message that was sent."""
    return target.phone


@pytest.fixture
def service_calls(target: Target) -> Mapping[str, int]:
    """How often the services beside Cognito were asked for what: `service_calls["kms.Sign"]`."""
    return cast("EmbeddedTarget", target).pool.service_calls


@pytest.fixture
def own_triggers(arrangements: Arrangements, target: Target) -> Iterator[DeployTriggers]:
    """A user pool that calls functions of the check's own: `own_triggers(DefineAuthChallenge=f, …)`.

    The names are LambdaConfig's; each function takes the event and returns it with its `response`. Other members
    of CreateUserPool go into `settings`.
    """
    from harness.stage import function_arn

    functions = cast("EmbeddedTarget", target).pool.functions
    deployed: list[str] = []

    def deploy(settings: Mapping[str, Any] | None = None, **by_name: OwnTrigger) -> UserPool:
        config = {}
        for name, function in by_name.items():
            arn = function_arn(f"own-{next(_NUMBERS)}", target.region)
            functions.deploy(arn, function)
            deployed.append(arn)
            config[name] = arn
        return arrangements.pool(LambdaConfig=config, **(settings or {}))

    yield deploy
    for arn in deployed:
        functions.remove(arn)


@pytest.fixture
def answer_within(target: Target) -> Iterator[Callable[[float], None]]:
    """Shortens the seconds that the pool gives a trigger for one try; they are as they were afterwards."""
    functions = cast("EmbeddedTarget", target).pool.functions
    before = functions.answer_within_seconds

    def within(seconds: float) -> None:
        functions.answer_within_seconds = seconds

    yield within
    functions.answer_within_seconds = before
