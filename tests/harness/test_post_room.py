"""Where a served pool's mails and texts end up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from fakes.pool.deliveries import Message, Outbox
from harness.post_room import PostRoom, mime_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def no_client(service: str) -> Any:
    raise AssertionError(service)


def test_messages_become_files_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    mails, texts = Outbox(), Outbox()
    mails.keep(Message("early@example.com", "sent before anybody collected", NOON))
    with PostRoom(folder=tmp_path, bucket=None, client=no_client) as room:
        room.collect(mails=mails, texts=texts)
        for number in range(20):
            mails.keep(Message("one@example.com", f"mail {number}", NOON, sender="from@example.com"))
            texts.keep(Message("+15550001", f"text {number}", NOON))
    files = sorted(tmp_path.iterdir(), key=lambda file: int(file.stem.partition("-")[2]))
    assert [file.suffix for file in files] == [".eml", ".json"] * 20
    assert [json.loads(file.read_text())["text"] for file in files[1::2]] == [f"text {number}" for number in range(20)]
    assert json.loads(files[1].read_text())["received"] == "2026-11-21T12:00:00+00:00"
    assert [file.read_text().split()[-1] for file in files[0::2]] == [str(number) for number in range(20)]


def test_a_mail_of_html_alone_has_no_other_body_and_a_subject_makes_no_header() -> None:
    message = Message("one@example.com", "", NOON, "Your link\r\nBcc: x@example.com", "<p>link</p>", "a@example.com")
    mail = message_from_bytes(mime_of(message), policy=policy.default)
    assert mail.get_content_type() == "text/html"
    assert (mail["Subject"], mail["Bcc"]) == ("Your link Bcc: x@example.com", None)


def test_what_cannot_be_delivered_is_said_and_holds_up_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mails = Outbox()
    with PostRoom(folder=tmp_path, bucket=None, client=no_client) as room:
        room.collect(mails=mails, texts=Outbox())
        mails.keep(Message("one@example.com", "half a pair: \ud800", NOON))
        mails.keep(Message("two@example.com", "whole", NOON))
    assert [file.suffix for file in tmp_path.iterdir()] == [".eml"]
    assert "a message to one@example.com cannot be delivered" in capsys.readouterr().err
