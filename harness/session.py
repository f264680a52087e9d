"""What one process of a run knows: its settings, its bench, the case that is running."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from harness.bench import Bench, Probed, RunIdentity
from harness.case import RunningCase, is_finding_about
from harness.plugin import matches_selection, reproduction
from harness.settings import Settings, load_settings

if TYPE_CHECKING:
    from harness.check import Check
    from reports.model import Record

CONTROLLER_PLUGIN = "conformance-controller"
WORKER_INPUT = "conformance"
LEFT_BEHIND = "conformance-left-behind"


class CheckSession:
    """One process's part of the run. In a worker, and under `run`, the settings come from the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._caught: set[tuple[str, str | None]] = set()

    @cached_property
    def _given(self) -> dict[str, Any]:
        workerinput: dict[str, Any] = getattr(self._config, "workerinput", {})
        if WORKER_INPUT in workerinput:
            given: dict[str, Any] = workerinput[WORKER_INPUT]
            return given
        controller: Any = self._config.pluginmanager.get_plugin(CONTROLLER_PLUGIN)
        return controller.worker_input() if controller is not None else {}

    @cached_property
    def settings(self) -> Settings:
        """The run's settings."""
        if "settings" in self._given:
            return Settings.model_validate_json(self._given["settings"])
        settings = load_settings(self._config.getoption("--conformance-config"))
        if settings.target.kind == "live":
            raise pytest.UsageError(
                "plain pytest neither guards a live pool nor cleans it up; use `cognito-conformance run --live`"
            )
        return settings

    @property
    def proving(self) -> bool:
        """Whether each case is run under its faults too."""
        return bool(self._given.get("proving"))

    def selects_fault(self, fault: str) -> bool:
        """Whether `prove` was asked for this fault."""
        chosen = self._given.get("faults") or []
        return not chosen or any(fault == wanted or fault.startswith(wanted + ".") for wanted in chosen)

    def selects(self, check_id: str, case: str) -> bool:
        """Whether the run was asked for this case."""
        return matches_selection(self.settings.run.select, check_id, case)

    @cached_property
    def bench(self) -> Bench:
        """This worker's bench, made for its first check."""
        worker = getattr(self._config, "workerinput", {}).get("workerid", "main")
        identity = (
            RunIdentity(**self._given["identity"]) if "identity" in self._given else RunIdentity.of(self.settings)
        )
        probed = Probed(**self._given["probed"]) if self._given.get("probed") else None
        return Bench(self.settings, identity, worker, probed)

    def begin(self, check: Check, case: str) -> RunningCase:
        """Start a case with an empty transcript and a full allowance of time."""
        self.bench.begin_case()
        return RunningCase(check, case)

    def end(self, case: RunningCase, fault: str | None) -> Record:
        """The record of a case that is over."""
        reproduce = reproduction(case.check, case.name, self.settings)
        record = case.record(self.bench.transcript, reproduce)
        if fault is not None and is_finding_about(record, case.check.killed_by[fault]):
            self._caught.add((case.check.id, fault))
        return record

    def has_caught(self, check: Check, fault: str | None) -> bool:
        """Whether a case of the check has failed under the fault as it should; `prove` then needs no other."""
        return (check.id, fault) in self._caught

    def pytest_sessionfinish(self) -> None:
        """Give back what the bench holds, and tell the controller what could not be deleted."""
        left = self.bench.close() if "bench" in self.__dict__ else []
        controller: Any = self._config.pluginmanager.get_plugin(CONTROLLER_PLUGIN)
        if controller is not None:
            controller.left_behind += left
        elif hasattr(self._config, "workeroutput"):
            self._config.workeroutput[LEFT_BEHIND] = left
