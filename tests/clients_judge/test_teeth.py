"""The reference client has a fault for every check of clients, and none that no check catches.

That each is caught, and for its own reason, is shown by `prove`, section by section (tests/harness/test_teeth.py).
"""

from __future__ import annotations

import fakes.client  # noqa: F401 - declares the faults
from fakes.faults import declared_faults
from harness.catalogue import all_checks
from reports.vocabulary import Subject

JUDGING_CLIENTS = [check for check in all_checks() if check.subject is Subject.CLIENT]


def test_the_checks_of_clients_are_those_of_the_catalogue() -> None:
    assert {check.id.rstrip("bcd") for check in JUDGING_CLIENTS} == {f"CLI-{number:02}" for number in range(1, 19)}


def test_each_check_of_a_client_needs_one() -> None:
    assert all("client" in check.needs for check in JUDGING_CLIENTS)


def test_each_fault_of_the_reference_client_is_named_by_a_check() -> None:
    caught = {fault for check in JUDGING_CLIENTS for fault in check.killed_by}
    assert caught == {fault for fault in declared_faults() if fault.startswith("client.")}
