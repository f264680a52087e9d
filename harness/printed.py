"""What a program of the user's prints: run once, within a time and a size, and nothing of it left running."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Sequence

from harness import program

_CHUNK = 65_536


class DidNotPrint(Exception):
    """The program brought no output that can be used. The message completes "NAME …" and holds nothing it printed."""


def printed_by(command: Sequence[str], *, seconds: float, most_bytes: int) -> bytes:
    """Run a program with nothing to read and return its standard output; its standard error is not kept.

    Raises:
        DidNotPrint: it cannot be run, takes too long, prints too much, or ends with another exit code than 0.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - running a program that the user names is the purpose
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # a process group of its own, which can be killed as a whole
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "its arguments hold a zero byte"
        raise DidNotPrint(f"cannot be run ({why}); check the command") from None
    try:
        printed, ends = bytearray(), time.monotonic() + seconds
        too_long = DidNotPrint(f"took longer than {seconds:g} s")
        assert process.stdout is not None
        with selectors.DefaultSelector() as pipes:
            pipes.register(process.stdout, selectors.EVENT_READ)
            while True:
                if not pipes.select(max(0.0, ends - time.monotonic())):
                    raise too_long
                chunk = os.read(process.stdout.fileno(), _CHUNK)
                if not chunk:
                    break
                printed += chunk
                if len(printed) > most_bytes:
                    raise DidNotPrint(f"printed more than {most_bytes} bytes")
                if time.monotonic() >= ends:
                    raise too_long
        try:
            code = process.wait(max(0.01, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise too_long from None
        if code != 0:
            raise DidNotPrint(f"ended with exit code {code}; run it by hand to see what it says")
        return bytes(printed)
    finally:
        program.end(process)
        if process.stdout is not None:
            process.stdout.close()
