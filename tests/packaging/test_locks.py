"""The locks pin everything, with hashes, and name no registry."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
PYTHON_LOCKS = sorted((CHECKOUT / "requirements").glob("*.lock"))
NODE_LOCKS = sorted(
    lock for folder in ("*", "triggers/*") for lock in (CHECKOUT / "adapters").glob(f"{folder}/package-lock.json")
)


def blocks(lock: Path) -> list[str]:
    """The entries of a lock: a requirement with its hashes and comments."""
    return re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())


def pins(lock: Path) -> dict[str, Requirement]:
    """What a lock installs on this platform, by name."""
    requirements = [Requirement(block.split("\\\n")[0].strip()) for block in blocks(lock)]
    applicable = [found for found in requirements if found.marker is None or found.marker.evaluate()]
    return {canonicalize_name(found.name): found for found in applicable}


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_is_pinned_and_hashed(lock: Path) -> None:
    for block in blocks(lock):
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+ ", block), block
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_registry(lock: Path) -> None:
    assert "://" not in lock.read_text(encoding="utf-8")


def test_the_run_lock_satisfies_what_the_project_depends_on() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = pins(CHECKOUT / "requirements" / "run.lock")
    for wanted in map(Requirement, project["dependencies"]):
        [specifier] = locked[canonicalize_name(wanted.name)].specifier
        assert wanted.specifier.contains(specifier.version), f"{wanted}: run `make lock`"


@pytest.mark.parametrize("name", ["bootstrap", "lint", "run"])
def test_the_development_lock_agrees_with_the_others(name: str) -> None:
    development = pins(CHECKOUT / "requirements" / "dev.lock")
    for package, pin in pins(CHECKOUT / "requirements" / f"{name}.lock").items():
        assert development[package].specifier == pin.specifier


@pytest.mark.parametrize("path", NODE_LOCKS, ids=lambda path: path.parent.name)
def test_node_packages_are_pinned_exactly_with_integrity_and_without_a_registry(path: Path) -> None:
    lock = json.loads(path.read_text(encoding="utf-8"))
    for version in lock["packages"][""]["dependencies"].values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    for folder, package in lock["packages"].items():
        assert not folder or package["integrity"].startswith("sha512-"), folder
        assert "resolved" not in package, folder
