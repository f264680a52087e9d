"""What is said once of libraries, user pools and triggers is what each of their checks says."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import pytest

from harness import webauthn_requirements
from harness.catalogue import all_checks
from harness.check import CheckDefinitionError
from harness.webauthn_requirements import authentications
from harness.webauthn_requirements.requirement import (
    Held,
    Requirement,
    check_of_library,
    check_of_pool,
    check_of_triggers,
)


def _modules() -> list[ModuleType]:
    names = [each.name for each in pkgutil.iter_modules(webauthn_requirements.__path__)]
    return [importlib.import_module(f"harness.webauthn_requirements.{name}") for name in names]


REQUIREMENTS = {
    value.id: value for module in _modules() for value in vars(module).values() if isinstance(value, Requirement)
}
CHECKS = {check.id: check for check in all_checks()}


@pytest.mark.parametrize("id", REQUIREMENTS)
def test_two_kinds_of_subject_at_least_are_held_to_a_requirement(id: str) -> None:
    held = [CHECKS[each] for each in (id, f"{id}n", f"{id}r") if each in CHECKS]
    assert len(held) >= 2
    assert {check.level for check in held} == {REQUIREMENTS[id].level}


def test_explanations_name_who_is_judged() -> None:
    assert not [check.id for check in CHECKS.values() if "{service}" in check.explanation]
    assert "A library that makes up for what is missing" in CHECKS["WA-REG-13r"].explanation
    assert "A service that makes up for what is missing" in CHECKS["WA-REG-13"].explanation


def test_a_check_says_it_in_its_own_words_where_it_has_some() -> None:
    assert CHECKS["WA-AUT-15n"].summary == "The authenticator data is about the pool's RP ID."
    assert CHECKS["WA-AUT-15r"].summary == CHECKS["WA-AUT-15"].summary != CHECKS["WA-AUT-15n"].summary


def test_faults_are_those_of_who_is_judged() -> None:
    faults = [set(CHECKS[id].killed_by) for id in ("WA-AUT-16r", "WA-AUT-16n", "WA-AUT-16")]
    names = (
        "rp.ignores-user-presence",
        "pool.passkeys.ignores-user-presence",
        "triggers.passkeys.ignores-user-presence",
    )
    assert faults == [{name} for name in names]


@pytest.mark.parametrize(
    ("held", "id"), [(check_of_library, "WA-AUT-16n"), (check_of_pool, "WA-AUT-16"), (check_of_triggers, "WA-AUT-17")]
)
def test_a_check_with_the_id_of_another_is_none(held: Held, id: str) -> None:
    with pytest.raises(CheckDefinitionError, match="the check of WA-AUT-16 is WA-AUT-16"):
        held(id, authentications.AUT_16)
