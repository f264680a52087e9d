"""How the flow of this example is spoken: InitiateAuth mails a link, and what follows `#key=` is the answer."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from harness.dialects import Dialect, Links, Say


class MailedLinks(Links):
    """A link is good in the sign-in that asked for it only, and leads where the triggers are configured to lead."""

    method = "link"

    def ask(self, redirect_uri: str) -> Sequence[Say]:
        """InitiateAuth alone has the link sent."""
        del redirect_uri
        return ()

    def secret_in(self, url: str) -> str | None:
        """`key` in the fragment."""
        found = parse_qs(urlsplit(url).fragment).get("key")
        return found[0] if found else None

    def redeem(self, secret: str, redirect_uri: str, *, elsewhere: bool) -> Say:
        """The secret, and nothing else."""
        del redirect_uri, elsewhere
        return Say(secret)


class OurLinks(Dialect):
    """One method."""

    name = "mailed links"
    links = MailedLinks()
