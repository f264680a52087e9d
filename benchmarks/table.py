"""The figures beside their budget, as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value. `least` and `most` are its budget, in the same unit; None is no bound."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def budget(self) -> str:
        """The budget in words, or empty."""
        if self.least is not None:
            return f"at least {self.least:g}"
        return f"under {self.most:g}" if self.most is not None else ""

    @property
    def outcome(self) -> str:
        """`met`, or by how much it was missed, or empty where there is no budget."""
        if self.least is not None:
            return "met" if self.value >= self.least else f"missed by {1 - self.value / self.least:.0%}"
        if self.most is not None:
            return "met" if self.value < self.most else f"missed by {self.value / self.most - 1:.0%}"
        return ""


def table(figures: Sequence[Figure]) -> str:
    """One line a figure, in columns."""
    rows = [("", "measured", "", "budget", "")]
    rows += [(f.name, f"{f.value:.2f}", f.unit, f.budget, f.outcome) for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    name, value, *rest = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "  ".join([name, value.strip().rjust(widths[1]), *rest]).rstrip()
