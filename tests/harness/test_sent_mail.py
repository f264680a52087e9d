"""Whatever in a mail could be clicked, loaded or made clickable is found, and where it leads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fakes.pool.deliveries import Message
from harness.sent_mail import links_in_html, origin_of, read_mail, resolved

APP = "https://app.example.com"
EVIL = "https://evil.example"


@pytest.mark.parametrize(
    "body",
    [
        f'<a href="{EVIL}/">x</a>',
        f"<a href='{EVIL}/'>x</a>",
        f"<A HREF={EVIL}/>x</A>",
        f'<a href="{APP}/"><a href="{EVIL}/">x</a>">sign in</a>',
        f'<a href="{APP}/?a="><img src="{EVIL}/pixel">">x</a>',
        f'<base href="{EVIL}/"><a href="sign-in">x</a>',
        f'<area href="{EVIL}/">',
        f'<form action="{EVIL}/"><button>x</button></form>',
        f'<button formaction="{EVIL}/">x</button>',
        f'<meta http-equiv="Refresh" content="0; URL={EVIL}/">',
        f"<meta http-equiv=refresh content='0;{EVIL}/'>",
        f'<svg><a xlink:href="{EVIL}/"><text>x</text></a></svg>',
        f'<svg><a><animate attributeName="href" values="{APP}/;{EVIL}/"/></a></svg>',
        f'<img srcset="{APP}/a 1x, {EVIL}/b 2x">',
        f'<td background="{EVIL}/x.png">x</td>',
        f'<div style="background: url({EVIL}/x)">x</div>',
        f'<style>@import "{EVIL}/x.css";</style>',
        f'<iframe srcdoc="&lt;a href={EVIL}/&gt;"></iframe>',
        f'<img src="x" onerror="location=\'{EVIL}/\'">',
        f"<script>location = '{EVIL}/'</script>",
        f'<!--[if mso]><a href="{EVIL}/">x</a><![endif]-->',
        f'<a href="{EVIL}/',
        f"<p>or open {EVIL}/sign-in.</p>",
        "<p>or open www.evil.example today</p>",
        "<p>or open evil.example/sign-in today</p>",
        "<p>&#104;ttps://evil.example/</p>",
        '<a href="&#104;ttps://evil.example/">x</a>',
        '<a href=" ht\ntps://evil.\texample/">x</a>',
        '<a href="//evil.example/">x</a>',
        '<a href="\\\\evil.example/">x</a>',
        '<a href="https:\\\\evil.example">x</a>',
        '<a href="https:evil.example">x</a>',
        '<a href="https://app.example.com@evil.example/">x</a>',
        '<a href="https://app.example.com\\@evil.example/">x</a><a href="https://evil.example">y</a>',
        '<a href="HTTPS://EVIL.EXAMPLE./">x</a>',
        '<a href="https://evil%2Eexample/">x</a>',
    ],
)
def test_a_link_that_leads_away_is_found(body: str) -> None:
    origins = {link.origin for link in links_in_html(body)}
    assert origins & {EVIL, "https://www.evil.example"}, origins


def test_a_script_in_a_link_is_found() -> None:
    for body in (
        '<a href="java\nscript:alert(1)">x</a>',
        '<form action="data:text/html,x">',
        "open javascript:alert(1)",
    ):
        assert {link.origin for link in links_in_html(body)} & {"javascript:", "data:"}, body


@pytest.mark.parametrize(
    "body",
    [
        f'<a href="{APP}/sign-in?a=%22%3E%3Ca%20href=%22{EVIL}%22#secret">x</a>',
        f'<a href="{APP}/?a=&quot;&gt;&lt;a href=&quot;{EVIL}&quot;&gt;">x</a>',
        f'<a href="{APP}:443/">x</a>',
        f'<html xmlns="http://www.w3.org/1999/xhtml"><a href="{APP}">x</a></html>',
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
        '<a href="mailto:help@evil.example">x</a> <a href="tel:+15550100">y</a> <img src="cid:logo">',
        '<a href="#top">x</a>',
        "<p>e.g. Jane Doe, Inc., 10.30 a.m. Write to help@evil.example.</p>",
    ],
)
def test_an_honest_mail_leads_nowhere_else(body: str) -> None:
    mail = read_mail(Message("a@users.example.com", "", datetime.now(UTC), "s", body))
    assert mail.leading_away([APP]) == ()


def test_a_quote_in_an_address_ends_a_link_in_the_plain_body() -> None:
    text = f'Sign in: {APP}/sign-in?a="><a href="{EVIL}/">#secret'
    mail = read_mail(Message("a@users.example.com", text, datetime.now(UTC), "s"))
    assert [link.origin for link in mail.leading_away([APP])] == [EVIL]


def test_a_link_in_a_sentence_ends_before_the_full_stop() -> None:
    mail = read_mail(Message("a@users.example.com", f"Open {APP}/sign-in#a.b.", datetime.now(UTC), "s"))
    assert [link.url for link in mail.links] == [f"{APP}/sign-in#a.b"]


def test_a_fragment_is_not_shown_by_a_link() -> None:
    mail = read_mail(Message("a@users.example.com", f"{APP}/#very-secret", datetime.now(UTC), "s"))
    assert "very-secret" not in repr(mail)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://App.Example.com:443/x", APP),
        ("https://app.example.com:8443", "https://app.example.com:8443"),
        ("http://app.example.com:80", "http://app.example.com"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("javascript:alert(1)", "javascript:"),
        ("sign-in", ""),
        ("https://app.example.com?x=https://evil.example", APP),
    ],
)
def test_an_origin_is_read_as_a_browser_reads_it(address: str, origin: str) -> None:
    assert origin_of(resolved(address) or "") == origin
