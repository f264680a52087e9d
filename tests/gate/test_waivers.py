from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given

from harness.waivers import WaiverError, Waivers, render_waivers
from reports.model import Record
from reports.vocabulary import Verdict
from tests.reports.samples import HOSTILE, a_record, any_records, single_values

TODAY = date(2026, 11, 5)
KNOWN = {"SRP-04": ["N", "2N"], "SRP-07": [""]}

COMPLETE = """\
# why we live with it
[[waiver]]
check = "SRP-04"
reason = "ticket 4711"
owner = "identity team"
expires = 2026-12-31
"""


def waivers(extra: str = "", *, text: str = COMPLETE) -> Waivers:
    return Waivers.parse(text + extra, "waivers.toml")


def refusal(text: str) -> str:
    with pytest.raises(WaiverError) as refused:
        Waivers.parse(text, "waivers.toml")
    return str(refused.value)


def failing(case: str = "N", message: str = "tokens were issued") -> Record:
    return a_record("SRP-04", case, Verdict.FAIL, message=message)


# The file


def test_a_waivers_file_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text(COMPLETE)
    assert Waivers.load(path) == waivers()


def test_a_file_without_waivers_is_in_order() -> None:
    assert waivers(text="# none yet\n") == Waivers()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "binary"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "waivers.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WaiverError, match=f"{re.escape(str(path))} .*; name a waivers file"):
        Waivers.load(path)


def test_what_is_not_toml_is_told_with_its_line() -> None:
    assert re.match(r"waivers\.toml is not TOML: .*line 2", refusal("# fine\ncheck = SRP-04\n"))


def test_an_unknown_key_is_named_with_its_line_and_the_keys_there_are() -> None:
    text = COMPLETE + '\n[[waiver]]\ncheck = "SRP-07"\nreason = "x"\nowner = "y"\nexpiry = 2026-12-31\n'
    assert refusal(text).splitlines() == [
        "waivers.toml, line 8: waiver 2 lacks 'expires': it must be its last day, as a TOML date without quotes, "
        "such as 2030-12-31",
        "waivers.toml, line 12: waiver 2 has an unknown key 'expiry'; "
        "the keys are check, reason, owner, expires, case, target, failure",
    ]


@pytest.mark.parametrize("table", ["[[waivers]]\n", "[settings]\n", "waivers = 1\n"])
def test_a_table_of_another_name_is_an_unknown_key(table: str) -> None:
    name = table.strip("[]= 1\n")
    assert refusal(f"# first\n{table}") == (
        f"waivers.toml, line 2: unknown key '{name}'; waivers are tables called [[waiver]]"
    )


@pytest.mark.parametrize("text", ['[waiver]\ncheck = "SRP-04"\n', 'waiver = ["SRP-04"]\n', "waiver = 1\n"])
def test_waivers_that_are_no_tables_are_refused(text: str) -> None:
    assert refusal(text).startswith("waivers.toml: waivers are tables called [[waiver]]; ")


@pytest.mark.parametrize("key", ["check", "reason", "owner", "expires"])
def test_a_waiver_without_one_of_its_keys_is_refused(key: str) -> None:
    text = "\n".join(line for line in COMPLETE.splitlines() if not line.startswith(key))
    assert f"waivers.toml, line 2: waiver 1 lacks '{key}': it must be " in refusal(text)


@pytest.mark.parametrize("key", ["check", "reason", "owner"])
@pytest.mark.parametrize("value", ['""', '"  "', "1"])
def test_an_owner_a_reason_and_a_check_must_be_said_in_words(key: str, value: str) -> None:
    text = re.sub(rf"{key} = .*", f"{key} = {value}", COMPLETE)
    assert re.match(rf"waivers\.toml, line \d: waiver 1 has a wrong '{key}': it must be the ", refusal(text))


def test_an_empty_owner_is_refused_with_what_belongs_there() -> None:
    assert refusal(COMPLETE.replace("identity team", "")) == (
        "waivers.toml, line 5: waiver 1 has a wrong 'owner': it must be the person or team who answers for it"
    )


@pytest.mark.parametrize("value", ['"2026-12-31"', '""', "2026-12-31T00:00:00Z", "2026-12-31 00:00:00", "20261231"])
def test_the_last_day_is_a_toml_date(value: str) -> None:
    assert "line 6: waiver 1 has a wrong 'expires'" in refusal(COMPLETE.replace("2026-12-31", value))


def test_a_waiver_that_repeats_another_is_refused() -> None:
    assert refusal(COMPLETE + COMPLETE) == (
        "waivers.toml, line 8: waiver 2 (SRP-04) repeats waiver 1; keep one of them"
    )


# Waiving


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WARN])
def test_a_finding_is_waived_and_keeps_its_verdict_and_the_waiver(verdict: Verdict) -> None:
    record = a_record("SRP-04", "N", verdict, message="tokens were issued")
    waived = waivers().apply(record, "staging", TODAY)
    assert (waived.verdict, waived.waived_from, waived.message) == (Verdict.WAIVED, verdict, record.message)
    assert waived.waiver is not None
    assert waived.waiver.model_dump() == {
        "check": "SRP-04",
        "reason": "ticket 4711",
        "owner": "identity team",
        "expires": "2026-12-31",
    }
    assert Record.model_validate_json(waived.model_dump_json()) == waived


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.INFO, Verdict.NOT_APPLICABLE, Verdict.INCONCLUSIVE])
def test_what_is_no_finding_is_never_waived(verdict: Verdict) -> None:
    record = a_record("SRP-04", "N", verdict)
    assert waivers().apply(record, "staging", TODAY) == record


def test_an_error_of_the_harness_is_never_waived() -> None:
    record = failing().model_copy(update={"internal_error": True})
    assert waivers().apply(record, "staging", TODAY) == record


@pytest.mark.parametrize(
    ("extra", "waived"),
    [
        ('case = "N"', True),
        ('case = "2N"', False),
        ('target = "staging"', True),
        ('target = "production"', False),
        ('failure = "were issued"', True),
        ('failure = "were refused"', False),
    ],
)
def test_a_waiver_waives_its_own_case_target_and_failure_only(extra: str, waived: bool) -> None:
    assert (waivers(extra).apply(failing(), "staging", TODAY).verdict is Verdict.WAIVED) == waived


def test_a_waiver_waives_its_own_check_only() -> None:
    other = a_record("SRP-05", verdict=Verdict.FAIL)
    assert waivers().apply(other, "staging", TODAY) == other


@pytest.mark.parametrize(("days", "waived"), [(-1, True), (0, True), (1, False)])
def test_a_waiver_holds_to_the_end_of_its_last_day(days: int, waived: bool) -> None:
    today = date(2026, 12, 31) + timedelta(days=days)
    assert (waivers().apply(failing(), "staging", today).verdict is Verdict.WAIVED) == waived


def test_a_waiver_in_force_stands_in_for_an_expired_one() -> None:
    expired = COMPLETE.replace("2026-12-31", "2026-01-01").replace("4711", "4710")
    both = waivers('case = "N"', text=f"{expired}\n{COMPLETE}")
    waived = both.apply(failing(), "staging", TODAY)
    assert waived.waiver is not None
    assert waived.waiver.reason == "ticket 4711"


# Waivers that have outlived their finding


def stale(of: Waivers, records: Sequence[Record], *, target: str = "staging", today: date = TODAY) -> list[str]:
    applied = [of.apply(record, target, today) for record in records]
    findings = of.stale(applied, known=KNOWN, target=target, today=today)
    assert {finding.kind for finding in findings} <= {"waiver"}
    return [finding.message for finding in findings]


def passing(case: str) -> Record:
    return a_record("SRP-04", case, Verdict.PASS)


def test_a_waiver_that_waived_something_is_in_order() -> None:
    assert stale(waivers(), [failing("N"), passing("2N")]) == []


def test_a_waiver_whose_check_passes_is_a_finding() -> None:
    (message,) = stale(waivers(), [passing("N"), passing("2N")])
    assert message.startswith("waiver for SRP-04: it matches nothing: the check passes now; take it out")


def test_a_waiver_whose_case_passes_is_a_finding_though_another_case_fails() -> None:
    (message,) = stale(waivers('case = "2N"'), [failing("N"), passing("2N")])
    assert message.startswith("waiver for SRP-04[2N]: it matches nothing: the check passes now")


def test_a_waiver_whose_check_fails_otherwise_is_a_finding_beside_that_failure() -> None:
    (message,) = stale(waivers('failure = "a time-out"'), [failing("N"), passing("2N")])
    assert "matches nothing: the check fails, but not with its failure text" in message


def test_an_expired_waiver_is_a_finding_whether_its_check_fails_or_passes() -> None:
    past = date(2027, 1, 1)
    for record in (failing("N"), passing("N")):
        (message,) = stale(waivers(), [record, passing("2N")], today=past)
        assert message.startswith("waiver for SRP-04: it expired on 2026-12-31 and waives nothing")


def test_a_waiver_for_a_check_that_does_not_exist_is_a_finding_whatever_was_run() -> None:
    unknown = waivers('target = "elsewhere"', text=COMPLETE.replace("SRP-04", "SRP-4"))
    (message,) = stale(unknown, [])
    assert message == "waiver for SRP-4: no check has this id (near: SRP-04, SRP-07); correct it or take it out"


def test_a_waiver_for_a_case_that_does_not_exist_is_a_finding_whatever_was_run() -> None:
    (message,) = stale(waivers('case = "2 N"'), [])
    assert message == "waiver for SRP-04[2 N]: SRP-04 has no such case (near: 2N, N); correct it or take it out"


@pytest.mark.parametrize(
    "records",
    [
        [],
        [a_record("SRP-07", verdict=Verdict.PASS)],
        [a_record("SRP-04", case, Verdict.NOT_APPLICABLE) for case in ("N", "2N")],
        [a_record("SRP-04", case, Verdict.INCONCLUSIVE) for case in ("N", "2N")],
        [a_record("SRP-04", case, Verdict.FAIL, internal_error=True) for case in ("N", "2N")],
    ],
    ids=["nothing ran", "not selected", "not applicable", "inconclusive", "internal error"],
)
@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 1)], ids=["in force", "expired"])
def test_a_run_that_decided_nothing_about_its_check_says_nothing_about_a_waiver(
    records: list[Record], today: date
) -> None:
    assert stale(waivers(), records, today=today) == []


@pytest.mark.parametrize(
    "records",
    [[passing("N")], [passing("N"), a_record("SRP-04", "2N", Verdict.INCONCLUSIVE)]],
    ids=["not selected", "inconclusive"],
)
def test_a_case_that_was_not_decided_may_be_the_one_that_a_waiver_is_for(records: list[Record]) -> None:
    assert stale(waivers(), records) == []
    assert len(stale(waivers('case = "N"'), records)) == 1


def test_a_case_that_is_not_applicable_does_not_keep_a_waiver_alive() -> None:
    assert len(stale(waivers(), [passing("N"), a_record("SRP-04", "2N", Verdict.NOT_APPLICABLE)])) == 1


def test_a_waiver_for_another_target_is_no_finding() -> None:
    elsewhere = waivers('target = "production"')
    assert stale(elsewhere, [passing("N"), passing("2N")]) == []
    assert len(stale(elsewhere, [passing("N"), passing("2N")], target="production")) == 1


# Ready to paste


def filled_in(text: str) -> str:
    for key, value in {"reason": '"accepted"', "owner": '"identity team"', "expires": "2026-12-31"}.items():
        text = re.sub(rf'^{key} = ""$', f"{key} = {value}", text, flags=re.M)
    return text


def test_a_waiver_is_printed_for_each_finding() -> None:
    text = render_waivers(
        [failing("N", "\n  tokens were issued\nfor A"), passing("2N"), a_record("SRP-07", verdict=Verdict.WARN)]
    )
    assert (
        text
        == """\
# Fill in reason, owner and expires (a date without quotes); a waiver without them is refused.
# failure is text that the message must hold: keep the part that does not change from run to run.

# fail, critical, RFC 5054 section 2.5.4: A server that skips A mod N = 0 lets anyone in without the password.
[[waiver]]
check = "SRP-04"
case = "N"
failure = "tokens were issued"
reason = ""
owner = ""
expires = ""

# warn, critical, RFC 5054 section 2.5.4: A server that skips A mod N = 0 lets anyone in without the password.
[[waiver]]
check = "SRP-07"
reason = ""
owner = ""
expires = ""
"""
    )


def test_nothing_is_printed_for_a_run_without_findings() -> None:
    undecided = a_record("SRP-04", "2N", Verdict.INCONCLUSIVE)
    assert render_waivers([passing("N"), undecided, failing().model_copy(update={"internal_error": True})]) == ""


def test_a_printed_waiver_is_refused_until_it_is_filled_in() -> None:
    text = render_waivers([failing()])
    for key in ("reason", "owner", "expires"):
        assert f"waiver 1 has a wrong '{key}'" in refusal(text)
    assert waivers(text=filled_in(text)).apply(failing(), "staging", TODAY).verdict is Verdict.WAIVED


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_legal_toml(text: str) -> None:
    record = a_record("SRP-04", text, Verdict.FAIL, message=text, summary=text)
    printed = waivers(text=filled_in(render_waivers([record])))
    assert printed.apply(record, "staging", TODAY).verdict is Verdict.WAIVED


@single_values
@given(records=any_records)
def test_printed_waivers_waive_every_finding_of_their_run_and_nothing_else(records: list[Record]) -> None:
    text = render_waivers(records)
    findings = [
        record for record in records if record.verdict in {Verdict.FAIL, Verdict.WARN} and not record.internal_error
    ]
    assert len(tomllib.loads(text).get("waiver", [])) == len(findings)
    printed = waivers(text=filled_in(text))
    applied = [printed.apply(record, "staging", TODAY) for record in records]
    assert [record.id for record in applied if record.waived_from and record not in records] == [
        record.id for record in findings
    ]
    known = {record.check: {other.case for other in records if other.check == record.check} for record in records}
    assert printed.stale(applied, known=known, target="staging", today=TODAY) == []
