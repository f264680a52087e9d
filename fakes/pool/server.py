"""HTTP: what comes in, which part of the pool it is for, and how the answer goes out."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from email.utils import format_datetime

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict

from fakes.faults import FaultSwitches
from fakes.pool.answer_faults import spoiled_answer, spoiled_code
from fakes.pool.aws_requests import AwsRequest
from fakes.pool.clock import Clock
from fakes.pool.discovery import JWKS, OPENID_CONFIGURATION, Discovery
from fakes.pool.entropy import Entropy
from fakes.pool.errors import (
    InternalError,
    NotServedHere,
    RequestTimedOut,
    RequestTooLarge,
    SerializationProblem,
    ServiceError,
    UnknownOperation,
    UnreadableBody,
)
from fakes.pool.forwarding import HttpRequest
from fakes.pool.moto_gateway import MotoFailed
from fakes.pool.network import Network
from fakes.pool.operations import Operations
from fakes.pool.other_services import OtherServices
from fakes.pool.posture_faults import weakened, weakened_function
from fakes.pool.wire_format import CONTENT_TYPE, render_answer, render_error

COGNITO_TARGET = "AWSCognitoIdentityProviderService."
BODY_LIMIT = 2 * 1024 * 1024
OTHER_SERVICES_BODY_LIMIT = 16 * 1024 * 1024
_BODY_SECONDS = 10.0

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
}
_PREFLIGHT = {
    "Access-Control-Allow-Headers": "*, authorization, content-type, x-amz-target, x-amz-user-agent, cache-control",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Max-Age": "172800",
}
_OWN_HEADERS = frozenset({"content-length", "transfer-encoding", "connection", "date", "server"})


class Front:
    """The one handler of the server."""

    def __init__(
        self,
        *,
        clock: Clock,
        entropy: Entropy,
        faults: FaultSwitches,
        network: Network,
        operations: Operations,
        discovery: Discovery,
        other_services: OtherServices,
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self._faults = faults
        self._network = network
        self._operations = operations
        self._discovery = discovery
        self._other_services = other_services
        self.crashes: list[str] = []
        """Tracebacks of what went wrong in the pool itself; empty in an honest one."""

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application(client_max_size=OTHER_SERVICES_BODY_LIMIT)
        application.router.add_route("*", "/{path:.*}", self.handle)
        return application

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request; every failure is an answer too."""
        try:
            return await self._route(request)
        except ServiceError as error:
            return self._error(error)
        except Exception:
            self.crashes.append(traceback.format_exc())
            return self._error(InternalError("Internal server error"))

    async def _route(self, request: web.Request) -> web.Response:
        if request.method == "OPTIONS":
            return web.Response(status=200, headers=self._headers() | _PREFLIGHT)
        target = request.headers.get("X-Amz-Target", "")
        if target.startswith(COGNITO_TARGET):
            return await self._cognito(request, target.removeprefix(COGNITO_TARGET))
        if request.method == "GET" and "/.well-known/" in request.path:
            return await self._document(request.path)
        if "Authorization" in request.headers and not request.path.startswith("/moto-api"):
            return await self._other_service(request)
        if request.method == "POST":
            raise UnknownOperation("X-Amz-Target names no operation of this service")
        raise NotServedHere(f"{request.method} is not served here")

    async def _cognito(self, request: web.Request, operation: str) -> web.Response:
        if request.method != "POST":
            raise NotServedHere("Operations are called with POST")
        self._operations.demand_known(operation)
        await self._network.admit(operation)
        body = await _body(request, BODY_LIMIT)
        http = HttpRequest(request.method, request.path_qs, dict(request.headers), body)
        self._operations.demand_admitted(operation, http)
        answer = weakened(operation, await self._operations.perform(operation, http), self._faults)
        return self._json(spoiled_answer(answer, self._faults))

    async def _document(self, path: str) -> web.Response:
        pool_id, _, name = path.strip("/").partition("/.well-known/")
        if name not in {JWKS, OPENID_CONFIGURATION}:
            raise NotServedHere("No such document")
        await self._network.deliver(name)
        document = await self._discovery.document(pool_id, name)
        return web.Response(
            body=render_answer(document),
            headers=self._headers() | {"Content-Type": "application/json", "Cache-Control": "public, max-age=86400"},
        )

    async def _other_service(self, request: web.Request) -> web.Response:
        body = await _body(request, OTHER_SERVICES_BODY_LIMIT)
        asked = AwsRequest(request.method, request.raw_path, dict(request.headers), body)
        try:
            answer = weakened_function(asked, await self._other_services.perform(asked), self._faults)
        except MotoFailed:
            raise SerializationProblem("The request cannot be performed with these parameters") from None
        if answer.status >= 500:
            raise SerializationProblem("The request cannot be performed with these parameters")
        headers = CIMultiDict(self._headers())
        headers.update((name, value) for name, value in answer.headers if name.lower() not in _OWN_HEADERS)
        return web.Response(status=answer.status, body=answer.body, headers=headers)

    def _json(self, answer: Mapping[str, object]) -> web.Response:
        return web.Response(body=render_answer(answer), headers=self._headers() | {"Content-Type": CONTENT_TYPE})

    def _error(self, error: ServiceError) -> web.Response:
        body, headers = render_error(error, spoiled_code(error, self._faults))
        response = web.Response(
            status=error.status, body=body, headers=self._headers() | headers | {"Content-Type": CONTENT_TYPE}
        )
        if error.closes_connection:
            response.force_close()
        return response

    def _headers(self) -> dict[str, str]:
        return _CORS | {
            "Date": format_datetime(self._clock.now(), usegmt=True),
            "x-amzn-requestid": self._entropy.uuid(),
        }


async def _body(request: web.Request, limit: int) -> bytes:
    """The whole body, chunked or not. Raises RequestTooLarge, RequestTimedOut, SerializationProblem."""
    if (request.content_length or 0) > limit:
        raise RequestTooLarge(f"The request body is larger than {limit} bytes")
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            body = await request.read()
    except TimeoutError:
        raise RequestTimedOut(f"The request body did not arrive within {_BODY_SECONDS:g} s") from None
    except web.HTTPRequestEntityTooLarge:
        raise RequestTooLarge(f"The request body is larger than {limit} bytes") from None
    except (web.RequestPayloadError, HttpProcessingError, OSError, ValueError):
        raise UnreadableBody("The request body cannot be read") from None
    if len(body) > limit:
        raise RequestTooLarge(f"The request body is larger than {limit} bytes")
    return body
