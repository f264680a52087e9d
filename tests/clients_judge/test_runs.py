"""Runs against clients behind a driver: what misbehaves is inconclusive, what is missing is not applicable."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

import pytest

from fakes.pool import EmbeddedPool, PoolOptions
from harness.client import find_client
from harness.configuration_error import ConfigurationError
from harness.needs import CLIENT_NEEDS
from harness.settings import load_settings
from reports.vocabulary import ExitCode, Verdict
from tests.clients_judge.conftest import reference

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.verifier.conftest import Run

REFUSES_EVERYTHING = "for request in requests(): say(request, **HELLO, ok=request['op'] == 'hello', error_type='No')"
CLAIMS_SUCCESS = "for request in requests(): say(request, **HELLO)"

MISBEHAVIOURS = {
    "crashes at the start": ("print('no such library', file=sys.stderr); sys.exit(1)", "no such library"),
    "crashes at a sign-in": ("say(next(requests()), **HELLO); next(requests()); sys.exit(3)", "exit code 3"),
    "prints garbage": ("print('ready', flush=True); time.sleep(60)", "no JSON object: 'ready'"),
    "answers another id": ("for request in requests(): say({'id': 0}, **HELLO)", "under the id 0"),
    "never answers": ("time.sleep(60)", "did not answer hello within 1 s"),
    "never answers a sign-in": ("say(next(requests()), **HELLO); time.sleep(60)", "did not answer sign_in within 1 s"),
    "says nothing of itself": ("for request in requests(): say(request)", "hello without name"),
    "refuses everything": (REFUSES_EVERYTHING, "the honest twin failed before the change"),
    "claims success": (CLAIMS_SUCCESS, "the honest twin failed before the change"),
}

U_AND_B = "u leading-zero-byte, B leading-zero-nibble, S high-bit, salt leading-zero-nibble"
SIGNED = "CLI-17[AccessToken-no signature]"
NEGATIVES = ("--only", "CLI-04[N]", "--only", "CLI-05[SALT-xyz]", "--only", "CLI-13b")


@pytest.mark.parametrize(("body", "words"), MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_driver_that_misbehaves_makes_checks_inconclusive_within_their_time(
    judge: Callable[..., Run], program: Callable[[str], list[str]], tmp_path: Path, body: str, words: str
) -> None:
    if "within 1 s" in words:
        (tmp_path / "conformance.toml").write_text("[client]\ntimeout_seconds = 1\n")
    began = time.monotonic()
    run = judge(program(body), *NEGATIVES)
    assert run.exit_code == ExitCode.INCONCLUSIVE, run.output
    assert time.monotonic() - began < 60
    assert {record.verdict for record in run.records} == {Verdict.INCONCLUSIVE}
    assert any(words in record.message for record in run.records), [record.message for record in run.records]


def test_a_command_that_does_not_exist_is_inconclusive(judge: Callable[..., Run]) -> None:
    run = judge(["no-such-program-anywhere"], *NEGATIVES)
    assert run.exit_code == ExitCode.INCONCLUSIVE
    assert "check the command" in run.output


def test_a_client_that_claims_success_without_a_word_to_the_pool_is_found_out(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(CLAIMS_SUCCESS), "--only", "CLI-01")
    [record] = run.records
    assert run.exit_code == ExitCode.FINDINGS
    assert "it had sent nothing" in record.message


def test_a_client_that_fails_on_some_answers_only_does_not_stop_the_run(judge: Callable[..., Run]) -> None:
    crashing = reference("client.srp.zero-b-accepted")
    run = judge(crashing, "--only", "CLI-01", "--only", "CLI-04[N]", "--only", "CLI-07")
    assert [record.verdict for record in run.records] == [Verdict.PASS, Verdict.FAIL, Verdict.PASS]


def test_a_hanging_client_is_a_finding_and_the_run_goes_on(judge: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("[client]\ntimeout_seconds = 3\n")
    run = judge(reference("client.hangs"), "--only", "CLI-05[SALT-xyz]", "--only", "CLI-07")
    hung, after = run.records
    assert (hung.verdict, after.verdict) == (Verdict.FAIL, Verdict.PASS)
    assert "the client hung after SALT xyz" in hung.message


def test_a_client_that_pads_u_is_caught_within_ten_seconds(judge: Callable[..., Run]) -> None:
    began = _seconds_of_children()
    run = judge(reference("client.srp.u-at-fixed-width"), "--only", f"CLI-02[{U_AND_B}]")
    assert run.exit_code == ExitCode.FINDINGS, run.output
    assert "did not sign in with a leading zero byte in u (sign-in 1 of 8)" in run.output
    assert _seconds_of_children() - began < 10


def _seconds_of_children() -> float:
    """What the programs started here have had of the processor: on a busy machine they wait, and work no longer."""
    used = os.times()
    return used.children_user + used.children_system


def test_the_same_seed_brings_the_same_verdicts_of_a_foreign_process(judge: Callable[..., Run]) -> None:
    faulty = reference("client.srp.salt-as-raw-bytes", "client.timestamp.padded-day")
    cases = (
        "CLI-02b[0x80]",
        "CLI-03[SALT in upper case]",
        "CLI-06[2026-11-01 12:03]",
        "CLI-06[2026-11-12 00:03]",
    )
    chosen = (*(word for case in cases for word in ("--only", case)), "--seed", "1")
    first, second = judge(faulty, *chosen), judge(faulty, *chosen)
    assert first.exit_code == ExitCode.FINDINGS
    assert {r.id: r.verdict for r in first.records} == {r.id: r.verdict for r in second.records}


def test_the_reference_client_passes_as_a_program_of_its_own(judge: Callable[..., Run]) -> None:
    sections = ("CLI-01", "CLI-06b", "CLI-06c", "CLI-12", "CLI-12b", "CLI-16b", SIGNED)
    run = judge(reference(), *(word for section in sections for word in ("--only", section)))
    assert run.exit_code == ExitCode.CLEAN, run.output
    assert {record.verdict for record in run.records} == {Verdict.PASS}
    assert run.results.header.versions["client"] == "the reference client 1"


def test_a_finding_can_be_run_again_and_shows_what_was_sent_but_no_secret(judge: Callable[..., Run]) -> None:
    command = reference("client.srp.zero-b-accepted")
    run = judge(command, "--only", "CLI-04[N]")
    [record] = run.records
    assert "--client" in record.reproduce
    assert command[-1] in record.reproduce
    assert {"sign_in", "InitiateAuth", "RespondToAuthChallenge"} <= {each.operation for each in record.transcript}
    written = (run.out / "results.json").read_text()
    assert not re.search(r"eyJ[\w-]{20,}", written), "a token was written"
    assert "Aa1!" not in written, "a password was written"


UNCLAIMED = {
    "CLI-06[2026-11-01 12:03]": "client.clock",
    "CLI-07": "client.alias",
    "CLI-08[by user name]": "client.secret_hash",
    "CLI-09b": "client.private_value",
    "CLI-10b": "client.new_password",
    "CLI-12": "client.tls",
    "CLI-15c": "client.mfa",
    "CLI-16": "client.device",
    "CLI-17[AccessToken-no signature]": "client.verifies_tokens",
}


def test_what_a_client_does_not_claim_is_not_applicable_and_said_so(
    judge: Callable[..., Run], program: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # where a shim is installed, every client has a clock
    run = judge(program(CLAIMS_SUCCESS), *(argument for case in UNCLAIMED for argument in ("--only", case)))
    assert {record.verdict for record in run.records} == {Verdict.NOT_APPLICABLE}
    assert {record.id: record.missing_need for record in run.records} == UNCLAIMED


def test_an_endpoint_is_judged_beside_a_client_only_where_one_is_given(judge: Callable[..., Run]) -> None:
    with EmbeddedPool.start(PoolOptions(seed=1)) as pool:
        target = ("--endpoint", pool.endpoint)
        without = judge([], *target, "--only", "CLI-01")
        missing = {record.missing_need for record in without.records}
        beside = judge(reference(), *target, "--only", "CLI-01")
    assert without.exit_code == ExitCode.TOO_FEW
    assert missing == {"client"}
    assert beside.exit_code == ExitCode.CLEAN, beside.output


def test_several_workers_each_have_a_client(judge: Callable[..., Run]) -> None:
    run = judge(reference(), "-n", "2", "--only", "CLI-07", "--only", "CLI-14[kanji]")
    assert {record.verdict for record in run.records} == {Verdict.PASS}


def test_the_embedded_target_brings_a_client_that_can_do_everything() -> None:
    assert find_client(load_settings()).needs_met == CLIENT_NEEDS


def test_a_client_is_taken_at_its_word(program: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    claiming = "for request in requests(): say(request, **{**HELLO, 'capabilities': ['mfa', 'telepathy']})"
    settings = load_settings(flags={"client": {"command": program(claiming)}})
    assert find_client(settings).needs_met == {"client", "client.zone", "client.mfa"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[client]\ncommand = "node driver.mjs"\n', "client.command"),
        ("[client]\ntimeout_seconds = 0\n", "client.timeout_seconds"),
        ('[client]\nprogram = ["x"]\n', "client.program"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_key_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        load_settings(path)
