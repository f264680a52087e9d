"""Two runs side by side: what is new, mended, changed, and no longer covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reports.model import Record, Results
from reports.vocabulary import ExitCode, Level, Verdict

_FINDINGS = frozenset({Verdict.FAIL, Verdict.WARN})
_DECIDED = _FINDINGS | {Verdict.PASS, Verdict.INFO, Verdict.WAIVED}


class Change(StrEnum):
    """What became of a check case between two runs, the gravest first."""

    NEW = "new finding"
    NO_LONGER_COVERED = "no longer covered"
    CHANGED = "changed"
    MENDED = "mended"
    NEWLY_COVERED = "newly covered"
    NOT_APPLICABLE_THERE = "not applicable there"


@dataclass(frozen=True)
class CaseChange:
    """One check case that is not as it was. `old` or `new` is None when a run has no such case."""

    change: Change
    old: Record | None
    new: Record | None

    @property
    def record(self) -> Record:
        """The newer of its records."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def described(self) -> str:
        """`pass -> fail`, with the words of the newer run."""
        before, after = (record.verdict.value if record else "absent" for record in (self.old, self.new))
        seen = "; ".join(_observed(self)) or (self.record.message or self.record.missing_need or "")
        return f"{before} -> {after}" + (f": {seen}" if seen else "")


@dataclass(frozen=True)
class Difference:
    """Everything in which two runs differ, in the order of ids."""

    old: Results
    new: Results
    changes: tuple[CaseChange, ...]

    def of(self, change: Change) -> list[CaseChange]:
        """The cases of one kind of change."""
        return [case for case in self.changes if case.change is change]

    @property
    def remarks(self) -> list[str]:
        """What a reader has to know before comparing: in what the runs themselves differ."""
        before, after = self.old.header, self.new.header
        pairs = {
            "target": (before.target.name, after.target.name),
            "what the target can do": (_listed(before.target.capabilities), _listed(after.target.capabilities)),
            "tool version": (before.tool_version, after.tool_version),
            "selection": (_listed(before.selection), _listed(after.selection)),
            "configuration": (before.configuration_digest[:12], after.configuration_digest[:12]),
        }
        lines = [f"{what}: {old} -> {new}" for what, (old, new) in pairs.items() if old != new]
        return lines + [
            f"the {name} run was interrupted: what it lacks was not tried"
            for name, results in (("old", self.old), ("new", self.new))
            if results.footer.interrupted
        ]

    def exit_code(self, gate_level: Level) -> int:
        """1 with a new or another finding at or above the level; 4 when less is covered than before; else 0.

        A change from one finding to another counts: who accepted the old one has not seen the new one.
        Of two kinds of target one can do what the other cannot: that is no loss.
        """
        levels = {Level.MUST} if gate_level is Level.MUST else {Level.MUST, Level.SHOULD}
        worse = [
            case
            for case in self.changes
            if case.new is not None
            and case.new.verdict in _FINDINGS
            and case.new.level in levels
            and case.change in (Change.NEW, Change.CHANGED)
        ]
        if worse:
            return ExitCode.FINDINGS
        return ExitCode.TOO_FEW if self.of(Change.NO_LONGER_COVERED) else ExitCode.CLEAN


def compare(old: Results, new: Results) -> Difference:
    """Set two runs side by side, case by case: of one target at two times, or of two targets."""
    of_two_kinds = old.header.target.kind != new.header.target.kind
    before, after = ({record.id: record for record in results.records} for results in (old, new))
    both = sorted({*before, *after}, key=lambda id_: (after.get(id_) or before[id_]).order)
    changes = [
        CaseChange(change, before.get(id_), after.get(id_))
        for id_ in both
        if (change := _change(before.get(id_), after.get(id_), of_two_kinds=of_two_kinds)) is not None
    ]
    return Difference(old, new, tuple(changes))


def _change(  # noqa: PLR0911 - one line a kind of change
    old: Record | None, new: Record | None, *, of_two_kinds: bool
) -> Change | None:
    was, decided = (record is not None and record.verdict in _DECIDED for record in (old, new))
    if was and not decided:
        cannot = of_two_kinds and new is not None and new.verdict is Verdict.NOT_APPLICABLE
        return Change.NOT_APPLICABLE_THERE if cannot else Change.NO_LONGER_COVERED
    if new is None or not decided:
        return None
    found = new.verdict in _FINDINGS
    if old is None or not was:
        return Change.NEW if found else Change.NEWLY_COVERED
    if found and old.verdict not in _FINDINGS:
        return Change.NEW
    if old.verdict in _FINDINGS and new.verdict is Verdict.PASS:
        return Change.MENDED
    if (old.verdict, old.observations) != (new.verdict, new.observations) or (found and old.message != new.message):
        return Change.CHANGED
    return None


def _observed(case: CaseChange) -> list[str]:
    """The observations that differ, where both runs have some."""
    if case.old is None or case.new is None:
        return []
    before, after = case.old.observations, case.new.observations
    return [
        f"{name}: {before.get(name, '(not seen)')} -> {after.get(name, '(not seen)')}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "everything"
