from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from reports.badge import render_badge
from reports.vocabulary import Verdict
from tests.reports.samples import a_record, written

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("exit_code", "verdict", "says"),
    [
        (0, Verdict.PASS, "1 passed"),
        (1, Verdict.FAIL, "1 findings"),
        (1, Verdict.PASS, "findings"),
        (3, Verdict.INCONCLUSIVE, "inconclusive"),
        (4, Verdict.NOT_APPLICABLE, "too few checks"),
        (5, Verdict.PASS, "error"),
    ],
)
def test_the_badge_says_in_words_what_the_run_came_to(
    tmp_path: Path, exit_code: int, verdict: Verdict, says: str
) -> None:
    badge = render_badge(written(tmp_path, [a_record(verdict=verdict)], exit_code=exit_code))
    root = ET.fromstring(badge)  # noqa: S314 - the document is our own
    assert root.findtext(f"{SVG}title") == f"cognito conformance: {says}" == root.get("aria-label")
    assert ("#1a7f37" in badge) == (exit_code == 0)
