"""Every check fails under each of its faults, for its own reason, and under none passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes.faults import declared_faults
from harness.catalogue import all_checks
from reports.vocabulary import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.harness.conftest import Finished

SECTIONS = sorted({check.id.rpartition("-")[0] for check in all_checks()})


@pytest.mark.parametrize("section", SECTIONS)
def test_each_check_of_a_section_catches_each_of_its_faults(section: str, command: Callable[..., Finished]) -> None:
    done = command("prove", "--only", section, seconds=580)
    assert done.exit_code == ExitCode.CLEAN, "\n".join(line for line in done.output.splitlines() if "!" in line[:2])


def test_each_declared_fault_is_caught_by_some_check() -> None:
    import fakes.arithmetic
    import fakes.client
    import fakes.pool
    import fakes.relying_party
    import fakes.triggers
    import fakes.verifier  # noqa: F401 - each declares its faults

    caught = {fault for check in all_checks() for fault in check.killed_by}
    assert sorted(caught - declared_faults().keys()) == [], "checks name faults that nothing declares"
    assert sorted(declared_faults().keys() - caught) == [], "faults that no check catches"
