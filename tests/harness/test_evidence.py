from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cognito_conformance import __version__
from harness.command_line import main
from harness.evidence import EvidenceError, bundle_evidence, verify_evidence
from reports.reader import UnreadableResults
from reports.vocabulary import Verdict
from reports.writer import ResultsWriter
from tests.reports.samples import a_header, a_record

Members = dict[str, bytes]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    header = a_header().model_copy(update={"tool_version": __version__})
    with ResultsWriter(tmp_path, header) as writer:
        writer.append(a_record(verdict=Verdict.FAIL, message="let in"))
        writer.finish(seconds=1, findings=[], exit_code=1, reason="fail: 1")
    (tmp_path / "configuration.json").write_text("{}")
    file = tmp_path / "evidence.zip"
    bundle_evidence(tmp_path, file)
    return file


def rewritten(archive: Path, change: Callable[[Members], None]) -> Path:
    with zipfile.ZipFile(archive) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    change(members)
    with zipfile.ZipFile(archive, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return archive


def test_an_archive_is_whole_as_it_was_made(archive: Path) -> None:
    review = verify_evidence(archive)
    assert (review.problems, review.remarks) == ((), ())


def test_an_archive_holds_what_a_reviewer_asks_for(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        assert sorted(opened.namelist()) == [
            "configuration.json",
            "manifest.json",
            "report.html",
            "results.json",
            "vectors.json",
        ]
        manifest = json.loads(opened.read("manifest.json"))
        assert manifest["seed"] == 42
        assert sorted(manifest["sha256"]) == ["configuration.json", "report.html", "results.json", "vectors.json"]
        assert "webauthn.json" in json.loads(opened.read("vectors.json"))["vectors"]


def test_the_same_run_makes_the_same_archive(archive: Path) -> None:
    first = archive.read_bytes()
    bundle_evidence(archive.parent, archive)
    assert archive.read_bytes() == first


@pytest.mark.parametrize("member", ["results.json", "report.html", "vectors.json", "configuration.json"])
def test_a_changed_member_is_named(archive: Path, member: str) -> None:
    def change(members: Members) -> None:
        members[member] = members[member].replace(b"e", b"E", 1) if b"e" in members[member] else b"[]"

    problems = verify_evidence(rewritten(archive, change)).problems
    assert any(problem.startswith(f"{member} was changed") for problem in problems)


def test_a_report_of_other_results_is_found_though_its_sum_is_right(archive: Path) -> None:
    def change(members: Members) -> None:
        import hashlib

        members["report.html"] = members["report.html"].replace(b"let in", b"all is well")
        manifest = json.loads(members["manifest.json"])
        manifest["sha256"]["report.html"] = hashlib.sha256(members["report.html"]).hexdigest()
        members["manifest.json"] = json.dumps(manifest).encode()

    problems = verify_evidence(rewritten(archive, change)).problems
    assert problems == ("report.html is not the report of these results",)


def test_a_missing_and_a_surplus_member_are_named(archive: Path) -> None:
    def change(members: Members) -> None:
        del members["vectors.json"]
        members["extra.txt"] = b"x"

    problems = verify_evidence(rewritten(archive, change)).problems
    assert "vectors.json is in the manifest and not in the archive" in problems
    assert "extra.txt is in the archive and not in the manifest" in problems


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_what_is_no_archive_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "evidence.zip"
    file.write_bytes(content)
    with pytest.raises(EvidenceError, match="report bundle"):
        verify_evidence(file)


def test_an_unfinished_run_is_not_bundled(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, a_header()) as writer:
        writer.append(a_record())
    with pytest.raises(UnreadableResults):
        bundle_evidence(tmp_path, tmp_path / "evidence.zip")
    assert not (tmp_path / "evidence.zip").exists()


def test_the_commands_make_and_check_an_archive(archive: Path) -> None:
    run = CliRunner().invoke
    assert run(main, ["report", "bundle", str(archive.parent), "--output", str(archive)]).exit_code == 0
    assert run(main, ["report", "verify", str(archive)]).exit_code == 0
    rewritten(archive, lambda members: members.update({"report.html": b""}))
    assert run(main, ["report", "verify", str(archive)]).exit_code == 1
    assert run(main, ["report", "verify", str(archive.with_name("results.json"))]).exit_code == 2


def test_a_results_file_is_shown_without_naming_the_command(archive: Path) -> None:
    shown = CliRunner().invoke(main, ["report", str(archive.parent), "--format", "json"])
    assert shown.exit_code == 0
    assert json.loads(shown.output)["header"]["seed"] == 42
