"""A server on loopback before the embedded pool: it records each byte that a client sends, and can play any part.

Without a script it hands requests to the pool and the pool's answers back. A script stands in between: it sees the
request and may change the pool's answer, make up another, keep silent or hang up.
"""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, cast

import urllib3

LARGEST_REQUEST = 4 * 2**20
"""Bytes of one request; a client that sends more is not speaking the protocol."""

AWS_JSON = "application/x-amz-json-1.1"

_POOL_SECONDS = 60.0
_HOP_BY_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding", "date", "server"})


@dataclass(frozen=True)
class Request:
    """One request as it arrived: its parts, and every byte of it in `raw`."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    raw: bytes = field(repr=False)
    arrived: datetime

    @property
    def operation(self) -> str:
        """What X-Amz-Target names, or the method and the path."""
        return self.headers.get("x-amz-target", "").rpartition(".")[2] or f"{self.method} {self.path}"

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one when it is none."""
        return _object(self.body)

    @property
    def claim(self) -> Mapping[str, Any] | None:
        """ChallengeResponses when they hold a PASSWORD_CLAIM_SIGNATURE, else None."""
        responses = self.json.get("ChallengeResponses")
        return responses if isinstance(responses, dict) and "PASSWORD_CLAIM_SIGNATURE" in responses else None


@dataclass(frozen=True)
class Reply:
    """What goes back. `status` 0 stands for no answer at all: the connection is closed.

    Attributes:
        silent_seconds: nothing is sent for so long, or until the client hangs up; then the connection is closed.
        whole: without it only half of the body is sent, and the connection is closed.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": AWS_JSON})
    silent_seconds: float = 0.0
    whole: bool = True

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one when it is none."""
        return _object(self.body)

    @property
    def result(self) -> Mapping[str, Any]:
        """AuthenticationResult of a success, or an empty mapping."""
        result = self.json.get("AuthenticationResult") if self.status == 200 else None
        return result if isinstance(result, dict) else {}

    def with_json(self, answer: Mapping[str, Any]) -> Reply:
        """The same with another body."""
        return replace(self, body=json.dumps(answer).encode())


@dataclass(frozen=True)
class Exchange:
    """A request and what it was answered."""

    request: Request
    reply: Reply


Forward = Callable[[Request], Reply]
Script = Callable[[Request, Forward], Reply]
"""What a server does with a request, given a way to ask the pool."""


def honestly(request: Request, forward: Forward) -> Reply:
    """The script of an honest server: the pool's own answer."""
    return forward(request)


class Front:
    """One listener before a pool. Its exchanges can be read while it serves."""

    def __init__(self, pool: str, *, certificate: ssl.SSLContext | None = None) -> None:
        self.script: Script = honestly
        self._pool = pool
        self._certificate = certificate
        self._exchanges: list[Exchange] = []
        self._lock = threading.Lock()
        self._resume = threading.Event()
        self._http = urllib3.PoolManager(maxsize=8, retries=False, headers={})
        self._server = _Server(self)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def url(self, host: str = "127.0.0.1") -> str:
        """Where it listens."""
        return f"{'https' if self._certificate else 'http'}://{host}:{self.port}"

    def exchanges(self) -> list[Exchange]:
        """What came in so far, in the order of the answers."""
        with self._lock:
            return list(self._exchanges)

    def forget(self) -> None:
        """Forget what came in so far."""
        with self._lock:
            self._exchanges = []

    @contextmanager
    def playing(self, script: Script) -> Iterator[None]:
        """The script is on inside the block; what is silent then is let go after it, and its exchanges forgotten."""
        self.script = script
        self._resume.clear()
        self.forget()
        try:
            yield
        finally:
            self._resume.set()
            self.script = honestly

    def close(self) -> None:
        """Stop listening."""
        self._resume.set()
        self._server.shutdown()
        self._server.server_close()
        self._http.clear()

    def forward(self, request: Request) -> Reply:
        """Ask the pool."""
        answer = self._http.request(
            request.method,
            self._pool + request.path,
            body=request.body,
            headers={name: value for name, value in request.headers.items() if name not in _HOP_BY_HOP},
            redirect=False,
            timeout=_POOL_SECONDS,
        )
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
        return Reply(answer.status, answer.data, headers)

    def answer(self, request: Request) -> Reply:
        """Play the script, and keep the exchange."""
        try:
            reply = self.script(request, self.forward)
        except urllib3.exceptions.HTTPError:
            reply = Reply(status=0)
        with self._lock:
            self._exchanges.append(Exchange(request, reply))
        return reply

    def keep_silent(self, seconds: float) -> None:
        """Wait so long, or until the attempt is over."""
        self._resume.wait(seconds)

    def secured(self, connection: Any) -> Any:
        """The connection under TLS, where this listener has a certificate. Raises OSError when the client refuses."""
        if self._certificate is None:
            return connection
        connection.settimeout(10)
        return self._certificate.wrap_socket(connection, server_side=True)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, front: Front) -> None:
        self.front = front
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that hangs up, or refuses the certificate, does what it should."""


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def setup(self) -> None:
        front = cast("_Server", self.server).front
        self.request = front.secured(self.request)
        super().setup()

    def handle(self) -> None:
        front = cast("_Server", self.server).front
        while (request := self._read()) is not None:
            reply = front.answer(request)
            if reply.silent_seconds:
                front.keep_silent(reply.silent_seconds)
                return
            if reply.status == 0:
                return
            self._write(reply)
            if not reply.whole or request.headers.get("connection", "").lower() == "close":
                return

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()

    def _read(self) -> Request | None:
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(65_536)
            if not line or len(head) > 65_536:
                return None
            head += line
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        parts = first.split(" ")
        if len(parts) != 3:
            return None
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body, raw = self._body(headers)
        return Request(parts[0], parts[1], headers, body, bytes(head) + raw, datetime.now(UTC))

    def _body(self, headers: Mapping[str, str]) -> tuple[bytes, bytes]:
        """The body decoded, and as it was sent."""
        if headers.get("transfer-encoding", "").lower() != "chunked":
            body = self.rfile.read(min(int(headers.get("content-length") or 0), LARGEST_REQUEST))
            return body, body
        decoded, raw = bytearray(), bytearray()
        while len(raw) < LARGEST_REQUEST:
            line = self.rfile.readline(1024)
            size = int(line.split(b";")[0] or b"0", 16)
            chunk = self.rfile.read(size + 2)
            raw += line + chunk
            decoded += chunk[:size]
            if size == 0:
                break
        return bytes(decoded), bytes(raw)

    def _write(self, reply: Reply) -> None:
        headers = {**reply.headers, "Content-Length": str(len(reply.body))}
        if not reply.whole:
            headers["Connection"] = "close"
        head = f"HTTP/1.1 {reply.status} Answer\r\n" + "".join(f"{name}: {headers[name]}\r\n" for name in headers)
        body = reply.body if reply.whole else reply.body[: len(reply.body) // 2]
        self.wfile.write(head.encode("latin-1") + b"\r\n" + body)
        self.wfile.flush()


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
