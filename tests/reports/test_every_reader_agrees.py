from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from reports.model import Record, Results
from reports.renderings import RENDERINGS
from reports.vocabulary import ExitCode, Verdict
from tests.reports.samples import a_record, any_records, whole_runs, written

Counts = dict[Verdict, int]
SEEN_IN_JUNIT = {
    "failures": [Verdict.FAIL],
    "errors": [Verdict.INCONCLUSIVE],
    "skipped": [Verdict.NOT_APPLICABLE, Verdict.WAIVED],
    "tests": list(Verdict),
}


def in_json(text: str) -> Counts:
    return counted(Counter(record["verdict"] for record in json.loads(text)["records"]))


def in_sarif(text: str) -> Counts:
    (run,) = json.loads(text)["runs"]
    return counted(Counter(result["properties"]["verdict"] for result in run["results"]))


def in_html_rows(text: str) -> Counts:
    return counted(Counter(re.findall(r'<tr class="case" data-verdict="([^"]+)"', text)))


def in_html_tiles(text: str) -> Counts:
    return counted(
        {name: int(number) for number, name in re.findall(r"<li class=\"[a-z-]+\"><b>(\d+)</b>([^<]+)", text)}
    )


def in_html_flows(text: str) -> Counts:
    (table,) = re.findall(r'<table id="by-flow">.*?</table>', text, re.DOTALL)
    names = re.findall(r'class="number">([^<]+)</th>', table)
    rows = [list(map(int, re.findall(r"<td[^>]*>(\d+)</td>", row))) for row in re.findall(r"<tr>.*?</tr>", table)[1:]]
    return counted({name: sum(row[column] for row in rows) for column, name in enumerate(names)})


def in_markdown(text: str) -> Counts:
    return counted(
        {verdict: int(*re.findall(rf"^\| {verdict} \| (\d+) \|$", text, re.MULTILINE)) for verdict in Verdict}
    )


def in_console(text: str) -> Counts:
    *_, line = re.findall(r"^(?:\d+ [a-z ]+(?:, )?)+ in [\d.]+ s$|^no check in [\d.]+ s$", text, re.MULTILINE)
    return counted({name: int(number) for number, name in re.findall(r"(\d+) (" + "|".join(Verdict) + ")", line)})


def in_junit(text: str) -> Counts:
    """As the properties of the run's suite tell them; that its cases do so too, the test below holds."""
    properties = {item.attrib["name"]: item.attrib["value"] for item in ET.fromstring(text).iter("property")}  # noqa: S314 - our own
    return counted({verdict: int(properties[f"records: {verdict}"]) for verdict in Verdict})


def counted(found: Counter[str] | dict[str, int] | dict[Verdict, int]) -> Counts:
    return {verdict: found.get(verdict, 0) for verdict in Verdict}


READERS = [
    ("json", in_json),
    ("sarif", in_sarif),
    ("html", in_html_rows),
    ("html", in_html_tiles),
    ("html", in_html_flows),
    ("markdown", in_markdown),
    ("console", in_console),
    ("junit", in_junit),
]


def results_of(records: list[Record]) -> Results:
    with TemporaryDirectory() as directory:
        return written(Path(directory), records)


@whole_runs
@given(records=any_records)
def test_every_reader_counts_what_the_file_holds(records: list[Record]) -> None:
    results = results_of(records)
    held = counted(Counter(record.verdict for record in records))
    rendered = {name: RENDERINGS[name].render(results) for name, _ in READERS}
    assert [(reader.__name__, reader(rendered[name])) for name, reader in READERS] == [
        (reader.__name__, held) for _, reader in READERS
    ]


@whole_runs
@given(records=any_records)
def test_junits_suites_and_cases_count_alike(records: list[Record]) -> None:
    root = ET.fromstring(RENDERINGS["junit"].render(results_of(records)))  # noqa: S314 - our own
    held = Counter(record.verdict for record in records)
    assert len(root.findall("testsuite/testcase")) == len(records)
    for attribute, verdicts in SEEN_IN_JUNIT.items():
        expected = sum(held[verdict] for verdict in verdicts)
        assert sum(int(suite.attrib[attribute]) for suite in root) == expected
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for attribute, tag in tags.items():
        assert len(root.findall(f"testsuite/testcase/{tag}")) == sum(held[each] for each in SEEN_IN_JUNIT[attribute])


@pytest.mark.parametrize("passes", [1, 7])
@pytest.mark.parametrize("failures", [0, 3])
def test_the_badge_counts_what_its_outcome_rests_on(tmp_path: Path, passes: int, failures: int) -> None:
    records = [a_record("SRP-01", str(number)) for number in range(passes)]
    records += [a_record("SRP-02", str(number), Verdict.FAIL) for number in range(failures)]
    code = ExitCode.FINDINGS if failures else ExitCode.CLEAN
    badge = RENDERINGS["badge"].render(written(tmp_path, records, exit_code=code))
    assert (f"{failures} findings" if failures else f"{passes} passed") in badge
