"""The edge set is what its seed gives."""

from __future__ import annotations

import pytest

from protocol.shapes import SHAPES, has_shape
from vectors.edges import QUANTITIES, Quantity, span_of
from vectors.generate import edge_file, find_edge, text_vectors
from vectors.load import FOLDER, load_vectors

COMMITTED = {vector.id: vector for vector in load_vectors("edges")}


@pytest.mark.parametrize("shape", ["leading-zero-nibble", "high-bit"])
@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
def test_the_search_finds_the_committed_edge_again(quantity: Quantity, shape: str) -> None:
    found = find_edge(quantity, shape)
    committed = COMMITTED[found.id]
    assert (found.flags, found.inputs.members, found.expected.members) == (
        committed.flags,
        committed.inputs.members,
        committed.expected.members,
    )


def test_the_file_is_written_as_it_was_committed() -> None:
    searched = [COMMITTED[f"edge-{quantity.name}-{shape}"] for quantity in QUANTITIES for shape in SHAPES]
    assert edge_file([*searched, *text_vectors()]) == (FOLDER / "edges.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.name)
def test_numbers_in_a_span_have_its_shape_and_plain_ones_have_none(quantity: Quantity) -> None:
    for shape in SHAPES:
        span = span_of(shape, quantity)
        assert has_shape(span.low, quantity.width, shape)
        assert has_shape(span.high - 1, quantity.width, shape)
    plain = span_of("plain", quantity)
    assert not any(has_shape(n, quantity.width, shape) for n in (plain.low, plain.high - 1) for shape in SHAPES)
