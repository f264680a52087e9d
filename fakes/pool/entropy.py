"""The pool's randomness: seeded, so that a run repeats, and forcible, so that rare values can be met."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from protocol.shapes import SHAPES, WIDTHS, Quantity, Shape, has_shape

FORCIBLE: tuple[Quantity, ...] = ("B", "u", "S", "K", "salt")
"""The quantities that the pool has a hand in; A is the client's."""


class UnreachableEdge(ValueError):
    """No such edge, or one that no search reaches in a time that a test would wait."""


@dataclass(frozen=True)
class Edge:
    """A value of the exchange with one of the shapes of `protocol.shapes`. Raises UnreachableEdge."""

    quantity: Quantity
    shape: Shape

    def __post_init__(self) -> None:
        if self.quantity not in FORCIBLE or self.shape not in SHAPES:
            raise UnreachableEdge(
                f"the pool cannot force {self.quantity!r} {self.shape!r}; "
                f"quantities are {', '.join(FORCIBLE)}, shapes are {', '.join(SHAPES)}"
            )
        if self.quantity in {"S", "K"} and self.shape == "two-zero-bytes":
            raise UnreachableEdge(
                f"two zero bytes of {self.quantity} take 131,072 exponentiations on average; "
                "force leading-zero-byte, or take a recorded one from vectors/"
            )

    def holds(self, value: int) -> bool:
        """Whether a value of this edge's quantity has this edge's shape."""
        return has_shape(value, WIDTHS[self.quantity], self.shape)


class Entropy:
    """An endless string of bytes grown from a seed with SHAKE-256, and the edges now forced."""

    def __init__(self, seed: int | None) -> None:
        self.seed = secrets.randbits(64) if seed is None else seed
        self._counter = 0
        self._forced: tuple[Edge, ...] = ()
        self.salt: int | None = None
        """The salt of every user, while it is set; None for salts of the pool's own choice."""

    def octets(self, length: int) -> bytes:
        """The next `length` bytes."""
        self._counter += 1
        return hashlib.shake_256(f"cognito-conformance pool {self.seed} {self._counter}".encode()).digest(length)

    def bits(self, count: int) -> int:
        """A number below 2^count; `count` is a multiple of eight."""
        return int.from_bytes(self.octets(count // 8), "big")

    def fraction(self) -> float:
        """A number from 0 up to and without 1."""
        return self.bits(48) / (1 << 48)

    def uuid(self) -> str:
        """A version 4 UUID as text."""
        return str(uuid.UUID(bytes=self.octets(16), version=4))

    @contextmanager
    def force(self, edge: Edge) -> Iterator[None]:
        """Inside the block every new challenge has the edge; blocks may be nested."""
        before = self._forced
        self._forced = (*before, edge)
        try:
            yield
        finally:
            self._forced = before

    @property
    def forced(self) -> tuple[Edge, ...]:
        """The edges now forced."""
        return self._forced

    def forced_on(self, *quantities: Quantity) -> tuple[Edge, ...]:
        """Those of the forced edges that concern these quantities."""
        return tuple(edge for edge in self._forced if edge.quantity in quantities)
