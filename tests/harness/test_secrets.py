from __future__ import annotations

import base64
import json
import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.secrets import Redactor, files_holding

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary0123456789abcdef"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLWhlcmU"


@pytest.mark.parametrize("member", ["PASSWORD", "Password", "SECRET_HASH", "AccessToken", "refreshToken", "Session"])
def test_a_secret_member_is_redacted_whatever_it_holds(member: str) -> None:
    written = json.dumps(Redactor().value({"AuthParameters": {member: "hunter2-and-more"}}))
    assert "hunter2" not in written
    assert "16 characters" in written


def test_a_learnt_secret_is_redacted_where_it_stands_inside_other_text() -> None:
    redactor = Redactor()
    redactor.learn("s3cret-value")
    assert "s3cret-value" not in redactor.text("wrong password s3cret-value for user")


def test_a_token_is_redacted_without_having_been_learnt() -> None:
    assert JWT not in Redactor().text(f"the answer held {JWT} in its message")


def test_a_long_text_is_cut_and_its_length_said() -> None:
    assert "(1000000 characters)" in Redactor().text("x" * 1_000_000)


def test_forgetting_leaves_names_of_members_at_work() -> None:
    redactor = Redactor()
    redactor.learn("s3cret-value")
    redactor.forget()
    assert redactor.text("s3cret-value") == "s3cret-value"
    assert "s3cret-value" not in str(redactor.value({"PASSWORD": "s3cret-value"}))


ENCODINGS: dict[str, Any] = {
    "as it is": lambda text: text,
    "hex": lambda text: text.encode().hex(),
    "upper-case hex": lambda text: text.encode().hex().upper(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 after one byte": lambda text: base64.b64encode(b"x" + text.encode()).decode(),
    "base64 after two bytes": lambda text: base64.b64encode(b"xy" + text.encode() + b"z").decode(),
    "percent-encoded": lambda text: urllib.parse.quote(text, safe=""),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_a_canary_is_found_and_redacted_in_every_encoding(encode: Any, tmp_path: Path) -> None:
    text = f"before {encode('Aa1!' + CANARY + 'suffix')} after"
    (tmp_path / "report.txt").write_text(text)
    (tmp_path / "clean.txt").write_text("nothing here")
    assert [path.name for path in files_holding(CANARY, tmp_path)] == ["report.txt"]
    redactor = Redactor()
    redactor.learn(CANARY)
    (tmp_path / "report.txt").write_text(redactor.text(text))
    assert files_holding(CANARY, tmp_path) == []


@given(before=st.binary(max_size=5), after=st.binary(max_size=5), secret=st.text(min_size=12, max_size=40))
def test_no_alignment_of_base64_hides_a_secret(before: bytes, after: bytes, secret: str) -> None:
    encoded = base64.b64encode(before + secret.encode("utf-8", "surrogatepass") + after).decode()
    redactor = Redactor()
    redactor.learn(secret)
    assert "redacted" in redactor.text(encoded)
