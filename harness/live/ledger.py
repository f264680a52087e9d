"""The ledger: what a run is going to make in a live pool, noted on disk before it is made.

One JSON object a line. Several processes of a run, and several runs, write to the same file. A process that is killed
in the middle of a line costs that line only: what it announced was not made, what it reported is found out again.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast

from harness.arrangement import belongs_to_run
from harness.configuration_error import ConfigurationError

Kind = Literal["user", "client", "pool"]
Outcome = Literal["cleaned", "left"]

_KINDS = ("pool", "client", "user")
_PRIVATE = 0o600


class UnwritableLedger(ConfigurationError):
    """A line cannot be written; nothing may then be made."""


@dataclass(frozen=True)
class Entry:
    """One thing that a run was going to make. `id` is empty when nobody learnt it: of users, and after a crash.

    `user_pool_id` is the pool that it stands in; of a pool it is the pool's own, empty as long as nobody knows it.
    """

    run: str
    kind: Kind
    user_pool_id: str
    name: str
    id: str = ""
    noted: datetime | None = field(default=None, compare=False)

    @property
    def is_named_after_its_run(self) -> bool:
        """Whether its name has the mark of everything that this run makes. Nothing else is ever taken away."""
        return belongs_to_run(self.run, self.name)

    def described(self) -> str:
        """The entry in words: `the user NAME in eu-west-1_AbC`."""
        what = {"user": "the user", "client": "the app client", "pool": "the user pool"}[self.kind]
        number = f" ({self.id})" if self.id else ""
        where = f" in {self.user_pool_id}" if self.kind != "pool" else ""
        return f"{what} {self.name}{number}{where}"


@dataclass(frozen=True)
class Opening:
    """What is noted of a run before it makes anything: how to reach its pool again, and which process it is."""

    user_pool_id: str
    region: str
    endpoint: str | None = None
    profile: str | None = None
    role_arn: str | None = None
    tool_version: str = ""
    host: str = ""
    process: int = 0
    process_started: str = ""
    """Tells the process from a later one of the same number (see harness.live.processes)."""
    at: str = ""


@dataclass
class RunInLedger:
    """One run as the ledger tells it."""

    run: str
    opening: Opening | None = None
    ended: str | None = None
    _entries: list[Entry] = field(default_factory=list)

    def left(self) -> list[Entry]:
        """What was going to be made and was not taken away: pools, then clients, then users."""
        return sorted(self._entries, key=lambda entry: _KINDS.index(entry.kind))

    def take_in(self, line: dict[str, Any]) -> None:
        """Take in one line of this run. Raises ValueError, KeyError or TypeError when it cannot be one."""
        match line["what"]:
            case "begin":
                told = {part.name: line[part.name] for part in fields(Opening) if part.name in line}
                self.opening, self.ended = Opening(**told), None
            case "end":
                self.ended = str(line["outcome"])
            case "will_make":
                self._will_make(_entry(line))
            case "made":
                self._made(_entry(line))
            case "removed":
                self._removed(_entry(line))
            case unknown:
                raise ValueError(f"unknown entry {unknown!r}")

    def _will_make(self, entry: Entry) -> None:
        if entry.kind != "user" or entry not in self._entries:  # of pools and clients, two can have the same name
            self._entries.append(entry)

    def _made(self, entry: Entry) -> None:
        for index, noted in enumerate(self._entries):
            same_place = entry.kind == "pool" or noted.user_pool_id == entry.user_pool_id
            if (noted.kind, noted.name, noted.id) == (entry.kind, entry.name, "") and same_place:
                self._entries[index] = entry
                return
        self._entries.append(entry)

    def _removed(self, gone: Entry) -> None:
        if gone.kind == "pool" and gone.user_pool_id:  # and with it everything that stood in it
            self._entries = [entry for entry in self._entries if entry.user_pool_id != gone.user_pool_id]
            return
        for index, noted in enumerate(self._entries):
            by_id = bool(gone.id) and noted.id == gone.id
            by_name = not gone.id and noted.name == gone.name and noted.user_pool_id == gone.user_pool_id
            if noted.kind == gone.kind and (by_id or by_name):
                del self._entries[index]
                return


@dataclass
class LedgerReading:
    """A ledger as it was read: its runs in the order in which they began, and what could not be understood."""

    runs: dict[str, RunInLedger] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)


def read_ledger(path: Path) -> LedgerReading:
    """Read a ledger. A torn line, which a killed process leaves, is read past with a remark.

    Raises ConfigurationError when there is no such file, or it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"{path}: there is no such ledger; live.ledger or --ledger says where the run wrote its own"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path}: the ledger cannot be read ({error.strerror})") from error
    reading = LedgerReading()
    for number, text in enumerate(content.split(b"\n"), start=1):
        if not text.strip():
            continue
        try:
            line = json.loads(text)
            run = str(line["run"])
            reading.runs.setdefault(run, RunInLedger(run)).take_in(line)
        except (ValueError, KeyError, TypeError):
            reading.remarks.append(f"{path}, line {number}: not a whole entry, read past ({len(text)} bytes)")
    return reading


class Ledger:
    """One run's ledger, for one process. Each line is on the disk before its method returns.

    Args:
        path: the file; its folder is made when the first line is written.
        run: the run's name.
    """

    def __init__(self, path: Path, run: str) -> None:
        self.path = path.absolute()
        self.run = run

    def begin(self, opening: Opening) -> None:
        """Note the run itself. Raises UnwritableLedger."""
        self._write("begin", asdict(opening))

    def will_make(self, kind: Kind, *, user_pool_id: str, name: str) -> None:
        """Note what is going to be made, before it is. Raises UnwritableLedger; then it must not be made."""
        self._write("will_make", {"kind": kind, "user_pool_id": user_pool_id, "name": name})

    def made(self, kind: Kind, *, user_pool_id: str, name: str, id: str) -> None:
        """Note the id of what was made. Of a pool, `user_pool_id` may be left empty: it is the id."""
        where = id if kind == "pool" else user_pool_id
        self._write("made", {"kind": kind, "user_pool_id": where, "name": name, "id": id})

    def removed(self, kind: Kind, *, user_pool_id: str, name: str, id: str = "") -> None:
        """Note that it is gone, or never came to be. The removal of a pool is that of everything in it."""
        self._write("removed", {"kind": kind, "user_pool_id": user_pool_id, "name": name, "id": id})

    def end(self, outcome: Outcome) -> None:
        """Note that the run is over: everything taken away, or something left."""
        self._write("end", {"outcome": outcome})

    def left(self) -> list[Entry]:
        """What this run was going to make and has not taken away, by whichever process. Raises ConfigurationError."""
        if not self.path.exists():
            return []
        found = read_ledger(self.path).runs.get(self.run)
        return found.left() if found else []

    def _write(self, what: str, members: dict[str, Any]) -> None:
        line = {"run": self.run, "what": what, **members, "at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        text = json.dumps(line, ensure_ascii=True).encode() + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)  # gone with the process, however it ends
                written = os.write(handle, text if _ends_a_line(handle) else b"\n" + text)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise UnwritableLedger(
                f"{self.path}: the ledger cannot be written ({error.strerror}); nothing is made without it"
            ) from error
        if written < len(text):
            raise UnwritableLedger(f"{self.path}: the ledger cannot be written (the disk is full)")


def _ends_a_line(handle: int) -> bool:
    """Whether the next line can follow; a writer that was killed has left a torn one otherwise."""
    size = os.fstat(handle).st_size
    return size == 0 or os.pread(handle, 1, size - 1) == b"\n"


def _entry(line: dict[str, Any]) -> Entry:
    kind, pool, name, id = line["kind"], line["user_pool_id"], line["name"], line.get("id", "")
    if kind not in _KINDS or not all(isinstance(text, str) for text in (pool, name, id)):
        raise ValueError("not an entry of this ledger")
    noted = datetime.fromisoformat(line["at"])
    return Entry(str(line["run"]), cast("Kind", kind), pool, name, id, noted)
