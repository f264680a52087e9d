"""docs/mailboxes.md: its snippets are taken as they stand."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from harness.mailboxes import lines
from harness.mailboxes.opening import open_mailbox
from harness.mailboxes.settings import MailboxSettings, PhoneSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "mailboxes.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return [
        re.sub(r"^ {3}", "", found, flags=re.MULTILINE) for found in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)
    ]


def test_every_snippet_is_a_mailbox_or_a_phone_and_every_kind_has_one() -> None:
    kinds = set()
    for snippet in blocks("toml"):
        ((name, section),) = tomllib.loads(snippet)["live"].items()
        settings = MailboxSettings(**section) if name == "mailbox" else PhoneSettings(**section)
        open_mailbox(settings).close()
        kinds.add((name, settings.kind))
    assert kinds == {("mailbox", kind) for kind in ("imap", "s3", "sqs", "command")} | {
        ("phone", kind) for kind in ("sqs", "command")
    }


def test_the_defaults_are_as_written() -> None:
    fields = MailboxSettings.model_fields
    for name in ("timeout_seconds", "poll_seconds", "clock_skew_seconds", "delete_read"):
        written = re.search(rf"\| `{name}` \| (\S+) \|", PAGE)
        assert written is not None
        assert json.loads(written[1]) == fields[name].default


def test_policies_are_json() -> None:
    assert len([json.loads(policy)["Statement"] for policy in blocks("json")]) == 2


def test_the_format_of_lines_is_the_one_of_the_code() -> None:
    assert lines.__doc__ is not None
    for member in re.findall(r"^\| `(\w+)` \|", lines.__doc__, re.MULTILINE):
        assert f"| `{member}` |" in PAGE
