"""HTTP APIs beside the triggers, called as API Gateway does: with a proxy event and the claims of a verified token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.webauthn_cases.identity import EXAMPLE

if TYPE_CHECKING:
    from harness.dialects import ApiCall
    from harness.triggers import TriggersUnderTest

AT_HOME = EXAMPLE.origin
"""The page that honest requests come from, unless they say another Origin."""

_AS_JAVA_DOES = "%a %b %d %H:%M:%S UTC %Y"
"""How API Gateway writes `exp` and `iat` among the claims."""


@dataclass(frozen=True)
class ApiAnswer:
    """What an API answered, or that it failed."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    failed: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it is a 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_clean_refusal(self) -> bool:
        """Whether it is a 4xx."""
        return self.status is not None and 400 <= self.status < 500

    @property
    def json(self) -> Any:
        """The body, read; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def header(self, name: str) -> str | None:
        """A header, whatever its case."""
        return next((value for each, value in self.headers.items() if each.lower() == name.lower()), None)

    def described(self) -> str:
        """For a finding: the status, or how the function failed."""
        return f"status {self.status}" if self.status is not None else f"no HTTP answer ({self.failed})"


def id_token_claims(sub: str, username: str, email: str | None, now: datetime, **others: Any) -> dict[str, Any]:
    """The claims of a user's ID token as API Gateway's authorizer hands them on: texts, all of them."""
    claims = {
        "sub": sub,
        "cognito:username": username,
        "token_use": "id",
        "auth_time": str(int(now.timestamp())),
        "iat": now.strftime(_AS_JAVA_DOES),
        "exp": (now + timedelta(hours=1)).strftime(_AS_JAVA_DOES),
        **({"email": email, "email_verified": "true"} if email else {}),
        **others,
    }
    return {name: value for name, value in claims.items() if value is not None}


def proxy_event(
    call: ApiCall,
    claims: Mapping[str, Any] | None,
    *,
    headers: Mapping[str, str] | None = None,
    address: str = "203.0.113.7",
    body: str | None = None,
) -> dict[str, Any]:
    """The event of a REST API's Lambda proxy integration.

    Args:
        call: the request.
        claims: what the authorizer found out; None where there is none before the API.
        headers: of HTTP, beside Origin and Content-Type.
        address: whence the request comes.
        body: a body in the place of the call's.
    """
    sent = {"Content-Type": "application/json", "Origin": AT_HOME, **(headers or {})}
    query = {name: value for name, value in call.query.items() if isinstance(value, str)}
    context: dict[str, Any] = {
        "httpMethod": call.method,
        "identity": {"sourceIp": address, "userAgent": "conformance"},
        "path": f"/v1{call.path}",
        "requestId": "conformance",
        "resourcePath": call.path,
        "stage": "v1",
    }
    if claims is not None:
        context["authorizer"] = {"claims": dict(claims)}
    return {
        "resource": call.path,
        "path": call.path,
        "httpMethod": call.method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context,
        "body": body if body is not None else (None if call.body is None else json.dumps(call.body)),
        "isBase64Encoded": False,
    }


def ask(triggers: TriggersUnderTest, call: ApiCall, event: Mapping[str, Any]) -> ApiAnswer:
    """Give an API an event. Raises Inconclusive when the host fails."""
    made = triggers.invoke(call.function, event)
    found = made.returned
    if made.failed is not None or not isinstance(found, dict) or not isinstance(found.get("statusCode"), int):
        how = "the function failed" if made.failed is not None else "what was returned has no statusCode"
        return ApiAnswer(None, failed=how)
    headers = {
        name: str(value[0] if isinstance(value, list) and value else value)
        for member in ("multiValueHeaders", "headers")
        for name, value in (found.get(member) or {}).items()
    }
    body = found.get("body")
    return ApiAnswer(found["statusCode"], headers, body if isinstance(body, str) else "")
