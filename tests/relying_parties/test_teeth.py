"""The reference relying party has a fault for every check of relying parties, and none that no check catches.

That each is caught, and for its own reason, is shown by `prove`, section by section (tests/harness/test_teeth.py).
"""

from __future__ import annotations

import fakes.relying_party  # noqa: F401 - declares the faults
from fakes.faults import FaultSwitches, declared_faults
from fakes.relying_party import ReferenceRelyingParty
from harness.catalogue import all_checks
from harness.webauthn_cases.cases import USUAL
from tests.relying_parties.conftest import court_of

JUDGING = [check for check in all_checks() if "relying-party" in check.needs]


def test_each_fault_of_the_reference_relying_party_is_named_by_a_check() -> None:
    caught = {fault for check in JUDGING for fault in check.killed_by}
    assert caught == {fault for fault in declared_faults() if fault.startswith("rp.")}


def test_the_same_randomness_makes_the_same_ceremonies() -> None:
    made = [court_of(ReferenceRelyingParty(FaultSwitches())).registered(USUAL).record for _ in range(2)]
    assert made[0] == made[1]
