from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from reports.markdown import code, render_markdown
from reports.model import Record, RunFinding
from reports.vocabulary import Severity, Verdict
from tests.reports.samples import HOSTILE, a_record, written

OUR_TAGS = re.compile(r"</?(?:code|details|summary|b)>")


def markdown(directory: Path, *records: Record, **footer: object) -> str:
    return render_markdown(written(directory, records, **footer))  # type: ignore[arg-type]


def plain(text: str) -> str:
    """The text as a reader sees it."""
    return unescape(OUR_TAGS.sub("", text))


def test_the_outcome_the_target_and_each_count_come_first(tmp_path: Path) -> None:
    text = markdown(tmp_path, a_record(verdict=Verdict.FAIL, message="let in"), exit_code=1, reason="fail: 1")
    first = plain(text.split("<details>")[0])
    for part in ("findings", "fail: 1", "staging", "exit code 1", "seed 42", "| fail | 1 |", "| pass | 0 |"):
        assert part in first


def test_a_finding_has_all_that_a_reader_needs(tmp_path: Path) -> None:
    record = a_record("SRP-04", "2N", Verdict.FAIL, message="tokens for A = 2N", reproduce="run --only 'SRP-04[2N]'")
    text = plain(markdown(tmp_path, record))
    for part in ("SRP-04[2N]", "critical", "tokens for A = 2N", "RFC 5054 section 2.5.4", "run --only 'SRP-04[2N]'"):
        assert part in text


def test_the_gravest_finding_stands_first(tmp_path: Path) -> None:
    low = a_record("SRP-01", verdict=Verdict.FAIL, severity=Severity.LOW, message="small")
    grave = a_record("SRP-02", verdict=Verdict.WARN, severity=Severity.CRITICAL, message="grave")
    text = markdown(tmp_path, low, grave)
    assert text.index("grave") < text.index("small")


def test_what_was_not_covered_is_told(tmp_path: Path) -> None:
    text = plain(
        markdown(
            tmp_path,
            a_record("SRP-01", verdict=Verdict.NOT_APPLICABLE, missing_need="passkeys"),
            a_record("SRP-02", verdict=Verdict.INCONCLUSIVE, message="the twin failed"),
            a_record("SRP-03", verdict=Verdict.WAIVED),
            findings=(RunFinding(kind="leak", message="a secret"),),
        )
    )
    for part in (
        "the target lacks passkeys: 1 (SRP-01)",
        "the twin failed: 1 (SRP-02)",
        "waived by identity team",
        "leak: a secret",
    ):
        assert part in text


@pytest.mark.parametrize(
    "text",
    [
        "@everyone",
        "#1",
        "[a](http://x)",
        "http://evil.example",
        "www.evil.example",
        "a|b",
        "**bold**",
        "`tick`",
        "![i](u)",
    ],
)
def test_no_text_makes_markup_links_or_mentions(text: str) -> None:
    inner = code(text).removeprefix("<code>").removesuffix("</code>")
    assert not set(inner) - set("&#;") & set("@[]()!|*`_<>:/.~")
    assert unescape(inner) == text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(tmp_path: Path, text: str) -> None:
    record = a_record("SRP-04", text, Verdict.FAIL, message=text, summary=text, clause=text, reproduce=text)
    document = markdown(tmp_path, record)
    assert len(document) < 100_000
    assert not set(document) & set("\x1b\x00\u202e\x7f\u2028")
    assert not re.search(r"<(?!/?(?:code|details|summary|b)>)", document)


def test_a_run_with_very_many_findings_stays_short(tmp_path: Path) -> None:
    records = [a_record(f"SRP-{n}", verdict=Verdict.FAIL, message="x" * 2000) for n in range(1000)]
    document = markdown(tmp_path, *records)
    assert len(document) < 1_000_000
    assert "950 more findings" in document
