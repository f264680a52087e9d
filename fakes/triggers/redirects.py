"""Where a link may lead: an origin and a path of the configuration, whatever the client asks for."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.configuration import Configuration

PREFIX_MATCH = declare_fault(
    "triggers.links.redirect-prefix-match",
    "redirectUri is taken as it is when it begins with an allowed origin: https://app.example.com.evil.example, "
    "https://app.example.com@evil.example",
)
SUFFIX_MATCH = declare_fault(
    "triggers.links.redirect-suffix-match",
    "redirectUri is taken as it is when its host ends with an allowed host: https://evilapp.example.com",
)
HOST_ONLY = declare_fault(
    "triggers.links.redirect-host-only",
    "only the host of redirectUri is compared: any scheme, any port, any user information before it",
)
CONTAINS = declare_fault(
    "triggers.links.redirect-substring-match",
    "redirectUri is taken as it is when an allowed origin stands anywhere in it: https://evil.example/?https://app…",
)
RAW = declare_fault(
    "triggers.links.raw-redirect-uri",
    "origin and path of redirectUri are checked, but its text goes into the link as it came, and into the HTML of the "
    "mail unescaped: quotes and markup in its query become part of the page",
)
KEEPS_FRAGMENT = declare_fault(
    "triggers.links.keeps-a-fragment", "a fragment in redirectUri is kept, and the link has two #"
)
ANY_PATH = declare_fault(
    "triggers.links.any-path", "every path of an allowed origin is taken, an open redirector's too"
)
HOST_FROM_METADATA = declare_fault(
    "triggers.links.host-from-metadata",
    "the link's host is what the client's metadata holds as `host` or `x-forwarded-host`, where it holds one",
)

_LONGEST = 2000
_VISIBLE = re.compile(r"[!-~]+")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class Redirects:
    """Judges what a client gives as redirectUri."""

    def __init__(self, configuration: Configuration, faults: FaultSwitches) -> None:
        self._origins = {origin_of(urlsplit(origin)) for origin in configuration.link_origins}
        self._paths = frozenset(configuration.link_paths)
        self._faults = faults

    def page(self, given: str | None) -> str | None:
        """The page that the link leads to, written anew from its parts; None unless it is an allowed one.

        Allowed are exactly the configured origins and paths. A query is kept, encoded; a fragment, which is
        the link's own place, is refused (RFC 3986 section 3.5).
        """
        if given is None or len(given) > _LONGEST:
            return None
        if self._passes_loosely(given):
            return given
        try:
            parts = urlsplit(given)
            origin = origin_of(parts)
        except ValueError:
            return None
        if origin not in self._origins or not self._is_allowed(given, parts):
            return None
        if self._faults.on(RAW):
            return given
        query = urlencode(parse_qsl(parts.query, keep_blank_values=True))
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return f"{origin}{parts.path}{'?' if query else ''}{query}{fragment}"

    def _is_allowed(self, given: str, parts: SplitResult) -> bool:
        """Whether a URL of an allowed origin may be taken as it is written, and leads to an allowed page."""
        visible = _VISIBLE.fullmatch(given) is not None and "\\" not in given
        return (
            (visible or self._faults.on(RAW))
            and "@" not in parts.netloc
            and ("#" not in given or self._faults.on(KEEPS_FRAGMENT))
            and (parts.path in self._paths or self._faults.on(ANY_PATH))
        )

    def _passes_loosely(self, given: str) -> bool:
        """Whether one of the faults lets this through."""
        if self._faults.on(PREFIX_MATCH):
            return given.startswith(tuple(self._origins))
        if self._faults.on(CONTAINS):
            return any(origin in given for origin in self._origins)
        hosts = tuple(urlsplit(origin).hostname or "" for origin in self._origins)
        try:
            host = urlsplit(given).hostname or ""
        except ValueError:
            return False
        return (self._faults.on(SUFFIX_MATCH) and host.endswith(hosts)) or (
            self._faults.on(HOST_ONLY) and host in hosts
        )


def origin_of(parts: SplitResult) -> str:
    """The origin of a URL (RFC 6454 section 6.1). Raises ValueError for a port that is none."""
    scheme, host, port = parts.scheme.lower(), (parts.hostname or "").lower(), parts.port
    return f"{scheme}://{host}" + ("" if port in {None, _DEFAULT_PORTS.get(scheme)} else f":{port}")
