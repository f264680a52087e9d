from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reports.model import Exchange, Record
from reports.vocabulary import Verdict
from tests.reports.samples import NOON, WAIVER, a_record, an_exchange, any_json, single_values


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": Verdict.WAIVED, "waiver": None},
        {"verdict": Verdict.WAIVED, "waived_from": Verdict.INCONCLUSIVE},
        {"verdict": Verdict.WAIVED, "waived_from": None},
        {"verdict": Verdict.PASS, "waiver": WAIVER},
        {"verdict": Verdict.FAIL, "waived_from": Verdict.FAIL},
    ],
)
def test_a_record_is_waived_by_a_waiver_from_a_finding_or_not_at_all(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="no other record has either"):
        a_record(**changes)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_duration_is_a_finite_number_of_seconds(seconds: float) -> None:
    with pytest.raises(ValidationError):
        a_record(seconds=seconds)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        a_record(started=NOON.replace(tzinfo=None))


@single_values
@given(answer=any_json)
def test_any_answer_survives_json_and_utf8(answer: object) -> None:
    exchange = an_exchange(response=answer)
    text = exchange.model_dump_json()
    assert Exchange.model_validate_json(text.encode("utf-8").decode("utf-8")) == exchange


def test_plain_answers_are_kept_as_they_are() -> None:
    answer = {"a": [1, 2.5, None, True, "é", {"b": -(10**300)}]}
    assert an_exchange(response=answer).response == answer


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("\ud800", "\\ud800"),
        (b"\xff{}", "\\xff{}"),
        ({1: 2}, {"1": 2}),
        ((1, 2), [1, 2]),
        (NOON, "2026-11-05 12:00:00+00:00"),
        (1 << 20_000, hex(1 << 20_000)),
    ],
    ids=["not a number", "infinite", "surrogate", "bytes", "integer key", "tuple", "time", "huge"],
)
def test_what_json_cannot_hold_is_kept_as_text(answer: object, kept: object) -> None:
    assert an_exchange(response=answer).response == kept


def test_an_answer_nested_too_deeply_is_cut() -> None:
    answer: list[object] = []
    for _ in range(900):
        answer = [answer]
    assert "nested too deeply" in an_exchange(response=answer).model_dump_json()


@single_values
@given(st.lists(st.tuples(st.sampled_from(["SRP", "TRG-D"]), st.integers(0, 120)), min_size=1))
def test_ids_sort_by_prefix_and_then_by_number(ids: list[tuple[str, int]]) -> None:
    records = [a_record(f"{prefix}-{number}") for prefix, number in ids]
    ordered = [record.check for record in sorted(records, key=lambda record: record.order)]
    assert ordered == [f"{prefix}-{number}" for prefix, number in sorted(ids)]


def test_a_case_with_very_many_digits_can_be_sorted() -> None:
    long, longer = a_record(case="9" * 5000), a_record(case="1" * 5001)
    assert sorted([longer, long], key=lambda record: record.order) == [long, longer]


@pytest.mark.parametrize(("check", "family"), [("SRP-04", "SRP"), ("TRG-D-10", "TRG-D"), ("HARNESS", "HARNESS")])
def test_a_family_is_the_id_without_its_number(check: str, family: str) -> None:
    assert a_record(check).family == family


def test_a_record_survives_the_way_from_a_worker() -> None:
    record = a_record(verdict=Verdict.FAIL, message="\ud800", transcript=[an_exchange(response=float("inf"))])
    assert Record.model_validate_json(record.model_dump_json()) == record
