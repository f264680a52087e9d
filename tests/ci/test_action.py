"""The steps of the GitHub Action and of the GitLab template, run as those systems' shells run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((CHECKOUT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}


@dataclass(frozen=True)
class Job:
    """What a workflow job left behind."""

    exit_code: int
    outputs: str
    summary: str
    results: Path


@pytest.fixture(scope="module")
def runner_temp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner's folder in which the step Install has been done: here with the packages that are installed already."""
    folder = tmp_path_factory.mktemp("runner")
    put_python(folder / "cognito-conformance")
    return folder


def put_python(environment: Path) -> None:
    """A virtual environment as far as the scripts look at it: its Python is the one that runs the tests."""
    python = environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)


@pytest.fixture
def workflow(runner_temp: Path, tmp_path: Path) -> Callable[[str], Job]:
    """Runs the steps Run, Summary and Gate of a job with the given `arguments`."""

    def run(arguments: str) -> Job:
        inputs = {name: spec.get("default", "") for name, spec in ACTION["inputs"].items()} | {"arguments": arguments}
        outputs, summary = tmp_path / "outputs", tmp_path / "summary"
        for file in (outputs, summary):
            file.write_text("")
        runner = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "RUNNER_TEMP": str(runner_temp),
            "GITHUB_ACTION_PATH": str(CHECKOUT),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(summary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        code = 0
        for name in ("Run", "Summary", "Gate"):
            expressions = {f"inputs.{key}": value for key, value in inputs.items()}
            expressions["steps.run.outputs.exit-code"] = outputs.read_text().rpartition("exit-code=")[2].strip()
            done = shell(STEPS[name], expressions, runner, tmp_path)
            code = code or done
        return Job(code, outputs.read_text(), summary.read_text(), tmp_path / inputs["out"])

    return run


def shell(step: Mapping[str, Any], expressions: Mapping[str, str], runner: Mapping[str, str], folder: Path) -> int:
    """The exit code of a step, run with the options that GitHub gives bash."""
    environment = {
        name: re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: expressions[found[1]], value)
        for name, value in step.get("env", {}).items()
    }
    script = folder / "step.sh"
    script.write_text(step["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    return subprocess.run(command, cwd=folder, env={**runner, **environment}, check=False).returncode


def test_a_clean_run_passes_the_gate_and_writes_every_report(workflow: Callable[[str], Job]) -> None:
    job = workflow("--only SRP-04 --seed 7")
    assert (job.exit_code, job.outputs) == (0, "exit-code=0\n")
    assert "clean" in job.summary
    assert {"results.json", "junit.xml", "findings.sarif", "report.html"} <= {
        file.name for file in job.results.iterdir()
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--only SRP-04 --floor 1000", 4),
        ("--only SRP --endpoint http://127.0.0.1:9", 3),
        ("--config missing.toml", 2),
        ("--only 'SRP-04[N]' --only 'SRP-04[no such case]'", 4),
    ],
)
def test_the_job_ends_with_the_tools_own_exit_code(workflow: Callable[[str], Job], arguments: str, code: int) -> None:
    job = workflow(arguments)
    assert (job.exit_code, job.outputs) == (code, f"exit-code={code}\n")
    assert job.summary


def test_findings_fail_the_job(workflow: Callable[[str], Job], tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.toml"
    waivers.write_text('[[waiver]]\ncheck = "SRP-04"\nreason = "r"\nowner = "o"\nexpires = 2020-01-01\n')
    job = workflow(f"--only SRP-04 --waivers {waivers}")
    assert job.exit_code == 1
    assert "it expired on 2020" in re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), job.summary)


def test_arguments_are_words_and_never_commands(workflow: Callable[[str], Job], tmp_path: Path) -> None:
    workflow('--only SRP-04 $(touch made) `touch made` "; touch made"')
    assert not (tmp_path / "made").exists()


def test_the_install_step_takes_the_locked_versions_only() -> None:
    assert "--require-hashes" in STEPS["Install"]["run"]
    assert "requirements/run.lock" in STEPS["Install"]["run"]
    assert (CHECKOUT / "requirements" / "run.lock").is_file()


def test_no_expression_stands_in_a_script() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []


def test_gate_and_reports_run_whatever_the_run_came_to() -> None:
    for name in ("Summary", "Code scanning", "Reports", "Gate"):
        assert "always()" in STEPS[name]["if"]


def test_the_gitlab_job_runs_the_same_program_and_keeps_its_exit_code(tmp_path: Path) -> None:
    job = GITLAB[".cognito-conformance"]
    put_python(tmp_path / "cognito-conformance-env")
    (tmp_path / "cognito-conformance").symlink_to(CHECKOUT)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CI_BUILDS_DIR": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        **job["variables"],
        "ARGUMENTS": "--only SRP-04 --floor 1000",
    }
    done = subprocess.run(["sh", "-ec", job["script"][-1]], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 4
    assert (tmp_path / job["variables"]["OUT"] / "junit.xml").is_file()
    assert job["artifacts"]["reports"]["junit"] == "$OUT/junit.xml"


def test_the_metadata_has_what_github_demands_of_a_composite_action() -> None:
    assert {"name", "description", "runs"} <= set(ACTION) <= {"name", "description", "inputs", "outputs", "runs"}
    assert ACTION["runs"]["using"] == "composite"
    assert all(set(spec) <= {"description", "default", "required"} for spec in ACTION["inputs"].values())
    assert all(spec["description"] for spec in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    assert all(isinstance(spec["default"], str) for spec in ACTION["inputs"].values())
    for step in STEPS.values():
        assert ("run" in step) != ("uses" in step)
        assert set(step) <= {"name", "id", "if", "shell", "env", "run", "uses", "with"}
        assert "run" not in step or step["shell"] == "bash"


def test_every_input_is_used_and_every_expression_names_one_that_there_is() -> None:
    text = (CHECKOUT / "action.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))
    assert used == set(ACTION["inputs"])
    assert set(re.findall(r"steps\.(\w+)\.", text)) <= {step.get("id") for step in STEPS.values()}
