"""Whatever a host program does, it costs its time-out and no more, and is explained."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fakes.pool.functions import FunctionFailed, FunctionTimedOut
from harness.peer import PeerFailed
from harness.peer_host import PeerHost
from harness.program import MOST_FAILURES
from harness.trigger_hosts import make_trigger_host
from harness.trigger_settings import TriggersSettings
from tests.hosts.conftest import bare_stage

PREAMBLE = """
import json, os, sys, time
def say(request, **members):
    print(json.dumps({"id": request["id"], "ok": True, **members}), flush=True)
def requests():
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "hello":
            say(request, host="a host", version="1", functions=["pre_sign_up"], capabilities=CAPABILITIES)
        else:
            yield request
CAPABILITIES = []
"""
HONEST = "for request in requests(): say(request, response=request.get('event'))"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Callable[..., PeerHost]]:
    """Makes a host of the body of a Python program."""
    made: list[PeerHost] = []

    def make(body: str, **settings: Any) -> PeerHost:
        program = tmp_path / "host.py"
        program.write_text(PREAMBLE + textwrap.dedent(body))
        configured = {"host": "command", "command": [sys.executable, str(program)], **settings}
        made.append(make_trigger_host(bare_stage(TriggersSettings.model_validate(configured))))  # type: ignore[arg-type] # a PeerHost
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_host_of_ones_own_is_asked_what_it_has(host: Callable[..., PeerHost]) -> None:
    own = host(HONEST)
    assert own.name == "a host 1"
    assert own.functions == {"pre_sign_up"}
    assert own.capabilities == {"logs"}
    assert own.invoke("pre_sign_up", {"a": 1}) == {"a": 1}


def test_a_host_of_ones_own_finds_its_environment(host: Callable[..., PeerHost]) -> None:
    told = host(
        """
        for request in requests():
            say(request, response=[os.environ["TABLE"], json.loads(os.environ["CONFORMANCE_TRIGGERS"])])
        """,
        environment={"TABLE": "links in {region}"},
        environment_of={"pre_sign_up": {"OWN": "yes"}},
    ).invoke("pre_sign_up", {})
    assert isinstance(told, list)
    table, triggers = told
    assert table == "links in us-east-1"
    assert triggers["functions"]["pre_sign_up"]["environment"]["OWN"] == "yes"
    assert triggers["timeout_seconds"] == 5


def test_answers_may_come_in_any_order(host: Callable[..., PeerHost]) -> None:
    backwards = host(
        """
        kept = []
        for request in requests():
            kept.append(request)
            if len(kept) == 5:
                for each in reversed(kept): say(each, response=each["event"]["n"])
        """
    )
    with ThreadPoolExecutor(5) as threads:
        assert list(threads.map(lambda n: backwards.invoke("pre_sign_up", {"n": n}), range(5))) == list(range(5))


def test_a_late_answer_stands_for_no_other(host: Callable[..., PeerHost]) -> None:
    late = host(
        """
        first = next(requests_ := requests())
        for request in requests_:
            say(first, response="late"); say(request, response="in time")
        """,
        timeout_seconds=0.3,
    )
    with pytest.raises(FunctionTimedOut, match=r"did not answer invoke within 0\.3 s"):
        late.invoke("pre_sign_up", {})
    assert late.invoke("pre_sign_up", {}) == "in time"


def test_a_host_that_hangs_as_a_whole_is_started_anew(host: Callable[..., PeerHost], tmp_path: Path) -> None:
    hung = tmp_path / "hung"
    hanging = host(
        f"""
        for request in requests():
            if not os.path.exists({str(hung)!r}):
                open({str(hung)!r}, "w").close()
                time.sleep(600)
            say(request, response="alive")
        """,
        timeout_seconds=0.3,
    )
    with pytest.raises(FunctionTimedOut):
        hanging.invoke("pre_sign_up", {})
    assert hanging.invoke("pre_sign_up", {}) == "alive"


def test_a_failure_without_words_is_still_one(host: Callable[..., PeerHost]) -> None:
    with pytest.raises(FunctionFailed, match="Error"):
        host("for request in requests(): say(request, ok=False)").invoke("pre_sign_up", {})


MISBEHAVIOURS = {
    "crashes": (
        "next(requests()); sys.exit('no configuration')",
        "ended with exit code 1; it printed: no configuration",
    ),
    "is killed": ("next(requests()); os.kill(os.getpid(), 9)", "signal 9"),
    "prints garbage": ("next(requests()); print('ready!', flush=True); time.sleep(60)", "no JSON object: 'ready!'"),
    "prints a list": ("next(requests()); print('[]', flush=True); time.sleep(60)", "no JSON object"),
    "answers another id": ("for request in requests(): say({'id': 99})", "under the id 99"),
    "answers no id": ("for request in requests(): say({'id': None})", "under the id None"),
    "answers without ok": ("for request in requests(): say(request, ok=1)", 'without "ok"'),
    "answers without a response": ("for request in requests(): say(request)", "without `response`"),
    "closes its output": ("next(requests()); os.close(1); time.sleep(60)", "closed its standard output"),
    "never ends its line": (
        "next(requests())\nwhile True: print('x' * 65536, end='', flush=True)",
        "without the end of a line",
    ),
}


@pytest.mark.parametrize(("body", "words"), MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_host_that_misbehaves_is_inconclusive_and_says_why(
    host: Callable[..., PeerHost], body: str, words: str
) -> None:
    with pytest.raises(PeerFailed, match=words):
        host(body).invoke("pre_sign_up", {})


STARTS = {
    "does not start": ("sys.exit('no module')", "no module"),
    "says nothing": ("time.sleep(60)", r"did not answer hello within 0\.5 s"),
    "has no name": (
        "def requests():\n  for line in sys.stdin: yield json.loads(line)\n" + HONEST,
        "answered hello without",
    ),
}


@pytest.mark.parametrize(("body", "words"), STARTS.values(), ids=STARTS)
def test_a_host_that_does_not_come_up_says_why(host: Callable[..., PeerHost], body: str, words: str) -> None:
    with pytest.raises(PeerFailed, match=words):
        host(body, start_seconds=0.5)


def test_a_command_that_does_not_exist_says_what_to_check() -> None:
    settings = TriggersSettings(host="command", command=["no-such-program-anywhere"])
    with pytest.raises(PeerFailed, match="check the command"):
        make_trigger_host(bare_stage(settings))


def test_a_host_that_only_fails_is_not_tried_for_ever(host: Callable[..., PeerHost], tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    broken = host(f"print('.', end='', file=open({str(starts)!r}, 'a'))\nnext(requests()); sys.exit(1)")
    for _ in range(MOST_FAILURES + 5):
        with pytest.raises(PeerFailed):
            broken.invoke("pre_sign_up", {})
    assert len(starts.read_text()) == MOST_FAILURES


def test_a_host_without_a_clock_is_not_asked_to_move_it(host: Callable[..., PeerHost]) -> None:
    plain = host(HONEST)
    plain.set_clock(datetime(2031, 1, 1, tzinfo=UTC))
    plain.recycle()
    assert plain.invoke("pre_sign_up", {}) == {}


def test_the_clock_goes_over_the_wire_as_design_has_it(host: Callable[..., PeerHost]) -> None:
    telling = host(
        """
        CAPABILITIES = ["clock"]
        told = []
        for request in requests():
            told.append(request.get("now", "nothing"))
            say(request, response=told)
        """
    )
    telling.set_clock(datetime(2026, 11, 5, 0, 3, 9, tzinfo=UTC))
    telling.set_clock(None)
    assert telling.invoke("pre_sign_up", {}) == ["2026-11-05T00:03:09Z", None, "nothing"]
