from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.catalogue import find_check
from harness.catalogue_page import render_catalogue
from reports.flows import flow_name

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> str:
    """The page as `make docs` writes it: in a process that knows the suites' checks and no others."""
    command = [sys.executable, "-m", "cognito_conformance", "list", "--format", "markdown"]
    return subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def test_the_committed_catalogue_is_the_one_that_the_checks_make(made: str) -> None:
    committed = (CHECKOUT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert committed == made, "run `make docs`"


def test_every_flow_has_a_name(made: str) -> None:
    families = {line.removeprefix("### ").rpartition("-")[0] for line in made.splitlines() if line.startswith("### ")}
    assert [family for family in sorted(families) if flow_name(family) == family] == []


def test_a_check_stands_there_with_all_that_it_says_of_itself() -> None:
    check = find_check("SRP-04")
    page = render_catalogue([check])
    for said in ("### SRP-04", check.level.value, check.severity.value, check.evidence.value, check.subject.value):
        assert said in page
    for name in (*check.needs, *check.killed_by):
        assert f"`{name}`" in page
