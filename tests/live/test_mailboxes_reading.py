"""Mails as they come, read: encodings, parts, recipients, dates, and mails that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mailboxes.lines import mime_in
from harness.mailboxes.message import LARGEST_MESSAGE, Arrival
from harness.mailboxes.reading import Letter, normal, read
from harness.sent_mail import read_mail
from tests.live.letters import ANN, BOB, LINK, STRANGER, mail

RECEIVED = datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC)


def letter(raw: bytes, *recipients: str, size: int | None = None, key: str = "1") -> Letter:
    return read(Arrival(key, RECEIVED, raw, size or len(raw), recipients))


@pytest.mark.parametrize("cte", ["7bit", "quoted-printable", "base64"])
def test_a_body_is_decoded_however_it_is_encoded(cte: str) -> None:
    text = f"Click {LINK}?a=b&c=d={'x' * 90} now"
    assert letter(mail(text=text, cte=cte)).text.strip() == text


@pytest.mark.parametrize("cte", ["8bit", "quoted-printable", "base64"])
def test_other_alphabets_are_decoded(cte: str) -> None:
    read_one = letter(mail(text="Grüße, 你好", html="<p>höher</p>", cte=cte, subject="Ihr Schlüssel 你好"))
    assert (read_one.subject, read_one.text.strip()) == ("Ihr Schlüssel 你好", "Grüße, 你好")
    assert read_one.html.strip() == "<p>höher</p>"


def test_parts_and_attachments_are_told_apart() -> None:
    made = EmailMessage()
    made["To"], made["Subject"] = ANN, "s"
    made.set_content("the text")
    made.add_alternative(f'<a href="{LINK}">sign in</a><img src="cid:logo">', subtype="html")
    html = made.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(b"picture", "image", "png", cid="<logo>")
    made.add_attachment("an attachment with 999999", filename="other.txt")
    read_one = letter(made.as_bytes())
    assert read_one.text.strip() == "the text"
    assert LINK in read_one.html
    assert "999999" not in read_one.text + read_one.html


def test_a_mail_with_html_only_shows_its_visible_text_too() -> None:
    html = f'<style>p {{}}</style><p>Your code is <b>12</b>3456</p><a href="{LINK}">go</a><script>654321</script>'
    read_one = letter(mail(text=None, html=html))
    assert "123456" in read_one.text
    assert "654321" not in read_one.text
    assert LINK in read_one.html


def test_everybody_who_gets_it_is_found() -> None:
    raw = (
        b"Delivered-To: <dee@example.com>\r\nReceived: from a by b with SMTP id c\r\n for eve@example.com;\r\n now\r\n"
    )
    raw += mail(to=f'"Ann, of staging" <{ANN.upper()}>, {BOB}', cc="Cy <cy@example.com>")
    read_one = letter(raw, "fay@example.com")
    expected = {ANN, BOB, "cy@example.com", "dee@example.com", "eve@example.com", "fay@example.com"}
    assert read_one.everybody == expected
    assert read_one.recipients == (ANN.upper(), BOB, "cy@example.com")
    assert "no-reply@staging.example.com" in read_one.sender


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("Sat, 21 Nov 2026 15:04:01 +0000", RECEIVED - timedelta(seconds=4)),
        ("Sat, 21 Nov 2026 16:03:05 +0100", RECEIVED - timedelta(minutes=1)),
        ("Sat, 21 Nov 2026 14:04:03 +0000", RECEIVED),
        ("Sat, 21 Nov 2026 16:04:03 +0000", RECEIVED),
        ("yesterday", RECEIVED),
        ("", RECEIVED),
    ],
)
def test_the_date_is_believed_unless_it_cannot_be(header: str, sent: datetime) -> None:
    assert letter(f"To: {ANN}\r\nDate: {header}\r\n\r\ntext".encode()).sent_at == sent


def test_copies_are_one_message_and_two_sendings_are_two() -> None:
    raw = mail(message_id="<1@example.com>")
    copy = b"Received: by another way\r\n" + raw
    assert letter(raw, key="1").identity == letter(copy, key="2").identity
    assert letter(raw).identity != letter(mail(message_id="<2@example.com>")).identity
    assert letter(raw).identity != letter(mail(text="another link", message_id="<1@example.com>")).identity


def test_a_huge_mail_says_so_and_its_headers_are_read() -> None:
    raw = mail(text="x" * 3_000_000)
    read_one = letter(raw[:LARGEST_MESSAGE], size=len(raw))
    assert ANN in read_one.everybody
    assert f"has {len(raw)} bytes, more than the {LARGEST_MESSAGE} that are read" in read_one.problem
    assert read_one.text == ""


@given(st.binary(max_size=300))
def test_no_bytes_raise(raw: bytes) -> None:
    letter(raw)
    letter(b"To: " + raw + b"\r\nSubject: " + raw + b"\r\nDate: " + raw + b"\r\n\r\n" + raw)
    letter(b"Content-Type: " + raw + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + raw)


def test_parts_within_parts_without_end_do_no_harm() -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth) for depth in range(3_000)
    )
    read_one = letter(f"To: {ANN}\r\n".encode() + nested, ANN)
    assert read_one.everybody == {ANN}


def test_secrets_do_not_stand_in_a_repr() -> None:
    raw = mail(subject="123456 is your code")
    arrival = Arrival("1", RECEIVED, raw, len(raw))
    shown = repr(read(arrival)) + repr(arrival)
    assert "123456" not in shown
    assert LINK not in shown


def test_a_mail_is_read_for_links_as_any_other() -> None:
    from harness.mailboxes.message import Received

    read_one = letter(mail(text=None, html=f'<a href="{LINK}">go</a>'))
    links = read_mail(Received(ANN, read_one.text, read_one.sent_at, html=read_one.html)).links
    assert [link.url for link in links if link.by_click] == [LINK]


@given(st.binary(min_size=1, max_size=200))
def test_content_in_base64_is_told_from_content_as_it_is(body: bytes) -> None:
    import base64

    raw = b"To: ann@example.com\r\n\r\n" + body
    assert mime_in(base64.encodebytes(raw).decode()) == raw
    assert mime_in(raw.decode("utf-8", "surrogateescape")) == raw


def test_addresses_and_numbers_have_one_form() -> None:
    assert normal(f" {ANN.upper()} ") == ANN
    assert normal("+1 (555) 010-0.1") == "+155501001"
    assert normal(STRANGER) == STRANGER
