"""The sections of mailboxes and phones, and secrets that stand elsewhere."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.configuration_error import ConfigurationError
from harness.mailboxes.settings import MailboxSettings, PhoneSettings
from harness.secret_source import Secret
from tests.live.letters import ADDRESS

IMAP: dict[str, Any] = {
    "kind": "imap",
    "address": ADDRESS,
    "host": "mail.example.com",
    "user": "conformance",
    "password": {"env": "MAILBOX_PASSWORD"},
}
COMMAND: dict[str, Any] = {"kind": "command", "address": ADDRESS, "command": ["mails"]}
VALUE = "Gn7-canary-of-a-secret"


def test_each_kind_is_taken_with_what_it_wants() -> None:
    assert MailboxSettings(**IMAP).port == 993
    assert MailboxSettings(kind="s3", address=ADDRESS, bucket="mails", prefix="in/").prefix == "in/"
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/mails"
    assert MailboxSettings(kind="sqs", address=ADDRESS, queue_url=queue, bucket="mails").queue_url == queue
    assert MailboxSettings(**COMMAND).timeout_seconds == 60
    assert PhoneSettings(kind="sqs", number="+1555010####", queue_url=queue).poll_seconds == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"host": None}, "wants host"),
        ({"password": None}, "wants password"),
        ({"password": "in the file"}, "password"),
        ({"password": {"env": "A", "command": ["b"]}}, "either"),
        ({"queue_url": "https://sqs.example.com/1/mails"}, "queue_url: not for kind"),
        ({"address": "conformance@staging.example.com"}, "must hold {name}"),
        ({"address": "conformance+x@{name}.example.com"}, "must hold {name}"),
        ({"address": "con formance+{name}@staging.example.com"}, "is no address"),
        ({"tls": False}, "in the clear"),
        ({"folder": "Entwürfe"}, "folder"),
        ({"passwrod": "x"}, "passwrod"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
)
def test_a_mistake_is_named(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as told:
        MailboxSettings(**{**IMAP, **changed})
    assert words in str(told.value)


def test_a_command_deletes_nothing() -> None:
    with pytest.raises(ValidationError, match="the command only prints"):
        MailboxSettings(**COMMAND, delete_read=True)


def test_without_tls_only_on_loopback() -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        assert not MailboxSettings(**{**IMAP, "host": host, "tls": False}).tls


def test_addresses_come_from_the_template_and_only_they_are_the_runs() -> None:
    settings = MailboxSettings(**COMMAND)
    assert settings.recipient_of("Run7-a.b_1") == "conformance+run7-a.b_1@staging.example.com"
    assert settings.holds("Conformance+run7@staging.example.com")
    for other in ("conformance@staging.example.com", "x+run7@staging.example.com", "conformance+a@b.example.com", ""):
        assert not settings.holds(other)
    for name in ("a@b", "a b", "", "x" * 70, "-a"):
        with pytest.raises(ValueError, match="makes no address"):
            settings.recipient_of(name)


def test_numbers_come_from_the_template() -> None:
    many = PhoneSettings(kind="command", command=["texts"], number="+1555#######")
    assert many.recipient_of("ann") == many.recipient_of("ann") != many.recipient_of("bob")
    assert all(many.holds(many.recipient_of(name)) for name in ("ann", "bob"))
    assert not many.holds("+15550001")
    one = PhoneSettings(kind="command", command=["texts"], number="+15550100")
    assert one.recipient_of("ann") == one.recipient_of("bob") == "+15550100"


def test_a_secret_is_read_late_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret(env="MAILBOX_CANARY")
    with pytest.raises(ConfigurationError, match="MAILBOX_CANARY is not set"):
        secret.read()
    monkeypatch.setenv("MAILBOX_CANARY", VALUE)
    assert secret.read() == VALUE
    assert VALUE not in repr(secret) + str(secret) + secret.model_dump_json()


def test_a_secret_that_a_command_prints_loses_its_line_end_only() -> None:
    assert Secret(command=[sys.executable, "-c", f"print(' {VALUE} ')"]).read() == f" {VALUE} "


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (f"import sys; print('{VALUE}'); print('{VALUE}', file=sys.stderr); sys.exit(3)", "exit code 3"),
        ("pass", "printed nothing"),
        ("import os; os.write(1, b'\\xff\\xfe')", "no UTF-8"),
        (f"print('{VALUE}' * 10000)", "more than 65536 bytes"),
    ],
)
def test_a_command_that_fails_is_named_and_what_it_printed_is_not(script: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        Secret(command=[sys.executable, "-c", script]).read()
    assert words in str(told.value)
    assert sys.executable in str(told.value)
    assert VALUE not in f"{told.value!r} {told.value.__cause__!r}"


def test_a_command_that_hangs_is_ended_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("harness.secret_source._SECONDS", 0.5)
    begun, told = time.monotonic(), tmp_path / "pid"
    script = f"import os, time\npid = os.fork()\nif pid: open({str(told)!r}, 'w').write(str(pid))\ntime.sleep(60)"
    with pytest.raises(ConfigurationError, match=r"took longer than 0\.5 s"):
        Secret(command=[sys.executable, "-c", script]).read()
    assert time.monotonic() - begun < 10
    grandchild = Path(f"/proc/{told.read_text()}/stat")
    while not _has_ended(grandchild):  # it has its signal by now; a busy machine lets it end when it can
        assert time.monotonic() - begun < 10
        time.sleep(0.01)


def _has_ended(stat: Path) -> bool:
    try:
        return stat.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be run"):
        Secret(command=[os.fspath(tmp_path / "nothing")]).read()
