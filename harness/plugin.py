"""The pytest plugin that makes a pytest run a conformance run.

It knows checks by their decorator and leaves every other test alone. Records travel from the
process that ran a case to the one that collects them as a user property of the teardown report,
which pytest-xdist carries between processes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.check import Check, check_of
from harness.needs import NEEDS, require_known

if TYPE_CHECKING:
    from harness.settings import Settings

CASE = pytest.StashKey[Any]()
"""The RunningCase of an item that is running."""

HONEST_RUN = "honest"
"""The name, in `prove`, of the run of a case without a fault."""

RECORD_PROPERTY = "conformance-record"
FAULT_PROPERTY = "conformance-fault"
CAUGHT_PROPERTY = "conformance-caught-before"
SESSION_PLUGIN = "conformance-session"

_JUDGED = {"--verifier": "verifier", "--client": "client", "--relying-party": "relying_party"}
"""The options that name a program on trial, and the sections that hold its command."""

_WORDS = {
    "warn": ("warn", "W", "WARN"),
    "info": ("info", "i", "INFO"),
    "not applicable": ("not applicable", "n", "NOT APPLICABLE"),
    "inconclusive": ("inconclusive", "?", "INCONCLUSIVE"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for plain `pytest`; the command line sets everything through its own plugin."""
    group = parser.getgroup("cognito-conformance")
    group.addoption("--conformance-config", type=Path, default=None, help="a conformance.toml for the checks")


def pytest_configure(config: pytest.Config) -> None:
    """Register what one process knows of the run. Everything heavy in it waits for the first check."""
    from harness.session import CheckSession  # keeps plugin registration light

    config.pluginmanager.register(CheckSession(config), SESSION_PLUGIN)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Turn `@cases` into parameters, and in `prove` run each case once a fault."""
    for stacked in getattr(metafunc.function, "conformance_cases", []):
        metafunc.parametrize(stacked.argument, list(stacked.values.values()), ids=list(stacked.values))
    check = check_of(metafunc.function)
    session = _session(metafunc.config)
    if check is not None and session.proving:
        metafunc.fixturenames.append("active_fault")
        faults = [fault for fault in sorted(check.killed_by) if session.selects_fault(fault)]
        metafunc.parametrize("active_fault", [None, *faults], indirect=True, ids=[HONEST_RUN, *faults])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the selected checks, in the order of ids; other tests keep their place after them."""
    session = _session(config)
    checks = [(item, check) for item in items if (check := check_of(getattr(item, "function", None)))]
    if not checks:
        return
    for _, check in checks:
        require_known(check.needs, asked_by=check.id)
    chosen = [item for item, check in checks if session.selects(check.id, case_name(item))]
    dropped = [item for item, check in checks if not session.selects(check.id, case_name(item))]
    others = [item for item in items if check_of(getattr(item, "function", None)) is None]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    items[:] = sorted(chosen, key=lambda item: natural_order(case_id(item))) + others


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin a case: note its time, and skip it when the target lacks what it needs."""
    check = check_of(getattr(item, "function", None))
    if check is None:
        return
    session = _session(item.config)
    if session.has_caught(check, _fault(item)):
        item.user_properties.append((CAUGHT_PROPERTY, "yes"))
        pytest.skip("an earlier case of the check has caught this fault")
    case = session.begin(check, case_name(item))
    item.stash[CASE] = case
    if not check.needs:
        return
    missing = sorted(check.needs - session.bench.capabilities())
    if missing:
        case.lacks(missing[0], session.bench.why_it_lacks(missing[0]))
        pytest.skip(f"not applicable: the target lacks {missing[0]} ({NEEDS[missing[0]]})")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge each phase, and send the record off with the last."""
    report = yield
    case = item.stash.get(CASE, None)
    if case is None:
        return report
    case.saw(call.when, call.excinfo.value if call.excinfo else None)
    verdict = case.verdict().value
    report.conformance_verdict = verdict  # type: ignore[attr-defined]
    if call.when == "call" and report.failed and verdict in ("warn", "info"):
        report.outcome = "passed"
    if call.when == "teardown":
        record = _session(item.config).end(case, _fault(item))
        report.user_properties.append((RECORD_PROPERTY, record.model_dump_json()))
        if (fault := _fault(item)) is not None:
            report.user_properties.append((FAULT_PROPERTY, fault))
        del item.stash[CASE]
    return report


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Show a check's verdict in plain pytest's own terms."""
    verdict = getattr(report, "conformance_verdict", None)
    if verdict is None or verdict not in _WORDS:
        return None
    if (
        report.when == "call"
        or (report.when == "setup" and not report.passed)
        or (report.when == "teardown" and report.failed)
    ):
        return _WORDS[verdict]
    return None


def case_name(item: pytest.Item) -> str:
    """The name of an item's case, empty for a check of one case. In `prove` the fault is no part of it."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return ""
    name: str = callspec.id
    if "active_fault" in callspec.params:
        fault = callspec.params["active_fault"] or HONEST_RUN
        name = name.removesuffix(fault).removesuffix("-")
    return name


def case_id(item: pytest.Item) -> str:
    """`SRP-04[N]`, or `SRP-01` for a check of one case."""
    check = check_of(getattr(item, "function", None))
    assert check is not None
    name = case_name(item)
    return f"{check.id}[{name}]" if name else check.id


def natural_order(id: str) -> list[tuple[int, int, str]]:
    """A sort key under which SRP-9 comes before SRP-10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", id) if part]


def matches_selection(selection: list[str], check_id: str, case: str) -> bool:
    """Whether a selection (ids, or beginnings of ids up to a `-`) takes a case. An empty one takes all.

    `SRP` and `WA-REG` take a section, `SRP-04` a check (not SRP-04b), `SRP-04[N]` one case.
    """
    whole = f"{check_id}[{case}]" if case else check_id
    return not selection or any(
        wanted in (check_id, whole) or check_id.startswith(wanted.rstrip("-") + "-") for wanted in selection
    )


def reproduction(check: Check, case: str, settings: Settings) -> str:
    """The command that runs one case again."""
    words = ["--only", f"{check.id}[{case}]" if case else check.id, "--seed", str(settings.run.seed)]
    if settings.run.file:
        words += ["--config", settings.run.file]
    if settings.target.kind == "live":
        words += ["--live"]
    elif settings.target.endpoint:
        words += ["--endpoint", settings.target.endpoint]
    if settings.authenticator.kind != "software":
        words += ["--authenticator", settings.authenticator.kind]
    for option, judged in _JUDGED.items():
        command: list[str] = getattr(settings, judged).command
        if command:
            words += [option, shlex.join(command)]
    return f"cognito-conformance run {shlex.join(words)}"


def _fault(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    fault: str | None = callspec.params.get("active_fault") if callspec else None
    return fault


def _session(config: pytest.Config) -> Any:
    return config.pluginmanager.get_plugin(SESSION_PLUGIN)
