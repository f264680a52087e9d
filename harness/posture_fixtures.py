"""The fixture of checks that review how a user pool is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.findings import NotApplicable
from harness.plugin import SESSION_PLUGIN

if TYPE_CHECKING:
    from harness.bench import Bench
    from harness.live.target import LiveTarget
    from harness.posture import PoolPosture
    from harness.session import CheckSession
    from harness.targets import Target


class PostureBench:
    """This worker's reviewed pool: found or arranged once, and read once in a run."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._arranged: str | None = None
        self._read: tuple[object, PoolPosture] | None = None

    def posture(self, faults: frozenset[str]) -> PoolPosture:
        """The pool as it is configured. Raises NotApplicable.

        It is read anew under other faults, and where the run's arrangements are new: each check's own share is then
        measured.
        """
        from harness.posture import PoolPosture
        from harness.posture_reading import PostureReader

        circumstances = (faults, self._bench.arrangements)
        if self._read is None or self._read[0] != circumstances:
            reader = PostureReader(self._bench.wire, self.reviewed_pool(), self._lambda_client)
            self._read = circumstances, PoolPosture(reader)
        return self._read[1]

    def reviewed_pool(self) -> str:
        """The id of the pool to review: the configured one, or one that is arranged as recommended."""
        kind, live = self._bench.settings.target.kind, self._bench.settings.live
        if kind == "live" and live.user_pool_id:
            return live.user_pool_id
        if kind != "embedded":
            raise NotApplicable("posture", "live.user_pool_id names the pool to review, for target.kind = live")
        if self._arranged is None:
            self._arranged = self._arrange()
        return self._arranged

    def _arrange(self) -> str:
        """A recommended pool at the embedded target, made on a wire of its own: no part of what a check asks.

        It is gone with the target.
        """
        from harness.arrangement import Arrangements
        from harness.recommended_pool import arrange_recommended_pool
        from harness.transcript import Transcript
        from harness.wire import Wire

        bench = self._bench
        seconds = bench.settings.run.check_seconds
        wire = Wire(bench.wire.endpoint, transcript=Transcript(), timeout_seconds=seconds)
        try:
            arrangements = Arrangements(wire, bench.names, bench.identity.name)
            return arrange_recommended_pool(arrangements, self._aws).user_pool_id
        finally:
            wire.close()

    def _lambda_client(self) -> Any:
        if self._bench.settings.target.kind == "embedded":
            return self._aws("lambda")
        return cast("LiveTarget", self._bench.target).access.client("lambda")

    def _aws(self, service: str) -> Any:
        from harness.stage import aws_clients

        return aws_clients(self._bench.wire.endpoint, self._bench.settings.target.region)(service)


@pytest.fixture(scope="session")
def posture_bench(request: pytest.FixtureRequest) -> PostureBench:
    """This worker's reviewed pool."""
    session = cast("CheckSession", request.config.pluginmanager.get_plugin(SESSION_PLUGIN))
    return PostureBench(session.bench)


@pytest.fixture
def posture(posture_bench: PostureBench, target: Target) -> PoolPosture:
    """How the reviewed pool is configured."""
    return posture_bench.posture(target.faults.active)
