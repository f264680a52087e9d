"""Runs against verifiers behind a driver: what misbehaves is inconclusive, what is missing is not applicable."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from fakes.pool import EmbeddedPool, PoolOptions
from harness.configuration_error import ConfigurationError
from harness.needs import VERIFIER_NEEDS
from harness.settings import load_settings
from harness.verifier import find_verifier
from reports.vocabulary import ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.verifier.conftest import Run

ACCEPTS_ANYTHING = "for request in requests(): say(request, **HELLO)"
REFUSES_EVERYTHING = "for request in requests(): say(request, **HELLO, ok=request['op'] == 'hello', error_type='No')"

MISBEHAVIOURS = {
    "crashes at the start": ("print('no such library', file=sys.stderr); sys.exit(1)", "no such library"),
    "crashes on a token": ("say(next(requests()), **HELLO); next(requests()); sys.exit(3)", "exit code 3"),
    "prints garbage": ("print('ready', flush=True); time.sleep(60)", "no JSON object: 'ready'"),
    "answers another id": ("for request in requests(): say({'id': 0}, **HELLO)", "under the id 0"),
    "never answers": ("time.sleep(60)", "did not answer hello within 1 s"),
    "never answers a token": ("say(next(requests()), **HELLO); time.sleep(60)", "did not answer verify within 1 s"),
    "says nothing of itself": ("for request in requests(): say(request)", "hello without name"),
    "refuses honest tokens": (REFUSES_EVERYTHING, "the honest twin failed before the change"),
}

NEGATIVES = ("--only", "TOK-10[iat in a day]", "--only", "TOK-06[another pool]", "--only", "TOK-05[an empty signature]")


@pytest.mark.parametrize(("body", "words"), MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_driver_that_misbehaves_makes_checks_inconclusive_within_their_time(
    judge: Callable[..., Run], program: Callable[[str], list[str]], tmp_path: Path, body: str, words: str
) -> None:
    if "within 1 s" in words:
        (tmp_path / "conformance.toml").write_text("[verifier]\ntimeout_seconds = 1\n")
    began = time.monotonic()
    run = judge(program(body), *NEGATIVES)
    assert run.exit_code == ExitCode.INCONCLUSIVE, run.output
    assert time.monotonic() - began < 40
    assert {record.verdict for record in run.records} == {Verdict.INCONCLUSIVE}
    assert any(words in record.message for record in run.records), [record.message for record in run.records]


def test_a_command_that_does_not_exist_is_inconclusive(judge: Callable[..., Run]) -> None:
    run = judge(["no-such-program-anywhere"], *NEGATIVES)
    assert run.exit_code == ExitCode.INCONCLUSIVE
    assert "check the command" in run.output


def test_a_verifier_that_accepts_anything_is_found_out(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(ACCEPTS_ANYTHING), "--only", "TOK-03")
    assert run.exit_code == ExitCode.FINDINGS
    failed = [record for record in run.records if record.verdict is Verdict.FAIL]
    assert len(failed) == len(run.records) - 1, "all but the honest token"
    assert "the verifier accepted a token (alg 'none' and no signature)" in {record.message for record in failed}


def test_a_verifier_that_refuses_everything_fails_where_a_token_is_good(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(REFUSES_EVERYTHING), "--only", "TOK-01[an access token]")
    assert [record.message for record in run.records] == ["the verifier refused (No: ) a token (an access token)"]
    assert run.exit_code == ExitCode.FINDINGS


def test_a_finding_can_be_run_again_and_shows_the_token_but_no_signature(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    command = program(ACCEPTS_ANYTHING)
    run = judge(command, "--only", "TOK-07[client_id of another client]")
    [record] = run.records
    assert "--verifier" in record.reproduce
    assert command[-1] in record.reproduce
    twin, forged = record.transcript[:2]
    assert "1h57kf5cpq17m0eml12EXAMPLE" in forged.request["token"]["parts"][1]
    assert "1h57kf5cpq17m0eml12EXAMPLE" not in twin.request["token"]["parts"][1]
    written = (run.out / "results.json").read_text()
    assert not re.search(r"eyJ[\w-]{20,}", written), "a token was written"


def test_the_report_names_the_verifier_that_was_judged(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(ACCEPTS_ANYTHING), "--only", "TOK-10")
    assert run.results.header.versions["verifier"] == "a peer 1"


UNCLAIMED = {
    "TOK-11[it alone]": "verifier.scopes",
    "TOK-12[it alone]": "verifier.groups",
    "TOK-14": "verifier.jwks-fetch",
    "TOK-15": "verifier.jwks-fetch",
    "TOK-09[exp within the grace]": "verifier.grace",
    "TOK-09[exp just beyond the grace]": "verifier.grace",
}


def test_what_a_verifier_does_not_claim_is_not_applicable_and_said_so(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    run = judge(program(ACCEPTS_ANYTHING), *(argument for case in UNCLAIMED for argument in ("--only", case)))
    assert {record.verdict for record in run.records} == {Verdict.NOT_APPLICABLE}
    assert {record.id: record.missing_need for record in run.records} == UNCLAIMED


def test_an_endpoint_is_judged_beside_a_verifier_only_where_one_is_given(
    judge: Callable[..., Run], program: Callable[[str], list[str]]
) -> None:
    with EmbeddedPool.start(PoolOptions(seed=1)) as pool:
        target = ("--endpoint", pool.endpoint)
        without = judge([], *target, "--only", "TOK-03", "--only", "REF-08")
        missing = {record.missing_need for record in without.records}
        beside = judge(program(ACCEPTS_ANYTHING), *target, "--only", "TOK-01[an id token]")
    assert without.exit_code == ExitCode.TOO_FEW
    assert missing == {"verifier"}
    assert beside.exit_code == ExitCode.CLEAN, beside.output


def test_several_workers_each_have_a_verifier(judge: Callable[..., Run], program: Callable[[str], list[str]]) -> None:
    run = judge(program(ACCEPTS_ANYTHING), "-n", "2", "--only", "TOK-01[an id token]", "--only", "TOK-10[iat in a day]")
    assert {record.verdict for record in run.records} == {Verdict.PASS, Verdict.WARN}


def test_the_embedded_target_brings_a_verifier_that_can_do_everything() -> None:
    assert find_verifier(load_settings()).needs_met == VERIFIER_NEEDS


def test_a_verifier_is_taken_at_its_word(program: Callable[[str], list[str]]) -> None:
    claiming = "for request in requests(): say(request, **{**HELLO, 'capabilities': ['scopes', 'telepathy']})"
    settings = load_settings(flags={"verifier": {"command": program(claiming)}})
    assert find_verifier(settings).needs_met == {"verifier", "verifier.scopes"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[verifier]\ncommand = "node driver.mjs"\n', "verifier.command"),
        ("[verifier]\ntimeout_seconds = 0\n", "verifier.timeout_seconds"),
        ('[verifier]\nprogram = ["x"]\n', "verifier.program"),
    ],
)
def test_a_wrong_configuration_is_refused_with_the_key_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=named):
        load_settings(path)


def test_a_command_that_no_shell_could_read_is_wrong_usage(judge: Callable[..., Run]) -> None:
    run = judge([], "--verifier", "python 'driver.py", "--only", "TOK-10")
    assert run.exit_code == ExitCode.USAGE
    assert "--verifier" in run.output
