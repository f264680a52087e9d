"""A run of 5,000 check cases as every report of it: seconds from start to exit, and the size of the page."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks.processes import seconds_taken
from reports.model import Exchange, Header, Record, TargetDescription
from reports.renderings import RENDERINGS
from reports.vocabulary import Evidence, ExitCode, Level, Severity, Subject, Verdict
from reports.writer import ResultsWriter

CASES, FINDINGS = 5_000, 500
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class ReportFigures:
    """Seconds to read the results and write one report, by its name; the page in megabytes (10^6 bytes)."""

    seconds: dict[str, float]
    page_megabytes: float


def measured_reports(*, rounds: int) -> ReportFigures:
    """Each rendering of a large run as the command `report` makes it; the medians over the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder)
        write_large_run(results)
        seconds = {}
        for name in RENDERINGS:
            output = str(results / name)
            command = ("report", folder, "--format", name, "--output", output)
            seconds[name] = median(seconds_taken(*command) for _ in range(rounds))
        return ReportFigures(seconds, (results / "html").stat().st_size / 1e6)


def write_large_run(folder: Path) -> None:
    """The results of 5,000 check cases, one in ten a finding of its own with ten exchanges in its transcript."""
    with ResultsWriter(folder, _header()) as writer:
        for number in range(CASES):
            writer.append(_record(number))
        writer.finish(seconds=60, exit_code=ExitCode.FINDINGS, reason=f"fail: {FINDINGS}")


def _header() -> Header:
    return Header(
        tool_version="benchmark",
        started=_NOON,
        seed=1,
        configuration_digest="0" * 64,
        gate_level=Level.MUST,
        floor=1,
        selection=[],
        target=TargetDescription(
            kind="endpoint", name="benchmark", endpoint="http://127.0.0.1", fingerprint="1" * 64, capabilities=["srp"]
        ),
    )


def _record(number: int) -> Record:
    found = number % (CASES // FINDINGS) == 0
    exchange = Exchange(
        operation="RespondToAuthChallenge",
        method="POST",
        url="http://127.0.0.1/",
        request={"ChallengeResponses": "y" * 1_000},
        status=200,
        response={"AuthenticationResult": "y" * 2_000},
        started=_NOON,
        seconds=0.01,
    )
    return Record(
        check=f"SRP-{number // 10:03}",
        case=f"case {number % 10} of a name that is as long as names are",
        verdict=Verdict.FAIL if found else Verdict.PASS,
        level=Level.MUST,
        severity=Severity.HIGH,
        clause="RFC 5054 section 2.5.4; Cognito developer guide, USER_SRP_AUTH",
        evidence=Evidence.RFC,
        subject=Subject.POOL,
        summary="A server that skips A mod N = 0 lets anyone in without the password, whoever they are.",
        message=f"tokens were issued to whoever asked, for the {number}th time" if found else "",
        transcript=[exchange] * 10 if found else [],
        started=_NOON,
        seconds=0.1,
        reproduce=f"cognito-conformance run --only 'SRP-{number // 10:03}' --seed 1",
    )
