"""The HTML report as a reader has it: opened in headless Chromium, one browser for all tests of this file."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness.browser import open_browser
from harness.catalogue import all_checks
from harness.conduct import catalogue_entry
from reports.html import render_html
from reports.model import Record, RunFinding
from reports.vocabulary import Level, Severity, Subject, Verdict
from reports.writer import ResultsWriter
from tests.reports.published import AXE, published
from tests.reports.samples import HOSTILE, a_header, a_record, an_exchange

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

PHONE, DESK = (375, 800), (1200, 900)
MARKUP = [
    "<script>document.title = 'taken'</script>",
    '"><img src=x onerror="document.title = \'taken\'">',
    "</pre></details><a href=\"javascript:document.title='taken'\">here</a>",
    "<style>body { display: none }</style><link rel=stylesheet href=//evil.example/x.css>",
    "{{ 7 * 7 }}{% raw %}",
]


@dataclass(frozen=True)
class Reader:
    """A browser with the report open in it."""

    window: Chrome

    def open(self, page: Path, *, size: tuple[int, int] = DESK, scheme: str = "light", media: str = "") -> None:
        """Open a page in a window of this size, for this colour scheme, on the screen or on paper (`print`)."""
        width, height = size
        self.window.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
        self.window.get(page.as_uri())

    def asked(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns."""
        return self.window.execute_script(script, *arguments)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.focus.send_keys(key)

    @property
    def focus(self) -> WebElement:
        """What has the focus."""
        return self.window.switch_to.active_element

    def console(self) -> list[str]:
        """What the console was told since the last time that somebody asked."""
        entries = self.window.get_log("browser")  # type: ignore[no-untyped-call]  # selenium gives it no types
        return [entry["message"] for entry in entries]

    def settle(self) -> None:
        """Return when the page has done what it put off."""
        self.asked("return new Promise(done => setTimeout(done))")

    def tab_to(self, selector: str, *, section: str) -> None:
        """Take the link to a section, then press the tab key until this element has the focus, or fail."""
        self.window.find_element(By.CSS_SELECTOR, f"nav a[href='#{section}']").send_keys(Keys.ENTER)
        for _ in range(60):
            if self.asked("return document.activeElement.matches(arguments[0])", selector):
                return
            self.press(Keys.TAB)
        pytest.fail(f"the tab key does not come to {selector}")

    def shown_cases(self) -> list[str]:
        """The names of the cases that can be seen."""
        names: list[str] = self.asked(
            "return [...document.querySelectorAll('.case')].filter(row => row.checkVisibility())"
            ".map(row => row.querySelector('th').textContent)"
        )
        return names

    def violations(self) -> list[str]:
        """What axe-core finds against the page, with everything in it opened."""
        self.asked("for (const each of document.querySelectorAll('details')) each.open = true")
        self.asked(_axe())
        found = self.window.execute_async_script("const done = arguments[0]; axe.run().then(done)")
        return [f"{each['id']}: {json.dumps(node['target'])}" for each in found["violations"] for node in each["nodes"]]


@functools.cache
def _axe() -> str:
    return published(AXE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with open_browser() as window:
        yield Reader(window)


def report(directory: Path, records: list[Record], **footer: Any) -> Path:
    """The report of a run of this version, with its whole catalogue."""
    catalogue = [catalogue_entry(check) for check in all_checks()]
    with ResultsWriter(directory, a_header().model_copy(update={"catalogue": catalogue})) as writer:
        for record in records:
            writer.append(record)
        results = writer.finish(**{"seconds": 1.5, "exit_code": 1, "reason": "fail: 1", **footer})
    page = directory / "report.html"
    page.write_text(render_html(results), encoding="utf-8")
    return page


def every_kind() -> list[Record]:
    """Each verdict, each level and severity among the findings, long names, hostile words, transcripts."""
    exchanges = [an_exchange(), an_exchange(request={"x": "y" * 3000}, response="<html>" * 500)]
    kinds = [
        a_record(
            f"TRG-D-0{number}", f"{verdict} by {'a long name ' * number}", verdict, message=text, transcript=exchanges,
            reproduce=f"cognito-conformance run --only 'TRG-D-0{number}'", subject=Subject.TRIGGERS,
            observations={text[:80]: text[:200]}, missing_need="passkeys",
        )
        for number, (verdict, text) in enumerate(zip(Verdict, [*MARKUP, *HOSTILE], strict=False), 1)
    ]  # fmt: skip
    findings = [
        a_record(f"SRP-{number}", "", Verdict.FAIL, severity=severity, message=f"{severity}: let in")
        for number, severity in enumerate(Severity, 1)
    ]
    warnings = [a_record("SRP-20", str(n), Verdict.WARN, level=Level.SHOULD, message=f"note {n}") for n in range(3)]
    return [*kinds, *findings, *warnings, *(a_record("ML-01", f"case {number}") for number in range(40))]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(tmp_path_factory.mktemp("full"), every_kind(), findings=[RunFinding(kind="waiver", message="old")])


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(tmp_path_factory.mktemp("empty"), [], exit_code=4, reason="no check ran")


def test_the_page_asks_the_network_for_nothing_and_the_console_stays_quiet(reader: Reader, full: Path) -> None:
    reader.open(full)
    reader.console()
    reader.open(full)
    assert reader.console() == []
    asked_for = "return performance.getEntriesByType('resource').map(entry => entry.name)"
    assert reader.asked(asked_for) == []


@pytest.mark.parametrize(
    ("page", "size", "scheme"),
    [
        ("full", PHONE, "light"),
        ("full", PHONE, "dark"),
        ("full", DESK, "light"),
        ("full", DESK, "dark"),
        ("empty", DESK, "light"),
        ("empty", PHONE, "dark"),
    ],
)
def test_axe_finds_no_violation(
    reader: Reader, request: pytest.FixtureRequest, page: str, size: tuple[int, int], scheme: str
) -> None:
    reader.open(request.getfixturevalue(page), size=size, scheme=scheme)
    assert reader.violations() == []


def test_axe_would_find_one(reader: Reader, empty: Path, tmp_path: Path) -> None:
    page = tmp_path / "changed.html"
    page.write_text(empty.read_text(encoding="utf-8").replace('<label for="search">Search</label>', "Search"))
    reader.open(page)
    assert [violation.split(":")[0] for violation in reader.violations()] == ["label"]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_is_wider_than_the_screen(reader: Reader, full: Path, size: tuple[int, int]) -> None:
    reader.open(full, size=size)
    reader.asked("for (const each of document.querySelectorAll('details')) each.open = true")
    assert reader.asked("return document.documentElement.scrollWidth") <= size[0]


def test_the_search_is_typed_and_opens_what_it_finds(reader: Reader, full: Path) -> None:
    reader.open(full)
    reader.tab_to("#search", section="all")
    reader.press("ml-01 CASE 39")
    assert reader.shown_cases() == ["ML-01[case 39]"]
    assert reader.asked("return document.getElementById('count').textContent").startswith("1 of ")


def test_a_verdict_is_switched_off_with_the_space_bar_and_everything_comes_back(reader: Reader, full: Path) -> None:
    reader.open(full)
    total = reader.asked("return document.querySelectorAll('.case').length")
    reader.tab_to("#filters input[value=pass]", section="all")
    reader.press(Keys.SPACE)
    without_passes = reader.shown_cases()
    assert not [name for name in without_passes if name.startswith("ML-01")]
    reader.tab_to("#filters button", section="all")
    reader.press(Keys.ENTER)
    reader.settle()
    count = reader.asked("return document.getElementById('count').textContent")
    assert count == f"{total} of {total} cases"
    assert reader.asked("return document.querySelector('#filters input[value=pass]').checked")


def test_a_severity_is_chosen_with_the_keyboard(reader: Reader, full: Path) -> None:
    reader.open(full)
    reader.tab_to("#severity", section="all")
    reader.press("low")
    assert reader.shown_cases() == ["SRP-4"]


def test_a_flow_is_opened_from_the_matrix(reader: Reader, full: Path) -> None:
    reader.open(full)
    reader.tab_to("#by-flow tr:last-child a", section="flows")
    reader.press(Keys.ENTER)
    reader.settle()
    assert reader.focus.tag_name == "summary"
    assert {name.split("-0")[0] for name in reader.shown_cases()} == {"TRG-D"}


def test_the_first_stop_of_the_tab_key_leads_past_the_summary(reader: Reader, full: Path) -> None:
    reader.open(full)
    reader.window.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert reader.asked("return document.activeElement.textContent") == "Skip to the findings"
    assert reader.asked("return document.activeElement.checkVisibility()")


def test_hostile_text_does_nothing(reader: Reader, full: Path) -> None:
    reader.open(full)
    assert "taken" not in reader.window.title
    assert reader.asked("return document.querySelectorAll('script').length") == 1
    assert reader.asked("return document.querySelectorAll('img, iframe, object, [onerror]').length") == 0
    assert reader.asked("return [...document.links].filter(link => !/^(https|file):$/.test(link.protocol)).length") == 0
    assert reader.asked("return document.body.checkVisibility()")
    assert MARKUP[0] in reader.asked("return document.body.textContent")


def test_the_pages_own_script_is_the_only_one_that_may_run(reader: Reader, full: Path, tmp_path: Path) -> None:
    page = tmp_path / "changed.html"
    added = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"></body>"
    page.write_text(full.read_text(encoding="utf-8").replace("</body>", added), encoding="utf-8")
    reader.open(page)
    assert "taken" not in reader.window.title
    refused = reader.console()
    assert any("Content Security Policy" in message and "script" in message for message in refused)
    assert not reader.asked("return document.getElementById('filters').hidden")


def test_paper_has_the_findings_and_no_switches(reader: Reader, full: Path) -> None:
    reader.open(full, media="print")
    reader.asked("dispatchEvent(new Event('beforeprint'))")
    seen = "return [...document.querySelectorAll(arguments[0])].some(each => each.checkVisibility())"
    assert reader.asked(seen, "article.finding")
    assert reader.asked(seen, ".clauses td")
    assert [shut for shut in ("nav", "#filters", "button", ".transcript") if reader.asked(seen, shut)] == []
    assert not [name for name in reader.shown_cases() if name.startswith("ML-01")]
    assert reader.asked("return document.documentElement.scrollWidth") <= DESK[0]


def test_without_its_script_the_page_still_shows_everything(reader: Reader, full: Path) -> None:
    reader.window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        reader.open(full)
        flow = reader.window.find_element(By.CSS_SELECTOR, "details.flow")
        flow.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
        assert flow.find_element(By.CSS_SELECTOR, ".case th").is_displayed()
        assert not reader.window.find_element(By.ID, "filters").is_displayed()
    finally:
        reader.window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
