"""Every rendering of a run as text: its name, the file that a run writes it to, and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from reports.files import write_whole

if TYPE_CHECKING:
    from reports.model import Results


def _json(results: Results) -> str:
    from reports.document import render_json

    return render_json(results)


def _console(results: Results) -> str:
    from rich.console import Console

    from reports.console import render_console

    page = StringIO()
    render_console(results, Console(file=page, highlight=False, markup=False, emoji=False, width=120))
    return page.getvalue()


def _junit(results: Results) -> str:
    from reports.junit import render_junit

    return render_junit(results)


def _sarif(results: Results) -> str:
    from reports.sarif import render_sarif

    return render_sarif(results)


def _sarif_findings(results: Results) -> str:
    from reports.sarif import render_sarif

    return render_sarif(results, findings_only=True)


def _html(results: Results) -> str:
    from reports.html import render_html

    return render_html(results)


def _markdown(results: Results) -> str:
    from reports.markdown import render_markdown

    return render_markdown(results)


def _badge(results: Results) -> str:
    from reports.badge import render_badge

    return render_badge(results)


@dataclass(frozen=True)
class Rendering:
    """One way to show a run. `file` is what a run writes it to, or None for those made on demand only."""

    render: Callable[[Results], str]
    file: str | None = None


RENDERINGS = {
    "console": Rendering(_console),
    "json": Rendering(_json),
    "junit": Rendering(_junit, "junit.xml"),
    "html": Rendering(_html, "report.html"),
    "sarif": Rendering(_sarif, "results.sarif"),
    "sarif-findings": Rendering(_sarif_findings, "findings.sarif"),
    "markdown": Rendering(_markdown, "summary.md"),
    "badge": Rendering(_badge, "badge.svg"),
}
"""By the name that `report --format` takes."""


def write_renderings(results: Results, folder: Path) -> None:
    """Write each rendering that has a file beside the results."""
    for rendering in RENDERINGS.values():
        if rendering.file is not None:
            write_whole(folder / rendering.file, rendering.render(results))
