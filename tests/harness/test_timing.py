"""Two kinds of request are told apart by their time only where the difference is large, and in most pairs."""

from __future__ import annotations

import pytest

from harness.timing import Compared

SMALLEST = 0.004
SLOW, QUICK = [0.02] * 8, [0.005] * 8


def test_what_is_much_sooner_in_every_pair_is_told() -> None:
    assert Compared.of(SLOW, QUICK).is_sooner(SMALLEST)
    assert Compared.of(SLOW, QUICK).described() == "15.00 ms in the median of 8 pairs"


def test_what_is_slower_is_told_apart_and_not_sooner() -> None:
    compared = Compared.of(QUICK, SLOW)
    assert compared.is_told_apart(SMALLEST)
    assert not compared.is_sooner(SMALLEST)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(SLOW, SLOW, id="the same"),
        pytest.param([0.003] * 8, [0.0005] * 8, id="too small to be seen"),
        pytest.param([0.02] * 8, [0.015] * 8, id="small beside what both take"),
        pytest.param([0.02] * 6 + [0.005] * 2, [0.005] * 6 + [0.02] * 2, id="in three pairs of four"),
    ],
)
def test_less_is_not_told(one: list[float], other: list[float]) -> None:
    assert not Compared.of(one, other).is_told_apart(SMALLEST)
