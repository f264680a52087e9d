"""Mails in an IMAP folder: a server of our own on loopback, in the clear and under TLS."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness.configuration_error import ConfigurationError
from harness.findings import Inconclusive
from harness.mailboxes.errors import MailboxUnreachable, MailboxUnusable
from harness.mailboxes.live_mailbox import LiveMailbox
from harness.mailboxes.opening import open_mailbox
from harness.mailboxes.settings import MailboxSettings
from tests.live.imap_server import PASSWORD, USER, ImapServer
from tests.live.letters import ADDRESS, ANN, BOB, LINK, STRANGER, mail

Open = Callable[..., LiveMailbox]


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with ImapServer().running() as running:
        yield running


@pytest.fixture
def opened(server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open the server's mailbox, with settings of its own."""
    monkeypatch.setenv("MAILBOX_PASSWORD", PASSWORD)
    made: list[LiveMailbox] = []

    def open_one(**changed: object) -> LiveMailbox:
        settings: dict[str, object] = {
            "kind": "imap",
            "address": ADDRESS,
            "host": "127.0.0.1",
            "port": server.port,
            "tls": False,
            "user": USER,
            "password": {"env": "MAILBOX_PASSWORD"},
            "timeout_seconds": 0.3,
            "poll_seconds": 0.02,
        }
        made.append(open_mailbox(MailboxSettings.model_validate(settings | changed)))
        return made[-1]

    yield open_one
    for mailbox in made:
        mailbox.close()


def test_a_mail_is_found_among_others_and_its_flags_stay(server: ImapServer, opened: Open) -> None:
    mailbox = opened()
    mark = mailbox.mark()
    for to in (STRANGER, BOB, ANN):
        server.deliver(mail(to, f"for {to}"))
    message = mailbox.wait_for(ANN, mark)
    assert (message.to, message.text.strip(), message.subject) == (ANN, f"for {ANN}", "Sign in")
    assert mailbox.wait_for(BOB, mark).to == BOB
    assert all(not stored.flags for stored in server.messages)
    assert any(command.startswith("EXAMINE") for command in server.commands)
    assert not any("STORE" in command or "BODY[" in command for command in server.commands)


def test_a_mail_that_arrives_while_it_is_waited_for_is_found(server: ImapServer, opened: Open) -> None:
    mailbox = opened(timeout_seconds=20)
    looks = iter(range(100))

    def deliver_at_the_third_look(command: str) -> bool:
        if command == "NOOP" and next(looks) == 2:
            server.deliver(mail(ANN))
        return False

    server.break_before = deliver_at_the_third_look
    assert LINK in mailbox.wait_for(ANN, mailbox.mark()).text


def test_an_address_within_another_is_another(server: ImapServer, opened: Open) -> None:
    mailbox = opened()
    mark = mailbox.mark()
    server.deliver(mail(f"x{ANN}"))
    with pytest.raises(Inconclusive, match="no message to"):
        mailbox.wait_for(ANN, mark)


def test_a_mail_is_fetched_once(server: ImapServer, opened: Open) -> None:
    mailbox = opened()
    server.deliver(mail(ANN))
    for _ in range(3):
        assert len(mailbox.to(ANN)) == 1
    assert sum(command.upper().startswith("UID FETCH") for command in server.commands) == 1


def test_when_none_comes_others_are_counted(server: ImapServer, opened: Open) -> None:
    mailbox = opened(timeout_seconds=1)
    server.deliver(mail(STRANGER))
    looks = iter(range(100))

    def deliver_at_the_second_look(command: str) -> bool:
        if command == "NOOP" and next(looks) == 1:
            server.deliver(mail(STRANGER))
            server.deliver(mail(BOB))
        return False

    server.break_before = deliver_at_the_second_look
    with pytest.raises(Inconclusive) as told:
        mailbox.wait_for(ANN, mailbox.mark())
    assert f"the IMAP folder INBOX of {USER} at 127.0.0.1:{server.port} within 1 s" in str(told.value)
    assert "; 2 other messages arrived meanwhile" in str(told.value)


@pytest.mark.parametrize("command", ["NOOP", "UID SEARCH", "UID FETCH"])
def test_a_connection_that_drops_is_made_anew(command: str, server: ImapServer, opened: Open) -> None:
    mailbox = opened()
    mark = mailbox.mark()
    assert mailbox.to(ANN) == ()
    server.deliver(mail(ANN))
    times = iter([True])
    server.break_before = lambda asked: asked == command and next(times, False)
    assert mailbox.wait_for(ANN, mark)
    assert server.connections == 2


def test_a_connection_that_drops_again_and_again_is_told(server: ImapServer, opened: Open) -> None:
    server.break_before = lambda asked: asked == "NOOP"
    mailbox = opened()
    with pytest.raises(MailboxUnreachable, match="the connection broke off"):
        mailbox.wait_for(ANN, mailbox.mark())
    assert server.connections == 1


def test_a_wrong_password_is_told_and_not_tried_again(
    server: ImapServer, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILBOX_PASSWORD", "canary-of-a-wrong-password")
    mailbox = opened()
    with pytest.raises(ConfigurationError, match=r"AUTHENTICATIONFAILED.*mailbox\.password") as told:
        mailbox.try_out()
    with pytest.raises(Inconclusive, match="AUTHENTICATIONFAILED"):
        mailbox.to(ANN)
    assert server.commands.count("LOGIN") == 1
    assert isinstance(told.value, Inconclusive)
    assert "canary" not in f"{told.value!r} {told.value.__cause__!r}"
    assert told.value.__suppress_context__


def test_a_password_that_is_missing_is_told(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILBOX_PASSWORD")
    mailbox = opened()
    with pytest.raises(MailboxUnusable, match=r"mailbox\.password: the environment variable MAILBOX_PASSWORD"):
        mailbox.to(ANN)


@pytest.mark.parametrize("password", ['with "quotes" and \\ in it', "pässwörd"])
def test_any_password_is_sent_as_it_is(
    password: str, server: ImapServer, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.password = password
    monkeypatch.setenv("MAILBOX_PASSWORD", password)
    assert "holds 0 messages" in opened().try_out()


def test_trying_out_says_what_is_there(server: ImapServer, opened: Open) -> None:
    server.deliver(mail(ANN))
    server.deliver(mail(BOB))
    assert opened().try_out() == f"logged in to the IMAP folder INBOX of {USER} at 127.0.0.1:{server.port}, which " + (
        "holds 2 messages"
    )
    with pytest.raises(MailboxUnusable, match=r"check mailbox\.folder"):
        opened(folder="Inbox/Nowhere").try_out()


def test_a_server_that_is_not_there_is_told(opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(MailboxUnreachable, match=r"refused; check mailbox\.host and mailbox\.port"):
        opened(port=port).try_out()
    with pytest.raises(MailboxUnreachable, match=r"cannot be read: .*check mailbox\.host"):
        opened(host="nowhere.invalid", tls=True).try_out()


def test_a_huge_mail_is_refused_by_what_the_server_says_of_it(server: ImapServer, opened: Open) -> None:
    mailbox = opened()
    mark = mailbox.mark()
    server.deliver(mail(ANN), size=30_000_000)
    with pytest.raises(Inconclusive, match="has 30000000 bytes, more than the 1048576 that are read"):
        mailbox.wait_for(ANN, mark)
    server.deliver(mail(BOB, "y" * 1_500_000))
    with pytest.raises(Inconclusive, match=r"has 15\d+ bytes, more than the 1048576"):
        mailbox.wait_for(BOB, mark)


def test_only_the_runs_mails_are_deleted(server: ImapServer, opened: Open) -> None:
    mailbox = opened(delete_read=True)
    mark = mailbox.mark()
    for to in (STRANGER, ANN, f"{ANN}, {STRANGER}"):
        server.deliver(mail(to))
    somebody_elses = server.deliver(mail(BOB))
    somebody_elses.flags.add(r"\Deleted")
    mailbox.wait_for(ANN, mark)
    assert [stored.uid for stored in server.messages] == [101, 103, 104]
    assert len(mailbox.to(ANN)) == 2


def test_mails_of_days_ago_are_not_fetched(server: ImapServer, opened: Open) -> None:
    mailbox = opened()
    long_ago = datetime.now(UTC) - timedelta(days=5)
    server.deliver(mail(ANN, sent=long_ago), received=long_ago)
    assert mailbox.to(ANN) == ()
    assert not any("FETCH" in command.upper() for command in server.commands)


def test_tls_is_spoken_and_the_certificate_checked(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ImapServer(tls=context).running() as encrypted:
        encrypted.deliver(mail(ANN))
        trusting = opened(port=encrypted.port, tls=True, ca_file=str(certificate))
        assert len(trusting.to(ANN)) == 1
        with pytest.raises(MailboxUnusable, match=r"not trusted .*mailbox\.ca_file"):
            opened(port=encrypted.port, tls=True).try_out()
        with pytest.raises(MailboxUnusable, match=r"not trusted .*mailbox\.host"):
            opened(host="localhost", port=encrypted.port, tls=True, ca_file=str(certificate)).try_out()
        with pytest.raises(MailboxUnusable, match=r"mailbox\.ca_file .* cannot be used"):
            opened(port=encrypted.port, tls=True, ca_file=str(tmp_path / "nothing.pem")).try_out()


def _certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, its key beside it in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server of tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
