"""The mail that a link comes in."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.redirects import RAW

SECRET_IN_QUERY = declare_fault(
    "triggers.links.secret-in-the-query",
    "the link's secret is in its query too (`?link=…`), which every GET sends to the server, to its logs and, as "
    "Referer, on",
)

SUBJECT = "Your sign-in link"


@dataclass(frozen=True)
class LinkMail:
    """The two bodies."""

    text: str
    html: str


def compose(page: str, fragment: str, seconds: int, faults: FaultSwitches) -> LinkMail:
    """A mail with one link. The secret is the fragment, which browsers keep to themselves (RFC 3986 section 3.5).

    Nothing that a client or a user wrote is in it but the page's query, which `Redirects` has encoded.
    """
    if faults.on(SECRET_IN_QUERY):
        page = f"{page}{'&' if '?' in page else '?'}link={fragment}"
    link, minutes = f"{page}#{fragment}", max(1, seconds // 60)
    written = link if faults.on(RAW) else escape(link, quote=True)
    asked = "Open it on the device on which you asked for it. If you did not ask for it, do nothing."
    return LinkMail(
        text=f"Sign in with this link. It is good once, for {minutes} minutes.\n\n{link}\n\n{asked}\n",
        html=(
            "<!doctype html><html><body>"
            f"<p>Sign in with this link. It is good once, for {minutes} minutes.</p>"
            f'<p><a href="{written}">Sign in</a></p><p>{asked}</p>'
            "</body></html>"
        ),
    )
