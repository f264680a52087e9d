"""Verifies the vectors: their form, their flags, and every value anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from vectors.load import FAMILIES, SCHEMA_PATH, Family, Vector, VectorError, load_family, read_document

EDGE_FAMILY = "edges"


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which family, and with which vector where it is one vector's."""

    family: str
    vector: str | None
    what: str

    def __str__(self) -> str:
        place = f"{self.family}.json"
        return f"{place}: {self.what}" if self.vector is None else f"{place}: {self.vector}: {self.what}"


def verify_all() -> list[Problem]:
    """Everything that is wrong with the vectors; empty when all is well. It takes a few seconds.

    A family whose form is broken is looked at no further. Raises VectorError when the schema is missing.
    """
    problems: list[Problem] = []
    families: list[Family] = []
    for name in FAMILIES:
        try:
            document = read_document(name)
        except VectorError as error:
            problems.append(Problem(name, None, str(error)))
            continue
        broken = list(problems_of_form(name, document))
        problems += broken
        if not broken:
            families.append(load_family(name))
    problems += _repeated_ids(families)
    for family in families:
        problems += problems_of_flags(family)
        problems += (problem for vector in family.vectors for problem in problems_of_values(family.name, vector))
    return problems


def problems_of_form(name: str, document: object) -> Iterator[Problem]:
    """Where a family's file departs from the schema."""
    from jsonschema import Draft202012Validator

    try:
        schema = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VectorError(f"{SCHEMA_PATH} cannot be used: {error}; restore it from the repository") from error
    for breach in Draft202012Validator(schema).iter_errors(document):
        where = _vector_at(document, list(breach.absolute_path))
        yield Problem(name, where, f"{breach.json_path}: {breach.message[:200]}")
    if isinstance(document, dict) and document.get("family") != name:
        yield Problem(name, None, f"the file says it is the family {document.get('family')!r}")


def problems_of_flags(family: Family) -> Iterator[Problem]:
    """Flags without a note, notes without a flag, and edge vectors that are not what their flag claims."""
    from vectors.edges import EDGE_CLAIMS, EDGE_FLAGS

    used = {flag for vector in family.vectors for flag in vector.flags}
    for flag in sorted(used - set(family.flags)):
        yield Problem(family.name, None, f"no note says what the flag {flag} means")
    for flag in sorted(set(family.flags) - used):
        yield Problem(family.name, None, f"the note on {flag} is not used by any vector")
    if family.name != EDGE_FAMILY:
        return
    for flag in sorted(set(EDGE_FLAGS) - used):
        yield Problem(family.name, None, f"no vector has the edge {flag}")
    for vector in family.vectors:
        if not vector.flags:
            yield Problem(family.name, vector.id, "it has no flag, so it is no edge")
        for flag in vector.flags:
            if flag in EDGE_CLAIMS and not EDGE_CLAIMS[flag](vector):
                yield Problem(family.name, vector.id, f"it is not what its flag {flag} claims")


def problems_of_values(family: str, vector: Vector) -> Iterator[Problem]:
    """Where a vector's values are not those that its inputs give, or, of an invalid one, are."""
    from vectors.derive import derive

    try:
        derived = derive(vector)
    except (VectorError, ValueError, OverflowError) as error:
        yield Problem(family, vector.id, f"it cannot be derived: {error}")
        return
    for name, expected in vector.expected.members.items():
        if vector.valid and derived.get(name) != expected:
            yield Problem(family, vector.id, f"{name} is {derived.get(name)}, where the file has {expected}")
        if not vector.valid and derived.get(name) == expected:
            yield Problem(family, vector.id, f"{name} is the right value, where the file says it is wrong")
    if "user_pool_id" in vector.inputs:
        _, _, name_in_id = vector.inputs.text("user_pool_id").partition("_")
        if name_in_id != vector.inputs.text("pool_name"):
            yield Problem(family, vector.id, "pool_name is not what follows the _ of user_pool_id")


def _repeated_ids(families: list[Family]) -> Iterator[Problem]:
    ids = Counter(vector.id for family in families for vector in family.vectors)
    for family in families:
        for vector in family.vectors:
            if ids[vector.id] > 1:
                yield Problem(family.name, vector.id, "another vector has the same id")


def _vector_at(document: object, path: list[str | int]) -> str | None:
    """The id of the vector that a place in a document belongs to."""
    match path:
        case ["vectors", int(index), *_] if isinstance(document, dict):
            vector = document["vectors"][index]
            return str(vector.get("id", index)) if isinstance(vector, dict) else str(index)
    return None
