"""Mails in a folder of an IMAP server (RFC 3501), over one connection that is made anew once when it breaks."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from harness.configuration_error import ConfigurationError
from harness.mailboxes.errors import MailboxUnreachable, MailboxUnusable
from harness.mailboxes.message import LARGEST_MESSAGE, Arrival
from harness.mailboxes.settings import MailboxSettings
from harness.mailboxes.source import Look

Result = TypeVar("Result")

SECONDS = 20.0
"""For one answer of the server."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_AT_ONCE = 200
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_CODE = re.compile(r"\[([A-Z-]+)\]")
_HINTS = {
    "AUTHENTICATIONFAILED": "check mailbox.user and mailbox.password; some providers want an app password",
    "AUTHORIZATIONFAILED": "this user may not log in; ask who runs the server",
    "EXPIRED": "the password has expired; set a new one",
    "PRIVACYREQUIRED": "the server wants TLS; set mailbox.tls = true and the port for it, 993",
    "UNAVAILABLE": "the server cannot check the password at present; try again later",
}


class _Bounded:
    """Reads no literal that is much larger than what was asked for, whatever the server announces."""

    def read(self, size: int) -> bytes:
        if size > 2 * LARGEST_MESSAGE:
            raise imaplib.IMAP4.abort("the server announces a literal of more bytes than were asked for")
        found: bytes = super().read(size)  # type: ignore[misc]  # of imaplib's class, behind this one
        return found


class _Plain(_Bounded, imaplib.IMAP4):
    """On loopback only."""


class _Encrypted(_Bounded, imaplib.IMAP4_SSL):
    """TLS from the first byte."""


class ImapSource:
    """A folder. It is opened read-only unless messages are to be deleted; reading leaves every flag as it was."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self.name = f"the IMAP folder {settings.folder} of {settings.user} at {settings.host}:{settings.port}"
        self._connection: imaplib.IMAP4 | None = None
        self._validity = ""
        self._read: set[str] = set()
        self._there: set[str] | None = None
        self._password: str | None = None
        self._refused: MailboxUnusable | None = None

    def look(self, address: str, since: datetime) -> Look:
        """As Source has it: what names the address in To or Cc."""
        return self._steadily(lambda connection: self._looked(connection, address, since))

    def settle(self, delete: Collection[str]) -> None:
        """As Source has it. Where the server cannot expunge single messages (RFC 4315), they are only marked."""
        if delete:
            self._steadily(lambda connection: self._deleted(connection, delete))

    def try_out(self) -> str:
        """As Source has it."""
        count = self._steadily(lambda connection: len(self._search(connection, "ALL")))
        return f"logged in to {self.name}, which holds {count} messages"

    def close(self) -> None:
        """As Source has it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                connection.logout()

    def _steadily(self, act: Callable[[imaplib.IMAP4], Result]) -> Result:
        """Act on the connection; once more on a new one when it breaks."""
        had_one = self._connection is not None
        try:
            return self._once(act)
        except MailboxUnreachable:
            if not had_one:
                raise
            return self._once(act)

    def _once(self, act: Callable[[imaplib.IMAP4], Result]) -> Result:
        try:
            return act(self._connected())
        except (imaplib.IMAP4.abort, OSError) as failure:
            self._drop()
            raise MailboxUnreachable(
                f"{self.name} cannot be read: {_why(failure)}; check mailbox.host and mailbox.port, and that it runs"
            ) from None
        except imaplib.IMAP4.error as failure:
            self._drop()
            raise MailboxUnusable(f"{self.name} refuses: {_named(failure)}") from None

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown()

    def _connected(self) -> imaplib.IMAP4:
        if self._refused is not None:
            raise self._refused  # asked again and again, many servers lock the account
        if self._connection is None:
            connection = self._opened()
            try:
                self._log_in(connection)
                self._select(connection)
            except BaseException:
                with suppress(OSError):
                    connection.shutdown()
                raise
            self._connection = connection
        return self._connection

    def _opened(self) -> imaplib.IMAP4:
        settings = self._settings
        assert settings.host is not None
        if not settings.tls:
            return _Plain(settings.host, settings.port, timeout=SECONDS)
        try:
            trusted = ssl.create_default_context(cafile=settings.ca_file)
        except OSError as failure:
            raise MailboxUnusable(f"mailbox.ca_file {settings.ca_file} cannot be used: {failure}") from failure
        try:
            return _Encrypted(settings.host, settings.port, ssl_context=trusted, timeout=SECONDS)
        except ssl.SSLCertVerificationError as failure:
            raise MailboxUnusable(
                f"the certificate of {settings.host} is not trusted ({failure.verify_message}); give the name that it "
                "is for as mailbox.host, or its authority as mailbox.ca_file"
            ) from failure

    def _log_in(self, connection: imaplib.IMAP4) -> None:
        settings = self._settings
        assert settings.user is not None
        assert settings.password is not None
        try:
            self._password = self._password or settings.password.read()
        except ConfigurationError as missing:
            raise MailboxUnusable(f"mailbox.password: {missing}") from None
        user, password = settings.user, self._password
        try:
            if (user + password).isascii():
                connection.login(user, password)
            else:  # LOGIN is ASCII only; RFC 4616 is UTF-8
                connection.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refusal:  # its text is the server's, who has seen the password
            code = _code(refusal)
            hint = _HINTS.get(code, _HINTS["AUTHENTICATIONFAILED"])
            failure = MailboxUnusable(f"{self.name}: the login is refused{f' ({code})' if code else ''}; {hint}")
            self._refused = None if code == "UNAVAILABLE" else failure
            raise failure from None

    def _select(self, connection: imaplib.IMAP4) -> None:
        settings = self._settings
        try:
            answer, _ = connection.select(_quoted(settings.folder), readonly=not settings.delete_read)
        except imaplib.IMAP4.readonly:
            raise MailboxUnusable(f"{self.name} can only be read; set mailbox.delete_read = false") from None
        if answer != "OK":
            raise MailboxUnusable(f"{self.name} cannot be opened; check mailbox.folder, spelt as the server lists it")
        _, (validity, *_rest) = connection.response("UIDVALIDITY")
        now = validity.decode("ascii", "replace") if isinstance(validity, bytes) else ""
        if now != self._validity:  # other messages may have these numbers now
            self._validity, self._read, self._there = now, set(), None

    def _looked(self, connection: imaplib.IMAP4, address: str, since: datetime) -> Look:
        connection.noop()
        day = since.astimezone(UTC) - timedelta(days=1)  # SINCE knows days only, of the server's time zone
        since_day = f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"
        there = self._search(connection, since_day)
        asked = _quoted(address)
        matching = self._search(connection, f"{since_day} OR TO {asked} CC {asked}")
        others = len(there - matching - self._there) if self._there is not None else 0
        self._there = there if self._there is None else self._there | there
        new = sorted(matching - self._read, key=int)[-_MOST_AT_ONCE:]
        arrivals = tuple(arrival for uid in new if (arrival := self._fetched(connection, uid)) is not None)
        self._read |= set(new)
        return Look(arrivals, others)

    def _search(self, connection: imaplib.IMAP4, criteria: str) -> set[str]:
        found = _accepted(connection.uid("SEARCH", criteria))
        return {uid.decode() for part in found if isinstance(part, bytes) for uid in part.split()}

    def _fetched(self, connection: imaplib.IMAP4, uid: str) -> Arrival | None:
        """A message; None when somebody has deleted it meanwhile."""
        parts = _accepted(
            connection.uid("FETCH", uid, f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{LARGEST_MESSAGE}>)")
        )
        content = next((part[1] for part in parts if isinstance(part, tuple)), None)
        said = b" ".join(part[0] if isinstance(part, tuple) else part for part in parts if part)
        size, dated = _SIZE.search(said), imaplib.Internaldate2tuple(said)
        if content is None or size is None or dated is None:
            return None
        received = datetime.fromtimestamp(time.mktime(dated), UTC)
        return Arrival(f"{self._validity} {uid}", received, content, max(int(size[1]), len(content)))

    def _deleted(self, connection: imaplib.IMAP4, delete: Collection[str]) -> None:
        uids = ",".join(uid for validity, uid in (key.split(" ") for key in delete) if validity == self._validity)
        if not uids:
            return
        _accepted(connection.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)"))
        if b"UIDPLUS" in b" ".join(_accepted(connection.capability())).upper().split():
            _accepted(connection.uid("EXPUNGE", uids))


def _accepted(answer: tuple[str, Any]) -> list[Any]:
    """The data of an answer. Raises IMAP4.error when it is no OK."""
    kind, data = answer
    if kind != "OK":
        raise imaplib.IMAP4.error(str(data))
    return list(data)


def _quoted(text: str) -> str:
    """A quoted string of RFC 3501 section 4.3."""
    if not text.isascii() or any(character in text for character in "\r\n\0"):
        raise MailboxUnusable(f"{text!r} cannot be asked an IMAP server for; use ASCII only")
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _code(error: Exception) -> str:
    """The response code of RFC 5530 in an error; the rest of the server's words is not repeated."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def _named(error: Exception) -> str:
    return _code(error) or "it gives no reason that is defined; look into its log"


def _why(failure: Exception) -> str:
    if isinstance(failure, imaplib.IMAP4.abort):
        return "the connection broke off"
    return str(failure) or type(failure).__name__
