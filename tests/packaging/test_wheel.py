"""The wheel adds one package, spills nothing, and works from any directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from cognito_conformance import __version__

CHECKOUT = Path(__file__).parents[2]
APPLICATION = PurePosixPath("cognito_conformance/application")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, text=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def members(wheel: Path) -> list[PurePosixPath]:
    with zipfile.ZipFile(wheel) as archive:
        return [PurePosixPath(name) for name in archive.namelist()]


@pytest.fixture(scope="session")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile"]
    subprocess.run([*install, "--target", str(folder), str(wheel)], check=True, capture_output=True, text=True)
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A working directory with folders of the application's own names, which must not be taken for it."""
    for name in ("harness", "suites", "protocol"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('taken from the working directory')\n")
    return tmp_path


def environment(installation: Path) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    return inherited | {"PYTHONPATH": str(installation), "PYTHONDONTWRITEBYTECODE": "1"}


def test_the_wheel_holds_one_package_and_its_metadata(members: list[PurePosixPath]) -> None:
    assert {member.parts[0] for member in members} == {
        "cognito_conformance",
        f"cognito_conformance-{__version__}.dist-info",
    }


def test_every_folder_of_the_application_is_in_the_wheel(members: list[PurePosixPath]) -> None:
    folders = {member.relative_to(APPLICATION).parts[0] for member in members if member.is_relative_to(APPLICATION)}
    assert folders == {
        "adapters",
        "conftest.py",
        "fakes",
        "harness",
        "protocol",
        "pyproject.toml",
        "reports",
        "suites",
        "vectors",
    }


def test_the_wheel_holds_nothing_that_was_built_or_installed(members: list[PurePosixPath]) -> None:
    unwanted = {"__pycache__", "node_modules", ".tox", ".venv", "tests"}
    assert [str(member) for member in members if unwanted & set(member.parts) or member.suffix == ".pyc"] == []


def test_the_wheel_carries_the_licence(members: list[PurePosixPath]) -> None:
    assert PurePosixPath(f"cognito_conformance-{__version__}.dist-info/licenses/LICENSE") in members


def test_an_installed_copy_lists_the_checks_from_any_directory(installation: Path, elsewhere: Path) -> None:
    command = [str(installation / "bin" / "cognito-conformance"), "list", "--format", "json"]
    listed = subprocess.run(
        command, cwd=elsewhere, env=environment(installation), check=False, capture_output=True, text=True
    )
    assert listed.returncode == 0, listed.stderr
    assert "SRP-01" in {check["id"] for check in json.loads(listed.stdout)}


def test_an_installed_copy_runs_a_check_and_leaves_only_its_report(installation: Path, elsewhere: Path) -> None:
    before = set(elsewhere.rglob("*")) | set(installation.rglob("*"))
    command = [str(installation / "bin" / "cognito-conformance"), "run", "--only", "SRP-01", "--out", "report"]
    ran = subprocess.run(
        command, cwd=elsewhere, env=environment(installation), check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    left = (set(elsewhere.rglob("*")) | set(installation.rglob("*"))) - before
    assert {path.relative_to(elsewhere).parts[0] for path in left} == {"report"}
    assert elsewhere / "report" / "results.json" in left
