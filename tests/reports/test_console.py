from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from rich.console import Console

from reports.console import ProgressDisplay, render_console
from reports.model import Record, Results, RunFinding
from reports.vocabulary import Severity, Verdict
from tests.reports.samples import HOSTILE, a_record, any_record, single_values, written

NOT_A_TERMINAL: dict[str, str] = {}
TERMINAL = {"FORCE_COLOR": "1", "TERM": "xterm-256color", "TTY_INTERACTIVE": "1"}
TERMINAL_WITHOUT_COLOUR = {**TERMINAL, "NO_COLOR": "1"}


def a_console(environment: dict[str, str], encoding: str = "utf-8") -> tuple[Console, io.BytesIO]:
    bytes_written = io.BytesIO()
    stream = io.TextIOWrapper(bytes_written, encoding=encoding, write_through=True, newline="\n")
    return Console(file=stream, _environ=environment), bytes_written


def shown(results: Results, environment: dict[str, str] = NOT_A_TERMINAL, encoding: str = "utf-8") -> str:
    console, bytes_written = a_console(environment, encoding)
    render_console(results, console)
    return bytes_written.getvalue().decode(encoding)


def test_a_finding_shows_id_case_clause_severity_message_and_how_to_reproduce_it(tmp_path: Path) -> None:
    record = a_record(
        "SRP-04", "2N", Verdict.FAIL, message="tokens were issued\nfor A = 2N", reproduce="cognito-conformance run"
    )
    text = shown(written(tmp_path, [record], exit_code=1, reason="fail: 1"))
    assert (
        """
fail SRP-04[2N]
  clause: RFC 5054 section 2.5.4 (MUST; evidence: rfc)
  severity: critical
  requirement: A server that skips A mod N = 0 lets anyone in without the password.
  message: tokens were issued
    for A = 2N
  reproduce: cognito-conformance run
"""
        in text
    )


def test_findings_come_first_and_the_gravest_of_them_before_the_rest(tmp_path: Path) -> None:
    records = [
        a_record("A-1", verdict=Verdict.WARN, severity=Severity.CRITICAL),
        a_record("A-2", verdict=Verdict.FAIL, severity=Severity.LOW),
        a_record("A-3", verdict=Verdict.FAIL, severity=Severity.CRITICAL),
        a_record("A-4", verdict=Verdict.INCONCLUSIVE),
        a_record("A-5", verdict=Verdict.WAIVED),
        a_record("A-6", verdict=Verdict.NOT_APPLICABLE),
    ]
    text = shown(written(tmp_path, records))
    places = [text.index(check) for check in ("A-3", "A-2", "A-1", "A-4", "A-5", "A-6")]
    assert places == sorted(places)


def test_what_passed_is_only_counted(tmp_path: Path) -> None:
    text = shown(written(tmp_path, [a_record("SRP-01"), a_record("SRP-02"), a_record("SRP-03", verdict=Verdict.WARN)]))
    assert "SRP-01" not in text
    assert "\n2 pass, 1 warn in 1.5 s\n" in text


def test_not_applicable_checks_are_grouped_by_the_missing_need(tmp_path: Path) -> None:
    passkeys = [a_record(f"WA-{n}", verdict=Verdict.NOT_APPLICABLE, missing_need="passkeys") for n in range(12)]
    clock = a_record("SRP-14", verdict=Verdict.NOT_APPLICABLE, missing_need="clock")
    text = shown(written(tmp_path, [*passkeys, clock]))
    assert "  the target lacks clock: 1 (SRP-14)\n" in text
    assert "  the target lacks passkeys: 12 (WA-0, WA-1, WA-2, WA-3, WA-4, WA-5, WA-6, WA-7 and 4 more)\n" in text


def test_findings_about_the_run_and_waived_ones_are_shown(tmp_path: Path) -> None:
    finding = RunFinding(kind="waiver", message="waiver for SRP-09: it expired")
    text = shown(written(tmp_path, [a_record(verdict=Verdict.WAIVED)], findings=[finding]))
    assert "\n  SRP-04: fail waived by identity team until 2026-12-31: ticket 4711\n" in text
    assert "\n  waiver: waiver for SRP-09: it expired\n" in text


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (0, "CLEAN (exit 0): why"),
        (1, "FINDINGS (exit 1): why"),
        (3, "INCONCLUSIVE (exit 3): why"),
        (4, "TOO FEW CHECKS (exit 4): why"),
        (5, "INTERNAL ERROR (exit 5): why"),
    ],
)
def test_the_last_line_is_the_verdict_and_the_exit_code(tmp_path: Path, exit_code: int, words: str) -> None:
    text = shown(written(tmp_path, [a_record()], exit_code=exit_code, reason="why"))
    assert text.splitlines()[-1] == words


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("environment", [NOT_A_TERMINAL, TERMINAL_WITHOUT_COLOUR], ids=["log", "no colour"])
def test_hostile_text_does_nothing_to_the_terminal(tmp_path: Path, text: str, environment: dict[str, str]) -> None:
    record = a_record("SRP-04", text, Verdict.FAIL, message=text, summary=text, clause=text, reproduce=text)
    output = shown(written(tmp_path, [record]), environment)
    assert (
        output.replace("\n", "").replace("\x1b[1;31m", "").replace("\x1b[1m", "").replace("\x1b[0m", "").isprintable()
    )
    assert len(output) < 120_000


def test_markup_in_a_message_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    record = a_record(verdict=Verdict.FAIL, message="[red]x[/red] :boom: [/]")
    assert "message: [red]x[/red] :boom: [/]\n" in shown(written(tmp_path, [record]))


def test_a_message_cannot_forge_the_last_line(tmp_path: Path) -> None:
    record = a_record(verdict=Verdict.FAIL, message="x\nCLEAN (exit 0): nothing found")
    lines = shown(written(tmp_path, [record], exit_code=1, reason="fail: 1")).splitlines()
    assert [line for line in lines if line.startswith("CLEAN")] == []


def test_a_log_that_takes_ascii_only_gets_ascii(tmp_path: Path) -> None:
    text = shown(written(tmp_path, [a_record(verdict=Verdict.FAIL, message="Zoë")]), encoding="ascii")
    assert "message: Zo\\xeb\n" in text


def test_long_lines_are_not_broken_in_a_log(tmp_path: Path) -> None:
    text = shown(written(tmp_path, [a_record(verdict=Verdict.FAIL, message="word " * 60 + "end")]))
    assert "message: " + "word " * 60 + "end\n" in text


# While the run goes


def run_through(environment: dict[str, str], *records: Record) -> str:
    console, bytes_written = a_console(environment)
    display = ProgressDisplay(console)
    display.started(len(records))
    for record in records:
        display.decided(record)
    display.finished()
    return bytes_written.getvalue().decode()


@pytest.mark.parametrize("environment", [NOT_A_TERMINAL, TERMINAL_WITHOUT_COLOUR], ids=["log", "no colour"])
def test_a_log_gets_one_line_a_case(environment: dict[str, str]) -> None:
    records = [a_record(f"SRP-{n}") for n in range(1, 10)]
    fail = a_record("SRP-10", "2N", Verdict.FAIL, message="tokens were issued\nfor A = 2N")
    lines = run_through(environment, *records, fail).splitlines()
    assert len(lines) == 10
    assert "[ 1/10] pass           SRP-1 (0.25 s)" in lines[0]
    assert "[10/10] fail           SRP-10[2N] (0.25 s): tokens were issued" in lines[9]


def test_a_terminal_gets_a_bar_with_counts_and_the_findings_above_it() -> None:
    text = run_through(
        TERMINAL, a_record("SRP-1"), a_record("SRP-2", verdict=Verdict.FAIL, message="tokens were issued")
    )
    assert "SRP-1 " not in text
    assert "SRP-2 (0.25 s): tokens were issued" in text
    assert "2/2" in text
    assert "1 pass, 1 fail" in text


@single_values
@given(record=any_record())
def test_any_record_is_one_line_of_a_log(record: Record) -> None:
    assert run_through(NOT_A_TERMINAL, record).removesuffix("\n").isprintable()


def test_a_display_can_be_ended_before_it_began_and_twice() -> None:
    console, bytes_written = a_console(TERMINAL)
    display = ProgressDisplay(console)
    display.finished()
    display.started(1)
    display.finished()
    display.finished()
    display.decided(a_record())
    assert "SRP-04" in bytes_written.getvalue().decode()
