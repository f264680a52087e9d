"""The judge's side: what a check does not force is plain, and a pool that does not start decides nothing."""

from __future__ import annotations

import random

import pytest

from fakes.pool import EmbeddedPool, PoolDidNotStart
from harness.arrangement import Names
from harness.client_stage import PLAIN, Stage, edges
from harness.findings import Inconclusive
from harness.transcript import Transcript
from protocol.shapes import SHAPES, WIDTHS, has_shape


def test_a_plain_value_has_no_edge() -> None:
    assert {edge.quantity for edge in PLAIN} == {"B", "u", "S", "K", "salt"}
    for edge in PLAIN:
        bits = 8 * WIDTHS[edge.quantity]
        assert edge.holds(1 << bits - 2)
        assert not edge.holds(1 << bits - 5)
        if edge.quantity != "K":
            assert not any(has_shape(1 << bits - 2, WIDTHS[edge.quantity], shape) for shape in SHAPES)
            assert not edge.holds(1 << bits - 1)


def test_beside_an_edge_the_other_values_are_plain() -> None:
    shapes = {edge.quantity: edge.shape for edge in edges({"u": "leading-zero-byte"})}
    assert shapes == {"u": "leading-zero-byte", "B": "plain", "S": "plain", "K": "plain", "salt": "plain"}


def test_a_pool_that_does_not_start_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> EmbeddedPool:
        raise PoolDidNotStart("is the machine overloaded?")

    monkeypatch.setattr(EmbeddedPool, "start", refuse)
    names = Names(random.Random(1), "canary")  # noqa: S311 - a user that is never made
    stage = Stage(Transcript(), seed=1, names=names, run_name="run", region="us-east-1")
    with pytest.raises(Inconclusive, match="did not start: is the machine overloaded"):
        stage.account()
