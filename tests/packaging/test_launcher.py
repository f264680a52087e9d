"""The launcher in a checkout."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import cognito_conformance
from cognito_conformance.launcher import main

CHECKOUT = Path(__file__).parents[2]


def test_the_version_is_the_one_in_pyproject() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cognito_conformance.__version__ == project["version"]


def test_a_checkout_is_its_own_application_root() -> None:
    assert cognito_conformance.application_root() == CHECKOUT


def test_the_command_line_is_called_with_the_application_root_first_on_the_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths: list[str] = []
    command_line = ModuleType("harness.command_line")
    command_line.main = lambda: paths.extend(sys.path)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "harness.command_line", command_line)
    monkeypatch.setattr(sys, "path", ["/somewhere/else", str(CHECKOUT), "/another"])
    main()
    assert paths == [str(CHECKOUT), "/somewhere/else", "/another"]
