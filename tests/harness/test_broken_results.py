"""No command takes a results file that is not whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.command_line import main
from reports.vocabulary import Verdict
from tests.reports.samples import a_record, written

Document = dict[str, Any]

COMMANDS: dict[str, Callable[[Path, Path, Path], list[Path | str]]] = {
    "report": lambda broken, _, __: ["report", broken],
    "report html": lambda broken, _, __: ["report", broken, "--format", "html"],
    "report bundle": lambda broken, _, folder: ["report", "bundle", broken.parent, "--output", folder / "evidence.zip"],
    "diff old": lambda broken, whole, _: ["diff", broken, whole],
    "diff new": lambda broken, whole, _: ["diff", whole, broken],
    "waivers init": lambda broken, _, folder: ["waivers", "init", broken, "--output", folder / "waivers.toml"],
    "waivers check": lambda broken, _, folder: ["waivers", "check", _no_waivers(folder), "--results", broken],
}


def _no_waivers(folder: Path) -> Path:
    file = folder / "none.toml"
    file.write_text("")
    return file


def _document(change: Callable[[Document], object]) -> Callable[[str], str]:
    def changed(text: str) -> str:
        document = json.loads(text)
        change(document)
        return json.dumps(document)

    return changed


BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "without footer": (_document(lambda document: document.pop("footer")), "no footer"),
    "cut short": (lambda text: text[: len(text) // 2], "no footer"),
    "unknown version": (_document(lambda document: document["header"].update(version=99)), "version 99"),
    "wrong digest": (
        _document(lambda document: document["records"][0].update(verdict="pass")),
        "changed after the run",
    ),
    "not JSON": (lambda _: "verdict: pass", "not JSON"),
    "other JSON": (lambda _: "[]", "not the results of a run"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_results_file_is_refused_with_a_reason_and_nothing_is_written(
    tmp_path: Path, way: str, command: str
) -> None:
    spoil, said = BROKEN[way]
    whole, broken, made = tmp_path / "whole", tmp_path / "broken", tmp_path / "made"
    for folder in (whole, broken, made):
        folder.mkdir()
    written(whole, [a_record(verdict=Verdict.FAIL, message="let in")], exit_code=1)
    file = broken / "results.json"
    file.write_text(spoil((whole / "results.json").read_text()))
    refused = CliRunner().invoke(main, [str(word) for word in COMMANDS[command](file, whole, made)])
    assert refused.exit_code == 2
    assert said in refused.output
    assert [path.name for path in made.iterdir() if path.name != "none.toml"] == []
