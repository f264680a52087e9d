"""Runs against relying parties behind a driver: what misbehaves is inconclusive, what is missing not applicable."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from harness.configuration_error import ConfigurationError
from harness.needs import RELYING_PARTY_NEEDS
from harness.relying_party import find_relying_party
from harness.settings import load_settings
from reports.vocabulary import ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.verifier.conftest import Run

ACCEPTS_ANYTHING = """
RECORD = {"id": "AAAA", "public_key": "AAAA", "sign_count": 0, "backup_eligible": False, "backup_state": False,
          "transports": [], "uv_initialized": True}
for request in requests(): say(request, **HELLO, credential=RECORD, sign_count=0)
"""
REFUSES_EVERYTHING = "for request in requests(): say(request, **HELLO, ok=request['op'] == 'hello', error_type='No')"

ANSWERS_AT_ONCE = """
import threading, time
HELLO["capabilities"] = ["concurrent", "single-use"]
RECORD = {"id": "AAAA", "public_key": "AAAA", "sign_count": 0, "backup_eligible": False, "backup_state": False,
          "transports": [], "uv_initialized": True}
answered, closing, printing = set(), threading.Lock(), threading.Lock()

def answer(request):
    challenge = request.get("expected", {}).get("challenge")
    with closing if CAREFUL else threading.Lock():
        new = challenge not in answered
        time.sleep(0.01)
        answered.add(challenge)
    accepted = request["op"] == "hello" or new
    with printing:
        say(request, **HELLO, ok=accepted, credential=RECORD, sign_count=0, error_type="Answered")

for request in requests():
    threading.Thread(target=answer, args=[request]).start()
"""

MISBEHAVIOURS = {
    "crashes at the start": ("print('no such library', file=sys.stderr); sys.exit(1)", "no such library"),
    "crashes on a response": ("say(next(requests()), **HELLO); next(requests()); sys.exit(3)", "exit code 3"),
    "prints garbage": ("print('ready', flush=True); time.sleep(60)", "no JSON object: 'ready'"),
    "answers another id": ("for request in requests(): say({'id': 0}, **HELLO)", "under the id 0"),
    "never answers": ("time.sleep(60)", "did not answer hello within 1 s"),
    "never answers a registration": ("say(next(requests()), **HELLO); time.sleep(60)", "did not answer register"),
    "says nothing of itself": ("for request in requests(): say(request)", "hello without name"),
    "registers without a credential": ("for request in requests(): say(request, **HELLO)", "without a credential"),
    "refuses honest responses": (REFUSES_EVERYTHING, "the honest twin failed before the change"),
}
NEGATIVES = ("--only", "WA-REG-09r[origin: another site]", "--only", "WA-REG-14r[a hash of zeros]")


@pytest.mark.parametrize(("body", "words"), MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_driver_that_misbehaves_makes_checks_inconclusive_within_their_time(
    judge: Callable[..., Run], program: Callable[[str], list[str]], tmp_path: Path, body: str, words: str
) -> None:
    if "did not answer" in words:
        (tmp_path / "conformance.toml").write_text("[relying_party]\ntimeout_seconds = 1\n")
    began = time.monotonic()
    run = judge(program(body), *NEGATIVES)
    assert run.exit_code == ExitCode.INCONCLUSIVE, run.output
    assert time.monotonic() - began < 40
    assert {record.verdict for record in run.records} == {Verdict.INCONCLUSIVE}
    assert any(words in record.message for record in run.records), [record.message for record in run.records]


def test_a_relying_party_that_accepts_anything_is_found_out(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(ACCEPTS_ANYTHING), "--only", "WA-AUT-21r", "--only", "WA-REG-14r")
    assert run.exit_code == ExitCode.FINDINGS
    messages = {record.message for record in run.records if record.verdict is Verdict.FAIL}
    assert "the relying party accepted an authentication (no signature)" in messages
    assert "the relying party accepted a registration (a hash of zeros)" in messages


@pytest.mark.parametrize(("careful", "verdict"), [(True, Verdict.PASS), (False, Verdict.FAIL)])
def test_a_relying_party_that_answers_at_once_is_asked_at_once(
    judge: Callable[..., Run], program: Callable[[str], list[str]], careful: bool, verdict: Verdict
) -> None:
    command = program(f"CAREFUL = {careful}\n{ANSWERS_AT_ONCE}")
    run = judge(command, "--only", "WA-REG-08gr", "--only", "WA-AUT-11ccr", "--only", "WA-REG-08cr")
    assert {record.check: record.verdict for record in run.records} == {
        "WA-REG-08gr": verdict,
        "WA-AUT-11ccr": verdict,
        "WA-REG-08cr": Verdict.PASS,
    }


def test_a_relying_party_that_answers_one_at_a_time_is_not_asked_at_once(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(ACCEPTS_ANYTHING), "--only", "WA-REG-08gr")
    [record] = run.records
    assert record.missing_need in {"relying-party.concurrent", "relying-party.single-use"}


def test_what_a_driver_does_not_claim_is_not_applicable_and_said_so(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    cases = {
        "WA-AUT-05r[a credential that is not allowed]": "relying-party.allow-credentials",
        "WA-AUT-21r[a signature in RS256]": "relying-party.rs256",
        "WA-REG-10r[crossOrigin true where it is allowed]": "relying-party.cross-origin",
        "WA-ATT-T1r[other extraData]": "relying-party.tpm",
    }
    run = judge(program(ACCEPTS_ANYTHING), *(argument for case in cases for argument in ("--only", case)))
    assert {record.id: record.missing_need for record in run.records} == cases


def test_a_finding_can_be_run_again(judge: Callable[..., Run], program: Callable[[str], list[str]]) -> None:
    command = program(ACCEPTS_ANYTHING)
    run = judge(command, "--only", "WA-REG-14r[a hash of zeros]")
    [record] = run.records
    assert "--relying-party" in record.reproduce
    assert command[-1] in record.reproduce
    assert [exchange.operation for exchange in record.transcript] == ["register"] * 2


def test_several_workers_each_have_a_relying_party(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(ACCEPTS_ANYTHING), "-n", "2", "--only", "WA-REG-07r")
    assert {record.verdict for record in run.records} == {Verdict.PASS, Verdict.FAIL}


def test_the_embedded_target_brings_a_relying_party_that_can_do_everything() -> None:
    assert find_relying_party(load_settings()).needs_met == RELYING_PARTY_NEEDS


def test_a_program_is_taken_at_its_word(program: Callable[[str], list[str]]) -> None:
    claiming = "for request in requests(): say(request, **{**HELLO, 'capabilities': ['tpm', 'telepathy']})"
    settings = load_settings(flags={"relying_party": {"command": program(claiming)}})
    assert find_relying_party(settings).needs_met == {"relying-party", "relying-party.tpm"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[relying_party]\ncommand = "node driver.mjs"\n', "relying_party.command"),
        ("[relying_party]\ntimeout_seconds = 0\n", "relying_party.timeout_seconds"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_key_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        load_settings(path)
