"""HTTPS requests to some origins go to others, so that a handler which asks AWS is answered by the embedded pool.

Reaches what stands on `http.client` (urllib.request, PyJWT's PyJWKClient) and on urllib3 (requests, boto3). The place
that is asked changes, and nothing else: what the handler verifies in the answer, it verifies.
"""

from __future__ import annotations

import http.client
import socket
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_redirected: set[Any] = set()


def install(origins: Mapping[str, str]) -> None:
    """Redirect each origin, `https://host`, to its http:// origin; may be called again for what was imported since."""
    places = {_place(origin, "https"): _place(to, "http") for origin, to in origins.items()}
    if not places:
        return
    _redirect(http.client.HTTPSConnection, places)
    if (urllib3 := sys.modules.get("urllib3.connection")) is not None:
        _redirect(urllib3.HTTPSConnection, places)


def _place(origin: str, scheme: str) -> tuple[str, int]:
    parts = urlsplit(origin)
    if parts.scheme != scheme or not parts.hostname:
        raise ValueError(f"redirect: {origin!r} is no {scheme}:// origin")
    return parts.hostname, parts.port or {"http": 80, "https": 443}[scheme]


def _redirect(connection: Any, places: Mapping[tuple[str, int], tuple[str, int]]) -> None:
    if connection in _redirected:
        return
    _redirected.add(connection)
    connect = connection.connect

    def redirected(self: Any) -> None:
        place = places.get((self.host.lower(), self.port))
        if place is None:
            connect(self)
            return
        self.sock = socket.create_connection(place, self.timeout if isinstance(self.timeout, (int, float)) else None)
        self.is_verified = True  # urllib3's word for a connection that needs no warning

    connection.connect = redirected
