"""The reference verifier has a fault for every check of verifiers, and none that no check catches.

That each is caught, and for its own reason, is shown by `prove`, section by section (tests/harness/test_teeth.py).
"""

from __future__ import annotations

import fakes.verifier  # noqa: F401 - declares the faults
from fakes.faults import declared_faults
from harness.catalogue import all_checks

JUDGING_VERIFIERS = [check for check in all_checks() if "verifier" in check.needs]


def test_the_checks_of_verifiers_are_those_of_the_catalogue() -> None:
    assert [check.id for check in JUDGING_VERIFIERS] == ["REF-08", *(f"TOK-{number:02}" for number in range(1, 16))]


def test_each_fault_of_the_reference_verifier_is_named_by_a_check() -> None:
    caught = {fault for check in JUDGING_VERIFIERS for fault in check.killed_by}
    assert caught == {fault for fault in declared_faults() if fault.startswith("verifier.")}
