"""A run: pytest over the suites, its records gathered, written as they come, and judged by the gate."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import pytest

from harness.bench import Bench, Probed, RunIdentity
from harness.catalogue import APPLICATION_ROOT, all_checks
from harness.plugin import CAUGHT_PROPERTY, FAULT_PROPERTY, RECORD_PROPERTY, matches_selection
from harness.session import CONTROLLER_PLUGIN, LEFT_BEHIND, WORKER_INPUT
from harness.settings import Settings
from reports.model import Record, TargetDescription
from reports.vocabulary import Evidence, Level, Severity, Subject, Verdict

LIBRARIES = ("pytest", "hypothesis", "moto", "cryptography", "gmpy2", "botocore")


@dataclass
class Controller:
    """The pytest plugin of the process that gathers records: hands out the settings, takes the records in."""

    settings: Settings
    identity: RunIdentity
    probed: Probed
    take: Callable[[Record, str | None], None]
    expect: Callable[[int], None] = lambda total: None
    proving: bool = False
    faults: tuple[str, ...] = ()
    broken: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def worker_input(self) -> dict[str, Any]:
        """What a worker must know, as plain data."""
        return {
            "settings": self.settings.model_dump_json(),
            "identity": asdict(self.identity),
            "probed": asdict(self.probed),
            "proving": self.proving,
            "faults": list(self.faults),
        }

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Hand the settings to a worker of pytest-xdist, over its own channel: nothing stands in argv."""
        node.workerinput[WORKER_INPUT] = self.worker_input()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is going to run, when this process runs it itself."""
        self._will_run([item.nodeid for item in session.items])

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what a worker could not delete."""
        self.left_behind += getattr(node, "workeroutput", {}).get(LEFT_BEHIND, [])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Note what the workers are going to run."""
        del node
        self._will_run(ids)

    def _will_run(self, ids: list[str]) -> None:
        if ids and not self._expected:
            self._expected = list(ids)
            self.expect(len(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be imported is this tool's own fault, never a silent absence."""
        if report.failed:
            self.broken.append(f"{report.nodeid} cannot be collected: {report.longreprtext.splitlines()[-1]}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the record that a teardown report brings; a crashed worker brings none."""
        if report.when != "teardown":
            return
        brought = dict(report.user_properties)
        if RECORD_PROPERTY in brought or CAUGHT_PROPERTY in brought:
            self._seen.add(report.nodeid)
        if RECORD_PROPERTY in brought:
            fault = brought.get(FAULT_PROPERTY)
            record = Record.model_validate_json(str(brought[RECORD_PROPERTY]))
            self.take(record, None if fault is None else str(fault))

    def pytest_internalerror(self, excrepr: object) -> None:
        """An error inside pytest or a plugin."""
        self.broken.append(f"internal error: {str(excrepr).splitlines()[-1]}")

    def never_decided(self) -> list[str]:
        """What was to run and brought no record: its worker crashed, or the run was interrupted."""
        return [case for case in self._expected if case not in self._seen]


def run_pytest(controller: Controller, *, workers: int) -> int:
    """Run the suites under the controller and return pytest's own exit code.

    Third-party pytest plugins stay out: a plugin that reorders or reruns tests would change verdicts.
    Assertions are not rewritten: findings speak in the checks' own words, and the run starts sooner.
    Of several workers each keeps to its part of the ids, where checks share pools, until others have nothing to do.
    """
    os.environ.pop("PYTEST_ADDOPTS", None)
    arguments = [
        "-c", str(APPLICATION_ROOT / "pyproject.toml"), "--rootdir", str(APPLICATION_ROOT),
        "--assert=plain", "--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "no:terminal",
        "-p", "pytest_asyncio.plugin", "-p", "xdist.plugin",
        *(["-n", str(workers), "--dist", "worksteal"] if workers > 1 else []),
        *suites_of(controller.settings.run.select),
    ]  # fmt: skip
    exit_code = int(pytest.main(arguments, plugins=[_Named(controller)]))
    if exit_code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR) and not controller.broken:
        controller.broken.append(f"pytest could not run the suites ({pytest.ExitCode(exit_code).name})")
    return exit_code


def suites_of(selection: list[str]) -> list[str]:
    """The files of the selected checks, so that pytest reads no others; all suites where none is selected or found."""
    chosen = {
        check.module
        for check in all_checks()
        if any(matches_selection(selection, check.id, case) for case in check.cases)
    }
    files = [str(APPLICATION_ROOT.joinpath(*module.split(".")).with_suffix(".py")) for module in sorted(chosen)]
    return files if selection and files else [str(APPLICATION_ROOT / "suites")]


class _Named:
    """Registers the controller under its name, by which the session finds it."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self._controller, CONTROLLER_PLUGIN)


def probe_target(settings: Settings, identity: RunIdentity) -> Probed:
    """Find out, once a run, whether the target is there and what it can do."""
    if settings.target.kind == "embedded":
        from harness.needs import NEEDS

        return Probed.of(frozenset(NEEDS), settings)
    bench = Bench(settings, identity, "controller")
    try:
        return bench.probe()
    finally:
        bench.close()


def describe_target(settings: Settings, probed: Probed) -> TargetDescription:
    """The target as the results' header shows it."""
    from harness.targets import fingerprint

    target = settings.target
    live = settings.live.user_pool_id if target.kind == "live" else None
    return TargetDescription(
        kind=target.kind,
        name=live or target.endpoint or "the embedded pool",
        endpoint=target.endpoint,
        fingerprint=fingerprint(target.kind, live or target.endpoint, frozenset(probed.capabilities)),
        capabilities=sorted(probed.capabilities),
    )


def library_versions() -> dict[str, str]:
    """The versions that can matter to a verdict."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in LIBRARIES}}


def undecided_record(nodeid: str) -> Record:
    """The record of a case that was to run and brought none."""
    return Record(
        check="HARNESS",
        case=nodeid,
        verdict=Verdict.INCONCLUSIVE,
        level=Level.MUST,
        severity=Severity.NONE,
        clause="DESIGN: verdicts and the gate",
        evidence=Evidence.OWN,
        subject=Subject.POOL,
        summary="A case that was selected has to end in a verdict.",
        message="this case brought no verdict: its worker died; run it alone to see why",
        started=datetime.now(UTC),
        seconds=0,
        internal_error=True,
    )
