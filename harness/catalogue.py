"""The checks that this installation has, found by importing the suites."""

from __future__ import annotations

import importlib
from pathlib import Path

from harness.check import Check, registered_checks

APPLICATION_ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds the application: the checkout, or the wheel's data folder."""


class UnknownCheck(Exception):
    """No check has that id; the message lists those whose id begins alike."""


def all_checks() -> list[Check]:
    """Every check, in the order of ids."""
    for path in sorted((APPLICATION_ROOT / "suites").rglob("test_*.py")):
        importlib.import_module(".".join(path.relative_to(APPLICATION_ROOT).with_suffix("").parts))
    return registered_checks()


def find_check(id: str) -> Check:
    """The check with this id, in any case. Raises UnknownCheck."""
    checks = all_checks()
    for check in checks:
        if check.id.lower() == id.lower():
            return check
    alike = [check.id for check in checks if check.id.split("-")[0].lower() == id.split("-", maxsplit=1)[0].lower()]
    raise UnknownCheck(f"no check has the id {id}; known: {', '.join(alike or [check.id for check in checks])}")
