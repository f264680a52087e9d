"""Whether a process that was noted once is still there, and not another one under its number."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path


def this_host() -> str:
    """The machine, as the ledger names it."""
    return platform.node()


def started(process: int) -> str:
    """When a process of this machine was started, as text that no other process of the same number has.

    Empty when there is no such process, or nothing tells.
    """
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return _told_by_ps(process)
    behind_the_name = told.rpartition(")")[2].split()  # a program's name may hold anything
    if behind_the_name[0] in "ZX":  # dead, and only not yet buried by its parent
        return ""
    return f"{boot} {behind_the_name[19]}"  # proc(5): field 22, counted from the third


def lives(host: str, process: int, process_started: str) -> bool | None:
    """Whether the process still runs; None when that cannot be seen from here (another host)."""
    if host != this_host():
        return None
    return bool(process_started) and started(process) == process_started


def this_process() -> tuple[str, int, str]:
    """Host, number and start of the process that asks."""
    return this_host(), os.getpid(), started(os.getpid())


def _told_by_ps(process: int) -> str:
    """Where there is no /proc (macOS)."""
    try:
        ran = subprocess.run(  # noqa: S603 - a number is all that is given
            ["/bin/ps", "-o", "lstart=", "-p", str(process)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""
