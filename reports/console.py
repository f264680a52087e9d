"""A run for the person at the terminal, or in the log of a CI job.

Colours on a terminal, plain lines elsewhere and with NO_COLOR. What a target sent is data: it is
shown, and does nothing to the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from reports.findings import Alike, alike, grouped
from reports.model import Record, Results
from reports.text import one_line, visible
from reports.vocabulary import ExitCode, Severity, Verdict
from reports.wording import OUTCOMES, facts, missing_need, waived

_LONGEST_LINE = 200
_LONGEST_TEXT = 2_000

_STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.WARN: "yellow",
    Verdict.INFO: "cyan",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.WAIVED: "blue",
}
_OUTCOME_STYLES = {
    ExitCode.CLEAN: "bold green",
    ExitCode.FINDINGS: "bold red",
    ExitCode.USAGE: "bold red",
    ExitCode.INCONCLUSIVE: "bold magenta",
    ExitCode.TOO_FEW: "bold magenta",
    ExitCode.INTERNAL: "bold red",
}


def render_console(results: Results, console: Console) -> None:
    """Print the results: findings first, the verdict and the exit code on the last line."""
    page = _Page(console)
    header, footer = results.header, results.footer
    by_verdict = {verdict: [record for record in results.records if record.verdict is verdict] for verdict in Verdict}

    where = f" ({header.target.endpoint})" if header.target.endpoint else ""
    page.line(f"cognito-conformance {header.tool_version} on {header.target.name}{where}, seed {header.seed}")
    for verdict in (Verdict.FAIL, Verdict.WARN):
        found = alike(results.records, verdict)
        for finding in sorted(found, key=lambda finding: list(Severity).index(finding.first.severity)):
            page.gap()
            page.finding(finding)
    page.section("inconclusive", grouped(by_verdict[Verdict.INCONCLUSIVE], lambda record: record.message))
    page.section("waived", [f"{record.id}: {waived(record)}" for record in by_verdict[Verdict.WAIVED]])
    page.section("not applicable", grouped(by_verdict[Verdict.NOT_APPLICABLE], missing_need))
    page.section("about the run", [f"{finding.kind}: {finding.message}" for finding in footer.findings])
    page.gap()
    page.line(f"{_counts({verdict: len(of) for verdict, of in by_verdict.items()})} in {footer.seconds:.1f} s")
    if footer.interrupted:
        page.line("the run was interrupted: what is not listed was not tried")
    code = footer.exit_code
    page.line(f"{OUTCOMES[code]} (exit {code}): {footer.reason}", style=_OUTCOME_STYLES[code])


class ProgressDisplay:
    """Shows a run while it goes: a bar with counts on a terminal, one line a check case elsewhere.

    On a terminal the findings are printed above the bar as they come.
    """

    def __init__(self, console: Console) -> None:
        self._page = _Page(console)
        self._live = console.is_interactive and console.is_terminal and not console.no_color
        self._counts: Counter[Verdict] = Counter()
        self._total = 0
        self._bar: tuple[Progress, TaskID] | None = None

    def started(self, total: int) -> None:
        """The run begins, with so many check cases to come."""
        self._total = total
        if self._live:
            progress = Progress(
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
                console=self._page.console,
                transient=True,
            )
            self._bar = progress, progress.add_task("", total=total)
            progress.start()

    def decided(self, record: Record) -> None:
        """One check case has its verdict."""
        self._counts[record.verdict] += 1
        line = f"{record.verdict:<14} {record.id} ({record.seconds:.2f} s)"
        if record.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE}:
            line += f": {one_line(record.message, limit=_LONGEST_LINE)}"
        if self._bar is None:
            done, width = self._counts.total(), len(str(self._total))
            self._page.line(f"[{done:>{width}}/{self._total}] {line}", style=_STYLES[record.verdict])
            return
        progress, task = self._bar
        if record.verdict in {Verdict.FAIL, Verdict.WARN, Verdict.INCONCLUSIVE}:
            self._page.line(line, style=_STYLES[record.verdict])
        progress.update(task, advance=1, description=_counts(self._counts))

    def finished(self) -> None:
        """The run is over, or given up; the bar is taken away. To be called in any case."""
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None


class _Page:
    """Prints lines that hold nothing but what can be seen, in the encoding of the console."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def line(self, text: str, *, style: str = "", indent: int = 0) -> None:
        shown = visible(text, limit=_LONGEST_TEXT)
        encodable = shown.encode(self.console.encoding, "backslashreplace").decode(self.console.encoding)
        self.console.print(Text(" " * indent + encodable, style=style), soft_wrap=True)

    def gap(self) -> None:
        self.console.print()

    def section(self, title: str, lines: Sequence[str]) -> None:
        if lines:
            self.gap()
            self.line(f"{title}:", style="bold")
        for line in lines:
            self.line(line, indent=2)

    def finding(self, finding: Alike) -> None:
        """A finding, with all that is known of it."""
        record = finding.first
        self.line(f"{record.verdict} {finding.name}", style=_STYLES[record.verdict])
        for label, text in facts(record):
            first, *rest = visible(text, limit=_LONGEST_TEXT, lines=True).split("\n")
            self.line(f"{label}: {first}", indent=2)
            for line in rest:
                self.line(line, indent=4)


def _counts(counts: dict[Verdict, int] | Counter[Verdict]) -> str:
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts.get(verdict)) or "no check"
