"""Faults: switches in otherwise honest fakes, one named departure from the protocol each.

A fault is declared beside the fake that it spoils (`declare_fault`) and asked for where the
departure happens (`switches.on("pool.srp.accepts-any-signature")`). `prove` switches one on at a
time and demands that each check which names it fails for its own reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One departure from the protocol: a dotted id (`fake.area.what-is-wrong`) and what it does."""

    id: str
    summary: str


class UnknownFault(Exception):
    """Nothing of that name was declared; the message lists what is near."""


_declared: dict[str, Fault] = {}


def declare_fault(id: str, summary: str) -> str:
    """Make a fault known and return its id, to be kept in a constant."""
    _declared[id] = Fault(id, summary)
    return id


def declared_faults() -> dict[str, Fault]:
    """Every fault declared by the fakes imported so far, by id, in the order of ids."""
    return dict(sorted(_declared.items()))


class FaultSwitches:
    """Which faults are on in one fake. All are off in an honest one."""

    def __init__(self) -> None:
        self._on: frozenset[str] = frozenset()

    def on(self, id: str) -> bool:
        """Whether the fault is switched on."""
        return id in self._on

    @property
    def active(self) -> frozenset[str]:
        """The ids of the faults that are on."""
        return self._on

    def switch_on(self, *ids: str) -> None:
        """Switch faults on, beside those already on. Raises UnknownFault."""
        for id in ids:
            if id not in _declared:
                near = [known for known in sorted(_declared) if known.split(".")[0] == id.split(".")[0]]
                raise UnknownFault(f"no fault is called {id!r}; known: {', '.join(near or sorted(_declared))}")
        self._on = self._on | frozenset(ids)

    def switch_off_all(self) -> None:
        """Make the fake honest again."""
        self._on = frozenset()

    @contextmanager
    def switched_on(self, *ids: str) -> Iterator[None]:
        """The faults are on inside the block and as they were before after it."""
        before = self._on
        self.switch_on(*ids)
        try:
            yield
        finally:
            self._on = before
