from __future__ import annotations

from pathlib import Path

import pytest

from reports.files import UnwritableReport, write_whole


def test_a_report_replaces_the_one_before_in_one_step(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    write_whole(file, "old")
    write_whole(file, "new")
    assert file.read_text() == "new"
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_encoded_leaves_the_old_report_alone(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    write_whole(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "\ud800")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnwritableReport, match=r"nowhere.report\.html cannot be written .*name another place"):
        write_whole(tmp_path / "nowhere" / "report.html", "text")
