"""Addresses that an attacker gives as redirectUri, made from an allowed one."""

from __future__ import annotations

from urllib.parse import urlsplit

ELSEWHERE = "evil.example"
"""The attacker's host."""

_ELSEWHERE_BY_NAME = {
    "ends with the allowed host": "{scheme}://evil{host}{port}{path}",
    "begins with the allowed origin": "{origin}.evil.example{path}",
    "allowed origin as user information": "{origin}@evil.example{path}",
    "allowed host as user and password": "{scheme}://{host}:x@evil.example{path}",
    "another port": "{scheme}://{host}:8444{path}",
    "another scheme": "{other_scheme}://{host}{port}{path}",
    "no scheme": "evil.example{path}",
    "protocol-relative": "//evil.example{path}",
    "backslashes for slashes": "{scheme}:\\\\evil.example{path}",
    "backslash before the allowed host": "{scheme}://evil.example\\@{host}{path}",
    "javascript": "javascript:location='https://evil.example/'//{origin}{path}",
    "data": "data:text/html,<a href='https://evil.example/'>{origin}{path}</a>",
    "tab in the host": "{origin}\t.evil.example{path}",
    "line end in the host": "{origin}\n.evil.example{path}",
    "ideographic full stop": "{origin}\u3002evil.example{path}",
    "encoded at sign": "{origin}%40evil.example{path}",
    "encoded slash": "{scheme}://evil.example%2f.{host}{path}",
    "allowed origin in the query": "https://evil.example/?{origin}{path}",
    "allowed origin in the fragment": "https://evil.example/#{origin}{path}",
    "allowed origin in the path": "https://evil.example/{origin}{path}",
    "two addresses": "https://evil.example/ {origin}{path}",
}

_MARKUP_BY_NAME = {
    "a second link": '{uri}?x="><a href="https://evil.example/">Sign in</a><a href="',
    "a second link, single quotes": "{uri}?x='><a href='https://evil.example/'>Sign in</a><a href='",
    "a link without quotes": "{uri}?x=><a/href=https://evil.example/>",
    "a base": '{uri}?x="><base href="https://evil.example/"><a href="sign-in',
    "a picture": '{uri}?x="><img src="https://evil.example/p.png">',
    "a form": '{uri}?x="><form action="https://evil.example/"><button>Sign in</button></form>',
    "a style sheet": '{uri}?x="><style>@import "https://evil.example/x.css";</style>',
    "a handler": "{uri}?x=\" onclick=\"location='https://evil.example/'",
    "javascript": '{uri}?x="><a href="javascript:location=\'https://evil.example/\'">Sign in</a>',
    "entities": "{uri}?x=&quot;&gt;&lt;a href=&quot;https://evil.example/&quot;&gt;",
    "in the fragment": '{uri}#"><a href="https://evil.example/">Sign in</a>',
    "in the path": '{uri}/"><a href="https://evil.example/">Sign in</a>',
    "in the user information": '{scheme}://"><a href="https:evil.example"@{host}{port}{path}',
    "a blank and an address": "{uri}?x= https://evil.example/",
    "a line end and an address": "{uri}?x=1\r\nhttps://evil.example/\r\n",
    "words and a bare host": '{uri}?x="></a> Your account was locked. Call on www.evil.example/unlock today <a href="',
}

REDIRECTING = {
    "a redirector": "{origin}/redirect?to=https://evil.example/",
    "beside the page": "{uri}-help?to=https://evil.example/",
    "dots in the path": "{uri}/../redirect?to=https://evil.example/",
    "encoded dots": "{uri}/%2e%2e/redirect?to=https://evil.example/",
}
"""Of each the origin is the allowed one, and the path another: whatever redirects there takes the fragment along."""

Templates = dict[str, str]


def _grouped(by_name: Templates, groups: dict[str, tuple[str, ...]]) -> dict[str, Templates]:
    """The templates in groups; those that no group names are in the last."""
    named = {name for names in groups.values() for name in names}
    *_, last = groups
    rest = tuple(name for name in by_name if name not in named)
    return {
        group: {name: by_name[name] for name in (*names, *(rest if group == last else ()))}
        for group, names in groups.items()
    }


LEADING_ELSEWHERE = _grouped(
    _ELSEWHERE_BY_NAME,
    {
        "beginning or end": ("ends with the allowed host", "begins with the allowed origin"),
        "user information": ("allowed origin as user information", "allowed host as user and password"),
        "port and scheme": ("another port", "another scheme"),
        "no origin": ("no scheme", "protocol-relative", "javascript", "data"),
        "allowed origin within": (
            "allowed origin in the query", "allowed origin in the fragment", "allowed origin in the path",
            "two addresses",
        ),
        "characters": (),
    },
)  # fmt: skip
"""Of each the browser's origin, if it has one at all, is not the allowed one."""

OPAQUE = {"blob": "blob:{origin}/5e0a3ed0-1b0c-4c1c-9b8a-3d7f6f0c7a11"}
"""The origin of such an address is, in browsers' words, the allowed one."""

WITH_MARKUP = _grouped(
    _MARKUP_BY_NAME,
    {
        "links": ("a second link", "a second link, single quotes", "a link without quotes", "javascript"),
        "parts of the address": ("in the fragment", "in the path", "in the user information"),
        "text": ("a blank and an address", "a line end and an address", "words and a bare host"),
        "markup": (),
    },
)
"""Of each the origin is the allowed one, and the rest is meant to become part of the mail."""


def written_for(template: str, honest_uri: str) -> str:
    """One of the addresses above, made from an allowed one.

    Args:
        template: a value of one of the mappings.
        honest_uri: an address that an honest client asks for, without query and fragment.
    """
    parts = urlsplit(honest_uri)
    port = f":{parts.port}" if parts.port else ""
    known = {
        "uri": honest_uri,
        "origin": f"{parts.scheme}://{parts.hostname}{port}",
        "scheme": parts.scheme,
        "other_scheme": "http" if parts.scheme == "https" else "ftp",
        "host": str(parts.hostname),
        "port": port,
        "path": parts.path,
    }
    for name, value in known.items():
        template = template.replace("{" + name + "}", value)
    return template
