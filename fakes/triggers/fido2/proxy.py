"""API Gateway's proxy events, read with distrust, and the answers to them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fakes.faults import FaultSwitches, declare_fault

ANY_TOKEN = declare_fault("triggers.passkeys.takes-access-tokens", "the API takes access tokens for ID tokens")
ANY_ORIGIN = declare_fault(
    "triggers.passkeys.every-origin-may-read",
    "Access-Control-Allow-Origin repeats whatever Origin says, with credentials",
)
CACHEABLE = declare_fault("triggers.passkeys.answers-may-be-cached", "answers of the APIs have no Cache-Control")
CRASHES = declare_fault(
    "triggers.passkeys.crashes-on-malformed-bodies", "a body that cannot be read is a failure inside, with its words"
)
BELIEVES_THE_BODY = declare_fault(
    "triggers.passkeys.takes-the-user-from-the-request", "`sub` in query or body is believed before the token's"
)

MOST_CHARACTERS = 300_000
Answer = dict[str, Any]


class Refused(Exception):
    """A request that is answered with a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Caller:
    """Who calls, by the claims of the ID token that API Gateway has verified."""

    sub: str
    name: str
    email: str | None
    signed_in_at: int
    user_pool_id: str = ""


@dataclass(frozen=True)
class ProxyRequest:
    """The parts of the event that the APIs use."""

    path: str
    query: Mapping[str, str]
    body: str | None = field(repr=False)
    claims: Mapping[str, Any]
    origin: str | None
    address: str

    def members(self) -> dict[str, Any]:
        """The body, a JSON object. Raises Refused."""
        if self.body is not None and len(self.body) > MOST_CHARACTERS:
            raise Refused(413, "The request is too large.")
        try:
            members = json.loads(self.body or "")
        except (ValueError, RecursionError):
            members = None
        if not isinstance(members, dict):
            raise Refused(400, "The body is no JSON object.")
        return members

    def caller(self, faults: FaultSwitches) -> Caller:
        """Who calls. Raises Refused unless it is somebody with an ID token."""
        claims = self.claims
        sub, name, email = claims.get("sub"), claims.get("cognito:username"), claims.get("email")
        if claims.get("token_use") != "id" and not (faults.on(ANY_TOKEN) and claims):
            raise Refused(401, "Please sign in.")
        name = name or claims.get("username")
        if not (isinstance(sub, str) and sub and isinstance(name, str) and name):
            raise Refused(401, "Please sign in.")
        if faults.on(BELIEVES_THE_BODY):
            sub = self.query.get("sub", sub)
        verified = str(claims.get("email_verified")).lower() == "true"
        at = str(claims.get("auth_time", ""))
        return Caller(
            sub,
            name,
            email if isinstance(email, str) and verified else None,
            int(at) if at.isdecimal() else 0,
            str(claims.get("iss", "")).rpartition("/")[2],
        )


def read_request(event: Any) -> ProxyRequest:
    """Read an event."""
    event = event if isinstance(event, Mapping) else {}
    context = _mapping(event.get("requestContext"))
    headers = {str(name).lower(): value for name, value in _mapping(event.get("headers")).items()}
    origin = headers.get("origin")
    return ProxyRequest(
        path=str(event.get("path", "")),
        query={k: v for k, v in _mapping(event.get("queryStringParameters")).items() if isinstance(v, str)},
        body=_body(event),
        claims=_mapping(_mapping(context.get("authorizer")).get("claims")),
        origin=origin if isinstance(origin, str) else None,
        address=str(_mapping(context.get("identity")).get("sourceIp", "")),
    )


def answered(
    event: Any,
    answer: Callable[[ProxyRequest], tuple[int, object]],
    origins: tuple[str, ...],
    faults: FaultSwitches,
    log: Callable[[str], None],
) -> Answer:
    """The answer to an event; nothing of what went wrong inside is in it."""
    request = read_request(event)
    try:
        status, body = answer(request)
    except Refused as refused:
        status, body = refused.status, {"message": refused.message}
        if faults.on(CRASHES) and refused.status == 400:
            status, body = 500, {"message": f"{refused!r} in {__name__}", "event": str(event)}
    except Exception as error:
        log(f"{request.path}: {type(error).__name__}")
        status, body = 500, {"message": "Something went wrong. Please try again."}
    headers = {"Content-Type": "application/json", "Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    if not faults.on(CACHEABLE):
        headers["Cache-Control"] = "no-store"
    if request.origin is not None and (request.origin in origins or faults.on(ANY_ORIGIN)):
        headers |= {"Access-Control-Allow-Origin": request.origin, "Vary": "Origin"}
        headers |= {"Access-Control-Allow-Credentials": "true"} if faults.on(ANY_ORIGIN) else {}
    return {"statusCode": status, "headers": headers, "body": "" if body is None else json.dumps(body)}


def _mapping(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, Mapping) else {}


def _body(event: Mapping[str, Any]) -> str | None:
    body = event.get("body")
    if not isinstance(body, str):
        return None
    if event.get("isBase64Encoded") is True:
        try:
            return base64.b64decode(body, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
    return body
