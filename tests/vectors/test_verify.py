"""Verification finds nothing wrong with our vectors, and everything wrong with spoilt ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vectors import load, verify
from vectors.load import FAMILIES, FOLDER, load_family, read_document
from vectors.verify import Problem, problems_of_flags, problems_of_form, problems_of_values, verify_all

Document = dict[str, Any]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_of_ours_holds(name: str) -> None:
    family = load_family(name)
    assert list(problems_of_form(name, read_document(name))) == []
    assert list(problems_of_flags(family)) == []
    assert [problem for vector in family.vectors for problem in problems_of_values(name, vector)] == []


def test_ids_are_unique_over_all_families() -> None:
    ids = [vector.id for name in FAMILIES for vector in load_family(name).vectors]
    assert len(ids) == len(set(ids))


@pytest.fixture
def verify_spoilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, Callable[[Document], object]], list[str]]:
    """Spoils one family, verifies it alone and returns what is wrong with it."""

    def spoil_and_verify(name: str, spoil: Callable[[Document], object]) -> list[str]:
        document = json.loads((FOLDER / f"{name}.json").read_text())
        spoil(document)
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        monkeypatch.setattr(load, "FOLDER", tmp_path)
        monkeypatch.setattr(verify, "FAMILIES", (name,))
        return [str(problem) for problem in verify_all()]

    return spoil_and_verify


Spoilt = Callable[[str, Callable[[Document], object]], list[str]]


def test_an_unspoilt_family_verifies(verify_spoilt: Spoilt) -> None:
    assert verify_spoilt("totp", lambda document: None) == []


def test_a_changed_value_is_found(verify_spoilt: Spoilt) -> None:
    (problem,) = verify_spoilt("totp", lambda document: document["vectors"][0]["expected"].update(code="00000000"))
    assert problem.startswith("totp.json: rfc6238-sha-1-59: code is 94287082")


def test_a_wrong_value_that_is_right_is_found(verify_spoilt: Spoilt) -> None:
    (problem,) = verify_spoilt("totp", lambda document: document["vectors"][0].update(result="invalid"))
    assert "code is the right value, where the file says it is wrong" in problem


def test_a_repeated_id_is_found(verify_spoilt: Spoilt) -> None:
    problems = verify_spoilt("totp", lambda document: document["vectors"].append(document["vectors"][0]))
    assert problems == ["totp.json: rfc6238-sha-1-59: another vector has the same id"] * 2


def test_flags_and_their_notes_must_match(verify_spoilt: Spoilt) -> None:
    problems = verify_spoilt(
        "totp", lambda document: document["flags"].update(Unused=document["flags"].pop("SixDigits"))
    )
    assert problems == [
        "totp.json: no note says what the flag SixDigits means",
        "totp.json: the note on Unused is not used by any vector",
    ]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda vector: vector.pop("provenance"), "'provenance' is a required property"),
        (lambda vector: vector["expected"].update(code="12a456"), "does not match"),
        (lambda vector: vector["inputs"].update(secret="ABC"), "does not match"),
        (lambda vector: vector["inputs"].update(time=-1), "less than the minimum"),
        (lambda vector: vector["inputs"].update(salt="00"), "Additional properties are not allowed"),
        (lambda vector: vector.update(operation="guess"), "is not one of"),
    ],
)
def test_a_vector_outside_the_schema_is_found(
    verify_spoilt: Spoilt, spoil: Callable[[Document], object], message: str
) -> None:
    problems = verify_spoilt("totp", lambda document: spoil(document["vectors"][0]))
    assert any(message in problem and "rfc6238-sha-1-59" in problem for problem in problems)


def test_a_file_of_another_family_is_found(verify_spoilt: Spoilt) -> None:
    (problem,) = verify_spoilt("totp", lambda document: document.update(family="hotp"))
    assert problem == "totp.json: the file says it is the family 'hotp'"


def test_a_missing_file_is_a_problem_and_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "FOLDER", tmp_path)
    problems = verify_all()
    assert [problem.family for problem in problems] == list(FAMILIES)
    assert all("cannot be read" in problem.what for problem in problems)


def test_an_edge_that_is_none_is_found() -> None:
    family = load_family("edges")
    moved = {flag: vector for vector in family.vectors for flag in vector.flags}
    plain, spoilt = moved["SaltHighBit"], moved["SaltTwoZeroBytes"]
    swapped = load.Vector(**{**vars(plain), "flags": spoilt.flags})
    vectors = tuple(swapped if vector is plain else vector for vector in family.vectors)
    problems = list(problems_of_flags(load.Family(**{**vars(family), "vectors": vectors})))
    assert Problem("edges", plain.id, "it is not what its flag SaltTwoZeroBytes claims") in problems
    assert Problem("edges", None, "no vector has the edge SaltHighBit") in problems


def test_a_pool_name_that_is_not_in_the_id_is_found() -> None:
    vector = next(vector for vector in load_family("edges").vectors if "user_pool_id" in vector.inputs)
    inputs = load.Values("v", {**vector.inputs.members, "user_pool_id": "us-east-1_Other"})
    problems = list(problems_of_values("edges", load.Vector(**{**vars(vector), "inputs": inputs})))
    assert [problem.what for problem in problems] == ["pool_name is not what follows the _ of user_pool_id"]
