"""The difference of two runs as plain lines, and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reports.difference import CaseChange, Change, Difference
from reports.markdown import code
from reports.text import one_line, visible

_LONGEST_LINE = 300
_MOST = 100


def render_difference(difference: Difference) -> str:
    """For a terminal: one line a case, the gravest kind first."""
    lines = [visible(remark, limit=_LONGEST_LINE) for remark in difference.remarks]
    for change in Change:
        cases = difference.of(change)
        if cases:
            lines += ["", f"{change} ({len(cases)}):"]
        lines += [f"  {visible(line, limit=_LONGEST_LINE)}" for line in _lines(change, cases)]
    return "\n".join([*lines, "", _summary(difference)]).lstrip("\n") + "\n"


def render_difference_markdown(difference: Difference) -> str:
    """For a pull request."""
    lines = [f"## cognito-conformance: {_summary(difference)}", ""]
    lines += [*(f"- {code(remark)}" for remark in difference.remarks), ""] if difference.remarks else []
    for change in Change:
        cases = difference.of(change)
        if not cases:
            continue
        lines += [f"### {change.capitalize()} ({len(cases)})", ""]
        told = _lines(change, cases)
        lines += [f"- {code(line)}" for line in told[:_MOST]]
        lines += [f"- {len(told) - _MOST} more"] if len(told) > _MOST else []
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _lines(change: Change, cases: Sequence[CaseChange]) -> list[str]:
    """A line a case; what another kind of target cannot do is counted by the need that it lacks."""
    if change is not Change.NOT_APPLICABLE_THERE:
        return [f"{case.record.id}  {_line(case.described)}" for case in cases]
    needs = Counter(case.record.missing_need or "what is not said" for case in cases)
    return [f"{count} lack {need}" for need, count in needs.most_common()]


def _summary(difference: Difference) -> str:
    counts = [f"{len(cases)} {change}" for change in Change if (cases := difference.of(change))]
    return ", ".join(counts) or "no difference"


def _line(text: str) -> str:
    return one_line(text, limit=_LONGEST_LINE)
