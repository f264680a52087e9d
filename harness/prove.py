"""Proof that the checks have teeth: each fails under each of its faults, for its own reason, and passes without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.bench import RunIdentity
from harness.case import is_finding_about
from harness.catalogue import all_checks
from harness.plugin import matches_selection
from harness.run import Controller, probe_target, run_pytest
from harness.settings import ClientSettings, RelyingPartySettings, VerifierSettings
from harness.trigger_settings import TriggersSettings
from reports.vocabulary import ExitCode, Level, Verdict

if TYPE_CHECKING:
    from harness.check import Check
    from harness.settings import Settings
    from reports.model import Record


class Cell(StrEnum):
    """What became of a check under one fault, or without any."""

    PASSED = "passed"
    CAUGHT = "caught"
    MISSED = "MISSED"
    WRONG_REASON = "WRONG REASON"
    CRIED_WOLF = "CRIED WOLF"
    UNDECIDED = "UNDECIDED"
    NOT_RUN = "NOT RUN"


GOOD = frozenset({Cell.PASSED, Cell.CAUGHT})


@dataclass(frozen=True)
class ProvenCell:
    """One cell of the matrix. `fault` None is the honest run."""

    check: str
    fault: str | None
    cell: Cell
    detail: str


@dataclass(frozen=True)
class Proof:
    """The whole matrix, and what went wrong beside it."""

    cells: tuple[ProvenCell, ...]
    broken: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 when every cell is right; 4 when there is none; 5 when the harness broke; else 1."""
        if self.broken:
            return ExitCode.INTERNAL
        if not self.cells:
            return ExitCode.TOO_FEW
        return ExitCode.CLEAN if all(cell.cell in GOOD for cell in self.cells) else ExitCode.FINDINGS


def prove(
    settings: Settings,
    faults: tuple[str, ...],
    *,
    expect: Callable[[int], None],
    decided: Callable[[Record], None],
) -> Proof:
    """Run every selected check on the embedded pool, honest and under each of its faults.

    Args:
        settings: the run's settings; the target has to be the embedded pool.
        faults: only these faults (ids, or their beginnings up to a dot); empty means all.
        expect: told how many runs of a case there will be.
        decided: told each record as it comes.
    """
    records: dict[tuple[str, str | None], list[Record]] = defaultdict(list)

    def take(record: Record, fault: str | None) -> None:
        # Nobody reads the transcripts of thousands of runs, and they fill the memory.
        records[record.check, fault].append(record.model_copy(update={"transcript": []}))
        decided(record)

    honest = {  # the references have the faults
        "verifier": VerifierSettings(),
        "client": ClientSettings(),
        "relying_party": RelyingPartySettings(),
        "triggers": TriggersSettings(),
    }
    settings = settings.model_copy(update=honest)
    identity = RunIdentity.of(settings)
    controller = Controller(
        settings, identity, probe_target(settings, identity), take=take, expect=expect, proving=True, faults=faults
    )
    run_pytest(controller, workers=settings.run.workers or 1)
    never_decided = [f"{case} brought no verdict" for case in controller.never_decided()]
    cells = [
        cell
        for check in all_checks()
        if any(matches_selection(settings.run.select, check.id, case) for case in check.cases)
        for cell in _row(check, faults, records)
    ]
    return Proof(tuple(cells), (*controller.broken, *never_decided))


def _row(
    check: Check, faults: tuple[str, ...], records: dict[tuple[str, str | None], list[Record]]
) -> list[ProvenCell]:
    chosen = [
        fault
        for fault in sorted(check.killed_by)
        if not faults or any(fault == wanted or fault.startswith(wanted + ".") for wanted in faults)
    ]
    if faults and not chosen:
        return []
    honest = records[check.id, None]
    return [
        ProvenCell(check.id, None, *_honest_cell(honest)),
        *(
            ProvenCell(check.id, fault, *_faulty_cell(check, check.killed_by[fault], honest, records[check.id, fault]))
            for fault in chosen
        ),
    ]


def _honest_cell(records: list[Record]) -> tuple[Cell, str]:
    if not records:
        return Cell.NOT_RUN, "no case ran"
    for record in records:
        if record.verdict in (Verdict.FAIL, Verdict.WARN):
            return Cell.CRIED_WOLF, f"{record.id}: {record.message}"
        if record.verdict not in (Verdict.PASS, Verdict.INFO):
            return Cell.UNDECIDED, f"{record.id}: {record.message or record.missing_need}"
    return Cell.PASSED, f"{len(records)} cases"


def _faulty_cell(check: Check, words: str, honest: list[Record], records: list[Record]) -> tuple[Cell, str]:
    """A fault is caught when some case fails with the words declared for it.

    What is only recorded cannot fail; then the words have to stand among the observations, and in no
    observation of the honest run.
    """
    if not records:
        return Cell.NOT_RUN, "no case ran"
    for record in records:
        if is_finding_about(record, words):
            return Cell.CAUGHT, f"{record.id}: {record.message}"
        if _observed(words, record) and not any(_observed(words, other) for other in honest):
            return Cell.CAUGHT, f"{record.id}: {words}"
    failed = [record for record in records if record.verdict in (Verdict.FAIL, Verdict.WARN)]
    if failed:
        return Cell.WRONG_REASON, f"{failed[0].id}: {failed[0].message!r} lacks {words!r}"
    undecided = [record for record in records if record.verdict is Verdict.INCONCLUSIVE]
    if undecided:
        return Cell.UNDECIDED, f"{undecided[0].id}: {undecided[0].message}"
    return Cell.MISSED, f"{check.id} did not notice ({words!r})"


def _observed(words: str, record: Record) -> bool:
    """Whether `name: value` of an observation holds the words, where nothing but recording is required."""
    lines = (f"{name}: {value}" for name, value in record.observations.items())
    return (record.level is Level.INFO or record.verdict is Verdict.PASS) and any(words in line for line in lines)
