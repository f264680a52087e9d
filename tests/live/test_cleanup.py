"""The clean-up: what a run made goes, however the run ended; nothing else is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.configuration_error import ConfigurationError
from harness.live.cleanup import Cleaned, clean_ledger, clean_run
from harness.live.ledger import Ledger, Opening, read_ledger
from harness.live.processes import this_process
from harness.settings import load_settings
from reports.reader import read_results
from reports.vocabulary import ExitCode
from tests.harness.conftest import ROOT, Finished, environment
from tests.live.staging import CREDENTIALS, Staging

RUN_WORDS = ("--only", "SRP", "--out", "out", "--workers", "1")
RUN, OTHER = "0a1b2c3d", "ffffffff"


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    with Staging.open(tmp_path) as pool:
        yield pool


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.jsonl", RUN)


def mark(run: str = RUN) -> str:
    return f"cognito-conformance-{run}-"


def make_user(pool: Staging, ledger: Ledger, name: str) -> None:
    ledger.will_make("user", user_pool_id=pool.user_pool_id, name=name)
    pool.user(name)


def make_client(pool: Staging, name: str) -> str:
    return pool.client(ClientName=name)


def make_pool(pool: Staging, name: str) -> str:
    made: str = pool.administrator.ask("CreateUserPool", {"PoolName": name})["UserPool"]["Id"]
    return made


def clients(pool: Staging) -> list[str]:
    return sorted(client["ClientName"] for client in pool.configured()["clients"])


def clean(pool: Staging, ledger: Ledger, **how: Any) -> Cleaned:
    return clean_run(read_ledger(ledger.path).runs[ledger.run], ledger, pool.administrator, **how)


def begin(pool: Staging, ledger: Ledger, **told: Any) -> None:
    host, process, process_started = this_process()
    opening = {"host": host, "process": process, "process_started": process_started, **told}
    ledger.begin(Opening(pool.user_pool_id, "us-east-1", pool.service.endpoint, **opening))


def command(pool: Staging, *words: str) -> Finished:
    done = subprocess.run(
        [sys.executable, "-m", "cognito_conformance", *words],
        cwd=pool.folder,
        env={**environment(), "PYTHONPATH": str(ROOT), **CREDENTIALS},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def running(pool: Staging, *words: str) -> subprocess.Popen[str]:
    """A live run, in a process group of its own, that has made users and goes on making them."""
    pool.configuration("make_clients = true")
    process = subprocess.Popen(
        [sys.executable, "-m", "cognito_conformance", "run", "--live", *RUN_WORDS, *words],
        cwd=pool.folder,
        env={**environment(), "PYTHONPATH": str(ROOT), **CREDENTIALS},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if sum(" pass " in line for line in seen) == 5:
            return process
    pytest.fail(f"the run ended before five checks had passed, with {process.wait()}: {''.join(seen)}")


def the_ledger_of(pool: Staging) -> Path:
    return pool.folder / ".cognito-conformance" / "ledger.jsonl"


def test_users_clients_and_pools_go_and_each_removal_is_noted(staging: Staging, ledger: Ledger) -> None:
    make_user(staging, ledger, mark() + "user")
    ledger.will_make("client", user_pool_id=staging.user_pool_id, name=mark() + "app")
    id = make_client(staging, mark() + "app")
    ledger.made("client", user_pool_id=staging.user_pool_id, name=mark() + "app", id=id)
    ledger.will_make("pool", user_pool_id="", name=mark() + "pool")
    own = make_pool(staging, mark() + "pool")
    ledger.made("pool", user_pool_id="", name=mark() + "pool", id=own)
    ledger.will_make("user", user_pool_id=own, name="anybody in it")
    cleaned = clean(staging, ledger)
    assert len(cleaned.removed) == 4
    assert cleaned.left == []
    assert (staging.usernames, clients(staging), staging.pools) == ([], [], ["staging"])
    assert ledger.left() == []
    assert read_ledger(ledger.path).runs[RUN].ended == "cleaned"


def test_what_was_announced_and_whose_id_nobody_learnt_is_found_by_its_exact_name(
    staging: Staging, ledger: Ledger
) -> None:
    ledger.will_make("client", user_pool_id=staging.user_pool_id, name=mark() + "app")
    ledger.will_make("pool", user_pool_id="", name=mark() + "pool")
    for name in (mark() + "app", mark() + "app-2"):
        make_client(staging, name)
    for name in (mark() + "pool", mark() + "pool-2"):
        make_pool(staging, name)
    assert clean(staging, ledger).left == []
    assert clients(staging) == [mark() + "app-2"]
    assert staging.pools == [mark() + "pool-2", "staging"]


def test_what_is_gone_already_or_never_came_to_be_counts_as_removed(staging: Staging, ledger: Ledger) -> None:
    ledger.will_make("user", user_pool_id=staging.user_pool_id, name=mark() + "user")
    ledger.will_make("client", user_pool_id=staging.user_pool_id, name=mark() + "app")
    ledger.made("client", user_pool_id=staging.user_pool_id, name=mark() + "gone", id="6abcdefghijklmnopqrstuvwxy")
    ledger.made("pool", user_pool_id="", name=mark() + "pool", id="us-east-1_Gone")
    assert clean(staging, ledger).left == []
    assert ledger.left() == []


def test_a_name_that_the_run_never_gave_is_left_alone_even_when_the_ledger_names_it(
    staging: Staging, ledger: Ledger
) -> None:
    make_user(staging, ledger, "somebody-real")
    make_user(staging, ledger, mark(OTHER) + "user")
    ledger.made("client", user_pool_id=staging.user_pool_id, name="app", id=make_client(staging, "app"))
    cleaned = clean(staging, ledger)
    assert cleaned.removed == []
    assert len(cleaned.left) == 3
    assert staging.usernames == [mark(OTHER) + "user", "somebody-real"]
    assert clients(staging) == ["app"]


def test_an_id_whose_owner_has_another_name_is_left_alone(staging: Staging, ledger: Ledger) -> None:
    ledger.made("client", user_pool_id=staging.user_pool_id, name=mark() + "app", id=make_client(staging, "app"))
    ledger.made("pool", user_pool_id="", name=mark() + "pool", id=staging.user_pool_id)
    reasons = [reason for _, reason in clean(staging, ledger).left]
    assert all("look at it yourself" in reason for reason in reasons)
    assert len(reasons) == 2
    assert clients(staging) == ["app"]
    assert staging.pools == ["staging"]


def test_users_that_a_ledger_does_not_name_are_left_alone_whatever_they_are_called(
    staging: Staging, ledger: Ledger
) -> None:
    make_user(staging, ledger, mark() + "user")
    staging.user(mark() + "not-in-the-ledger")
    clean(staging, ledger)
    assert staging.usernames == [mark() + "not-in-the-ledger"]


def test_a_dry_run_says_what_it_would_remove_and_changes_nothing(staging: Staging, ledger: Ledger) -> None:
    make_user(staging, ledger, mark() + "user")
    before = ledger.path.read_bytes()
    assert [entry.name for entry in clean(staging, ledger, dry=True).removed] == [mark() + "user"]
    assert staging.usernames == [mark() + "user"]
    assert ledger.path.read_bytes() == before


def test_throttling_is_waited_out(staging: Staging, ledger: Ledger) -> None:
    for number in range(12):
        make_user(staging, ledger, f"{mark()}{number}")
    staging.service.network.throttling_probability = 0.3
    try:
        assert clean(staging, ledger).left == []
    finally:
        staging.service.network.throttling_probability = 0.0
    assert staging.usernames == []


def test_what_the_credentials_may_not_remove_is_left_with_the_reason(staging: Staging, ledger: Ledger) -> None:
    make_user(staging, ledger, mark() + "user")
    staging.service.callers.denied = ("AdminDeleteUser",)
    (_, reason), *others = clean(staging, ledger).left
    assert "AdminDeleteUser" in reason
    assert not others
    assert read_ledger(ledger.path).runs[RUN].ended == "left"
    staging.service.callers.denied = ()
    assert clean(staging, ledger).left == []


def test_not_found_by_another_accounts_credentials_is_not_gone(staging: Staging, ledger: Ledger) -> None:
    ledger.begin(Opening("us-east-1_OfAnotherAccount", "us-east-1", staging.service.endpoint))
    make_user(staging, ledger, mark() + "user")
    (_, reason), *_ = clean(staging, ledger).left
    assert "another account" in reason
    assert staging.usernames == [mark() + "user"]


def test_a_run_that_lives_is_passed_over_unless_it_is_named(staging: Staging, ledger: Ledger) -> None:
    begin(staging, ledger)
    make_user(staging, ledger, mark() + "user")
    settings = load_settings()
    (passed,) = clean_ledger(ledger.path, settings).runs
    assert passed.lives
    assert staging.usernames == [mark() + "user"]
    (named,) = clean_ledger(ledger.path, settings, run=RUN).runs
    assert [entry.name for entry in named.removed] == [mark() + "user"]


def test_a_run_whose_number_is_another_process_by_now_is_over(staging: Staging, ledger: Ledger) -> None:
    begin(staging, ledger, process_started="another boot 1")
    make_user(staging, ledger, mark() + "user")
    assert not clean_ledger(ledger.path, load_settings()).something_is_left
    assert staging.usernames == []


def test_a_run_of_another_host_is_passed_over_and_counts_as_left(staging: Staging, ledger: Ledger) -> None:
    begin(staging, ledger, host="another-host")
    make_user(staging, ledger, mark() + "user")
    done = clean_ledger(ledger.path, load_settings())
    assert done.something_is_left
    assert f"--run {RUN}" in done.runs[0].passed_over
    assert staging.usernames == [mark() + "user"]


def test_a_run_that_the_ledger_does_not_know_is_a_mistake(staging: Staging, ledger: Ledger) -> None:
    begin(staging, ledger)
    with pytest.raises(ConfigurationError, match=RUN):
        clean_ledger(ledger.path, load_settings(), run=OTHER)


def test_a_run_whose_first_line_is_lost_wants_the_configuration(staging: Staging, ledger: Ledger) -> None:
    make_user(staging, ledger, mark() + "user")
    (_, reason), *_ = clean_ledger(ledger.path, load_settings()).runs[0].left
    assert "--config" in reason
    assert not clean_ledger(ledger.path, load_settings(staging.configuration())).something_is_left
    assert staging.usernames == []


def test_the_command_tells_what_it_did_and_its_exit_code_whether_all_is_gone(staging: Staging, ledger: Ledger) -> None:
    begin(staging, ledger, process_started="another boot 1")
    make_user(staging, ledger, mark() + "user")
    dry = command(staging, "cleanup", "--ledger", str(ledger.path), "--dry-run")
    assert (dry.exit_code, f"would remove the user {mark()}user" in dry.output) == (0, True), dry.output + dry.errors
    staging.service.callers.denied = ("AdminDeleteUser",)
    refused = command(staging, "cleanup", "--ledger", str(ledger.path))
    assert (refused.exit_code, "1 left" in refused.output) == (1, True), refused.output + refused.errors
    staging.service.callers.denied = ()
    done = command(staging, "cleanup", "--ledger", str(ledger.path))
    assert (done.exit_code, "1 removed, 0 left" in done.output) == (0, True), done.output + done.errors
    assert command(staging, "cleanup", "--ledger", "nowhere").exit_code == ExitCode.USAGE


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["alone", "with workers"])
def test_after_kill_9_in_the_middle_cleanup_leaves_no_user(staging: Staging, words: tuple[str, ...]) -> None:
    process = running(staging, *words)
    process.kill()  # and not the workers: they notice by themselves
    assert staging.usernames != []
    done = command(staging, "cleanup")
    process.communicate(timeout=60)
    assert done.exit_code == 0, done.output + done.errors
    assert staging.usernames == []
    assert clients(staging) == []
    (run,) = read_ledger(the_ledger_of(staging)).runs.values()
    assert run.left() == []
    assert run.ended == "cleaned" or words  # workers that are told of the death in time leave nothing to clean


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_told_to_end_cleans_up_at_once(staging: Staging, number: signal.Signals) -> None:
    process = running(staging)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert staging.usernames == []
    assert clients(staging) == []
    results = read_results(staging.folder / "out")
    assert results.footer.interrupted
    assert process.returncode == ExitCode.INCONCLUSIVE
    (run,) = read_ledger(the_ledger_of(staging)).runs.values()
    assert run.ended == "cleaned"


def test_ctrl_c_at_several_workers_leaves_nothing_either(staging: Staging) -> None:
    process = running(staging, "-n", "2")
    os.killpg(process.pid, signal.SIGINT)  # a terminal tells the whole group
    process.communicate(timeout=60)
    assert staging.usernames == []
    assert clients(staging) == []


def test_a_run_whose_ledger_is_taken_away_keeps_its_results_and_deletes_what_it_remembers(staging: Staging) -> None:
    process = running(staging)
    the_ledger_of(staging).unlink()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert read_results(staging.folder / "out").footer.interrupted
    assert staging.usernames == []


def _children(process: int) -> list[int]:
    return [
        int(pid) for task in Path(f"/proc/{process}/task").iterdir() for pid in (task / "children").read_text().split()
    ]


def test_what_a_killed_worker_made_is_taken_away_by_the_run(staging: Staging) -> None:
    process = running(staging, "-n", "2")
    os.kill(_children(process.pid)[0], signal.SIGKILL)
    process.communicate(timeout=120)
    assert staging.usernames == []
    assert clients(staging) == []


def test_two_runs_side_by_side_do_not_touch_one_another(staging: Staging) -> None:
    first, second = running(staging, "--out", "first"), running(staging, "--out", "second")
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=60)
    killed, alive = read_ledger(the_ledger_of(staging)).runs
    done = command(staging, "cleanup")
    assert f"run {alive}: passed over" in done.output or f"run {killed}: removed" in done.output
    assert not [name for name in staging.usernames if killed in name]
    second.communicate(timeout=120)
    assert second.returncode == ExitCode.CLEAN
    assert staging.usernames == []


def test_plain_pytest_which_guards_nothing_refuses_a_live_pool(staging: Staging) -> None:
    config = staging.configuration("make_clients = true")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--conformance-config", str(config), "suites/srp"],
        cwd=ROOT,
        env={**environment(), **CREDENTIALS},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "run --live" in done.stdout + done.stderr
    assert staging.usernames == []
    assert not the_ledger_of(staging).exists()


def test_a_user_outside_the_ledger_survives_a_whole_run(staging: Staging) -> None:
    before = staging.user(mark(OTHER) + "user")
    assert staging.run("--only", "SRP-01", live="make_clients = true").exit_code == ExitCode.CLEAN
    assert staging.usernames == [before.username]
