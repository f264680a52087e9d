"""Records and results as tests want them, and every record there can be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reports.model import Exchange, Header, Record, Results, RunFinding, TargetDescription, WaiverReference
from reports.vocabulary import Evidence, Level, Severity, Subject, Verdict
from reports.writer import ResultsWriter

NOON = datetime(2026, 11, 5, 12, 0, 0, tzinfo=UTC)
WAIVER = WaiverReference(check="SRP-04", reason="ticket 4711", owner="identity team", expires="2026-12-31")

ANSI = "\x1b[31mred\x1b[0m\x1b]0;title\x07"
BIDI = "user\u202egnp.exe\u2066"
HOSTILE = [
    ANSI,
    BIDI,
    "\x00\x01\x08\x0b\x0c\x7f\x85\x9b31m\ufffe\uffff",
    "\ud800 alone",
    "]]><script>alert('x')</script>&amp;<!--",
    "first\r\nsecond\n\n\tthird\u2028fourth",
    "[red]markup[/red] :boom: [/]",
    "a" * 1_000_000,
    "\x1b" * 1_000_000,
]


# Whole files are written an example, and in a fresh checkout the first one builds the table of characters.
whole_runs = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
single_values = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def a_record(check: str = "SRP-04", case: str = "", verdict: Verdict = Verdict.PASS, **changes: object) -> Record:
    """A record in order, with some of its fields changed."""
    waived = {"waiver": WAIVER, "waived_from": Verdict.FAIL} if verdict is Verdict.WAIVED else {}
    fields: dict[str, Any] = {
        "level": Level.MUST,
        "severity": Severity.CRITICAL,
        "clause": "RFC 5054 section 2.5.4",
        "evidence": Evidence.RFC,
        "subject": Subject.POOL,
        "summary": "A server that skips A mod N = 0 lets anyone in without the password.",
        "started": NOON,
        "seconds": 0.25,
        **waived,
        **changes,
    }
    return Record(check=check, case=case, verdict=verdict, **fields)


def an_exchange(**changes: object) -> Exchange:
    """One request and its answer."""
    fields: dict[str, Any] = {
        "operation": "InitiateAuth",
        "method": "POST",
        "url": "http://127.0.0.1:4566/",
        "request": {"AuthFlow": "USER_SRP_AUTH"},
        "status": 200,
        "response": {"ChallengeName": "PASSWORD_VERIFIER"},
        "started": NOON,
        "seconds": 0.01,
        **changes,
    }
    return Exchange(**fields)


def a_header() -> Header:
    """What is known before the run."""
    return Header(
        tool_version="0.1.0",
        started=NOON,
        seed=42,
        configuration_digest="0" * 64,
        gate_level=Level.MUST,
        floor=1,
        selection=[],
        target=TargetDescription(
            kind="endpoint",
            name="staging",
            endpoint="http://127.0.0.1:4566",
            fingerprint="1" * 64,
            capabilities=["srp"],
        ),
        versions={"python": "3.11"},
    )


def written(
    directory: Path,
    records: Sequence[Record],
    *,
    findings: Sequence[RunFinding] = (),
    exit_code: int = 0,
    reason: str = "all is well",
) -> Results:
    """The results of a run that wrote the records and finished."""
    with ResultsWriter(directory, a_header()) as writer:
        for record in records:
            writer.append(record)
        return writer.finish(seconds=1.5, findings=findings, exit_code=exit_code, reason=reason)


any_text = st.one_of(
    st.sampled_from([text[:200] for text in HOSTILE]),
    st.text(st.characters(exclude_categories=()), max_size=40),
)
any_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), any_text, st.binary(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(any_text, inner, max_size=3)),
    max_leaves=6,
)
any_seconds = st.floats(min_value=0, max_value=1e6)
any_id = st.from_regex(r"\A[A-Z]{2,3}(-[A-Z])?-[0-9]{1,2}\Z")


@st.composite
def any_record(draw: st.DrawFn, *, verdicts: Sequence[Verdict] = tuple(Verdict)) -> Record:
    """Any record that a run can write, however hostile the target."""
    return a_record(
        check=draw(any_id),
        case=draw(any_text),
        verdict=draw(st.sampled_from(verdicts)),
        level=draw(st.sampled_from(Level)),
        severity=draw(st.sampled_from(Severity)),
        subject=draw(st.sampled_from(Subject)),
        clause=draw(any_text),
        summary=draw(any_text),
        message=draw(any_text),
        missing_need=draw(st.none() | any_text),
        observations=draw(st.dictionaries(any_text, any_text, max_size=2)),
        model_violations=draw(st.lists(any_text, max_size=2)),
        transcript=[
            an_exchange(request=draw(any_json), response=draw(any_json), url=draw(any_text))
            for _ in range(draw(st.integers(0, 1)))
        ],
        seconds=draw(any_seconds),
        reproduce=draw(any_text),
        internal_error=draw(st.booleans()),
    )


any_records = st.lists(any_record(), max_size=6, unique_by=lambda record: record.id)
