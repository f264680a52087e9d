from __future__ import annotations

import pytest

from benchmarks.table import Figure, table


@pytest.mark.parametrize(
    ("figure", "outcome"),
    [
        (Figure("rate", 100, "/s", least=100), "met"),
        (Figure("rate", 75, "/s", least=100), "missed by 25%"),
        (Figure("time", 2.9, "s", most=3), "met"),
        (Figure("time", 3.0, "s", most=3), "missed by 0%"),
        (Figure("time", 4.5, "s", most=3), "missed by 50%"),
        (Figure("rate", 75, "/s"), ""),
    ],
)
def test_a_figure_says_whether_its_budget_is_met_and_by_how_much_it_is_missed(figure: Figure, outcome: str) -> None:
    assert figure.outcome == outcome


def test_the_table_shows_each_figure_beside_its_budget_in_columns() -> None:
    lines = table([Figure("list", 0.25, "s", most=0.5), Figure("sign-ins", 112.5, "/s", least=100)]).splitlines()
    assert [line.split() for line in lines] == [
        ["measured", "budget"],
        ["list", "0.25", "s", "under", "0.5", "met"],
        ["sign-ins", "112.50", "/s", "at", "least", "100", "met"],
    ]
    assert lines[1].index("under") == lines[2].index("at least") == lines[0].index("budget")
