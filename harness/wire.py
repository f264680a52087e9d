"""The wire: one exchange of the AWS JSON 1.1 protocol with a Cognito endpoint, recorded, bounded in time and size."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import urllib3
from urllib3.exceptions import HTTPError

from harness.findings import Inconclusive, SetUpRefused, TargetUnreachable
from harness.service_model import violations_of

if TYPE_CHECKING:
    from harness.transcript import Transcript

TARGET_PREFIX = "AWSCognitoIdentityProviderService"
LARGEST_ANSWER = 4 * 2**20
"""Bytes of one answer; a target that sends more is not speaking the protocol."""

_THROTTLED = frozenset({"ThrottlingException", "TooManyRequestsException", "Throttling", "RequestLimitExceeded"})
_MOST_TRIES_WHEN_THROTTLED = 8
_LONGEST_UNPACED_WAIT = 3.0
_MOST_SILENCES = 3


@dataclass(frozen=True)
class AwsError:
    """An error in the AWS form: the exception's name without namespace, and its message."""

    type: str
    message: str


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers (names in lower case), body, and the seconds it took."""

    operation: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @cached_property
    def json(self) -> dict[str, Any] | None:
        """The body as a JSON object, or None when it is anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @cached_property
    def error(self) -> AwsError | None:
        """The error in the AWS form that a 4xx answer holds, or None."""
        if not 400 <= self.status < 500 or self.json is None:
            return None
        kind = self.json.get("__type") or self.headers.get("x-amzn-errortype")
        if not isinstance(kind, str) or not kind:
            return None
        message = self.json.get("message", self.json.get("Message", ""))
        return AwsError(type=kind.split(":")[0].rpartition("#")[2], message=message if isinstance(message, str) else "")

    @property
    def succeeded(self) -> bool:
        """Whether this is a 200 with a JSON object, or with nothing, as operations without output answer."""
        return self.status == 200 and (self.json is not None or not self.body)

    @property
    def speaks_the_protocol(self) -> bool:
        """Whether this is a 200 with a JSON object or an error in the AWS form."""
        return self.succeeded or self.error is not None

    def described(self) -> str:
        """The answer in a few words, for a finding."""
        if self.error:
            return f"HTTP {self.status} {self.error.type}: {self.error.message}"
        if self.succeeded:
            return f"HTTP 200 with {', '.join(sorted(self.json or {})) or 'nothing'}"
        return f"HTTP {self.status} that is no answer of the AWS JSON protocol ({self.body[:80]!r})"


Sign = Callable[[str, str, dict[str, str], bytes], dict[str, str]]
"""Given operation, URL, headers and body: the headers, with the caller's signature where the operation wants one."""


class Pace(Protocol):
    """Holds exchanges back, so that all workers of a run together stay under a quota."""

    def take_turn(self) -> None:
        """Wait until one more exchange may be sent."""

    def was_throttled(self, attempt: int) -> None:
        """The target refused try `attempt` (from 0) for the rate: slow everybody down, and wait before the next."""


class Wire:
    """Speaks to one endpoint for one worker. Safe to use from several threads."""

    def __init__(
        self,
        endpoint: str,
        *,
        transcript: Transcript,
        timeout_seconds: float,
        connections: int = 60,
        sign: Sign | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._sign = sign
        self._pace = pace
        self.transcript = transcript
        self._timeout_seconds = timeout_seconds
        self._http = urllib3.PoolManager(maxsize=connections, retries=False, headers={})
        self._silences = 0
        self._case_ends = float("inf")
        self._lock = threading.Lock()
        self.watch: Callable[[Any, Answer], None] | None = None
        """Sees each operation's request and answer, beside the transcript; None: nobody does."""

    def allow_seconds(self, seconds: float) -> None:
        """From now on, exchanges are made for this long; then each raises Inconclusive."""
        self._case_ends = time.perf_counter() + seconds

    def close(self) -> None:
        """Close every connection."""
        self._http.clear()

    def call(
        self,
        operation: str,
        request: Mapping[str, Any] | bytes,
        *,
        patiently: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one operation and return whatever came back.

        Args:
            operation: the operation's name, e.g. `InitiateAuth`; it goes into X-Amz-Target.
            request: a JSON object, or bytes to send as they are.
            patiently: wait and try again when the target says that it is throttling.
            headers: sent beside the protocol's own, and in their place where the names are the same.

        Raises:
            TargetUnreachable: no answer, or one that is too large, within the time-out.
        """
        body = request if isinstance(request, bytes) else json.dumps(request).encode()
        sent = {**_headers(operation), **(headers or {})}
        for attempt in range(_MOST_TRIES_WHEN_THROTTLED):
            answer = self._exchange(operation, "POST", self.endpoint + "/", sent, request, body)
            throttled = answer.error is not None and answer.error.type in _THROTTLED
            if not (patiently and throttled):
                return answer
            with self.time_out_of_the_case():
                if self._pace is None:
                    time.sleep(min(0.1 * 2**attempt, _LONGEST_UNPACED_WAIT))
                else:
                    self._pace.was_throttled(attempt)
        raise Inconclusive(f"{operation}: the target went on throttling after {_MOST_TRIES_WHEN_THROTTLED} tries")

    def ask(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send an operation that has to succeed for a check to be set up, and return its answer.

        Raises:
            SetUpRefused: the target refused it with an error in the AWS form.
            Inconclusive: it did not succeed in another way.
        """
        answer = self.call(operation, request)
        if not answer.succeeded or answer.json is None:
            refused = SetUpRefused if answer.error is not None else Inconclusive
            raise refused(f"set-up failed: {operation} was answered by {answer.described()}")
        return answer.json

    def get(self, path: str) -> Answer:
        """Fetch a document, such as the JWKS, by its path below the endpoint."""
        return self._exchange(f"GET {path}", "GET", self.endpoint + path, {}, None, None)

    def _exchange(
        self, operation: str, method: str, url: str, headers: Mapping[str, str], request: Any, body: bytes | None
    ) -> Answer:
        if self._silences >= _MOST_SILENCES:
            raise TargetUnreachable(
                f"the target at {self.endpoint} left {_MOST_SILENCES} exchanges unanswered; the rest is not tried"
            )
        if self._pace is not None:
            with self.time_out_of_the_case():
                self._pace.take_turn()
        if self._sign is not None and body is not None:
            headers = self._sign(operation, url, dict(headers), body)  # now: a signature is good for minutes only
        started, clock = datetime.now(UTC), time.perf_counter()
        if clock > self._case_ends:
            raise Inconclusive("the case ran out of its time (run.check_seconds); the target answers too slowly")
        status: int | None = None
        response: Any = None
        try:
            answer = self._send(operation, method, url, headers, body)
        except (HTTPError, OSError, ValueError) as error:
            response = reason = _reason(error)
            with self._lock:
                self._silences += 1
            raise TargetUnreachable(f"{self.endpoint} did not answer {operation}: {reason}") from error
        else:
            self._silences = 0
            status = answer.status
            response = answer.json if answer.json is not None else answer.body[:4_000].decode("utf-8", "replace")
        finally:
            self.transcript.record(
                operation=operation,
                method=method,
                url=url,
                request=request.decode("utf-8", "replace") if isinstance(request, bytes) else request,
                status=status,
                response=response,
                started=started,
                seconds=time.perf_counter() - clock,
            )
        if method == "POST":
            self.transcript.model_violations.extend(violations_of(answer))
            if self.watch is not None:
                self.watch(request, answer)
        return answer

    @contextmanager
    def time_out_of_the_case(self) -> Iterator[None]:
        """What waiting for the quota, or for a message, takes is no time that the case took: it is not the target's."""
        clock = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self._case_ends += time.perf_counter() - clock

    def _send(self, operation: str, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        deadline = time.perf_counter() + self._timeout_seconds
        clock = time.perf_counter()
        response = self._http.request(
            method,
            url,
            body=body,
            headers=dict(headers),
            redirect=False,
            preload_content=False,
            timeout=urllib3.Timeout(total=self._timeout_seconds),
        )
        try:
            content = bytearray()
            while chunk := response.read1(65_536):
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    raise ValueError(f"the answer is larger than {LARGEST_ANSWER} bytes")
                if time.perf_counter() > deadline:
                    raise ValueError(f"the answer was not whole after {self._timeout_seconds:g} s")
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return Answer(
            operation=operation,
            status=response.status,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(content),
            seconds=time.perf_counter() - clock,
        )


def _headers(operation: str) -> dict[str, str]:
    return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{TARGET_PREFIX}.{operation}"}


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", None) or error
    return f"{type(cause).__name__}: {cause}"
