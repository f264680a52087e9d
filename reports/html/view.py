"""What the HTML report shows, worked out before anything is laid out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reports.findings import Alike, alike
from reports.flows import flow_name
from reports.model import CatalogueEntry, Exchange, Record, Results
from reports.standards import Part, parts_of, standards_of
from reports.text import one_line, visible
from reports.vocabulary import Level, Severity, Verdict

LONGEST_TEXT = 4_000
LONGEST_LINE = 240
LONGEST_BODY = 4_000
MOST_EXCHANGES = 12
TRANSCRIPTS_BUDGET = 1_500_000
"""Characters of transcripts in one page; what does not fit stands in the results file."""

_DECIDED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.INFO, Verdict.WAIVED})


@dataclass(frozen=True)
class ShownExchange:
    """One request and its answer, as text."""

    title: str
    request: str
    response: str


@dataclass(frozen=True)
class ShownFinding:
    """A finding with all that a reader must know of it."""

    anchor: str
    name: str
    verdict: Verdict
    severity: Severity
    level: Level
    clause: list[Part]
    evidence: str
    message: str
    headline: str
    meaning: list[str]
    cases: list[str]
    observations: list[tuple[str, str]]
    violations: list[str]
    exchanges: list[ShownExchange]
    left_out: int
    reproduce: str


@dataclass(frozen=True)
class ShownCase:
    """One row of a flow's table."""

    id: str
    verdict: Verdict
    severity: Severity
    level: Level
    said: str
    seconds: float


@dataclass(frozen=True)
class Flow:
    """A group of checks: how many of its cases came to each verdict, and every one of them."""

    anchor: str
    name: str
    family: str
    subject: str
    counts: dict[Verdict, int]
    worst: Verdict
    cases: list[ShownCase]


@dataclass(frozen=True)
class CoveredClause:
    """What the catalogue demands by one clause, and how far the run went into it."""

    clause: list[Part]
    checks: list[str]
    state: str


@dataclass(frozen=True)
class CoveredStandard:
    """The clauses of one standard."""

    name: str
    clauses: list[CoveredClause]
    checked: int


def findings_of(results: Results) -> list[ShownFinding]:
    """The findings, the gravest first."""
    explained = {entry.id: entry for entry in results.header.catalogue}
    found = [finding for verdict in (Verdict.FAIL, Verdict.WARN) for finding in alike(results.records, verdict)]
    found.sort(key=lambda finding: list(Severity).index(finding.first.severity))
    left = TRANSCRIPTS_BUDGET
    shown = []
    for number, finding in enumerate(found, 1):
        exchanges = list(_exchanges(finding.first.transcript[-MOST_EXCHANGES:]))
        size = sum(len(each.request) + len(each.response) for each in exchanges)
        if size > left:
            exchanges, size = [], 0
        left -= size
        shown.append(_finding(number, finding, explained.get(finding.first.check), exchanges))
    return shown


def _finding(number: int, finding: Alike, entry: CatalogueEntry | None, exchanges: list[ShownExchange]) -> ShownFinding:
    record = finding.first
    return ShownFinding(
        anchor=f"finding-{number}",
        name=shown(record.check if len(finding.records) > 1 else record.id),
        verdict=record.verdict,
        severity=record.severity,
        level=record.level,
        clause=[Part(shown(part.text), part.url) for part in parts_of(record.clause)],
        evidence=record.evidence.value,
        message=shown(record.message),
        headline=one_line(record.message, limit=LONGEST_LINE),
        meaning=paragraphs(entry.explanation if entry else record.summary),
        cases=[shown(each.case) for each in finding.records if each.case],
        observations=[(shown(name), shown(value)) for name, value in record.observations.items()],
        violations=[shown(violation) for violation in record.model_violations],
        exchanges=exchanges,
        left_out=len(record.transcript) - len(exchanges),
        reproduce=shown(record.reproduce),
    )


def flows_of(records: Sequence[Record]) -> list[Flow]:
    """The cases by what is on trial and by family, in that order."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record.subject.value, record.family), []).append(record)
    return [
        _flow(number, subject, family, groups[subject, family])
        for number, (subject, family) in enumerate(sorted(groups), 1)
    ]


def _flow(number: int, subject: str, family: str, records: Sequence[Record]) -> Flow:
    counts = Counter(record.verdict for record in records)
    return Flow(
        anchor=f"flow-{number}",
        name=shown(flow_name(family), limit=LONGEST_LINE),
        family=shown(family, limit=LONGEST_LINE),
        subject=subject,
        counts=dict(counts),
        worst=_worst(counts),
        cases=[_case(record) for record in records],
    )


def _case(record: Record) -> ShownCase:
    return ShownCase(
        id=shown(record.id, limit=LONGEST_LINE),
        verdict=record.verdict,
        severity=record.severity,
        level=record.level,
        said=one_line(record.message or record.summary, limit=LONGEST_LINE),
        seconds=record.seconds,
    )


def _worst(counts: Counter[Verdict]) -> Verdict:
    order = (
        Verdict.FAIL,
        Verdict.INCONCLUSIVE,
        Verdict.WARN,
        Verdict.WAIVED,
        Verdict.PASS,
        Verdict.INFO,
        Verdict.NOT_APPLICABLE,
    )
    return next(verdict for verdict in order if counts[verdict])


def coverage_of(results: Results) -> list[CoveredStandard]:
    """Every standard that the catalogue cites, clause by clause: checked, not applicable, or not yet."""
    verdicts: dict[str, set[Verdict]] = {}
    for record in results.records:
        verdicts.setdefault(record.check, set()).add(record.verdict)
    clauses: dict[str, dict[str, list[str]]] = {}
    for entry in results.header.catalogue:
        for standard in standards_of(entry.clause):
            clauses.setdefault(standard, {}).setdefault(entry.clause, []).append(entry.id)
    covered = []
    for standard, checks_of in sorted(clauses.items()):
        rows = [
            CoveredClause(
                [Part(shown(part.text), part.url) for part in parts_of(clause)], checks, _state(checks, verdicts)
            )
            for clause, checks in sorted(checks_of.items())
        ]
        covered.append(CoveredStandard(standard, rows, sum(row.state == "checked" for row in rows)))
    return covered


def _state(checks: Sequence[str], verdicts: dict[str, set[Verdict]]) -> str:
    seen = [verdicts.get(check, set()) for check in checks]
    if any(each & _DECIDED for each in seen):
        return "checked"
    if any(Verdict.INCONCLUSIVE in each for each in seen):
        return "inconclusive"
    return "not applicable" if any(seen) else "not yet"


def shown(text: str, *, limit: int = LONGEST_TEXT) -> str:
    """Anybody's text as it may stand on the page; the template escapes it."""
    return visible(text, limit=limit, lines=True)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of an explanation, the line ends inside them taken out."""
    return [" ".join(shown(paragraph).split()) for paragraph in text.split("\n\n") if paragraph.strip()]


def _exchanges(transcript: Sequence[Exchange]) -> Iterator[ShownExchange]:
    for exchange in transcript:
        status = "no answer" if exchange.status is None else f"HTTP {exchange.status}"
        yield ShownExchange(
            title=shown(f"{exchange.operation}: {status}, {exchange.seconds * 1000:.0f} ms", limit=200),
            request=_body(exchange.request),
            response=_body(exchange.response),
        )


def _body(content: object) -> str:
    text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False)
    return shown(text, limit=LONGEST_BODY)
