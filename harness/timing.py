"""Whether one kind of request is answered sooner than another, as far as that can be seen through a busy machine."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

TOLD_APART = 0.35
"""By how much the share of pairs in which one was sooner may differ from the half that chance makes it."""

SOONER_BY = 0.4
"""The part of its time that a request of one kind may save beside the other."""


@dataclass(frozen=True)
class Compared:
    """Two kinds of request, measured in pairs: back to back and in changing order, so that all else slows both alike.

    Attributes:
        difference: seconds that the other kind is sooner than the one, in the median of the pairs.
        slower: seconds that the slower of a pair takes, in the median.
        sooner: the share of pairs in which the other kind is sooner.
        pairs: how many there are.
    """

    difference: float
    slower: float
    sooner: float
    pairs: int

    @classmethod
    def of(cls, one: Sequence[float], other: Sequence[float]) -> Self:
        """What the seconds of each pair show."""
        pairs = list(zip(one, other, strict=True))
        return cls(
            difference=statistics.median(first - second for first, second in pairs),
            slower=statistics.median(max(pair) for pair in pairs),
            sooner=sum(first > second for first, second in pairs) / len(pairs),
            pairs=len(pairs),
        )

    def is_sooner(self, smallest: float) -> bool:
        """Whether the other kind is visibly sooner: by more than `smallest` seconds."""
        return self.difference > 0 and self.is_told_apart(smallest)

    def is_told_apart(self, smallest: float, *, by: float = SOONER_BY, apart: float = TOLD_APART) -> bool:
        """Whether one of the two is visibly sooner, whichever."""
        return abs(self.difference) > max(smallest, by * self.slower) and abs(self.sooner - 0.5) > apart

    def described(self) -> str:
        """For the record."""
        return f"{self.difference * 1e3:.2f} ms in the median of {self.pairs} pairs"
