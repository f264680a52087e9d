from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.html import render_html
from reports.model import Record
from reports.vocabulary import Level, Severity, Verdict
from tests.reports.samples import HOSTILE, a_record, an_exchange, written


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._raw = False
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(directory: Path, *records: Record, **footer: object) -> Page:
    return Page(render_html(written(directory, records, **footer)))  # type: ignore[arg-type]


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    document = render_html(written(tmp_path, [a_record(verdict=Verdict.FAIL)]))
    found = Page(document)
    assert [link["href"] for link in found.all("link")] == ["data:,"]
    assert all("src" not in attributes for _, attributes in found.tags)
    assert not re.search(r"@import|url\(", document)
    (policy,) = [meta["content"] for meta in found.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none';")


def test_every_case_stands_in_the_table_once_with_its_verdict(tmp_path: Path) -> None:
    records = [a_record("SRP-04", verdict.value, verdict) for verdict in Verdict]
    rows = [str(row["data-verdict"]) for row in page(tmp_path, *records).all("tr") if "data-verdict" in row]
    assert sorted(rows) == sorted(verdict.value for verdict in Verdict)


def test_a_finding_has_all_that_a_reviewer_needs(tmp_path: Path) -> None:
    record = a_record(
        "SRP-04",
        "2N",
        Verdict.FAIL,
        message="tokens were issued for A = 2N",
        reproduce="cognito-conformance run --only 'SRP-04[2N]'",
        transcript=[an_exchange(operation="RespondToAuthChallenge")],
    )
    found = page(tmp_path, record, exit_code=1, reason="fail: 1")
    for part in (
        "SRP-04[2N]",
        "tokens were issued for A = 2N",
        "critical",
        "A server that skips A mod N = 0",
        "RespondToAuthChallenge: HTTP 200",
        "cognito-conformance run --only 'SRP-04[2N]'",
    ):
        assert part in found.text
    assert "https://www.rfc-editor.org/rfc/rfc5054#section-2.5.4" in {link.get("href") for link in found.all("a")}


def test_cases_that_say_the_same_are_one_finding(tmp_path: Path) -> None:
    records = [a_record("SRP-04", case, Verdict.FAIL, message="let in") for case in ("0", "N", "2N")]
    assert len(page(tmp_path, *records).all("article")) == 1


def test_the_gravest_finding_stands_first(tmp_path: Path) -> None:
    small = a_record("SRP-01", verdict=Verdict.FAIL, severity=Severity.LOW, message="small")
    grave = a_record("SRP-02", verdict=Verdict.WARN, level=Level.SHOULD, severity=Severity.CRITICAL, message="grave")
    text = page(tmp_path, small, grave).text
    assert text.index("grave") < text.index("small")


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_bounded_text(tmp_path: Path, text: str, verdict: Verdict) -> None:
    record = a_record(
        "SRP-04",
        text,
        verdict,
        message=text,
        summary=text,
        clause=text,
        missing_need=text,
        observations={text: text},
        reproduce=text,
        transcript=[an_exchange(request={text[:100]: text}, response=text, url=text, operation=text)],
    )
    harmless = Page(render_html(written(tmp_path / "harmless", [a_record("SRP-04", "x", verdict)])))
    document = render_html(written(tmp_path / "hostile", [record]))
    hostile = Page(document)
    assert len(document) < 300_000
    assert not set(document) & set("\x1b\x00\u202e\x7f\u2028")
    assert len(hostile.all("script")) == len(harmless.all("script")) == 1
    assert not [name for _, attributes in hostile.tags for name in attributes if name.startswith("on")]


def test_five_thousand_cases_make_less_than_five_megabytes_in_less_than_five_seconds(tmp_path: Path) -> None:
    transcript = [an_exchange(request={"x": "y" * 2000}, response={"x": "y" * 2000})] * 10
    passes = [a_record(f"SRP-{number // 10}", f"case {number}") for number in range(4500)]
    fails = [
        a_record("CLM-01", f"case {number}", Verdict.FAIL, message=f"finding {number}", transcript=transcript)
        for number in range(500)
    ]
    results = written(tmp_path, [*passes, *fails])
    started = time.process_time()
    assert len(render_html(results).encode()) < 5_000_000
    assert time.process_time() - started < 5
