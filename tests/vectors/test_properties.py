"""Properties over generated inputs: repeatable, and clear about what broke them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import strategies as st

from harness.findings import Finding
from harness.properties import Domain, ForAll, moments, near_timestamps, sign_ins, spellings
from protocol.errors import TimestampError
from protocol.timestamps import parse_timestamp

REPEATABLE = """
import sys, hashlib
from harness.properties import ForAll, sign_ins
for name in sys.argv[1:]:
    __import__(name)
drawn = []
ForAll(7, 60)(sign_ins(), drawn.append)
def below(inputs): assert inputs.a < 1000, "too large"
try:
    ForAll(7, 60)._generate(sign_ins().generated, below)
except AssertionError as error:
    drawn.append(str(error))
print(hashlib.sha256(repr(drawn).encode()).hexdigest())
"""


def test_a_seed_gives_the_same_values_whatever_code_is_loaded_and_leaves_no_files(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    loaded = tmp_path / "code"
    loaded.mkdir()
    (loaded / "constants.py").write_text("NUMBERS = [1234567, 7654321, 11111]; TEXT = 'some text'")
    working = tmp_path / "working"
    working.mkdir()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(loaded)])}
    printed = {
        subprocess.run(
            [sys.executable, "-c", REPEATABLE, *names],
            cwd=working,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for names in ([], ["constants", "vectors.verify", "reports.model"])
    }
    assert len(printed) == 1
    assert list(working.iterdir()) == []


def test_seeds_differ() -> None:
    first: list[object] = []
    second: list[object] = []
    ForAll(1, 20)(sign_ins(), first.append)
    ForAll(2, 20)(sign_ins(), second.append)
    assert first != second


def at_most_ten(n: int) -> None:
    assert n <= 10, "it is more than ten"


def test_the_finding_tells_the_simplest_value_that_breaks_the_property() -> None:
    with pytest.raises(Finding, match=r"^it is more than ten; found with 0xb$"):
        ForAll(1, 100)(Domain((), st.integers(0, 10**6)), at_most_ten)


def test_edges_are_tried_first_and_every_time() -> None:
    with pytest.raises(Finding, match=r"found with 0x4d2$"):
        ForAll(1, 1)(Domain((3, 1234), st.just(0)), at_most_ten)


def test_a_mistake_in_the_property_is_no_finding() -> None:
    def broken(n: int) -> None:
        raise LookupError(n)

    with pytest.raises(LookupError):
        ForAll(1, 5)(Domain((), st.integers(0, 9)), broken)


def test_the_domains_reach_the_edges_that_clients_have_failed_at() -> None:
    sign_in_edges, moment_edges = sign_ins().edges, moments().edges
    assert any(inputs.salt < 2**120 for inputs in sign_in_edges)
    assert any(inputs.a.bit_length() > 3072 for inputs in sign_in_edges)
    assert {moment.day for moment in moment_edges} >= set(range(1, 10))
    assert {moment.hour for moment in moment_edges} >= {0, 12, 14}
    assert {moment.month for moment in moment_edges} == set(range(1, 13))


def test_spellings_are_read_and_near_timestamps_are_not() -> None:
    for spelling in spellings().edges:
        assert parse_timestamp(spelling.text) == spelling.moment
    for moment in moments().edges:
        for text in near_timestamps(moment):
            with pytest.raises(TimestampError):
                parse_timestamp(text)
