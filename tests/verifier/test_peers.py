"""Whatever a peer does, it costs its time-out and no more, its failure is explained, and nothing of it is left."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

import pytest

from harness.peer import MOST_FAILURES, Peer, PeerFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HONEST = "for request in requests(): say(request, said=request.get('say'))"


class Lifeline:
    """A pipe that a peer and its child hold open for as long as either of them lives."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.preamble = f"""
import subprocess
lifeline = os.open({str(path)!r}, os.O_WRONLY)
os.set_inheritable(lifeline, True)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False)
"""
        self.end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def is_held(self, *, for_seconds: float = 0) -> bool:
        """Whether somebody still holds it, waiting a while for the last to let go."""
        ready, _, _ = select.select([self.end], [], [], for_seconds)
        return not ready


@pytest.fixture
def lifeline(tmp_path: Path) -> Iterator[Lifeline]:
    made = Lifeline(tmp_path / "lifeline")
    yield made
    os.close(made.end)


def test_an_answer_is_the_one_to_its_request(peer: Callable[..., Peer]) -> None:
    honest = peer(HONEST)
    assert [honest.ask("echo", say=word)["said"] for word in ("one", "two", "zwei\n")] == ["one", "two", "zwei\n"]


def test_a_large_request_and_a_large_answer_pass(peer: Callable[..., Peer]) -> None:
    text = "x" * 1_000_000
    assert peer(HONEST).ask("echo", say=text)["said"] == text


def test_a_refusal_is_an_answer(peer: Callable[..., Peer]) -> None:
    refusing = peer("for request in requests(): say(request, ok=False, error_type='No')")
    assert refusing.ask("verify") == {"id": 1, "ok": False, "error_type": "No"}


def test_what_is_printed_to_standard_error_is_no_answer(peer: Callable[..., Peer]) -> None:
    noisy = peer("for request in requests(): print('{}' * 100_000, file=sys.stderr); say(request)")
    assert noisy.ask("hello")["ok"]


MISBEHAVIOURS = {
    "crashes at the start": ("raise RuntimeError('no configuration')", "no configuration"),
    "crashes when asked": ("next(requests()); sys.exit(7)", "ended with exit code 7"),
    "is killed": ("next(requests()); os.kill(os.getpid(), 9)", "signal 9"),
    "ends at once": ("", "ended with exit code 0"),
    "prints garbage": ("print('ready!', flush=True); time.sleep(60)", "no JSON object: 'ready!'"),
    "prints a list": ("next(requests()); print('[]', flush=True); time.sleep(60)", "no JSON object"),
    "prints a deep nest": ("next(requests()); print('[' * 100000, flush=True); time.sleep(60)", "no JSON object"),
    "prints what is no text": (
        "next(requests()); sys.stdout.buffer.write(b'\\xff\\n'); sys.stdout.flush(); time.sleep(60)",
        "no JSON object",
    ),
    "answers another id": ("for request in requests(): say({'id': 99})", "under the id 99"),
    "answers without ok": ("next(requests()); print('{\"id\": 1}', flush=True); time.sleep(60)", 'without "ok"'),
    "answers with ok as a text": ("for request in requests(): say(request, ok='yes')", 'without "ok"'),
    "closes its output": ("os.close(1); time.sleep(60)", "closed its standard output"),
    "never ends its line": ("while True: print('x' * 65536, end='', flush=True)", "without the end of a line"),
}


@pytest.mark.parametrize(("body", "words"), MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_a_peer_that_misbehaves_is_inconclusive_and_says_why(peer: Callable[..., Peer], body: str, words: str) -> None:
    with pytest.raises(PeerFailed, match=words):
        peer(body).ask("hello")


SILENCES = {
    "never answers": "time.sleep(60)",
    "never reads": "time.sleep(60)",
    "floods standard error": "while True: print('still starting', file=sys.stderr)",
    "drips": "while True: print(' ', end='', flush=True); time.sleep(0.01)",
    "ignores signals and its input's end": (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(60)"
    ),
}


@pytest.mark.parametrize("body", SILENCES.values(), ids=SILENCES)
def test_a_silent_peer_costs_its_time_out_and_is_killed(peer: Callable[..., Peer], body: str) -> None:
    silent = peer(body, seconds=0.3)
    began = time.monotonic()
    with pytest.raises(PeerFailed, match=r"did not answer hello within 0\.3 s"):
        silent.ask("hello", say="x" * 1_000_000)
    assert time.monotonic() - began < 5
    assert silent.process_id is None


def test_a_failure_shows_the_last_lines_of_standard_error_and_no_more(peer: Callable[..., Peer]) -> None:
    talkative = peer("for n in range(5000): print(f'line {n} ' + 'x' * 1000, file=sys.stderr)\nsys.exit(1)")
    with pytest.raises(PeerFailed, match="line 4999") as failure:
        talkative.ask("hello")
    assert "line 4990" not in str(failure.value)
    assert len(str(failure.value)) < 3_000


def test_a_command_that_does_not_exist_says_what_to_check() -> None:
    with pytest.raises(PeerFailed, match="check the command"):
        Peer(["no-such-program-anywhere"], timeout_seconds=5).ask("hello")


def test_a_peer_that_failed_is_started_anew(peer: Callable[..., Peer]) -> None:
    forgetful = peer(
        "request = next(requests())\nif request['op'] == 'crash': sys.exit(1)\nsay(request)\nnext(requests())"
    )
    with pytest.raises(PeerFailed):
        forgetful.ask("crash")
    assert forgetful.ask("hello")["ok"]


def test_a_peer_that_only_fails_is_not_tried_for_ever(peer: Callable[..., Peer], tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    broken = peer(f"print('.', end='', file=open({str(starts)!r}, 'a')); sys.exit(1)")
    for _ in range(MOST_FAILURES + 5):
        with pytest.raises(PeerFailed):
            broken.ask("hello")
    assert len(starts.read_text()) == MOST_FAILURES


def test_an_old_answer_does_not_stand_for_a_new_one(peer: Callable[..., Peer]) -> None:
    hasty = peer("for request in requests(): say(request); say(request)")
    assert hasty.ask("hello")["ok"]
    with pytest.raises(PeerFailed, match="under the id 1; it was asked under 2"):
        hasty.ask("hello")


def test_a_closed_peer_leaves_nothing_running(peer: Callable[..., Peer], lifeline: Lifeline) -> None:
    parent = peer(lifeline.preamble + "for request in requests(): say(request)")
    parent.ask("hello")
    assert lifeline.is_held()
    parent.close()
    assert parent.process_id is None
    assert not lifeline.is_held(for_seconds=10)


def test_a_peer_that_failed_leaves_nothing_running(peer: Callable[..., Peer], lifeline: Lifeline) -> None:
    parent = peer(lifeline.preamble + "say(next(requests()))\nnext(requests()); print('garbage', flush=True)")
    parent.ask("hello")
    assert lifeline.is_held()
    with pytest.raises(PeerFailed):
        parent.ask("verify")
    assert not lifeline.is_held(for_seconds=10)


def test_a_peer_can_put_things_away_before_it_ends(peer: Callable[..., Peer], tmp_path: Path) -> None:
    tidied = tmp_path / "tidied"
    tidy = peer(f"for request in requests(): say(request)\nopen({str(tidied)!r}, 'w').close()")
    tidy.ask("hello")
    tidy.close()
    assert tidied.exists()
