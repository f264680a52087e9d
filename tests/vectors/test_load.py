"""Loading known answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vectors import load
from vectors.load import FAMILIES, FOLDER, Values, VectorError, load_family, load_vectors


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder of vectors, empty."""
    monkeypatch.setattr(load, "FOLDER", tmp_path)
    return tmp_path


def test_every_file_of_vectors_is_a_known_family() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == sorted([*FAMILIES, "schema"])


def test_a_vector_is_read_as_what_it_is() -> None:
    vector = next(vector for vector in load_vectors("rfc5054") if vector.id == "rfc5054-appendix-b")
    assert vector.valid
    assert vector.inputs.text("user") == "alice"
    assert vector.inputs.data("salt")[:2] == b"\xbe\xb2"
    assert vector.inputs.number("generator") == 2
    assert vector.provenance.source == "RFC 5054 appendix B"
    assert set(vector.flags) <= load_family("rfc5054").flags.keys()


def test_an_unknown_family_is_refused_with_the_known_ones() -> None:
    with pytest.raises(VectorError, match=r"'rfc1'; there are cognito_srp, edges"):
        load_vectors("rfc1")


@pytest.mark.parametrize("content", [None, "", "{", '{"family": "hmac"}', "[]", '{"vectors": 3}'])
def test_a_broken_file_is_told_by_name(folder: Path, content: str | None) -> None:
    if content is not None:
        (folder / "hmac.json").write_text(content)
    with pytest.raises(VectorError, match=r"hmac\.json"):
        load_vectors("hmac")


def test_a_vector_without_a_member_is_told_by_name(folder: Path) -> None:
    document: dict[str, Any] = json.loads((FOLDER / "hmac.json").read_text())
    del document["vectors"][0]["provenance"]["licence"]
    (folder / "hmac.json").write_text(json.dumps(document))
    with pytest.raises(VectorError, match="licence"):
        load_vectors("hmac")


def test_a_value_that_is_missing_or_of_another_form_is_told_by_name() -> None:
    values = Values("the inputs of v", {"n": "xyz", "length": 3})
    for read, name, message in (
        (values.number, "n", "n is not a number in hex"),
        (values.data, "n", "n is not bytes in hex"),
        (values.integer, "n", "n is not a whole number"),
        (values.text, "length", "length is not a string"),
        (values.number, "salt", "lacks salt; it has n, length"),
    ):
        with pytest.raises(VectorError, match=f"the inputs of v.*{message}"):
            read(name)
