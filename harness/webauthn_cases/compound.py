"""Changes of compound attestation statements (WebAuthn L3 section 8.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.webauthn_cases.attestation import by, flipped
from harness.webauthn_cases.cases import Case, bad, good, recorded
from harness.webauthn_cases.edits import ES256, RS256, Edits, at

NEEDS = ("packed", "tpm")
"""The formats of the statements in the honest one, in their order."""

COMPOUND = by("compound", ES256, *NEEDS)


def several() -> list[Case]:
    """Two statements or more, none of them compound."""
    return [
        good("two statements", (), COMPOUND),
        good("two statements for RS256", (), by("compound", RS256, *NEEDS)),
        good("three statements", _statements(lambda made: [*made, made[0]]), COMPOUND),
        bad("one statement", _statements(lambda made: made[:1]), COMPOUND),
        bad("no statement", _statements(lambda made: []), COMPOUND),
        bad("a compound in a compound", _statements(lambda made: [made[0], _nested(made)]), COMPOUND),
        bad("a compound of nothing in a compound", _statements(lambda made: [*made, _nested([])]), COMPOUND),
        bad("a compound alone in a compound", _statements(lambda made: [_nested(made)]), COMPOUND),
        bad("a map of statements", _statements(lambda made: dict(enumerate(made))), COMPOUND),
        bad("one statement without the array", _statements(lambda made: made[0]), COMPOUND),
        bad("a statement without fmt", _statements(lambda made: [_without(made[0], "fmt"), made[1]]), COMPOUND),
        bad("a statement without attStmt", _statements(lambda made: [_without(made[0], "attStmt"), made[1]]), COMPOUND),
        bad("a statement that is a text", _statements(lambda made: [*made, "packed"]), COMPOUND),
    ]


def verified() -> list[Case]:
    """Somebody vouches: what holds no statement that verifies holds none."""
    return [
        bad("two statements, neither of which verifies", _statements(_with_wrong_signatures), COMPOUND),
        bad(
            "two statements of unknown formats",
            _statements(lambda made: [_relabelled(each) for each in made]),
            COMPOUND,
        ),
        bad("the statements exchanged", _statements(_exchanged), COMPOUND),
    ]


def partly_verified() -> list[Case]:
    """Some verify and some do not: how many must, is the relying party's policy."""
    return [
        recorded("a first statement that does not verify", _statements(_with_a_wrong_signature(0)), COMPOUND),
        recorded("a second statement that does not verify", _statements(_with_a_wrong_signature(1)), COMPOUND),
        recorded("a third statement that does not verify", _statements(_with_a_wrong_third), COMPOUND),
        recorded("a third statement of an unknown format", _statements(_with_an_unknown_third), COMPOUND),
    ]


def _statements(change: Callable[[list[dict[str, Any]]], Any]) -> Edits:
    """Another array of statements, or something in its place."""
    return at("STATEMENT", change)


def _nested(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"fmt": "compound", "attStmt": statements}


def _without(statement: dict[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != member}


def _relabelled(statement: dict[str, Any]) -> dict[str, Any]:
    return {**statement, "fmt": "bogus"}


def _wrongly_signed(statement: dict[str, Any]) -> dict[str, Any]:
    inner = statement["attStmt"]
    return {**statement, "attStmt": {**inner, "sig": flipped(inner["sig"], 20)}}


def _with_a_wrong_signature(position: int) -> Callable[[list[dict[str, Any]]], Any]:
    return lambda made: [_wrongly_signed(each) if at == position else each for at, each in enumerate(made)]


def _with_wrong_signatures(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_wrongly_signed(each) for each in made]


def _with_a_wrong_third(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*made, _wrongly_signed(made[0])]


def _with_an_unknown_third(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*made, _relabelled(made[0])]


def _exchanged(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each statement under the other's format."""
    first, second = made
    return [{**first, "fmt": second["fmt"]}, {**second, "fmt": first["fmt"]}]
