"""A mail as a mail client reads it: whatever in it can be clicked, loaded or made clickable, and where that leads.

The reading errs on the side of finding too much. Mail clients differ in how they parse broken HTML, and turn
text into links on their own; so every attribute that can hold an address is read, and besides them whatever
looks like an address in the text, in scripts and in comments.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser
from typing import Protocol
from urllib.parse import unquote, urljoin

HARMLESS_SCHEMES = frozenset({"cid:", "mailto:", "tel:", "sms:"})
"""They open no page: a picture inside the mail, or a message or call to somebody."""

_ADDRESS_ATTRIBUTES = frozenset(
    {
        "action", "archive", "background", "cite", "classid", "codebase", "data", "dynsrc", "formaction", "href",
        "icon", "longdesc", "lowsrc", "manifest", "ping", "poster", "profile", "src", "usemap", "xlink:href",
        "xml:base",
    }
)  # fmt: skip
_LISTS_OF_ADDRESSES = frozenset({"srcset", "imagesrcset"})
_DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
_TOP_LEVEL = "com|net|org|info|biz|io|dev|app|co|me|edu|gov|mil|int|example|test|invalid|localhost|[a-z]{2}"

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ADDRESS = re.compile(r"""(?:[a-z][a-z0-9+.-]*:[/\\]{1,}|(?<![\w@./\\:-])www\.)[^\s<>"]+""", re.IGNORECASE)
_BARE_HOST = re.compile(
    rf"""(?<![\w@.:/\\=&?#%+-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_TOP_LEVEL})(?::\d+)?[/\\?#][^\s<>"]*""",
    re.IGNORECASE,
)
_ACTIVE = re.compile(r"""(?<![\w-])(?:javascript|vbscript|data):[^\s<>"]+""", re.IGNORECASE)
_CSS_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]*)|@import\s+["']([^"']*)""", re.IGNORECASE)
_REFRESH = re.compile(r"""^[\s\d.,;]*(?:url\s*=\s*)?["']?(.*?)["']?\s*$""", re.IGNORECASE | re.DOTALL)
_ENDS_OF_SENTENCES = ".,;:!?)]}'*"


class Sent(Protocol):
    """What a mailbox keeps of one mail."""

    @property
    def to(self) -> str:
        """The addressee under whom it is listed."""

    @property
    def text(self) -> str:
        """The plain body, decoded; may be empty."""

    @property
    def html(self) -> str:
        """The HTML body, decoded; may be empty."""

    @property
    def subject(self) -> str:
        """The subject, decoded."""

    @property
    def sent_at(self) -> datetime:
        """When it was sent, by the target's clock."""


@dataclass(frozen=True)
class FoundLink:
    """Something in a mail that leads somewhere.

    Attributes:
        url: the address, resolved, as a browser would read it.
        origin: `https://host` or `https://host:port`, in lower case; the scheme alone (`javascript:`) where there is
            no host; empty for an address that leads nowhere outside the mail.
        where: the place, such as `href of <a>` or `text of the plain body`.
        by_click: whether a click on something visible leads there; false for what is loaded or only stands in the
            markup.
    """

    url: str = field(repr=False)
    origin: str
    where: str
    by_click: bool = False


@dataclass(frozen=True)
class SentMail:
    """One mail, read."""

    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    sent_at: datetime
    links: tuple[FoundLink, ...]

    def leading_away(self, origins: Collection[str]) -> tuple[FoundLink, ...]:
        """The links whose origin is not among these; addresses of mails, calls and pictures inside the mail aside."""
        allowed = {origin_of(origin) for origin in origins}
        return tuple(
            link
            for link in self.links
            if link.origin and link.origin not in HARMLESS_SCHEMES and link.origin not in allowed
        )


def read_mail(message: Sent) -> SentMail:
    """Read a mail."""
    links = [*_in_text(message.text, "text of the plain body"), *links_in_html(message.html)]
    return SentMail(message.to, message.subject, message.text, message.html, message.sent_at, _each_once(links))


def links_in_html(body: str) -> list[FoundLink]:
    """Every link of an HTML body, those of attributes first."""
    if not body:
        return []
    reader = _Reader()
    reader.feed(body)
    reader.close()
    found = [
        FoundLink(url, origin_of(url), where, by_click)
        for address, where, by_click in reader.found
        if (url := resolved(address, reader.base)) is not None
    ]
    found += _in_text("".join(reader.text), "text of the HTML body")
    for hidden in reader.hidden:  # some clients read what stands in comments
        found += [replace(link, where=f"{link.where}, in a comment", by_click=False) for link in links_in_html(hidden)]
    return found


def resolved(address: str, base: str = "") -> str | None:
    """An address as a browser reads it: blanks around it and line ends within it go, a relative one is joined.

    None for one that leads nowhere outside the mail: empty, or a fragment only.
    """
    cleaned = re.sub(r"[\t\n\r]", "", address).strip("".join(map(chr, range(33))))
    if not cleaned or (cleaned.startswith("#") and not base):
        return None
    scheme = _SCHEME.match(cleaned)
    if scheme is None:
        slashed = cleaned.replace("\\", "/")
        if base:
            return urljoin(base, slashed)
        return f"https:{slashed}" if slashed.startswith("//") else cleaned
    if scheme[0][:-1].lower() in _DEFAULT_PORTS:
        before, mark, after = re.fullmatch(r"([^?#]*)([?#]?)(.*)", cleaned[scheme.end() :], re.DOTALL).groups()  # type: ignore[union-attr]  # matches every text
        path = before.replace("\\", "/").lstrip("/")
        return f"{scheme[0].lower()}//{path}{mark}{after}"
    return cleaned


def origin_of(url: str) -> str:
    """The origin of a resolved address (see FoundLink.origin); empty for a relative one without a base."""
    scheme = _SCHEME.match(url)
    if scheme is None:
        return ""
    name = scheme[0][:-1].lower()
    if name not in _DEFAULT_PORTS:
        return f"{name}:"
    authority = re.split(r"[/?#]", url[scheme.end() :].lstrip("/"), maxsplit=1)[0]
    host, colon, port = unquote(authority.rpartition("@")[2]).lower().rpartition(":")
    if not colon or not (port.isdigit() or not port):
        host, port = f"{host}{colon}{port}", ""
    return f"{name}://{host.rstrip('.')}" + (f":{port}" if port and port != _DEFAULT_PORTS[name] else "")


def _in_text(text: str, where: str, *, by_click: bool = True) -> Iterator[FoundLink]:
    """What a mail client would make clickable of a text."""
    for pattern in (_ADDRESS, _BARE_HOST, _ACTIVE):
        for found in pattern.finditer(text):
            address = found[0].rstrip(_ENDS_OF_SENTENCES)
            url = resolved(address if _SCHEME.match(address) and pattern is not _BARE_HOST else f"https://{address}")
            if url is not None:
                yield FoundLink(url, origin_of(url), where, by_click)


def _each_once(links: list[FoundLink]) -> tuple[FoundLink, ...]:
    return tuple({(link.url, link.where): link for link in links}.values())


class _Reader(HTMLParser):
    """Gathers the addresses in attributes, the first <base href>, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str, bool]] = []
        self.base = ""
        self.text: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read the attributes of a tag."""
        values = {name.lower(): value for name, value in reversed(attrs) if value is not None}  # the first one counts
        if tag == "base" and not self.base and "href" in values:
            self.base = resolved(values["href"]) or ""
        for name, value in values.items():
            where = f"{name} of <{tag}>"
            if name in _ADDRESS_ATTRIBUTES:
                self._keep(value, where, by_click=name in ("href", "action", "formaction", "xlink:href"))
            elif name in _LISTS_OF_ADDRESSES:
                for candidate in value.split(","):
                    self._keep(candidate.strip().partition(" ")[0], where)
            elif name == "style":
                self._styles(value, where)
            elif name.startswith("on") or name == "srcdoc":
                self.found.extend((link.url, where, False) for link in _in_text(value, where))
        if tag == "meta" and "refresh" in (values.get("http-equiv") or "").lower():
            target = _REFRESH.match(values.get("content") or "")
            self._keep(target[1] if target else "", "refresh of <meta>")
        if tag in ("animate", "set", "animatetransform"):  # SVG can change a link's href later
            for name in ("to", "from", "by", "values"):
                for part in (values.get(name) or "").split(";"):
                    self._keep(part, f"{name} of <{tag}>", by_click=True)
        if tag in ("br", "p", "div", "td", "tr", "li", "h1", "h2", "h3", "table"):
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Text in one block is no part of the next block's."""
        if tag in ("p", "div", "td", "tr", "li", "h1", "h2", "h3", "table", "title", "a", "button"):
            self.text.append("\n")

    def handle_comment(self, data: str) -> None:
        """Keep what a comment hides."""
        self.hidden.append(re.sub(r"^\[if[^\]]*\]>|<!\[endif\]$", "", data))

    def unknown_decl(self, data: str) -> None:
        """Keep what a CDATA section hides."""
        self.hidden.append(data.partition("[")[2])

    def handle_data(self, data: str) -> None:
        """Keep text; a style sheet has its own way to name addresses."""
        if self.cdata_elem == "style":
            self._styles(data, "text of <style>")
        else:
            self.text.append(data)

    def _styles(self, text: str, where: str) -> None:
        for first, second in _CSS_ADDRESS.findall(text):
            self._keep(first or second, where)

    def _keep(self, address: str, where: str, *, by_click: bool = False) -> None:
        if address.strip():
            self.found.append((address, where, by_click))
