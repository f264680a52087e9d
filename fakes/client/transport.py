"""How the client reaches the service: one POST an operation, over TLS that it verifies."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from fakes.client.failures import BrokenAnswer, ServiceRefused
from fakes.faults import declare_fault

FOLLOWS_REDIRECTS = declare_fault("client.transport.follows-redirects", "a redirect to another host is followed")
ANY_CERTIFICATE = declare_fault("client.transport.any-certificate", "certificates are not verified")
ANY_HOST_NAME = declare_fault("client.transport.any-host-name", "a certificate that is trusted may be another host's")

_SECONDS = urllib3.Timeout(connect=5, read=30)
_PREFIX = "AWSCognitoIdentityProviderService"


class Transport:
    """Calls operations at one endpoint."""

    def __init__(
        self, endpoint: str, ca_file: str | None, on: Callable[[str], bool], headers: Mapping[str, str] | None = None
    ) -> None:
        self._endpoint = endpoint
        self._on = on
        self._headers = dict(headers or {})
        self._http = urllib3.PoolManager(retries=False, **self._tls(ca_file))

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an operation. Raises ServiceRefused and BrokenAnswer."""
        try:
            answer = self._http.request(
                "POST",
                self._endpoint + "/",
                body=json.dumps(request).encode(),
                headers={
                    "Content-Type": "application/x-amz-json-1.1",
                    "X-Amz-Target": f"{_PREFIX}.{operation}",
                    **self._headers,
                },
                timeout=_SECONDS,
                redirect=False,
            )
            if self._on(FOLLOWS_REDIRECTS) and answer.status in (301, 302, 307, 308):
                return Transport(answer.headers["Location"].rstrip("/"), None, self._on).call(operation, request)
            content = json.loads(answer.data)
        except (HTTPError, OSError, ValueError) as error:
            raise BrokenAnswer(f"{operation} was not answered: {type(error).__name__}") from error
        if answer.status == 200 and isinstance(content, dict):
            return content
        if isinstance(content, dict) and isinstance(content.get("__type"), str):
            raise ServiceRefused(content["__type"].rpartition("#")[2], str(content.get("message", "")))
        raise BrokenAnswer(f"{operation} was answered by HTTP {answer.status}")

    def close(self) -> None:
        """Close every connection."""
        self._http.clear()

    def _tls(self, ca_file: str | None) -> dict[str, Any]:
        if not self._endpoint.startswith("https://"):
            return {}
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(ca_file)
        if self._on(ANY_HOST_NAME) or self._on(ANY_CERTIFICATE):
            context.check_hostname = False
        if self._on(ANY_CERTIFICATE):
            context.verify_mode = ssl.CERT_NONE
            return {"ssl_context": context, "cert_reqs": "CERT_NONE", "assert_hostname": False}
        return {"ssl_context": context, **({"assert_hostname": False} if self._on(ANY_HOST_NAME) else {})}
