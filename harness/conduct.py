"""A whole run from settings to exit code: target, records, waivers, gate, the results on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from cognito_conformance import __version__
from harness.authenticators import find_authenticator
from harness.bench import Probed, RunIdentity
from harness.catalogue import all_checks
from harness.check import Check
from harness.evidence import CONFIGURATION
from harness.gate import decide
from harness.plugin import matches_selection
from harness.run import Controller, describe_target, library_versions, probe_target, run_pytest, undecided_record
from harness.run_wide import SERVICE_MODEL_CASE, SERVICE_MODEL_CHECK, run_wide_cases, run_wide_records
from harness.secrets import files_holding
from harness.settings import Settings
from harness.waivers import Waivers
from reports.files import write_whole
from reports.model import CatalogueEntry, Header, Record, Results, RunFinding
from reports.renderings import write_renderings
from reports.vocabulary import Subject, Verdict
from reports.writer import ResultsWriter

if TYPE_CHECKING:
    from harness.live.safety import LiveRun


class Display(Protocol):
    """Shows a run as it goes."""

    def started(self, total: int) -> None:
        """So many cases are going to run."""

    def decided(self, record: Record) -> None:
        """A case has its verdict."""

    def finished(self) -> None:
        """The last case is over."""


@dataclass
class _Gathered:
    """The records of a run as they come in: waived where a waiver matches, written, shown."""

    writer: ResultsWriter
    display: Display
    waivers: Waivers
    target: str
    today: date
    records: list[Record] = field(default_factory=list)

    def take(self, record: Record, fault: str | None = None) -> None:
        del fault
        record = self.waivers.apply(record, self.target, self.today)
        self.records.append(record)
        self.writer.append(record)
        self.display.decided(record)


def conduct(settings: Settings, *, out: Path, display: Display, say: Callable[[str], None]) -> Results:
    """Run the selected checks and write `out`/results.json and the renderings beside it.

    Whatever happens to a check, the results get their footer; only a killed process leaves them without. A live run is
    guarded, and says what it is going to cost before it begins; whatever it made is taken away before this returns.

    Raises:
        ConfigurationError: there is no browser, and the settings want its authenticator; or the live run is refused.
        WaiverError: the waivers file cannot be used.
        UnwritableResults: the results cannot be written to `out`.
    """
    identity = RunIdentity.of(settings)
    if settings.target.kind != "live":
        return _conduct(settings, identity, out=out, display=display)
    from harness.live.safety import safely  # boto3 is heavy, and only live runs need it

    with safely(settings, identity.name, say) as live:
        return _conduct(live.settings, identity, out=out, display=display, live=live)


def _conduct(
    settings: Settings, identity: RunIdentity, *, out: Path, display: Display, live: LiveRun | None = None
) -> Results:
    clock = time.perf_counter()
    started = datetime.now(UTC)
    browser = find_authenticator(settings.authenticator)
    waivers = Waivers.load(settings.gate.waivers) if settings.gate.waivers else Waivers()
    probed = Probed(unreachable=live.unseen) if live and live.unseen else probe_target(settings, identity)
    target = describe_target(settings, probed)
    header = Header(
        tool_version=__version__,
        started=started,
        seed=settings.run.seed,
        configuration_digest=settings.digest(),
        gate_level=settings.gate.level,
        floor=settings.gate.floor,
        selection=settings.run.select,
        target=target,
        versions=library_versions() | probed.judged | ({"authenticator": browser} if browser else {}),
        catalogue=[catalogue_entry(check) for check in all_checks()],
    )
    writer = ResultsWriter(out, header)
    gathered = _Gathered(writer, display, waivers, target.name, started.date())

    def expect(total: int) -> None:
        display.started(total + run_wide_cases(settings.run.select))

    controller = Controller(settings, identity, probed, take=gathered.take, expect=expect)
    try:
        pytest_exit = run_pytest(controller, workers=settings.run.workers or 1)
    finally:
        display.finished()
    interrupted = pytest_exit == pytest.ExitCode.INTERRUPTED
    if not interrupted:
        for nodeid in controller.never_decided():
            gathered.take(undecided_record(nodeid))
    for record in run_wide_records(gathered.records, settings.run.select):
        gathered.take(record)
    findings = [
        *(RunFinding(kind="internal", message=message) for message in controller.broken),
        *names_of_nothing(settings.run.select),
        *never_judged(settings, gathered.records),
        *nobody_signed_in(settings, probed, gathered.records),
        *waivers.stale(gathered.records, known=known_cases(), target=target.name, today=started.date()),
    ]
    findings += live.clean_up() if live else could_not_be_deleted(controller.left_behind)
    if probed.unreachable:
        findings.append(RunFinding(kind="target", message=probed.unreachable))

    def finish() -> Results:
        decision = decide(
            gathered.records,
            findings,
            gate_level=settings.gate.level,
            floor=settings.gate.floor,
            interrupted=interrupted,
        )
        results = writer.finish(
            seconds=time.perf_counter() - clock,
            exit_code=decision.exit_code,
            reason=decision.reason,
            findings=findings,
            interrupted=interrupted,
        )
        write_renderings(results, out)
        write_whole(out / CONFIGURATION, json.dumps(settings.without_secrets(), indent=2, sort_keys=True) + "\n")
        return results

    results = finish()
    if leaked := leaks(identity.canary, out):
        findings += leaked
        return finish()
    return results


def could_not_be_deleted(pools: list[str]) -> list[RunFinding]:
    """A finding for each pool that a run at an endpoint left behind."""
    return [
        RunFinding(kind="target", message=f"the user pool {pool} could not be deleted; delete it by hand")
        for pool in pools
    ]


def catalogue_entry(check: Check) -> CatalogueEntry:
    """A check as the results file describes it."""
    return CatalogueEntry(
        id=check.id,
        level=check.level,
        severity=check.severity,
        clause=check.clause,
        evidence=check.evidence,
        subject=check.subject,
        explanation=check.explanation,
    )


def names_of_nothing(selection: list[str]) -> list[RunFinding]:
    """A finding for each part of the selection that takes no check: less would run than was asked for."""
    known = known_cases()
    return [
        RunFinding(kind="floor", message=f"--only {wanted} names no check; `cognito-conformance list` shows them all")
        for wanted in selection
        if not any(matches_selection([wanted], check, case) for check, cases in known.items() for case in cases)
    ]


def never_judged(settings: Settings, records: list[Record]) -> list[RunFinding]:
    """A finding for each program that the configuration brings to trial and no check could be applied to.

    Checks of others would make the gate green, and nobody would have looked at the program.
    """
    brought = {
        Subject.TRIGGERS: settings.triggers.host != "reference",
        Subject.CLIENT: bool(settings.client.command),
        Subject.RELYING_PARTY: bool(settings.relying_party.command),
    }
    verdicts = {
        subject: {record.verdict for record in records if record.subject is subject}
        for subject, configured in brought.items()
        if configured
    }
    return [
        RunFinding(
            kind="floor",
            message=f"{subject}: configured, and none of the checks selected applies; look at what they need, and at "
            "whether the configuration names every function or command",
        )
        for subject, seen in verdicts.items()
        if seen == {Verdict.NOT_APPLICABLE}
    ]


def nobody_signed_in(settings: Settings, probed: Probed, records: list[Record]) -> list[RunFinding]:
    """A finding where a live run was to sign users in and had none: a review of settings alone would make it green."""
    why = probed.lacking.get("accounts")
    if settings.target.kind != "live" or settings.live.users == "none" or why is None:
        return []
    signing_in = {check.id for check in all_checks() if check.needs & {"accounts", "users"}}
    if not any(record.check in signing_in for record in records):
        return []
    return [
        RunFinding(
            kind="floor", message=f'nobody could sign in: {why}; if only a review is meant, set live.users = "none"'
        )
    ]


def leaks(canary: str, out: Path) -> list[RunFinding]:
    """A finding for each written file that holds the canary, which stands in every password of the run."""
    return [
        RunFinding(
            kind="leak", message=f"{path.name} holds a secret of this run unredacted; do not share it, report the bug"
        )
        for path in files_holding(canary, out)
    ]


def known_cases() -> dict[str, tuple[str, ...]]:
    """Every check there is, and the names of its cases."""
    known = {check.id: check.cases for check in all_checks()}
    known[SERVICE_MODEL_CHECK] += (SERVICE_MODEL_CASE,)
    return known
