"""A page or a web application on loopback: over TLS under whatever name a browser asks for, and under `localhost`."""

from __future__ import annotations

import base64
import hashlib
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from harness.client_certificates import Certificates


@dataclass(frozen=True)
class Asked:
    """A request: the target with its query, the headers by their names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answered:
    """The answer to a request."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200


Application = Callable[[Asked], Answered]
_PAGE = b'<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>A page</title>'


def blank_page(asked: Asked) -> Answered:
    """A page without anything, whatever is asked for."""
    del asked
    return Answered(_PAGE)


@dataclass(frozen=True)
class LoopbackSite:
    """Where the page stands.

    Attributes:
        port: of the TLS server at 127.0.0.1; its certificate is good for nobody who does not pin its key.
        key_pin: SHA-256 of that key's SubjectPublicKeyInfo, in base64.
        plain_origin: the page's origin without TLS; browsers take `localhost` for a secure context.
    """

    port: int
    key_pin: str
    plain_origin: str

    @property
    def browser_arguments(self) -> tuple[str, ...]:
        """What makes Chromium trust the certificate."""
        return (f"--ignore-certificate-errors-spki-list={self.key_pin}",)

    @property
    def resolver_rules(self) -> str:
        """What leads Chromium here under every name but the loopback's own: `https://` and any host, any port."""
        return f"MAP * 127.0.0.1:{self.port}, EXCLUDE localhost, EXCLUDE 127.0.0.1"


@contextmanager
def loopback_site(application: Application = blank_page) -> Iterator[LoopbackSite]:
    """Serve a page, or an application, for as long as the block lasts. It answers in threads of its own."""
    with tempfile.TemporaryDirectory() as folder:
        context = Certificates(Path(folder)).self_signed()
        key_pin = _key_pin(Path(folder, "self-signed.pem").read_bytes())
    with _serving(application, context) as port, _serving(application, None) as plain_port:
        yield LoopbackSite(port, key_pin, f"http://localhost:{plain_port}")


def _handler(application: Application) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def do_GET(self) -> None:
            """What the application answers."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answered = application(Asked(self.command, self.path, headers, body))
            self.send_response(answered.status)
            self.send_header("Content-Type", answered.content_type)
            if answered.status != HTTPStatus.NO_CONTENT:
                self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            self.wfile.write(answered.body)

        def do_POST(self) -> None:
            """The same."""
            self.do_GET()

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing is logged."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser hangs up whenever it likes."""


@contextmanager
def _serving(application: Application, context: ssl.SSLContext | None) -> Iterator[int]:
    with _Server(("127.0.0.1", 0), _handler(application)) as server:
        if context is not None:  # the handshake is made in the connection's thread, by its first read
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _key_pin(certificate: bytes) -> str:
    public_key = load_pem_x509_certificate(certificate).public_key()
    key = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()
