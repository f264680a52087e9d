"""The launcher of cognito-conformance: the one package that an installation adds to Python's path."""

from __future__ import annotations

import tomllib
from pathlib import Path


def application_root() -> Path:
    """The folder that holds `harness/`, `suites/` and the rest: inside the wheel, or the checkout."""
    installed = Path(__file__).resolve().parent / "application"
    return installed if installed.is_dir() else installed.parents[1]


def _version() -> str:
    # pyproject.toml lies in the application's root in the wheel too, so the number has one home.
    with (application_root() / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


__version__ = _version()
