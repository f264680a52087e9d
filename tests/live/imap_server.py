"""A small IMAP server on loopback, strict about the little that it knows: one folder."""

from __future__ import annotations

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

USER, PASSWORD = "conformance", "correct horse battery staple"
_DATE = re.compile(r"SINCE (\d{1,2})-(\w{3})-(\d{4})")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass
class Stored:
    """A message in the folder."""

    uid: int
    raw: bytes
    received: datetime
    flags: set[str] = field(default_factory=set)
    size: int | None = None
    """What RFC822.SIZE says, where that is not the length."""


class ImapServer:
    """The server; `messages` is its folder."""

    def __init__(self, *, user: str = USER, password: str = PASSWORD, tls: ssl.SSLContext | None = None) -> None:
        self.user, self.password, self.tls = user, password, tls
        self.messages: list[Stored] = []
        self.commands: list[str] = []
        self.connections = 0
        self.break_before: Callable[[str], bool] = lambda _: False
        self.lock = threading.Lock()
        self._server = _Server(self)
        self.port: int = self._server.server_address[1]

    def deliver(self, raw: bytes, *, received: datetime | None = None, size: int | None = None) -> Stored:
        """Put a message into the folder."""
        with self.lock:
            stored = Stored(len(self.messages) + 101, raw, received or datetime.now(UTC), size=size)
            self.messages.append(stored)
        return stored

    @contextmanager
    def running(self) -> Iterator[ImapServer]:
        """Serve meanwhile."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, imap: ImapServer) -> None:
        self.imap = imap
        super().__init__(("127.0.0.1", 0), _Session)

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request, client_address  # broken connections are part of the tests


class _Session(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def setup(self) -> None:
        if self.server.imap.tls is not None:
            self.request = self.server.imap.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.imap = self.server.imap
        self.imap.connections += 1
        self.logged_in, self.read_only = False, True
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode().rstrip("\r\n").partition(" ")
            verb = command.partition(" ")[0].upper()
            shown = " ".join(command.split(" ")[:2]).upper() if verb == "UID" else verb
            self.imap.commands.append(command if verb in ("UID", "SELECT", "EXAMINE") else shown)
            if self.imap.break_before(shown):
                return
            with self.imap.lock:
                answer = self._answer(verb, command)
            self._say(f"{tag} {answer}")
            if verb == "LOGOUT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _answer(self, verb: str, command: str) -> str:
        if verb in ("CAPABILITY", "NOOP", "LOGOUT"):
            if verb == "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1 UIDPLUS AUTH=PLAIN")
            return "OK done"
        if verb in ("LOGIN", "AUTHENTICATE"):
            return self._log_in(verb, command)
        if verb in ("SELECT", "EXAMINE") and self.logged_in:
            return self._open(verb, command)
        if verb == "UID" and self.logged_in:
            return self._uid(*command.split(" ", 2)[1:])
        return "BAD unknown, or not before the login"

    def _open(self, verb: str, command: str) -> str:
        if '"INBOX"' not in command:
            return "NO [NONEXISTENT] there is no such folder"
        self.read_only = verb == "EXAMINE"
        self._say(f"* {len(self.imap.messages)} EXISTS")
        self._say("* OK [UIDVALIDITY 7] valid")
        return "OK [READ-ONLY] opened" if self.read_only else "OK [READ-WRITE] opened"

    def _log_in(self, verb: str, command: str) -> str:
        if verb == "LOGIN":
            user, password = _two_words(command[6:])
        else:
            self._say("+ ")
            _, user, password = base64.b64decode(self.rfile.readline()).decode().split("\0")
        if (user, password) != (self.imap.user, self.imap.password):
            return f"NO [AUTHENTICATIONFAILED] {password} is wrong for {user}"
        self.logged_in = True
        return "OK done"

    def _uid(self, verb: str, rest: str) -> str:
        match verb.upper():
            case "SEARCH":
                found = " ".join(str(each.uid) for each in self.imap.messages if _matches(each, rest))
                self._say(f"* SEARCH {found}".rstrip())
            case "FETCH":
                self._fetch(rest)
            case "STORE" | "EXPUNGE" if self.read_only:
                return "NO read-only"
            case "STORE":
                for each in self._named(rest.partition(" ")[0]):
                    each.flags.add(r"\Deleted")
            case "EXPUNGE":
                gone = [each for each in self._named(rest) if r"\Deleted" in each.flags]
                self.imap.messages = [each for each in self.imap.messages if each not in gone]
            case _:
                return "BAD unknown"
        return "OK done"

    def _fetch(self, rest: str) -> None:
        uids, _, items = rest.partition(" ")
        asked = re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", items)
        assert asked, items
        for number, each in enumerate(self.imap.messages, 1):
            if each in self._named(uids):
                content = each.raw[: int(asked[1])]
                day = each.received.astimezone(UTC)
                dated = f'"{day.day:2d}-{_MONTHS[day.month - 1]}-{day:%Y %H:%M:%S} +0000"'
                self._say(f"* {number} FETCH (UID {each.uid} BODY[]<0> {{{len(content)}}}")
                self.wfile.write(content)
                self._say(f" RFC822.SIZE {each.size or len(each.raw)} INTERNALDATE {dated})")

    def _named(self, uids: str) -> list[Stored]:
        wanted = set(uids.split(","))
        return [each for each in self.imap.messages if str(each.uid) in wanted]


def _two_words(text: str) -> list[str]:
    """The two strings after LOGIN, quoted or not."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', text)
    return [(quoted or bare).replace(r"\"", '"').replace("\\\\", "\\") for quoted, bare in found]


def _matches(stored: Stored, criteria: str) -> bool:
    """SINCE by day; TO and CC as substrings without regard to case, as RFC 3501 section 6.4.4 has them."""
    if found := _DATE.search(criteria):
        day = datetime(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]), tzinfo=UTC)
        if stored.received < day:
            return False
    message = message_from_bytes(stored.raw)
    asked = re.findall(r'(TO|CC) "((?:[^"\\]|\\.)*)"', criteria)
    return not asked or any(value.lower() in str(message.get(name, "")).lower() for name, value in asked)
