"""What a case is: an honest ceremony with one named change, and whether the result may be accepted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from harness.sign_in import Left
from harness.webauthn_cases.edits import ED448, EDDSA, ES384, ES512, RS256, Edits, Manner, at

Kind = Literal["register", "authenticate"]
ALGORITHM_NEEDS = {RS256: "rs256", ES384: "es384", ES512: "es512", EDDSA: "eddsa", ED448: "ed448"}
"""What a relying party must be able to do for an algorithm; ES256 is taken for granted."""


@dataclass(frozen=True)
class Setting:
    """The honest ceremony around a change.

    Attributes:
        manner: how the authenticator is and does.
        stored: at an authentication, how it was at the registration; None: the same, with a counter of 0.
        offered: the algorithms of the options beside the credential's own.
        user_verification: what the options say of it.
        expected: further members of what the relying party is told; what is callable makes them of the credential id.
        options: further members of the options.
        needs: what the relying party must be able to do beyond the check's own needs and the algorithm.
        statuses: what FIDO's metadata report of the authenticator; none: the relying party is given no metadata.
    """

    manner: Manner = field(default_factory=Manner)
    stored: Manner | None = None
    offered: tuple[int, ...] = ()
    user_verification: str = "preferred"
    expected: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()

    @property
    def all_needs(self) -> tuple[str, ...]:
        """What the relying party must be able to do."""
        algorithm = ALGORITHM_NEEDS.get(self.manner.algorithm)
        return (*self.needs, *([algorithm] if algorithm else []))


USUAL = Setting()


@dataclass(frozen=True)
class Case:
    """A response with one change.

    Attributes:
        what: the case's name; it stands in findings.
        edits: the change; none for the honest response.
        acceptable: None where nothing is required and the judgement is recorded.
        setting: the honest ceremony.
        told: where the change is in what the relying party is told: the ceremony, but for the twin.
    """

    what: str
    edits: Edits
    acceptable: bool | None
    setting: Setting = USUAL
    told: Setting | None = None

    def told_otherwise(self, told: Setting) -> Case:
        """The same case, the relying party told something else than for the twin."""
        return replace(self, told=told)

    @property
    def attempted(self) -> Setting:
        """The ceremony of the case itself."""
        return self.told or self.setting


HONEST: Edits = ()


def good(what: str, edits: Edits = HONEST, setting: Setting = USUAL) -> Case:
    """A response that must be accepted."""
    return Case(what, edits, acceptable=True, setting=setting)


def bad(what: str, edits: Edits, setting: Setting = USUAL) -> Case:
    """A response that must be refused."""
    return Case(what, edits, acceptable=False, setting=setting)


def recorded(what: str, edits: Edits, setting: Setting = USUAL) -> Case:
    """A response that may be accepted or refused; which, is recorded."""
    return Case(what, edits, acceptable=None, setting=setting)


def each(*cases: Case | Iterable[Case]) -> dict[str, Case]:
    """The cases of a check, by their names."""
    flat = [case for given in cases for case in ([given] if isinstance(given, Case) else given)]
    return {case.what: case for case in flat}


def client_data_bytes(change: Callable[[bytes], bytes]) -> Edits:
    """Other bytes of the client data; they are hashed and signed."""
    return at("CLIENT_DATA_JSON", change)


def client_data(**members: Any) -> Edits:
    """Other members of the client data; `Left.OUT` takes one out."""
    return _client_data_members(lambda honest: {**honest, **members})


def computed_client_data(member: str, make: Callable[[Any], Any]) -> Edits:
    """A member of the client data, made of the honest one."""
    return _client_data_members(lambda honest: {**honest, member: make(honest[member])})


def authenticator_data(change: Callable[[bytes], bytes]) -> Edits:
    """Other bytes of the authenticator data; they are signed."""
    return at("AUTHENTICATOR_DATA_BYTES", change)


def flags(*, on: int = 0, off: int = 0) -> Edits:
    """Flags set and cleared, and nothing else."""
    return authenticator_data(lambda raw: raw[:32] + bytes([(raw[32] | on) & ~off & 0xFF]) + raw[33:])


def signature(change: Callable[[bytes], bytes]) -> Edits:
    """Another signature."""
    return at("SIGNATURE", change)


def response(change: Callable[[dict[str, Any]], Any]) -> Edits:
    """Another response, at the very end."""
    return at("RESPONSE", change)


def response_members(**members: Any) -> Edits:
    """Other members of the response; `Left.OUT` takes one out."""
    return response(lambda honest: _without({**honest, **members}))


def inner_members(**members: Any) -> Edits:
    """Other members of the response's `response`; `Left.OUT` takes one out."""
    return response(lambda honest: {**honest, "response": _without({**honest["response"], **members})})


def computed_inner(member: str, make: Callable[[Any], Any]) -> Edits:
    """A member of the response's `response`, made of the honest one."""
    return response(
        lambda honest: {**honest, "response": {**honest["response"], member: make(honest["response"][member])}}
    )


def _client_data_members(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Edits:
    def rewritten(raw: bytes) -> bytes:
        members = _without(change(json.loads(raw)))
        return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()

    return client_data_bytes(rewritten)


def _without(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not Left.OUT}
