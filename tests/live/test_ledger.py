"""The ledger: written before anything is made, by several processes, and read whatever became of the writers."""

from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.configuration_error import ConfigurationError
from harness.live.ledger import Ledger, Opening, UnwritableLedger, read_ledger
from harness.live.processes import lives, started, this_host, this_process

RUN, OTHER = "0a1b2c3d", "ffffffff"
POOL = "eu-west-1_Staging"


def name(what: str, run: str = RUN) -> str:
    return f"cognito-conformance-{run}-{what}"


def left(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(entry.kind, entry.name, entry.id) for entry in ledger.left()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "ledger.jsonl"


def test_what_was_announced_is_left_until_it_is_removed(path: Path) -> None:
    ledger = Ledger(path, RUN)
    assert ledger.left() == []
    ledger.will_make("user", user_pool_id=POOL, name=name("one"))
    ledger.will_make("user", user_pool_id=POOL, name=name("two"))
    ledger.removed("user", user_pool_id=POOL, name=name("one"))
    assert left(ledger) == [("user", name("two"), "")]


def test_a_user_that_is_asked_for_twice_is_one_user(path: Path) -> None:
    ledger = Ledger(path, RUN)
    for _ in range(2):
        ledger.will_make("user", user_pool_id=POOL, name=name("one"))
    ledger.removed("user", user_pool_id=POOL, name=name("one"))
    assert ledger.left() == []


def test_a_user_of_the_same_name_in_another_pool_is_another(path: Path) -> None:
    ledger = Ledger(path, RUN)
    for pool in (POOL, "eu-west-1_Other"):
        ledger.will_make("user", user_pool_id=pool, name=name("one"))
    ledger.removed("user", user_pool_id=POOL, name=name("one"))
    assert [entry.user_pool_id for entry in ledger.left()] == ["eu-west-1_Other"]


def test_clients_of_one_name_are_told_apart_by_their_ids(path: Path) -> None:
    ledger = Ledger(path, RUN)
    for id in ("first", "second"):
        ledger.will_make("client", user_pool_id=POOL, name=name("app"))
        ledger.made("client", user_pool_id=POOL, name=name("app"), id=id)
    ledger.removed("client", user_pool_id=POOL, name=name("app"), id="first")
    assert left(ledger) == [("client", name("app"), "second")]


def test_with_a_pool_goes_everything_that_stood_in_it(path: Path) -> None:
    ledger = Ledger(path, RUN)
    ledger.will_make("pool", user_pool_id="", name=name("pool"))
    ledger.made("pool", user_pool_id="", name=name("pool"), id="eu-west-1_Own")
    ledger.will_make("client", user_pool_id="eu-west-1_Own", name="first")
    ledger.will_make("user", user_pool_id="eu-west-1_Own", name="anybody")
    ledger.will_make("user", user_pool_id=POOL, name=name("one"))
    ledger.removed("pool", user_pool_id="eu-west-1_Own", name="")
    assert left(ledger) == [("user", name("one"), "")]


def test_pools_are_left_first_then_clients_then_users(path: Path) -> None:
    ledger = Ledger(path, RUN)
    for kind in ("user", "client", "pool"):
        ledger.will_make(kind, user_pool_id=POOL, name=name(kind))
    assert [entry.kind for entry in ledger.left()] == ["pool", "client", "user"]


def test_other_runs_stand_in_the_same_file_and_keep_what_is_theirs(path: Path) -> None:
    mine, theirs = Ledger(path, RUN), Ledger(path, OTHER)
    mine.will_make("user", user_pool_id=POOL, name=name("one"))
    theirs.will_make("user", user_pool_id=POOL, name=name("one", OTHER))
    mine.removed("user", user_pool_id=POOL, name=name("one", OTHER))
    assert mine.left()
    assert left(theirs) == [("user", name("one", OTHER), "")]
    assert list(read_ledger(path).runs) == [RUN, OTHER]


def test_a_run_is_told_with_how_to_reach_its_pool_and_which_process_it_is(path: Path) -> None:
    host, process, process_started = this_process()
    ledger = Ledger(path, RUN)
    ledger.begin(
        Opening(POOL, "eu-west-1", profile="staging", host=host, process=process, process_started=process_started)
    )
    told = read_ledger(path).runs[RUN]
    assert told.opening is not None
    assert (told.opening.user_pool_id, told.opening.region, told.opening.profile) == (POOL, "eu-west-1", "staging")
    assert lives(told.opening.host, told.opening.process, told.opening.process_started)
    assert told.ended is None
    ledger.end("cleaned")
    assert read_ledger(path).runs[RUN].ended == "cleaned"


def test_a_torn_line_is_read_past_and_costs_no_other(path: Path) -> None:
    ledger = Ledger(path, RUN)
    ledger.will_make("user", user_pool_id=POOL, name=name("one"))
    whole = path.read_bytes()
    ledger.will_make("user", user_pool_id=POOL, name=name("two"))
    path.write_bytes(path.read_bytes()[:-20])  # as kill -9 leaves it
    ledger.will_make("user", user_pool_id=POOL, name=name("three"))
    reading = read_ledger(path)
    assert [entry.name for entry in reading.runs[RUN].left()] == [name("one"), name("three")]
    assert len(reading.remarks) == 1
    assert "line 2" in reading.remarks[0]
    assert path.read_bytes().startswith(whole)


@given(cut=st.integers(0, 2_000), junk=st.binary(max_size=40))
def test_no_torn_or_foreign_line_keeps_a_ledger_from_being_read(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: bytes
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    ledger = Ledger(path, RUN)
    ledger.begin(Opening(POOL, "eu-west-1"))
    for what in ("one", "two"):
        ledger.will_make("user", user_pool_id=POOL, name=name(what))
    path.write_bytes(path.read_bytes()[:cut] + junk)
    ledger.will_make("user", user_pool_id=POOL, name=name("three"))
    assert name("three") in [entry.name for entry in read_ledger(path).runs[RUN].left()]


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"7", b'"run"', b"{}", b'{"run": "a", "what": "burn"}', b'{"run": "a", "what": "will_make"}',
        b'{"run": "a", "what": "will_make", "kind": "bucket", "user_pool_id": "", "name": "", "at": "2026-01-01"}',
        b'{"run": "a", "what": "will_make", "kind": "user", "user_pool_id": 7, "name": "", "at": "2026-01-01"}',
    ],
)  # fmt: skip
def test_a_line_of_something_else_gets_a_remark(path: Path, line: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(line + b"\n")
    reading = read_ledger(path)
    assert len(reading.remarks) == 1
    assert not any(run.left() for run in reading.runs.values())


def test_nothing_can_be_announced_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableLedger, match="nothing is made without it"):
        Ledger(tmp_path / "file" / "ledger.jsonl", RUN).will_make("user", user_pool_id=POOL, name=name("one"))


def test_a_ledger_that_is_not_there_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--ledger"):
        read_ledger(tmp_path / "ledger.jsonl")


def test_nobody_else_reads_the_ledger(path: Path) -> None:
    Ledger(path, RUN).will_make("user", user_pool_id=POOL, name=name("one"))
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def _announce(path: Path, run: str, count: int) -> None:
    ledger = Ledger(path, run)
    for number in range(count):
        ledger.will_make("user", user_pool_id=POOL, name=name(str(number), run))


def test_several_processes_write_whole_lines(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_announce, args=(path, run, 40)) for run in (RUN, RUN, OTHER)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    reading = read_ledger(path)
    assert reading.remarks == []
    assert [len(reading.runs[run].left()) for run in (RUN, OTHER)] == [40, 40]


def test_a_process_that_has_ended_does_not_live_though_its_number_is_taken_again() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        moment = started(other.pid)
        assert lives(this_host(), other.pid, moment)
        assert not lives(this_host(), other.pid, "another boot 1")
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        assert not lives(this_host(), other.pid, moment)
    assert started(other.pid) != moment
    assert lives("another host", other.pid, moment) is None
