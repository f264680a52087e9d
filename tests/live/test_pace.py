"""The pace of a live run: one rate for all its processes, whoever they are and however many."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from fakes.pool import EmbeddedPool, PoolOptions
from harness.findings import Inconclusive
from harness.live.pace import HEADROOM, SharedPace
from harness.transcript import Transcript
from harness.wire import Wire
from tests.harness.conftest import ROOT

RATE = 25.0


class _Time:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        self.late = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds + self.late


def paced(path: Path, time_: _Time, *, rate: float = RATE, fraction: float = 1.0) -> SharedPace:
    return SharedPace(path, rate, monotonic=lambda: time_.now, sleep=time_.sleep, fraction=lambda: fraction)


def moments(pace: SharedPace, time_: _Time, count: int) -> list[float]:
    taken = []
    for _ in range(count):
        pace.take_turn()
        taken.append(time_.now)
    return taken


def most_in_a_second(taken: list[float]) -> int:
    return max(sum(begin <= moment < begin + 1 for moment in taken) for begin in taken)


@pytest.mark.parametrize("rate", [0.5, 1, 3, 10, 25, 120])
def test_no_second_holds_more_than_the_rate_not_even_the_first(tmp_path: Path, rate: float) -> None:
    time_ = _Time()
    taken = moments(paced(tmp_path / "pace", time_, rate=rate), time_, 300)
    assert most_in_a_second(taken) <= math.ceil(rate)
    assert taken[-1] - taken[0] == pytest.approx(299 * (1 + HEADROOM) / rate)


def test_nothing_is_saved_up_while_nobody_sends(tmp_path: Path) -> None:
    time_ = _Time()
    pace = paced(tmp_path / "pace", time_)
    before = moments(pace, time_, 30)
    time_.now += 60
    assert most_in_a_second(before + moments(pace, time_, 60)) <= RATE


def test_requests_that_are_unequally_long_under_way_stay_within_the_rate_too(tmp_path: Path) -> None:
    time_ = _Time()
    sent = moments(paced(tmp_path / "pace", time_), time_, 200)
    assert most_in_a_second([moment + 0.049 * (number % 3 == 0) for number, moment in enumerate(sent)]) <= RATE


def test_a_process_that_wakes_too_late_takes_another_turn_and_does_not_try_for_ever(tmp_path: Path) -> None:
    time_ = _Time()
    pace = paced(tmp_path / "pace", time_)
    pace.take_turn()
    time_.late = 0.03
    pace.take_turn()
    assert len(time_.slept) == 3


def test_throttling_slows_everybody_down_once_a_second_and_the_rate_comes_back(tmp_path: Path) -> None:
    time_ = _Time()
    one, other = paced(tmp_path / "pace", time_, fraction=0), paced(tmp_path / "pace", time_)

    def interval() -> float:
        first, second = moments(other, time_, 2)
        return second - first

    assert interval() == pytest.approx((1 + HEADROOM) / RATE)
    for _ in range(5):
        one.was_throttled(0)
    slowed = interval()
    assert slowed == pytest.approx((1 + HEADROOM) / RATE / 0.8, rel=0.05)
    time_.now += 1
    one.was_throttled(0)
    assert interval() > (1 + HEADROOM) / RATE
    time_.now += 3
    assert interval() == pytest.approx((1 + HEADROOM) / RATE)


def test_throttling_without_end_leaves_a_rate_at_which_the_run_ends_some_day(tmp_path: Path) -> None:
    time_ = _Time()
    pace = paced(tmp_path / "pace", time_, fraction=0)
    for _ in range(100):
        time_.now += 1
        pace.was_throttled(0)
    first, second = moments(pace, time_, 2)
    assert second - first < 1 / RATE / 0.05 * 1.1


def test_the_back_off_doubles_up_to_a_limit_and_takes_a_random_part_of_it(tmp_path: Path) -> None:
    time_ = _Time()
    for fraction in (1.0, 0.5):
        for attempt in range(8):
            paced(tmp_path / "pace", time_, fraction=fraction).was_throttled(attempt)
    assert time_.slept[:8] == [0.25, 0.5, 1, 2, 4, 8, 8, 8]
    assert time_.slept[8:] == [seconds / 2 for seconds in time_.slept[:8]]


def test_processes_share_the_pace_of_a_run_by_its_name_and_nothing_of_it_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    SharedPace.of_run("0123abcd", RATE).take_turn()
    SharedPace.of_run("0123abcd", RATE).take_turn()
    SharedPace.of_run("other", RATE).take_turn()
    SharedPace.of_run("0123abcd-mails", RATE).take_turn()
    assert {file.name for file in tmp_path.glob("*/*")} == {"0123abcd.pace", "other.pace", "0123abcd-mails.pace"}
    SharedPace.of_run("0123abcd", RATE).remove()
    assert {file.name for file in tmp_path.glob("*/*")} == {"other.pace"}
    for _ in range(2):
        SharedPace.of_run("other", RATE).remove()
    assert not list(tmp_path.glob("*/*"))


def test_what_a_killed_run_left_goes_with_the_next_run(tmp_path: Path) -> None:
    left, going_on = tmp_path / "left.pace", tmp_path / "going.pace"
    for file in (left, going_on):
        SharedPace(file, RATE).take_turn()
    os.utime(left, (time.time() - 4_000, time.time() - 4_000))
    SharedPace(tmp_path / "next.pace", RATE).remove()
    assert list(tmp_path.iterdir()) == [going_on]


_SENDER = """
import sys
from pathlib import Path
from harness.live.pace import SharedPace
from harness.transcript import Transcript
from harness.wire import Wire
endpoint, path, rate, count = sys.argv[1:]
wire = Wire(endpoint, transcript=Transcript(), timeout_seconds=60, pace=SharedPace(Path(path), float(rate)))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(count)):
    assert wire.call("ListUserPools", {"MaxResults": 1}).succeeded
"""


def test_several_processes_together_keep_under_the_rate_by_the_pools_own_count(tmp_path: Path) -> None:
    senders, each = 4, 20
    with EmbeddedPool.start(PoolOptions(seed=7)) as pool:
        command = [sys.executable, "-c", _SENDER, pool.endpoint, str(tmp_path / "pace"), str(RATE), str(each)]
        processes = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(senders)
        ]
        try:
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            pool.network.requests_per_second = RATE
            started = time.monotonic()
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("\n")
                process.stdin.flush()
            codes = [process.wait(60) for process in processes]
            seconds = time.monotonic() - started
        finally:
            for process in processes:
                process.kill()
                process.communicate()
        assert codes == [0] * senders
        assert pool.network.requests_seen["ListUserPools"] == senders * each
        assert pool.network.over_rate == 0
        assert seconds >= (senders * each - 1) * (1 + HEADROOM) / RATE


@dataclass
class _Counted:
    """A pace that counts what it is asked, while time passes by a clock of its own."""

    seconds: float = 0.0
    now: float = 1_000.0
    turns: int = 0
    throttled: list[int] = field(default_factory=list)

    def take_turn(self) -> None:
        self.turns += 1
        self.now += self.seconds

    def was_throttled(self, attempt: int) -> None:
        self.throttled.append(attempt)
        self.now += self.seconds


@pytest.fixture
def pool() -> Iterator[EmbeddedPool]:
    with EmbeddedPool.start(PoolOptions(seed=7)) as running:
        yield running


def test_waiting_for_a_turn_costs_a_case_none_of_its_time(pool: EmbeddedPool, monkeypatch: pytest.MonkeyPatch) -> None:
    pace = _Counted(seconds=60)
    monkeypatch.setattr("harness.wire.time", SimpleNamespace(perf_counter=lambda: pace.now))
    wire = Wire(pool.endpoint, transcript=Transcript(), timeout_seconds=30, pace=pace)
    wire.allow_seconds(1)
    for _ in range(3):
        assert wire.call("ListUserPools", {"MaxResults": 1}).succeeded
    assert [exchange.seconds for exchange in wire.transcript.exchanges()] == [0, 0, 0]
    pool.network.throttling_probability = 1
    with pytest.raises(Inconclusive, match="went on throttling"):
        wire.call("ListUserPools", {"MaxResults": 1})
    pool.network.throttling_probability = 0
    assert wire.call("ListUserPools", {"MaxResults": 1}).succeeded
    pace.now += 1.1
    with pytest.raises(Inconclusive, match="ran out of its time"):
        wire.call("ListUserPools", {"MaxResults": 1})


def test_each_try_is_signed_anew_after_its_turn_came(pool: EmbeddedPool) -> None:
    pace = _Counted()
    turns_when_signed = []

    def sign(operation: str, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        assert (operation, url, body) == ("ListUserPools", pool.endpoint + "/", b'{"MaxResults": 1}')
        turns_when_signed.append(pace.turns)
        if len(turns_when_signed) == 3:
            pool.network.throttling_probability = 0
        return {**headers, "X-Signed": "yes"}

    pool.network.throttling_probability = 1
    wire = Wire(pool.endpoint, transcript=Transcript(), timeout_seconds=60, sign=sign, pace=pace)
    assert wire.call("ListUserPools", {"MaxResults": 1}).succeeded
    assert (turns_when_signed, pace.throttled) == ([1, 2, 3], [0, 1])


def test_patience_has_an_end(pool: EmbeddedPool) -> None:
    pace = _Counted()
    pool.network.throttling_probability = 1
    wire = Wire(pool.endpoint, transcript=Transcript(), timeout_seconds=60, pace=pace)
    with pytest.raises(Inconclusive, match="went on throttling after 8 tries"):
        wire.call("ListUserPools", {"MaxResults": 1})
    assert pace.throttled == list(range(8))
