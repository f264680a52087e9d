"""A badge: the outcome of a run as one small SVG picture."""

from __future__ import annotations

from xml.sax.saxutils import escape

from reports.model import Results
from reports.vocabulary import ExitCode, Verdict

_LABEL = "cognito conformance"
_CHARACTER, _MARGIN, _HEIGHT = 6.6, 8, 20
_COLOURS = {ExitCode.CLEAN: "#1a7f37", ExitCode.FINDINGS: "#cf222e"}
_UNDECIDED = "#8a5a00"


def render_badge(results: Results) -> str:
    """The badge as SVG, 20 pixels high; it loads nothing and says in words what it shows in colour."""
    value = _value(results)
    left, right = (round(len(text) * _CHARACTER) + 2 * _MARGIN for text in (_LABEL, value))
    text = f"{_LABEL}: {value}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" '
        f'aria-label="{escape(text)}"><title>{escape(text)}</title>'
        f'<rect width="{left}" height="{_HEIGHT}" fill="#333"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" '
        f'fill="{_COLOURS.get(results.footer.exit_code, _UNDECIDED)}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14">{escape(_LABEL)}</text>'
        f'<text x="{left + right / 2:g}" y="14">{escape(value)}</text></g></svg>\n'
    )


def _value(results: Results) -> str:
    """What the run came to, in a few words: never green without a count."""
    counts, code = results.footer.counts, results.footer.exit_code
    if code == ExitCode.CLEAN:
        return f"{counts.get(Verdict.PASS, 0)} passed"
    if code == ExitCode.FINDINGS:
        findings = counts.get(Verdict.FAIL, 0) + counts.get(Verdict.WARN, 0)
        return f"{findings} findings" if findings else "findings"
    return {ExitCode.INCONCLUSIVE: "inconclusive", ExitCode.TOO_FEW: "too few checks"}.get(code, "error")
