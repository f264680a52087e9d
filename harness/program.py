"""Somebody else's program: started in a process group of its own, ended with all that it started."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

from harness.findings import Inconclusive

LARGEST_ANSWER = 4 * 2**20
"""Bytes of one line; a peer that writes more without a line's end is not speaking the protocol."""

MOST_FAILURES = 3
"""A peer that fails so often running, without one good answer, is not tried again."""

SECONDS_TO_END = 1.0
_LAST_LINES, _LONGEST_LINE = 6, 300


class PeerFailed(Inconclusive):
    """The peer did not start, crashed, printed something else than an answer, or nothing. The message shows what."""


def described(command: Sequence[str]) -> str:
    """The command as a message names it."""
    return f"`{shlex.join(command)}`"


def start(command: Sequence[str], environment: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    """Start a program with unbuffered pipes. Raises PeerFailed when it cannot be."""
    try:
        return subprocess.Popen(  # noqa: S603 - running a program that the user names is the purpose
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment,
            start_new_session=True,  # a process group of its own, which can be killed as a whole
        )
    except (OSError, ValueError) as error:
        raise PeerFailed(f"{described(command)} cannot be started ({error}); check the command") from error


def end(process: subprocess.Popen[bytes], *, wait_seconds: float = 0.0) -> None:
    """Wait for the program's end, then kill what is left of its group. Its standard input is closed by the caller."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(wait_seconds)
    with suppress(ProcessLookupError, PermissionError):  # nothing is left of the group
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def how_it_ended(process: subprocess.Popen[bytes]) -> str:
    """For a program that closed its standard output: what became of it."""
    try:
        code = process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        return "closed its standard output"
    return f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"


def last_lines(printed: bytes) -> str:
    """The end of what a program printed, for a message; empty when it printed nothing."""
    lines = printed.decode("utf-8", "replace").split("\n")
    last = [line.strip()[:_LONGEST_LINE] for line in lines if line.strip()][-_LAST_LINES:]
    return f"; it printed: {' | '.join(last)}" if last else ""


def shortened(line: bytes) -> str:
    """A line that is no answer, for a message."""
    return repr(line[:_LONGEST_LINE].decode("utf-8", "replace"))
