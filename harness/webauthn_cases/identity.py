"""Who the relying party is that ceremonies are held with, and everybody who only looks like it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_LOOK_ALIKES = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "p": "\u0440", "c": "\u0441", "i": "\u0456"}
"""Latin letters, and Cyrillic ones that nobody tells from them."""


@dataclass(frozen=True)
class RelyingParty:
    """A relying party's identity.

    Attributes:
        id: the RP ID, a domain in small letters.
        origins: the https origins whose pages may use its passkeys; the first is where ceremonies are held.
    """

    id: str
    origins: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Where ceremonies are held."""
        return self.origins[0]

    @property
    def top_domain(self) -> str:
        """The last label of the RP ID, which is nobody's."""
        return self.id.rpartition(".")[2]

    def origins_of_others(self) -> dict[str, str]:
        """What an origin may look like without being one of its own, by how it differs from the first."""
        origin, host = self.origin, urlsplit(self.origin).hostname or ""
        port = urlsplit(origin).port
        authority = origin.removeprefix("https://")
        wrong = {
            "another site": "https://evil.example",
            "the site without TLS": f"http://{authority}",
            "another port": f"https://{host}:{8443 if port != 8443 else 8444}",
            "the port written out": f"https://{host}:443",
            "a slash at the end": f"{origin}/",
            "a path": f"{origin}/login",
            "the host in capitals": f"https://{authority.upper()}",
            "the scheme in capitals": f"HTTPS://{authority}",
            "a suffix": f"https://{host}.evil.example",
            "a prefix": f"https://evil{authority}",
            "a subdomain": f"https://other.{authority}",
            "a dot at the end": f"https://{authority.replace(host, f'{host}.')}",
            "user information": f"https://{host}@evil.example",
            "a user of the site": f"https://evil@{authority}",
            "the host alone": host,
            "a blank at the end": f"{origin} ",
            "a look-alike": f"https://{authority.replace(host, _look_alike(host))}",
            "the opaque origin": "null",
            "two origins": f"{origin},https://evil.example",
            "nothing": "",
        }
        return {what: each for what, each in wrong.items() if each not in self.origins}


EXAMPLE = RelyingParty("example.org", ("https://example.org", "https://app.example.org:8443"))
"""The one of all ceremonies, unless the configuration names another."""


def _look_alike(host: str) -> str:
    """The host with a letter of another script, or with one more where it has no such letter."""
    for latin, cyrillic in _LOOK_ALIKES.items():
        if latin in host:
            return host.replace(latin, cyrillic, 1)
    return f"\u0430{host}"
