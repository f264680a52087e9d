"""What is mailed and to whom, and who reads mails before their owner: ML-21, ML-23, ML-28, ML-29."""

from __future__ import annotations

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import urllib3

from harness.arrangement import TestUser
from harness.check import CRITICAL, HIGH, MEDIUM, MUST, OWN, REPORTED, RFC, SHOULD, TRIGGERS, cases, check
from harness.custom_auth import must_not_sign_in
from harness.findings import Finding
from harness.trigger_flows import must_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.fixtures import Observe
    from harness.trigger_flows import LinkFlow
    from harness.triggers import TriggersUnderTest

PREFETCHES = ("GET", "GET", "HEAD", "GET")


@check(
    "ML-21",
    level=MUST,
    severity=HIGH,
    clause="aws-samples #44, testplanit #497, uptimepage #92 (mail scanners used links up); RFC 9110 9.2.1",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.secret-in-the-query": "a mail scanner hands the link's secret to the server"},
)
def test_a_scanner_that_fetches_the_link_does_not_use_it_up(links: LinkFlow) -> None:
    """After three GET and a HEAD of its address, as mail scanners make them, a link still signs its user in.

    Scanners open every link of a mail before its reader does. What a server gets of the address must not redeem it:
    keep the secret in the fragment, which stays in the browser, and redeem by a request of the page. (Scanners that
    run scripts are another matter: the page should wait for a click.)
    """
    link = links.ask()
    with _Page() as page:
        for method in PREFETCHES:
            page.fetch(method, link.url)
        asked = page.asked
    assert len(asked) == len(PREFETCHES), f"{len(asked)} of {len(PREFETCHES)} requests arrived"
    if any(link.secret in unquote(each) for each in asked):
        raise Finding("a mail scanner hands the link's secret to the server, with every GET")
    outcome = links.redeem(link)
    assert outcome.has_tokens, f"a link that was fetched no longer signs in: {outcome.answer.described()}"


class _Page:
    """A page on loopback that stands for the one that a link leads to, and keeps what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(f"{self.path} {self.headers}")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_GET  # noqa: N815 - likewise

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> _Page:
        self._thread.start()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fetch(self, method: str, url: str) -> None:
        """Ask for the page as an HTTP client does of that address: it sends path and query (RFC 9110 7.1)."""
        parts = urlsplit(url)
        here = parts._replace(scheme="http", netloc=f"127.0.0.1:{self._server.server_address[1]}")
        urllib3.request(method, here.geturl(), redirect=False, retries=False)


@check(
    "ML-23",
    level=MUST,
    severity=HIGH,
    clause="RFC 3986 3.5; RFC 9110 17.9 (sensitive information in URIs); ASVS 5.0 14.2.1",
    evidence=RFC,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.secret-in-the-query": "stands in its query"},
)
def test_the_secret_stands_in_the_fragment(links: LinkFlow) -> None:
    """The secret of a link stands in the fragment of its address and in no other part.

    Path and query go to the server, into its logs and those of every proxy, and on to other sites as Referer. The
    fragment goes nowhere. (That the page takes it out of the history is for the front end.)
    """
    link = links.ask()
    for found in link.mail.links:
        parts = urlsplit(found.url)
        for part, text in (("host", parts.netloc), ("path", parts.path), ("query", parts.query)):
            if link.secret in unquote(text):
                raise Finding(f"the secret of a link stands in its {part} ({found.where})")
    must_sign_in(links.redeem(link), "the link")


@check(
    "ML-28",
    level=MUST,
    severity=CRITICAL,
    clause="NIST SP 800-63B (validated addresses); OWASP Authentication Cheat Sheet",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.mails-unverified-addresses": "signs in by an address that is not verified"},
)
@cases("changed", {"never verified": False, "changed": True})
def test_only_a_verified_address_signs_in(links: LinkFlow, changed: bool) -> None:
    """An address that was never verified, or was changed since, gets no link that signs in; unless that verifies it.

    Whoever can write the attribute e-mail, the user at sign-up or a thief at their keyboard, would sign in from any
    mailbox for good. Look at email_verified; or let the click be the verification, and say so to Cognito.
    """
    user = links.new_user()
    user = _with_address(links, user, _another_address(links) if changed else user.email or "")
    asked = links.request(user)
    must_not_sign_in(asked.outcome, "a user without a verified address")
    if asked.was_sent and links.redeem(links.link_of(asked)).has_tokens and not _is_verified(links, user):
        raise Finding("a user signs in by an address that is not verified, and that is not verified by it")
    must_sign_in(links.sign_in(), "a user with a verified address")


@check(
    "ML-28b",
    level=SHOULD,
    severity=MEDIUM,
    clause="NIST SP 800-63B (validated addresses); OWASP Forgot Password Cheat Sheet",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.good-for-a-former-address": "to a former address signs in"},
)
def test_a_link_to_a_former_address_is_refused(links: LinkFlow) -> None:
    """A link that waits in the mailbox of an address which the user has changed since signs nobody in.

    A user who leaves a mailbox behind because somebody reads it changes the address first. Keep with the link, hashed,
    where it was sent, and compare.
    """
    user = links.new_user()
    link = links.ask(user)
    _with_address(links, user, _another_address(links), verified="true")
    outcome = links.redeem(link)
    if outcome.has_tokens:
        raise Finding("a link to a former address signs in after the address was changed")
    must_not_sign_in(outcome, "a link to a former address")
    must_sign_in(links.sign_in(), "a link to the present address")


def _another_address(links: LinkFlow) -> str:
    return links.triggers.address_of(links.pool.names.username())


def _with_address(links: LinkFlow, user: TestUser, address: str, verified: str = "false") -> TestUser:
    """The user with another address, verified or not."""
    attributes = [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": verified}]
    links.pool.administer("AdminUpdateUserAttributes", user.username, UserAttributes=attributes)
    return replace(user, email=address)


def _is_verified(links: LinkFlow, user: TestUser) -> bool:
    found = links.pool.administer("AdminGetUser", user.username)
    return {"Name": "email_verified", "Value": "true"} in found.get("UserAttributes", [])


ODD_ADDRESSES = {
    "lists": (
        "owner@users.example.com,thief@evil.example",
        "owner@users.example.com;thief@evil.example",
        "owner@users.example.com, thief@evil.example",
        "thief@evil.example,owner@users.example.com",
    ),
    "names and comments": (
        '"thief@evil.example>"@users.example.com',
        "owner@users.example.com <thief@evil.example>",
        "owner(thief@evil.example)@users.example.com",
    ),
    "full-width at sign": ("thief\uff20evil.example", "thief\uff20evil.example,@users.example.com"),
    "control characters": (
        "thief@evil.example\n@users.example.com",
        "owner@users.example.com\r\nBcc: thief@evil.example",
        "thief@evil.example\0@users.example.com",
    ),
}


@check(
    "ML-29",
    level=MUST,
    severity=HIGH,
    clause="CVE-2022-35924, GHSA-5jpx-9hw9-2fx4, CVE-2026-73420; RFC 5321 4.1.2",
    evidence=REPORTED,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links", "no-delivery"},
    killed_by={
        "triggers.links.mails-the-first-address-found": "a link was mailed to",
        "triggers.links.mails-every-address-of-a-list": "a link was mailed to",
        "triggers.links.folds-full-width-addresses": "a link was mailed to",
    },
)
@cases("addresses", ODD_ADDRESSES)
def test_an_odd_address_sends_the_link_to_nobody_else(
    links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest, observe: Observe, addresses: Sequence[str]
) -> None:
    """An attribute e-mail that is not one plain address is refused, or handed on as it is: no part of it gets the link.

    Libraries read addresses in many ways: lists are split, quotes taken off, line ends start a header, letters folded
    into others. Who owns the odd address is then not who gets the mail. Take exactly one plain address, and change
    nothing about it.
    """
    links = links_at(pool=triggers.pool(AliasAttributes=[]))  # there two users may have one address
    for address in addresses:
        user = _with_address(links, links.new_user(), address, verified="true")
        for message in links.request(user).messages:
            if message.recipients != (address,):
                raise Finding(f"a link was mailed to {message.recipients!r}, where the user's address is {address!r}")
            observe(repr(address), "handed to SES as it is")
    links.ask()


@check(
    "ML-29b",
    level=MUST,
    severity=HIGH,
    clause="Cognito developer guide, Create auth challenge Lambda trigger (userNotFound)",
    evidence=OWN,
    subject=TRIGGERS,
    needs={"custom-auth", "magic-links"},
    killed_by={"triggers.links.mails-the-name-that-was-typed": "a mail went out to a name that was typed"},
)
def test_nobodys_address_gets_no_mail(links_at: Callable[..., LinkFlow], triggers: TriggersUnderTest) -> None:
    """An address that is no user's gets no mail when it is typed as a name.

    With PreventUserExistenceErrors the triggers are called for names that nobody has, and what was typed stands in
    userName. A mail to it makes the team's sender a tool for spam. Send to the verified attribute only.
    """
    links = links_at(pool=triggers.pool(AliasAttributes=[]))  # there what was typed is what the triggers are told
    stranger = _another_address(links)
    asked = links.request(TestUser(stranger, "", stranger))
    assert not asked.was_sent, "a mail went out to a name that was typed and that nobody has"
    must_sign_in(links.sign_in(), "a user")
