"""Which records belong together in the eyes of a reader: what every rendering shows as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.model import Record
from reports.vocabulary import Verdict

_MOST_IDS = 8


@dataclass(frozen=True)
class Alike:
    """Cases of one check that say the same: one finding. What is shown of it is the first case's."""

    records: tuple[Record, ...]

    @property
    def first(self) -> Record:
        """The case that stands for all."""
        return self.records[0]

    @property
    def name(self) -> str:
        """`SRP-04[N]`, or the check with the names of its cases."""
        if len(self.records) == 1:
            return self.first.id
        return f"{self.first.check}: {some([record.case for record in self.records])}"


def alike(records: Sequence[Record], verdict: Verdict) -> list[Alike]:
    """The findings among the records of one verdict, in the order of their first cases."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.verdict is verdict:
            groups.setdefault((record.check, record.message), []).append(record)
    return [Alike(tuple(group)) for group in groups.values()]


def grouped(records: Sequence[Record], reason: Callable[[Record], str]) -> list[str]:
    """One line a reason, with the cases that have it."""
    groups: dict[str, list[str]] = {}
    for record in records:
        groups.setdefault(reason(record), []).append(record.id)
    return [f"{why}: {some(ids)}" for why, ids in sorted(groups.items())]


def some(names: Sequence[str]) -> str:
    """How many there are, and the first of them."""
    more = f" and {len(names) - _MOST_IDS} more" if len(names) > _MOST_IDS else ""
    return f"{len(names)} ({', '.join(names[:_MOST_IDS])}{more})"
