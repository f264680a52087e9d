"""Known answers as typed objects.

Loading trusts the files' form as `vectors verify` checks it and says clearly where it was broken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

FOLDER = Path(__file__).resolve().parent
SCHEMA_PATH = FOLDER / "schema.json"
FAMILIES = ("cognito_srp", "edges", "hkdf", "hmac", "minimal_bytes", "rfc2945", "rfc5054", "totp", "webauthn")
"""The families of known answers; each is the file `<family>.json`."""


class VectorError(Exception):
    """Vectors that cannot be used: no such family, a file that is not JSON, a member missing or of a wrong form."""


@dataclass(frozen=True)
class Values:
    """The inputs or the expected values of one vector, each read as what the schema says it is.

    Each reader raises VectorError, naming the vector, when the member is missing or has another form.
    """

    owner: str
    members: Mapping[str, str | int]

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def number(self, name: str) -> int:
        """A number, written in hex."""
        try:
            return int(self.text(name), 16)
        except ValueError as error:
            raise VectorError(f"{self.owner}: {name} is not a number in hex") from error

    def data(self, name: str) -> bytes:
        """Bytes, written in hex."""
        try:
            return bytes.fromhex(self.text(name))
        except ValueError as error:
            raise VectorError(f"{self.owner}: {name} is not bytes in hex") from error

    def text(self, name: str) -> str:
        """Text as it stands."""
        value = self._member(name)
        if not isinstance(value, str):
            raise VectorError(f"{self.owner}: {name} is not a string")
        return value

    def integer(self, name: str) -> int:
        """A small whole number, written as a JSON number."""
        value = self._member(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise VectorError(f"{self.owner}: {name} is not a whole number")
        return value

    def _member(self, name: str) -> str | int:
        if name not in self.members:
            raise VectorError(f"{self.owner} lacks {name}; it has {', '.join(self.members) or 'nothing'}")
        return self.members[name]


@dataclass(frozen=True)
class Flag:
    """What a flag means, what failing its vectors does to users, and where that is written."""

    meaning: str
    effect: str
    clause: str


@dataclass(frozen=True)
class Provenance:
    """Where a vector comes from, under which licence, and how its values were obtained."""

    source: str
    licence: str
    obtained: str


@dataclass(frozen=True)
class Vector:
    """One known answer.

    Attributes:
        id: unique over all families.
        operation: what is computed; schema.json lists the members that each operation has.
        comment: what is special about it.
        flags: names of flags of its family.
        result: `valid` when the inputs give the expected values, `invalid` when none of them may come out.
        inputs: what goes in.
        expected: what comes out, or must not.
        provenance: where it comes from.
    """

    id: str
    operation: str
    comment: str
    flags: tuple[str, ...]
    result: Literal["valid", "invalid"]
    inputs: Values
    expected: Values
    provenance: Provenance

    @property
    def valid(self) -> bool:
        """Whether the expected values must come out."""
        return self.result == "valid"


@dataclass(frozen=True)
class Family:
    """One file of known answers."""

    name: str
    about: str
    flags: Mapping[str, Flag]
    vectors: tuple[Vector, ...]


def load_vectors(family: str) -> tuple[Vector, ...]:
    """The vectors of a family, in the file's order. Raises VectorError."""
    return load_family(family).vectors


def load_family(family: str) -> Family:
    """A family with its vectors and the notes on its flags. Raises VectorError."""
    document = read_document(family)
    try:
        return Family(
            name=document["family"],
            about=document["about"],
            flags=MappingProxyType({name: Flag(**note) for name, note in document["flags"].items()}),
            vectors=tuple(_vector(each) for each in document["vectors"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise VectorError(
            f"{family}.json does not have the form of schema.json ({type(error).__name__}: {error}); "
            "run `cognito-conformance vectors verify`"
        ) from error


def read_document(family: str) -> Any:
    """A family's file as plain JSON. Raises VectorError for an unknown family or a file that is not JSON."""
    if family not in FAMILIES:
        raise VectorError(f"no vectors are called {family!r}; there are {', '.join(FAMILIES)}")
    path = FOLDER / f"{family}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise VectorError(f"{path} cannot be read: {error}; restore it from the repository") from error
    except ValueError as error:
        raise VectorError(f"{path} is not JSON: {error}; restore it from the repository") from error


def _vector(members: dict[str, Any]) -> Vector:
    return Vector(
        id=members["id"],
        operation=members["operation"],
        comment=members["comment"],
        flags=tuple(members["flags"]),
        result=members["result"],
        inputs=Values(f"the inputs of {members['id']}", MappingProxyType(dict(members["inputs"]))),
        expected=Values(f"the expected values of {members['id']}", MappingProxyType(dict(members["expected"]))),
        provenance=Provenance(**members["provenance"]),
    )
