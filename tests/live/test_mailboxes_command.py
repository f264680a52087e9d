"""Messages that a command prints, one JSON object a line."""

from __future__ import annotations

import base64
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.findings import Inconclusive
from harness.mailboxes.errors import MailboxUnusable
from harness.mailboxes.live_mailbox import LiveMailbox
from harness.mailboxes.opening import open_mailbox
from harness.mailboxes.settings import MailboxSettings, PhoneSettings
from tests.live.letters import ADDRESS, ANN, BOB, LINK, mail

PRINTS = "import sys; print(open(sys.argv[1]).read())"
QUICK = {"timeout_seconds": 0.5, "poll_seconds": 0.05}


def printing(folder: Path, *messages: dict[str, Any] | str) -> LiveMailbox:
    """A mailbox whose command prints these."""
    file = folder / "messages.jsonl"
    file.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in messages))
    return running(PRINTS, str(file))


def running(script: str, *arguments: str) -> LiveMailbox:
    """A mailbox whose command is a script."""
    command = [sys.executable, "-c", script, *arguments]
    return open_mailbox(MailboxSettings(kind="command", address=ADDRESS, command=command, **QUICK))


def said(**members: Any) -> dict[str, Any]:
    return {"to": ANN, "received": datetime.now(UTC).isoformat(), **members}


def test_mails_are_taken_as_they_are_and_in_base64(tmp_path: Path) -> None:
    mailbox = printing(
        tmp_path,
        said(raw=mail(ANN, "as it is").decode()),
        "",
        said(raw=base64.b64encode(mail(ANN, "in base64")).decode()),
        said(to=[BOB, ANN], text="a text"),
    )
    assert {message.text.strip() for message in mailbox.to(ANN)} == {"as it is", "in base64", "a text"}


def test_the_command_is_told_the_address_and_the_moment(tmp_path: Path) -> None:
    noted = tmp_path / "noted"
    mailbox = running("import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))", str(noted))
    mark = mailbox.mark()
    with pytest.raises(Inconclusive, match=r"no message to .* came to the command "):
        mailbox.wait_for(ANN, mark)
    address, moment = noted.read_text().split(" ")
    assert address == ANN
    assert moment.endswith("Z")
    assert timedelta(0) <= mark.moment - datetime.fromisoformat(moment) <= timedelta(seconds=5)


def test_a_message_that_is_printed_again_is_one(tmp_path: Path) -> None:
    one = said(text="the same", id="1")
    mailbox = printing(tmp_path, one, one, {**one, "received": (datetime.now(UTC) + timedelta(seconds=1)).isoformat()})
    mailbox.to(ANN)
    assert len(mailbox.to(ANN)) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no JSON at all 123456", "a line 2 that is no JSON object"),
        ('{"received": "2026-11-21T15:04:05Z", "text": "123456"}', "has no `to`"),
        (json.dumps({"to": ANN, "text": "123456"}), "has no `received`"),
        (json.dumps({"to": ANN, "received": "2026-11-21T15:04:05", "text": "123456"}), "a time with its offset"),
        (json.dumps({"to": ANN, "received": "2026-11-21T15:04:05Z"}), "neither `raw`"),
        ("[1]", "is no JSON object"),
    ],
)
def test_a_line_that_is_no_message_is_told_and_not_shown(line: str, words: str, tmp_path: Path) -> None:
    mailbox = printing(tmp_path, said(text="fine"), line)
    with pytest.raises(MailboxUnusable) as told:
        mailbox.to(ANN)
    assert words in str(told.value)
    assert "123456" not in str(told.value)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (f"print({LINK!r}); import sys; sys.exit(2)", "ended with exit code 2"),
        ("while True: print('x' * 100_000)", "printed more than"),
    ],
)
def test_a_command_that_fails_is_told_and_what_it_printed_is_not(script: str, words: str) -> None:
    with pytest.raises(MailboxUnusable) as told:
        running(script).try_out()
    assert words in str(told.value)
    assert LINK not in str(told.value)


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.mailboxes.printer.SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(MailboxUnusable, match=r"took longer than 0\.5 s"):
        running("import time; time.sleep(60)").to(ANN)
    assert time.monotonic() - begun < 10


def test_trying_out_runs_it(tmp_path: Path) -> None:
    assert "ran and printed 0 messages for conformance+doctor@" in printing(tmp_path).try_out()


def test_texts_come_the_same_way(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    settings = PhoneSettings(
        kind="command", number="+1555#######", command=[sys.executable, "-c", PRINTS, str(file)], **QUICK
    )
    phone = open_mailbox(settings)
    ann = phone.recipient_of("ann")
    mark = phone.mark()
    file.write_text(json.dumps(said(to=ann, text="Your code is 123456")) + "\n")
    message = phone.wait_for(ann, mark)
    assert (message.to, message.text, message.html, message.subject) == (ann, "Your code is 123456", "", "")
    assert phone.none_within(phone.recipient_of("bob"), 0.1, mark)
