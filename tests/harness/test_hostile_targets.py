"""A target that misbehaves makes checks inconclusive; it never crashes a run or stops its footer."""

from __future__ import annotations

import http.server
import socketserver
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import urllib3

from fakes.pool import EmbeddedPool, PoolOptions
from reports.reader import read_results
from reports.vocabulary import ExitCode, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from socket import socket

    from tests.harness.conftest import Finished

STOP = threading.Event()


def _headers(status: str, *, length: int | None = None, kind: str = "application/x-amz-json-1.1") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}"] + (
        [f"Content-Length: {length}"] if length is not None else []
    )
    return "\r\n".join([*lines, "", ""]).encode()


def half_json(connection: socket, request: bytes) -> None:
    body = b'{"ChallengeName": "PASSWORD_VERIFIER", "Chall'
    connection.sendall(_headers("200 OK", length=len(body)) + body)


def server_error(connection: socket, request: bytes) -> None:
    connection.sendall(_headers("500 Internal Server Error", length=2) + b"{}")


def html(connection: socket, request: bytes) -> None:
    body = b"<html><script>alert(1)</script>\x1b[31mred</html>"
    connection.sendall(_headers("200 OK", length=len(body), kind="text/html") + body)


def silence(connection: socket, request: bytes) -> None:
    STOP.wait(20)


def endless_body(connection: socket, request: bytes) -> None:
    connection.sendall(_headers("200 OK"))
    while not STOP.is_set():
        connection.sendall(b"x" * 65_536)


def dripping_body(connection: socket, request: bytes) -> None:
    connection.sendall(_headers("200 OK"))
    while not STOP.is_set():
        connection.sendall(b" ")
        STOP.wait(0.1)


def less_than_promised(connection: socket, request: bytes) -> None:
    connection.sendall(_headers("200 OK", length=1_000) + b'{"UserPools": []}')


def redirect(connection: socket, request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")


def closed_at_once(connection: socket, request: bytes) -> None:
    connection.close()


def not_http(connection: socket, request: bytes) -> None:
    connection.sendall(b"\x16\x03\x01 220 smtp ready\r\n")


def broken_behind_a_good_front(connection: socket, request: bytes) -> None:
    """Answers the first question well and every other with a crash; what it lacks cannot be told."""
    if b"ListUserPools" not in request:
        server_error(connection, request)
        return
    body = b'{"UserPools": []}'
    connection.sendall(_headers("200 OK", length=len(body)) + body)


def deeply_nested(connection: socket, request: bytes) -> None:
    body = b"[" * 100_000
    connection.sendall(_headers("200 OK", length=len(body)) + body)


MISBEHAVIOURS = (
    half_json, server_error, html, silence, endless_body, dripping_body, less_than_promised, redirect,
    closed_at_once, not_http, deeply_nested, broken_behind_a_good_front,
)  # fmt: skip


@pytest.fixture
def hostile(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server that misbehaves on every request."""
    misbehave: Callable[[socket, bytes], None] = request.param

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                misbehave(self.request, self.request.recv(65_536))
            except OSError:
                return  # the harness hung up, as it should

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    STOP.clear()
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        STOP.set()
        server.shutdown()


@pytest.mark.parametrize("hostile", MISBEHAVIOURS, indirect=True, ids=lambda misbehave: misbehave.__name__)
def test_a_misbehaving_target_is_inconclusive_within_its_time(
    hostile: str, command: Callable[..., Finished], tmp_path: Path
) -> None:
    began = time.monotonic()
    done = command("run", "--endpoint", hostile, "--timeout", "1", "--out", str(tmp_path / "out"), "--only", "SRP")
    assert done.exit_code == ExitCode.INCONCLUSIVE, done.output + done.errors
    assert time.monotonic() - began < 30
    results = read_results(tmp_path / "out")
    assert {record.verdict for record in results.records} == {Verdict.INCONCLUSIVE}
    assert "\x1b" not in done.output
    assert any(finding.kind == "target" for finding in results.footer.findings)


def test_a_closed_port_is_inconclusive(command: Callable[..., Finished], tmp_path: Path) -> None:
    done = command("run", "--endpoint", "http://127.0.0.1:1", "--out", str(tmp_path / "out"), "--only", "SRP-01")
    assert done.exit_code == ExitCode.INCONCLUSIVE
    assert "did not answer" in done.output


@contextmanager
def undeletable(endpoint: str) -> Iterator[str]:
    """A way to an endpoint on which DeleteUserPool crashes and everything else arrives."""
    forward = urllib3.PoolManager()

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["X-Amz-Target"].endswith(".DeleteUserPool"):
                status, answer = 500, b"{}"
            else:
                arrived = forward.request("POST", endpoint, body=body, headers=dict(self.headers))
                status, answer = arrived.status, arrived.data
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            """Nothing: pytest shows what matters."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_user_pool_that_cannot_be_deleted_is_named(command: Callable[..., Finished], tmp_path: Path) -> None:
    """The embedded pool, served, stands in for a target whose DeleteUserPool fails half-way through a run."""
    with EmbeddedPool.start(PoolOptions(seed=1)) as pool, undeletable(pool.endpoint) as endpoint:
        done = command("run", "--endpoint", endpoint, "--out", str(tmp_path / "out"), "--only", "SRP-01")
    assert done.exit_code == ExitCode.INCONCLUSIVE, done.output
    left = [finding.message for finding in read_results(tmp_path / "out").footer.findings]
    assert any("could not be deleted" in message for message in left)
