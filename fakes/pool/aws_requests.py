"""Requests to the AWS services beside Cognito, as far as they are looked at on their way to moto."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

_SCOPE = re.compile(r"Credential=[^/,\s]+/\d+/([^/,\s]+)/([^/,\s]+)/aws4_request")


@dataclass(frozen=True)
class AwsRequest:
    """A request as it came: `target` is path and query. `region` and `service` are what it was signed for."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def service(self) -> str:
        """As credential scopes have it: `ses` for both of its APIs."""
        return self._scope[1]

    @property
    def region(self) -> str:
        """Empty when the request was not signed."""
        return self._scope[0]

    @property
    def operation(self) -> str:
        """What follows the service's name in X-Amz-Target; empty for the other protocols."""
        return self._header("x-amz-target").rpartition(".")[2]

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    def form(self) -> dict[str, str]:
        """The parameters of the query protocol; empty when the body is none."""
        try:
            return {name: values[-1] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}
        except ValueError:
            return {}

    def document(self) -> dict[str, Any]:
        """The body's JSON object; empty when it is none."""
        try:
            content = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def _scope(self) -> tuple[str, str]:
        found = _SCOPE.search(self._header("authorization"))
        return (found[1], found[2]) if found else ("", "")

    def _header(self, wanted: str) -> str:
        return next((value for name, value in self.headers.items() if name.lower() == wanted), "")


def members(form: dict[str, str], prefix: str) -> list[str]:
    """A list of the query protocol, which is `Prefix.member.1`, `Prefix.member.2` and so on."""
    found: list[str] = []
    while (value := form.get(f"{prefix}.member.{len(found) + 1}")) is not None:
        found.append(value)
    return found
