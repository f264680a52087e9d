"""The bench of one worker: the target and everything that checks use to reach it, each made when first asked for."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.arrangement import NAME_PREFIX, Names
from harness.client import find_client
from harness.findings import TargetUnreachable
from harness.needs import CLIENT_NEEDS, RELYING_PARTY_NEEDS, TRIGGER_NEEDS, VERIFIER_NEEDS
from harness.relying_party import find_relying_party
from harness.targets import Target, make_target
from harness.transcript import Transcript
from harness.triggers import find_triggers
from harness.verifier import find_verifier

if TYPE_CHECKING:
    from harness.arrangement import Arrangements
    from harness.client_stage import Stage
    from harness.settings import Settings
    from harness.wire import Wire


@dataclass(frozen=True)
class RunIdentity:
    """What every worker of a run knows of it: its name and the canary in each of its passwords."""

    name: str
    canary: str

    @classmethod
    def of(cls, settings: Settings) -> RunIdentity:
        """The identity that follows from the seed; away from the embedded pool it also takes true randomness.

        The seed stands in every report. On the embedded pool a run must repeat exactly from it; elsewhere
        nobody may compute the test users' passwords from a report.
        """
        material = f"cognito-conformance run {settings.run.seed}"
        if settings.target.kind != "embedded":
            import secrets

            material += secrets.token_hex(16)
        digest = hashlib.sha256(material.encode()).hexdigest()
        return cls(name=digest[:8], canary=f"canary{digest[8:24]}")


@dataclass(frozen=True)
class Probed:
    """What the controller found out about the target, so that each worker need not ask again."""

    capabilities: tuple[str, ...] = ()
    unreachable: str = ""
    lacking: Mapping[str, str] = field(default_factory=dict)
    """Why the target lacks a need, where more is known than that it does: a permission, a setting."""
    verifier: str = ""
    client: str = ""
    relying_party: str = ""
    triggers: str = ""

    @classmethod
    def of(
        cls,
        target: frozenset[str],
        settings: Settings,
        lacking: Mapping[str, str] | None = None,
        lambda_config: Mapping[str, Any] | None = None,
    ) -> Probed:
        """What the target can do, and in their places what the programs on trial can."""
        verifier, client = find_verifier(settings), find_client(settings)
        relying_party = find_relying_party(settings)
        triggers = find_triggers(settings, lambda_config)
        met = target - VERIFIER_NEEDS - CLIENT_NEEDS - RELYING_PARTY_NEEDS - TRIGGER_NEEDS
        return cls(
            tuple(sorted(met | verifier.needs_met | client.needs_met | relying_party.needs_met | triggers.needs_met)),
            verifier=verifier.name,
            client=client.name,
            relying_party=relying_party.name,
            triggers=triggers.name,
            lacking={**(lacking or {}), **triggers.lacking},
        )

    @property
    def judged(self) -> dict[str, str]:
        """The programs on trial, by kind, as they name themselves."""
        named = {
            "verifier": self.verifier,
            "client": self.client,
            "relying_party": self.relying_party,
            "triggers": self.triggers,
        }
        return {kind: name for kind, name in named.items() if name}


class Bench:
    """One worker's bench."""

    def __init__(self, settings: Settings, identity: RunIdentity, worker: str, probed: Probed | None = None) -> None:
        self._probed = probed
        self._worker = worker
        self.settings = settings
        self.identity = identity
        self.transcript = Transcript()
        self.target: Target = make_target(settings, identity.name)
        self.names = Names(self.randomness(f"names of {worker}"), identity.canary, mark=self._mark)

    @property
    def _mark(self) -> str:
        """What tells the run's users from those that others have in the same pool."""
        return f"{NAME_PREFIX}-{self.identity.name}-" if self.settings.target.kind == "live" else ""

    def begin_case(self) -> None:
        """An empty transcript and a full allowance of time for the next case."""
        self.transcript.clear()
        self.transcript.redactor.learn(self.identity.canary)
        if "wire" in self.__dict__:
            self.wire.allow_seconds(self.settings.run.check_seconds)

    def randomness(self, purpose: str) -> random.Random:
        """A source seeded by the run and the purpose, so that a check draws the same whatever ran before it."""
        return random.Random(f"{self.settings.run.seed} {purpose}")  # noqa: S311 - test data, repeatable on purpose

    @cached_property
    def wire(self) -> Wire:
        """The wire to the open target."""
        return self.target.connect(self.transcript)

    def probe(self) -> Probed:
        """Reach the target and find out what it can do."""
        try:
            found = self.target.capabilities(self.wire, self.names, self.randomness("probe"))
        except TargetUnreachable as error:
            return Probed(unreachable=str(error))
        return Probed.of(found, self.settings, lacking=self.target.lacking, lambda_config=self.target.lambda_config)

    def capabilities(self) -> frozenset[str]:
        """What the target can do. Raises TargetUnreachable, every time, when it could not be reached once."""
        if self._probed is None:
            self._probed = self.probe()
        if self._probed.unreachable:
            raise TargetUnreachable(self._probed.unreachable)
        return frozenset(self._probed.capabilities)

    def why_it_lacks(self, need: str) -> str:
        """What is known of why the target lacks a need; empty when nothing is."""
        return self._probed.lacking.get(need, "") if self._probed else ""

    def stage(self) -> Stage:
        """A stage for the trial of a client, which has a pool of its own whatever the target is."""
        from harness.client_stage import Stage

        return Stage(
            self.transcript,
            seed=self.settings.run.seed,
            names=Names(self.randomness(f"names of the stage of {self._worker}"), self.identity.canary),
            run_name=self.identity.name,
            region=self.settings.target.region,
        )

    @cached_property
    def arrangements(self) -> Arrangements:
        """The worker's user pools."""
        return self.target.arrangements(self.wire, self.names)

    def close(self) -> list[str]:
        """Delete what was made and stop the target; the ids of pools that could not be deleted."""
        left = self.arrangements.delete_all() if "arrangements" in self.__dict__ else []
        if "wire" in self.__dict__:
            self.wire.close()
        self.target.close()
        return left
