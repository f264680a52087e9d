"""The blocks of docs/ci.md do what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

from harness.command_line import main, run
from reports.renderings import RENDERINGS
from reports.vocabulary import Verdict
from tests.reports.samples import a_record, written

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "ci.md").read_text(encoding="utf-8")
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((CHECKOUT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def workflows() -> list[dict[str, Any]]:
    return [document for block in blocks("yaml") if "jobs" in (document := yaml.safe_load(block))]


def arguments_on_the_page() -> list[str]:
    steps = [step for workflow in workflows() for job in workflow["jobs"].values() for step in job["steps"]]
    told = [step["with"]["arguments"] for step in steps if "cognito-conformance" in step.get("uses", "")]
    (gitlab,) = (yaml.safe_load(block) for block in blocks("yaml") if "extends" in block)
    return [*told, gitlab["conformance"]["variables"]["ARGUMENTS"]]


def test_the_workflows_give_the_action_inputs_that_it_has() -> None:
    steps = [step for workflow in workflows() for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["with"] for step in steps if "cognito-conformance" in step.get("uses", "")]
    assert len(used) == 2
    assert all(set(given) <= set(ACTION["inputs"]) for given in used)


def test_a_workflow_that_uploads_findings_has_the_permission_for_it() -> None:
    for workflow in workflows():
        uploads = "upload-sarif" not in str(workflow)
        assert uploads == (workflow["permissions"].get("security-events") == "write")


def test_the_gitlab_job_sets_what_the_template_reads() -> None:
    (job,) = (yaml.safe_load(block)["conformance"] for block in blocks("yaml") if "extends" in block)
    (template,) = GITLAB.values()
    assert job["extends"] in GITLAB
    assert all(f"${name}" in str(template) or name in template["variables"] for name in job["variables"])


@pytest.mark.parametrize("arguments", arguments_on_the_page())
def test_the_arguments_are_ones_that_run_takes(arguments: str) -> None:
    words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "http://127.0.0.1:9", arguments))
    run.make_context("run", words, resilient_parsing=False)


def test_every_file_that_a_run_writes_is_named() -> None:
    written_files = {rendering.file for rendering in RENDERINGS.values() if rendering.file}
    assert written_files <= set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert all(f"`{name}`" in README for name in written_files)


def test_every_command_of_the_readme_is_one_that_the_tool_has() -> None:
    lines = re.findall(r"^    cognito-conformance ([^#\n]+)", README, re.MULTILINE)
    assert len(lines) > 10
    for line in lines:
        words = shlex.split(line)
        command: click.Command = main
        while isinstance(command, click.Group) and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        command.make_context(command.name, words)


def test_every_link_into_the_repository_leads_somewhere() -> None:
    for page in [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *(CHECKOUT / "docs").glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)|src=\"([^\":]+)\"", text):
            path = page.parent / (target[0] or target[1])
            assert path.exists(), f"{page.name} names {path.name}"


def test_pictures_are_small() -> None:
    pictures = list((CHECKOUT / "docs" / "pictures").glob("*.png"))
    assert pictures
    assert all(picture.stat().st_size <= 150_000 for picture in pictures)


def test_the_commands_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("results", "baseline"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, [a_record(verdict=Verdict.FAIL, message="let in")], exit_code=1)
    commands = [shlex.split(line)[1:] for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) == 6
    for words in commands:
        if words[0] != "run":
            done = CliRunner().invoke(main, words)
            assert done.exit_code == 0, (words, done.output)
