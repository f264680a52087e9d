"""A deployment for tests: the reference triggers as a host program, and their APIs over HTTP with an authorizer before.

What API Gateway does with a JWT authorizer is done here: the bearer token is verified with the user pool's published
keys, and the function gets the proxy event with its claims, every one a text. Variables: USER_POOL_ID, API_PORT, and
FAULTS, ids of faults that are on.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt

from fakes.faults import FaultSwitches
from fakes.triggers import Configuration, ReferenceTriggers, Services
from harness.credential_api import proxy_event
from harness.dialects.passkeys import CHALLENGE_API, CREDENTIALS_API, ApiCall
from harness.stage import aws_session

PUBLIC = "/sign-in-challenge"


class Deployment:
    """The triggers, their clock, and whose tokens are taken."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._standing: datetime | None = None
        endpoint, region, pool = (environment[name] for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "USER_POOL_ID"))
        self._issuer = f"https://cognito-idp.{region}.amazonaws.com/{pool}"
        self._keys = jwt.PyJWKClient(f"{endpoint}/{pool}/.well-known/jwks.json")
        faults = FaultSwitches()
        for fault in environment.get("FAULTS", "").split():
            faults.switch_on(fault)
        self.triggers = ReferenceTriggers(
            Services.at(endpoint, region, aws_session(region)),
            Configuration.from_environment(environment),
            self.now,
            faults,
        )

    def now(self) -> datetime:
        """By the clock that the host was told."""
        return self._standing or datetime.now(UTC)

    def stand(self, moment: str | None) -> None:
        """Set the clock; None: real time."""
        self._standing = None if moment is None else datetime.fromisoformat(moment)

    def claims(self, header: str) -> dict[str, str] | None:
        """What an authorizer tells of a bearer token; None for one that it does not take."""
        token = header.removeprefix("Bearer ")
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            unwatched: Any = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
            claims = jwt.decode(token, key, algorithms=["RS256"], issuer=self._issuer, options=unwatched)
        except jwt.PyJWTError:
            return None
        if claims["exp"] < self.now().timestamp():
            return None
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in claims.items()}


class Server(ThreadingHTTPServer):
    """Takes as many connections at once as checks of parallel requests open."""

    request_queue_size = 128
    daemon_threads = True


def server_of(deployment: Deployment, port: int) -> ThreadingHTTPServer:
    """The APIs on loopback."""

    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = urlsplit(self.path.removeprefix("/v1"))
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
            claims = None if asked.path == PUBLIC else deployment.claims(self.headers.get("Authorization", ""))
            if claims is None and asked.path != PUBLIC:
                self._answer(401, {}, '{"message":"Unauthorized"}')
                return
            function = CHALLENGE_API if asked.path == PUBLIC else CREDENTIALS_API
            call = ApiCall(function, asked.path, dict(parse_qsl(asked.query)))
            event = proxy_event(
                call, claims, headers=dict(self.headers.items()), address=self.client_address[0], body=body or None
            )
            answer = deployment.triggers.functions[function](event)
            self._answer(answer["statusCode"], answer["headers"], answer["body"])

        def _answer(self, status: int, headers: Mapping[str, str], body: str) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the functions' log is the triggers' own."""

    return Server(("127.0.0.1", port), Front)


def main() -> None:
    """Serve both protocols until standard input ends."""
    deployment = Deployment(os.environ)
    server = server_of(deployment, int(os.environ["API_PORT"]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    writing = threading.Lock()

    def answer(asked: dict[str, Any], **members: Any) -> None:
        with writing:
            sys.stdout.write(json.dumps({"id": asked["id"], **members}) + "\n")
            sys.stdout.flush()

    def invoke(asked: dict[str, Any]) -> None:
        try:
            response = deployment.triggers.functions[asked["function"]](asked["event"])
        except Exception as failure:
            answer(asked, ok=False, error_type=type(failure).__name__, error_message=str(failure))
        else:
            answer(asked, ok=True, response=response)

    with ThreadPoolExecutor(16) as threads:
        for line in sys.stdin:
            asked = json.loads(line)
            if asked["op"] == "invoke":
                threads.submit(invoke, asked)
            elif asked["op"] == "clock":
                deployment.stand(asked["now"])
                answer(asked, ok=True)
            else:
                functions = sorted(set(deployment.triggers.functions) - {CHALLENGE_API, CREDENTIALS_API})
                told = {"host": "reference over HTTP", "version": "1", "functions": functions}
                answer(asked, ok=True, capabilities=["clock"], **told)
    server.shutdown()


if __name__ == "__main__":
    main()
