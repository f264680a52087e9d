"""Where app clients send users, and codes with them: POS-11 to POS-14."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.check import HIGH, LOW, MEDIUM, MUST, OWN, POOL, RFC, SHOULD, check
from harness.posture import demand_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.fixtures import Observe
    from harness.posture import PoolPosture

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@check(
    "POS-11",
    level=MUST,
    severity=HIGH,
    clause="RFC 9700 2.6 (no redirect URI over http but to loopback); Cognito API reference, CallbackURLs",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.callback-over-http": "is sent over http"},
)
def test_codes_go_over_https(posture: PoolPosture, observe: Observe) -> None:
    """Every callback URL on the network is https.

    The authorization code, and with the implicit grant the token, stands in that address: over http anybody on the way
    reads it. Replace the client's CallbackURLs that begin with http://. Addresses of the machine itself (localhost,
    127.0.0.1, [::1]) are for development and for desktop programs; they are recorded.
    """
    callbacks = [(client, url) for client in posture.clients for url in client.callback_urls]
    local = sorted({url for _, url in callbacks if _host(url) in LOOPBACK})
    observe("callback URLs of the user's own machine", ", ".join(local) or "none")
    demand_none(
        (f"{client}: what is sent to {url} is sent over http" for client, url in callbacks if _is_open(url)),
        "https in CallbackURLs",
    )


@check(
    "POS-12",
    level=SHOULD,
    severity=LOW,
    clause="ASVS 5.0 12.2.1 (TLS for everything that is external); Cognito API reference, LogoutURLs",
    evidence=OWN,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.logout-over-http": "leads over http"},
)
def test_signing_out_leads_over_https(posture: PoolPosture) -> None:
    """Every logout URL on the network is https.

    Who signs out over http can be met on the way by a page that asks for the password again. Replace the client's
    LogoutURLs that begin with http://.
    """
    demand_none(
        (
            f"{client}: signing out leads over http to {url}"
            for client in posture.clients
            for url in client.logout_urls
            if _is_open(url)
        ),
        "https in LogoutURLs",
    )


@check(
    "POS-13",
    level=SHOULD,
    severity=MEDIUM,
    clause="RFC 9700 2.1 (exact comparison of redirect URIs), RFC 6749 3.1.2 (absolute, no fragment); ASVS 5.0 10.4.1",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.wildcard-callback": "has a wildcard"},
)
def test_callback_urls_are_exact(posture: PoolPosture) -> None:
    """Every callback and logout URL is one exact, absolute address.

    A pattern sends codes to whatever page of that domain an attacker can fill. Cognito compares exactly, so that a
    wildcard does nothing there at best, and says what was meant; a relative address or one with a fragment never fits.
    List each address in CallbackURLs and LogoutURLs.
    """
    demand_none(_inexact(posture), "one absolute address an entry of CallbackURLs and LogoutURLs, without * and #")


@check(
    "POS-14",
    level=SHOULD,
    severity=LOW,
    clause="RFC 8252 7.1 (private-use schemes are reversed domain names), 7.2 (https links of the app are better)",
    evidence=RFC,
    subject=POOL,
    needs={"posture"},
    killed_by={"pool.posture.generic-scheme": "is nobody's own scheme"},
)
def test_app_schemes_are_the_apps_own(posture: PoolPosture, observe: Observe) -> None:
    """A callback URL with a scheme of its own has one that belongs to the app's maker: `org.example.app:`.

    Any app on a phone may claim `myapp:` and is given the code. A reversed domain name keeps honest apps apart; against
    dishonest ones use https links that the system ties to the app (universal links, app links), and PKCE always.
    """
    own = [
        (client, url)
        for client in posture.clients
        for url in client.callback_urls
        if urlsplit(url).scheme not in {"", "http", "https"}
    ]
    observe("callback URLs with a scheme of their own", ", ".join(sorted({url for _, url in own})) or "none")
    demand_none(
        (f"{client}: {url} is nobody's own scheme" for client, url in own if "." not in urlsplit(url).scheme),
        "an https link of the app, or a scheme that is a reversed domain name",
    )


def _inexact(posture: PoolPosture) -> Iterator[str]:
    for client in posture.clients:
        for url in (*client.callback_urls, *client.logout_urls):
            if problem := _inexactness(url):
                yield f"{client}: {url} {problem}"


def _inexactness(url: str) -> str:
    if "*" in url:
        return "has a wildcard"
    if "#" in url:
        return "has a fragment"
    return "" if urlsplit(url).scheme else "is not absolute"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a bracket that is not closed
        return ""


def _is_open(url: str) -> bool:
    return url.lower().startswith("http://") and _host(url) not in LOOPBACK
