from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.document import canonical, records_digest, render_json
from reports.model import Record, RunFinding
from reports.reader import (
    CountsDisagree,
    MalformedResults,
    MissingResults,
    NoFooter,
    NotJson,
    NotResults,
    UnknownVersion,
    UnreadableResults,
    WrongDigest,
    read_results,
)
from reports.vocabulary import Verdict
from reports.writer import BadDestination, DuplicateRecord, ResultsUnfinished, ResultsWriter
from tests.reports.samples import a_header, a_record, an_exchange, any_records, whole_runs, written

SOME = [
    a_record("SRP-10"),
    a_record("SRP-2", "case 10", Verdict.FAIL, message="tokens were issued", transcript=[an_exchange()]),
    a_record("SRP-2", "case 9", Verdict.WAIVED),
]


def spoil(directory: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write a good file, then change its document."""
    written(directory, SOME)
    file = directory / "results.json"
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    return file


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    finding = RunFinding(kind="waiver", message="it expired")
    results = written(tmp_path, SOME, findings=[finding], exit_code=1, reason="fail: 1")
    assert read_results(tmp_path) == results
    assert read_results(tmp_path / "results.json").footer.findings == [finding]


@whole_runs
@given(records=any_records)
def test_whatever_a_target_answered_is_kept_and_read_back(records: list[Record]) -> None:
    with TemporaryDirectory() as directory:
        results = written(Path(directory), records)
        assert read_results(Path(directory)) == results
        assert {record.id for record in results.records} == {record.id for record in records}


@whole_runs
@given(records=any_records, order=st.randoms(use_true_random=False))
def test_the_file_does_not_depend_on_the_order_in_which_records_came(
    records: list[Record], order: random.Random
) -> None:
    shuffled = list(records)
    order.shuffle(shuffled)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        written(Path(one), records)
        written(Path(other), shuffled)
        assert (Path(one) / "results.json").read_bytes() == (Path(other) / "results.json").read_bytes()


def test_records_stand_in_the_natural_order_of_their_ids(tmp_path: Path) -> None:
    results = written(tmp_path, SOME)
    assert [record.id for record in results.records] == ["SRP-2[case 9]", "SRP-2[case 10]", "SRP-10"]


def test_the_footer_counts_every_verdict(tmp_path: Path) -> None:
    footer = written(tmp_path, SOME).footer
    assert footer.total == 3
    assert footer.counts == {
        **dict.fromkeys(Verdict, 0),
        Verdict.PASS: 1,
        Verdict.FAIL: 1,
        Verdict.WAIVED: 1,
    }


def test_the_canonical_document_is_the_file_byte_by_byte(tmp_path: Path) -> None:
    written(tmp_path, SOME)
    assert render_json(read_results(tmp_path)) == (tmp_path / "results.json").read_text()


def test_a_run_without_records_is_a_whole_file_too(tmp_path: Path) -> None:
    assert written(tmp_path, []) == read_results(tmp_path)


def test_finishing_again_replaces_the_footer(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, a_header()) as writer:
        writer.append(SOME[0])
        writer.finish(seconds=1, exit_code=0, reason="clean")
        writer.finish(seconds=1, exit_code=5, reason="leaked secrets: 1")
    assert read_results(tmp_path).footer.exit_code == 5
    assert read_results(tmp_path).records == [SOME[0]]


def test_a_case_cannot_be_recorded_twice(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, a_header()) as writer:
        writer.append(SOME[0])
        with pytest.raises(DuplicateRecord, match="SRP-10 is recorded twice"):
            writer.append(SOME[0])


# A run that was killed


def test_an_unfinished_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, a_header()) as writer:
        writer.append(SOME[0])
        writer.append(SOME[1])
        with pytest.raises(NoFooter, match=r"was killed or is still going.*run it again"):
            read_results(tmp_path)
    with pytest.raises(NoFooter):
        read_results(tmp_path / "results.json")


def test_a_killed_process_leaves_its_records_and_no_footer(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from pathlib import Path
        from reports.writer import ResultsWriter
        from tests.reports.samples import whole_runs, a_header, a_record
        writer = ResultsWriter(Path(sys.argv[1]), a_header())
        writer.append(a_record("SRP-01"))
        writer.append(a_record("SRP-02"))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(program), tmp_path], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert '"SRP-02"' in (tmp_path / "results.json").read_text()
    with pytest.raises(NoFooter):
        read_results(tmp_path)


def test_a_new_run_over_an_old_one_takes_the_old_footer_away(tmp_path: Path) -> None:
    written(tmp_path, SOME)
    with ResultsWriter(tmp_path, a_header()), pytest.raises(NoFooter):
        read_results(tmp_path)


def test_a_file_cut_anywhere_is_known_for_one_that_is_not_whole(tmp_path: Path) -> None:
    written(tmp_path, SOME)
    file = tmp_path / "results.json"
    whole = file.read_text()
    at_line_ends = {at + step for at, character in enumerate(whole) if character == "\n" for step in (-1, 0, 1)}
    at_the_end = len(whole) - 2  # the closing brace and the line end
    for length in sorted({length for length in at_line_ends if length < at_the_end} | set(range(0, at_the_end, 7))):
        file.write_text(whole[:length])
        with pytest.raises(NoFooter):
            read_results(file)


def test_a_footer_taken_out_is_missed(tmp_path: Path) -> None:
    with pytest.raises(NoFooter):
        read_results(spoil(tmp_path, lambda document: document.pop("footer")))


# Other ways in which a file can be broken


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "other.json"):
        with pytest.raises(MissingResults, match="name a results file or the directory"):
            read_results(path)


def test_a_path_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    written(tmp_path, SOME)
    with pytest.raises(UnreadableResults, match="cannot be read"):
        read_results(tmp_path / "results.json" / "results.json")


@pytest.mark.parametrize(
    "content",
    [
        b"no results",
        b"\xff\xfe\x00",
        b'{"a": 1',
        b"[" * 100_000,
        b'{"seed": NaN}',
        b'{"seed": 1e999}',
        b'{"seed": ' + b"9" * 5000 + b"}",
    ],
    ids=["words", "binary", "cut, of another kind", "deep", "NaN", "infinite", "long number"],
)
def test_what_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "results.json"
    file.write_bytes(content)
    with pytest.raises(NotJson, match=r"run it again|name a results file"):
        read_results(file)


def test_damage_in_the_middle_is_not_taken_for_a_killed_run(tmp_path: Path) -> None:
    written(tmp_path, SOME)
    file = tmp_path / "results.json"
    file.write_text(file.read_text().replace('"case":', '"case"', 1))
    with pytest.raises(NotJson):
        read_results(file)


def test_a_file_with_another_second_line_is_not_taken_for_a_killed_run(tmp_path: Path) -> None:
    with ResultsWriter(tmp_path, a_header()) as writer:
        writer.append(SOME[0])
    file = tmp_path / "results.json"
    file.write_text(file.read_text().replace('"records": [', '"records": {', 1))
    with pytest.raises(NotJson):
        read_results(file)


def test_a_file_that_was_formatted_anew_keeps_its_digest(tmp_path: Path) -> None:
    results = written(tmp_path, SOME)
    file = tmp_path / "results.json"
    document = json.loads(file.read_text())
    document["records"] = [dict(reversed(record.items())) for record in document["records"]]
    file.write_text(json.dumps(document, indent=4, ensure_ascii=False), encoding="utf-8")
    assert read_results(file) == results


@pytest.mark.parametrize("document", [[], {}, {"runs": []}, {"header": {"format": "sarif", "version": 1}}, "text", 1])
def test_json_that_is_no_run_is_refused(tmp_path: Path, document: object) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(document))
    with pytest.raises(NotResults, match="not the results of a run"):
        read_results(file)


@pytest.mark.parametrize("version", [0, 2, "1", None, True])
def test_an_unknown_version_is_refused(tmp_path: Path, version: object) -> None:
    file = spoil(tmp_path, lambda document: document["header"].update(version=version))
    with pytest.raises(UnknownVersion, match="this tool reads version 1"):
        read_results(file)


def test_a_verdict_changed_by_hand_does_not_match_the_digest(tmp_path: Path) -> None:
    file = spoil(tmp_path, lambda document: document["records"][1].update(verdict="pass"))
    with pytest.raises(WrongDigest, match="changed after the run"):
        read_results(file)


def test_a_record_taken_out_does_not_match_the_digest(tmp_path: Path) -> None:
    file = spoil(tmp_path, lambda document: document["records"].pop())
    with pytest.raises(WrongDigest):
        read_results(file)


@pytest.mark.parametrize("change", [{"total": 2}, {"counts": {"pass": 3}}, {"counts": {"pass": 1, "fail": 1}}])
def test_a_footer_that_counts_otherwise_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    file = spoil(tmp_path, lambda document: document["footer"].update(change))
    with pytest.raises(CountsDisagree, match="does not agree with its footer: it counts"):
        read_results(file)


def test_a_case_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    def repeat_the_first(document: dict[str, Any]) -> None:
        document["records"].append(document["records"][0])
        digest = records_digest(canonical(record) for record in document["records"])
        counts = {**document["footer"]["counts"], "waived": 2}
        document["footer"].update(total=4, counts=counts, records_digest=digest)

    with pytest.raises(CountsDisagree, match=r"it holds SRP-2\[case 9\] 2 times"):
        read_results(spoil(tmp_path, repeat_the_first))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda document: document["header"].pop("seed"), "header.seed"),
        (lambda document: document["header"].update(seed="42"), "header.seed"),
        (lambda document: document["header"].update(started="2026-11-05T12:00:00"), "header.started"),
        (lambda document: document["footer"].update(exit_code=9), "footer.exit_code"),
        (lambda document: document["footer"].update(records_digest=None), "footer.records_digest"),
        (lambda document: document.update(footer="none"), "footer"),
        (lambda document: document.pop("records"), "records"),
        (lambda document: document.update(extra=1), "extra"),
    ],
)
def test_a_file_that_does_not_fit_the_schema_is_refused_and_the_place_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], place: str
) -> None:
    with pytest.raises(MalformedResults, match=f"does not fit the schema: {place}: "):
        read_results(spoil(tmp_path, change))


# Bad destinations


def test_a_file_in_the_way_of_the_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for directory in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(
            BadDestination, match="a file is in the way; move it or choose another directory with --out"
        ):
            ResultsWriter(directory, a_header())


def test_a_directory_in_the_way_of_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "results.json").mkdir()
    with pytest.raises(BadDestination, match=r"results\.json in it is a directory"):
        ResultsWriter(tmp_path, a_header())


def test_a_missing_permission_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(BadDestination, match="no permission to write; grant it or choose another directory"):
        ResultsWriter(tmp_path / "out", a_header())


def test_a_disk_that_fills_up_during_the_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "results.json").symlink_to("/dev/full")
    with pytest.raises(ResultsUnfinished, match=r"is not finished .No space left on device.*make room"):
        ResultsWriter(tmp_path, a_header())


def test_a_disk_that_is_full_at_the_end_leaves_the_file_without_footer(tmp_path: Path) -> None:
    (tmp_path / "results.json.new").symlink_to("/dev/full")
    with ResultsWriter(tmp_path, a_header()) as writer:
        writer.append(SOME[0])
        with pytest.raises(ResultsUnfinished, match="readers will refuse it"):
            writer.finish(seconds=1, exit_code=0, reason="clean")
    with pytest.raises(NoFooter):
        read_results(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
