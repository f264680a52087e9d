"""Keys published on loopback, and how often they were fetched."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JWKS_PATH = "/jwks.json"
CERTIFICATE_PATH = "/certificate.pem"


class PublishedKeys:
    """A site that serves one JWKS, and one certificate where it has one. It counts what is fetched."""

    def __init__(self, jwks: dict[str, Any], certificate: bytes = b"") -> None:
        self.jwks = jwks
        self.fetches = 0
        self._certificate = certificate
        self._folder = f"/{secrets.token_hex(8)}"  # a port comes again, an address does not
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._fetched))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def jwks_uri(self) -> str:
        """Where the JWKS is."""
        return self._url(JWKS_PATH)

    @property
    def certificate_uri(self) -> str:
        """Where the certificate is, as PEM."""
        return self._url(CERTIFICATE_PATH)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._folder}{path}"

    def _fetched(self, path: str) -> tuple[str, bytes]:
        with self._lock:
            self.fetches += 1
        if path.endswith(CERTIFICATE_PATH):
            return "application/x-pem-file", self._certificate
        return "application/json", json.dumps(self.jwks).encode()


def _handler(fetched: Callable[[str], tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = fetched(self.path)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the count is the record."""

    return Handler
