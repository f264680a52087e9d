"""Triggers that a live pool calls: judged by what their users see, as those at the embedded pool are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from reports.vocabulary import ExitCode, Level, Verdict
from tests.live.deployed import Deployed, deployed

if TYPE_CHECKING:
    from pathlib import Path

DECIDED_AT_LEAST = {
    "ENR-01", "ENR-04", "ENR-06", "ML-01", "ML-02[20 at once]", "ML-05", "ML-07[user]", "ML-08", "ML-10[message]",
    "ML-16", "ML-17[user information]", "ML-18[markup]", "ML-23", "ML-25", "ML-28[changed]", "ML-31", "OTP-03",
    "OTP-04[used]", "OTP-06[none]", "OTP-08", "OTP-11", "TRG-C-01", "TRG-C-04", "TRG-D-06", "TRG-D-08[link challenged]",
    "TRG-D-09[made up]", "TRG-V-03",
}  # fmt: skip
OUT_OF_REACH = {
    "TRG-D-01": "invocation", "TRG-C-02": "trigger-events", "ML-29[lists]": "no-delivery", "ML-33[key]": "signing-keys",
    "ML-24": "store", "ML-26b": "trigger-logs", "ML-12": "clock", "OTP-06[other pool]": "configure",
    "CRED-01": "credential-api",
}  # fmt: skip
OWN = re.compile(r"conformance\+[0-9a-f]{8}-user-\d+-[a-z]{8}@staging\.example\.com|\+1555\d{7}")


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """A pool that calls the reference triggers, and demands signatures of administrators."""
    with deployed(tmp_path_factory.mktemp("deployed"), "--require-signature") as pool:
        yield pool


def test_what_can_be_decided_from_outside_is_decided_as_at_the_embedded_pool(staging: Deployed) -> None:
    """There every check passes with these triggers, or records (tests/harness/test_teeth.py shows it)."""
    checks = sorted({id.partition("[")[0] for id in (*DECIDED_AT_LEAST, *OUT_OF_REACH)})
    words = [word for check in checks for word in ("--only", check)]
    done = staging.run("--workers", "2", *words, sections=staging.mailbox + staging.phone)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    live = {id: record for id, record in staging.records().items() if record.verdict is not Verdict.NOT_APPLICABLE}
    assert not DECIDED_AT_LEAST - live.keys()
    embedded = {id: Verdict.INFO if record.level is Level.INFO else Verdict.PASS for id, record in live.items()}
    assert {id: record.verdict for id, record in live.items()} == embedded
    told = staging.records()
    assert {id: told[id].missing_need for id in OUT_OF_REACH} == OUT_OF_REACH
    silent = {"configure", "clock", "in-process", "sms", "trigger-clock", "credential-api"}
    assert all(record.message or record.missing_need in silent for id, record in told.items() if id not in live)
    strangers = {address for address in staging.sent_to() if not OWN.fullmatch(address)}
    assert strangers == set(), "something went to an address that is not the run's own"
    assert staging.usernames() == []


def test_without_a_mailbox_links_are_not_judged_and_the_setting_is_named(staging: Deployed) -> None:
    words = [word for check in ("ML-01", "OTP-03", "TRG-D-09", "ENR-01", "ENR-04") for word in ("--only", check)]
    done = staging.run(*words)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    records = staging.records()
    assert records["ENR-04"].verdict is Verdict.PASS, "signing up wants no mailbox"
    for id, need, setting in (
        ("ML-01", "magic-links", "live.mailbox"),
        ("OTP-03", "codes", "live.phone"),
        ("ENR-01", "magic-links", "live.mailbox"),
    ):
        assert (records[id].verdict, records[id].missing_need) == (Verdict.NOT_APPLICABLE, need)
        assert setting in records[id].message
    assert records["TRG-D-09[made up]"].verdict is Verdict.NOT_APPLICABLE
    assert "live.mailbox" in done.output


def test_at_the_teams_own_app_client_what_wants_another_is_not_applicable_and_names_the_setting(
    staging: Deployed,
) -> None:
    client = f'clients = [{{ client_id = "{staging.ready["client_id"]}" }}]'
    done = staging.run("--only", "ML-01", "--only", "ML-07", "--only", "ENR-01", live=client, sections=staging.mailbox)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    records = staging.records()
    assert [records[id].verdict for id in ("ENR-01", "ML-01", "ML-07[user]")] == [Verdict.PASS] * 3
    assert records["ML-07[app client]"].missing_need == "configure"
    assert "live.make_clients" in records["ML-07[app client]"].message


def test_functions_that_nobody_has_said_are_judged_are_left_alone(staging: Deployed) -> None:
    done = staging.run("--only", "ML-01", "--only", "SRP-01", sections=staging.mailbox, triggers="")
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    record = staging.records()["ML-01"]
    assert (record.verdict, record.missing_need) == (Verdict.NOT_APPLICABLE, "custom-auth")
    assert 'triggers.host = "pool"' in record.message


def test_faults_of_deployed_triggers_are_found(tmp_path: Path) -> None:
    faults = {
        "triggers.links.never-marked-used": ("ML-01", "tokens were issued for a link that was used before"),
        "triggers.codes.texts-unverified-numbers": ("OTP-11", "an unverified"),
        "triggers.define.no-attempts-cap": ("TRG-D-06", "goes on after"),
        "triggers.links.raw-redirect-uri": ("ML-18", "the mail for a redirectUri"),
    }
    with deployed(tmp_path, *(word for fault in faults for word in ("--fault", fault))) as staging:
        words = [word for check, _ in faults.values() for word in ("--only", check)]
        done = staging.run(*words, sections=staging.mailbox + staging.phone, quiet_seconds=5)
        assert done.exit_code == ExitCode.FINDINGS, done.output + done.errors
        records = staging.records().values()
        for check, finding in faults.values():
            found = [record for record in records if record.check == check and record.verdict is Verdict.FAIL]
            assert any(finding in record.message for record in found), f"{check}: {done.output}"


def test_without_leave_to_ask_which_functions_the_pool_calls_the_configuration_is_believed(tmp_path: Path) -> None:
    with deployed(tmp_path, "--deny", "DescribeUserPool", "--require-signature") as staging:
        meant = f'make_clients = true\nproduction = "{staging.ready["user_pool_id"]}"'  # nobody can tell what it is for
        done = staging.run("--only", "ML-01", "--only", "ENR-01", live=meant, sections=staging.mailbox)
        assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
        records = staging.records()
        assert records["ML-01"].verdict is Verdict.PASS
        assert records["ENR-01"].missing_need == "pre-token-generation"
        assert "cognito-idp:DescribeUserPool" in records["ENR-01"].message


def test_no_link_and_no_code_that_a_run_reads_is_in_any_file_or_console_line(staging: Deployed) -> None:
    words = [word for check in ("ML-01", "ML-05", "ML-23", "OTP-03", "OTP-04", "ENR-01") for word in ("--only", check)]
    done = staging.run(*words, sections=staging.mailbox + staging.phone)
    assert done.exit_code == ExitCode.CLEAN, done.output + done.errors
    (staging.folder / "console").write_text(done.output + done.errors, encoding="utf-8")
    links, codes = staging.secrets_sent()
    assert links
    assert codes
    written = "|".join([*map(re.escape, links), *(rf"(?<![\d.]){code}(?!\d)" for code in codes)])
    holds = re.compile(written.encode())
    files = [path for path in staging.written_by_runs() if holds.search(path.read_bytes())]
    assert files == []
