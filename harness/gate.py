"""From verdicts to the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.model import Record, RunFinding
from reports.vocabulary import ExitCode, Level, Subject, Verdict

UNDECIDED = frozenset({Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE})


@dataclass(frozen=True)
class Decision:
    """What the run says to the shell, and why, in words for a reader."""

    exit_code: int
    reason: str


def decide(
    records: Sequence[Record],
    run_findings: Sequence[RunFinding],
    *,
    gate_level: Level,
    floor: int,
    interrupted: bool = False,
) -> Decision:
    """Decide by the first of these that holds.

    - INTERNAL: a record is the harness's own fault, or the run leaked a secret;
    - FINDINGS: a fail, a stale waiver, or a warn when the gate is at SHOULD or lower;
    - INCONCLUSIVE: a check could not be decided, the target could not be reached, or the run was interrupted;
    - TOO_FEW: no check was decided, or none about the target although some were to be, or fewer than `floor`,
      or part of the selection names nothing;
    - CLEAN.

    A fail is always the breach of a MUST and fails every gate; a warn never fails a gate at MUST.
    Decided is what passed, failed, warned, was recorded or waived. An interrupted run is never
    clean, but what it found by then still counts for more.
    """
    verdicts = Counter(record.verdict for record in records)
    kinds = Counter(finding.kind for finding in run_findings)
    decided = sum(record.verdict not in UNDECIDED for record in records)

    broken = _listed(
        {
            "internal errors": sum(record.internal_error for record in records) + kinds["internal"],
            "leaked secrets": kinds["leak"],
        }
    )
    if broken:
        return Decision(ExitCode.INTERNAL, f"{broken}; the tool is at fault, not the target: please report it")

    findings = _listed(
        {
            "fail": verdicts[Verdict.FAIL],
            "warn": 0 if gate_level is Level.MUST else verdicts[Verdict.WARN],
            "stale waivers": kinds["waiver"],
        }
    )
    if findings:
        return Decision(ExitCode.FINDINGS, findings)

    doubts = _listed(
        {
            "interruptions": int(interrupted),
            "problems with the target": kinds["target"],
            "checks that could not be decided": verdicts[Verdict.INCONCLUSIVE],
        }
    )
    if doubts:
        return Decision(ExitCode.INCONCLUSIVE, doubts)

    if reason := _too_few(records, decided, floor, misspelt=kinds["floor"] > 0):
        return Decision(ExitCode.TOO_FEW, reason)
    return Decision(ExitCode.CLEAN, f"{decided} decided, none with a finding that the gate ({gate_level}) looks at")


def _listed(counts: Mapping[str, int]) -> str:
    """What there is any of, with its count: `fail: 2, warn: 1`."""
    return ", ".join(f"{what}: {count}" for what, count in counts.items() if count)


def _too_few(records: Sequence[Record], decided: int, floor: int, *, misspelt: bool) -> str:
    """Why too little was decided for a clean run, or nothing."""
    about_the_target = [record for record in records if record.subject is not Subject.ARITHMETIC]
    if decided == 0:
        return "no check was decided"
    if about_the_target and all(record.verdict in UNDECIDED for record in about_the_target):
        return "nothing was decided about the target, only about this tool's own arithmetic"
    if misspelt:
        return "part of the selection names no check, or what was brought to trial was not judged"
    return f"{decided} decided, and the floor is {floor}" if decided < floor else ""
