"""HTTP APIs that are deployed, asked over HTTP with a user's ID token, as the user's browser would."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from harness.credential_api import AT_HOME, ApiAnswer
from harness.findings import TargetUnreachable

if TYPE_CHECKING:
    from harness.dialects import ApiCall
    from harness.transcript import Transcript

LARGEST_ANSWER = 2**20
"""Bytes of one answer; a list of passkeys is a hundredth of it."""

_AT_ONCE = 64


class DeployedApis:
    """The APIs of one worker's triggers. Safe to use from several threads.

    Args:
        bases: for each function the URL that its paths are appended to.
        seconds: for one answer, from the first byte sent to the last received.
        take_turn: waits until one more request may be sent; called before each.
    """

    def __init__(
        self, bases: Mapping[str, str], *, seconds: float, take_turn: Callable[[], None] = lambda: None
    ) -> None:
        self._take_turn = take_turn
        self.waited_seconds = 0.0
        """How long all requests together have waited for their turns."""
        self._bases = {function: base.rstrip("/") for function, base in bases.items()}
        self._seconds = seconds
        self._http = urllib3.PoolManager(maxsize=_AT_ONCE, retries=False, headers={})

    def __contains__(self, function: str) -> bool:
        return function in self._bases

    def ask(
        self,
        call: ApiCall,
        token: str | None,
        transcript: Transcript,
        *,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> ApiAnswer:
        """Send a request, and write it down. A redirection is an answer like any other.

        Args:
            call: the request.
            token: goes into Authorization, as a bearer token; None for a request without.
            transcript: where the exchange is recorded, redacted.
            headers: of HTTP, beside Origin and Content-Type.
            body: a body in the place of the call's.

        Raises:
            TargetUnreachable: nobody listens there.
        """
        transcript.redactor.learn(token)
        sent = {"Content-Type": "application/json", "Origin": AT_HOME, **(headers or {})}
        sent |= {"Authorization": f"Bearer {token}"} if token is not None else {}
        text = body if body is not None else (None if call.body is None else json.dumps(call.body))
        url = self._url(call)
        came = time.perf_counter()
        self._take_turn()
        self.waited_seconds += time.perf_counter() - came
        started, clock = datetime.now(UTC), time.perf_counter()
        answer = ApiAnswer(None, failed="nobody listens there")
        try:
            answer = self._answer(call.method, url, sent, text)
        finally:
            transcript.record(
                operation=f"{call.method} {call.path}",
                method=call.method,
                url=url,
                request={"headers": sent, "body": _read(text)},
                status=answer.status,
                response=answer.failed or {"headers": dict(answer.headers), "body": _read(answer.body)},
                started=started,
                seconds=time.perf_counter() - clock,
            )
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._http.clear()

    def _url(self, call: ApiCall) -> str:
        query = {name: value for name, value in call.query.items() if isinstance(value, str)}
        asked = f"?{urlencode(query, errors='surrogatepass')}" if query else ""
        return f"{self._bases[call.function]}{call.path}{asked}"

    def _answer(self, method: str, url: str, headers: Mapping[str, str], text: str | None) -> ApiAnswer:
        deadline = time.perf_counter() + self._seconds
        try:
            response = self._http.request(
                method,
                url,
                body=None if text is None else text.encode("utf-8", "surrogatepass"),
                headers=dict(headers),
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=self._seconds),
            )
        except ReadTimeoutError:
            return ApiAnswer(None, failed=self._too_late)
        except ProtocolError as failure:  # whoever listens has broken off, over this request perhaps
            return ApiAnswer(None, failed=f"the connection broke off: {_reason(failure)}")
        except HTTPError as failure:
            raise TargetUnreachable(
                f"{url} does not answer: is the API up, and is triggers.apis its base URL? ({_reason(failure)})"
            ) from failure
        content, failed = bytearray(), ""
        try:
            while chunk := response.read1(65_536):
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    failed = f"the answer is larger than {LARGEST_ANSWER} bytes"
                    break
                if time.perf_counter() > deadline:
                    failed = self._too_late
                    break
        except ReadTimeoutError:
            failed = self._too_late
        except HTTPError as failure:
            failed = f"the answer broke off: {_reason(failure)}"
        if failed:
            response.close()
            return ApiAnswer(None, failed=failed)
        response.release_conn()
        return ApiAnswer(response.status, dict(response.headers), content.decode("utf-8", "replace"))

    @property
    def _too_late(self) -> str:
        return f"the answer was not whole after {self._seconds:g} s"


def _read(text: str | None) -> Any:
    """JSON where it is some, so that the redactor sees its members."""
    try:
        return json.loads(text) if text else text
    except (ValueError, RecursionError):
        return text


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return f"{type(cause).__name__}: {cause}"
