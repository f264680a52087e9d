"""Trigger hosts whose functions run elsewhere: deployed in Lambda, or behind Lambda's runtime endpoint over HTTP."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from fakes.pool.functions import FunctionFailed, FunctionTimedOut
from harness.concurrent_peer import KEPT_BYTES
from harness.findings import Inconclusive, TargetUnreachable
from harness.peer_host import TIMED_OUT

RUNTIME_PATH = "/2015-03-31/functions/function/invocations"
"""Where Lambda's runtime interface emulator listens; one emulator runs one function."""

_SECONDS_TO_CONNECT = 5.0


class _Deployed:
    """What hosts have in common that do not start their functions: no clock, no cold start."""

    capabilities: frozenset[str] = frozenset()

    def __init__(self, where: Mapping[str, str]) -> None:
        self._where = dict(where)
        self.functions = frozenset(where)

    def set_clock(self, moment: datetime | None) -> None:
        """As TriggerHost has it: the functions' clock is out of reach."""

    def recycle(self) -> None:
        """As TriggerHost has it: cold starts are out of reach."""

    def logs(self) -> str:
        """As TriggerHost has it."""
        return ""

    def close(self) -> None:
        """As TriggerHost has it: nothing was started."""

    def _place_of(self, function: str) -> str:
        if function not in self._where:
            raise FunctionFailed("ResourceNotFoundException", f"no function {function} is configured")
        return self._where[function]


class LambdaHost(_Deployed):
    """Functions deployed in AWS, invoked with boto3 and the credentials of its own search.

    Args:
        where: for each function the name or ARN it is deployed under, a version or alias included where wanted.
        client: a boto3 client of Lambda.
    """

    name = "AWS Lambda"
    capabilities = frozenset({"logs"})

    def __init__(self, where: Mapping[str, str], client: Any) -> None:
        super().__init__(where)
        self._client = client
        self._lock = threading.Lock()
        self._logs = ""

    def invoke(self, function: str, event: Mapping[str, Any]) -> object:
        """As TriggerHost has it; keeps the last 4 KB of the invocation's log, which is all that Lambda gives."""
        from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

        place = self._place_of(function)
        try:
            answer = self._client.invoke(
                FunctionName=place,
                InvocationType="RequestResponse",
                LogType="Tail",
                Payload=json.dumps(event).encode(),
            )
            payload = answer["Payload"].read()
        except ReadTimeoutError as silence:
            raise FunctionTimedOut(f"{function}: {silence}") from silence
        except ClientError as refusal:
            raise Inconclusive(f"Lambda did not invoke {place}: {refusal}") from refusal
        except BotoCoreError as failure:
            raise TargetUnreachable(f"Lambda cannot be asked to invoke {place}: {failure}") from failure
        with self._lock:
            tail = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
            self._logs = (self._logs + tail)[-KEPT_BYTES:]
        said = _read(payload, f"Lambda, for {place},")
        if "FunctionError" in answer:
            raise _failure(function, said)
        return said

    def logs(self) -> str:
        """As TriggerHost has it."""
        return self._logs


class RuntimeEndpointHost(_Deployed):
    """Functions behind Lambda's runtime interface emulator, as its base images and `sam local` bring it.

    Args:
        where: for each function the base URL of its emulator.
        seconds: for one answer.
    """

    name = "Lambda runtime endpoint"

    def __init__(self, where: Mapping[str, str], *, seconds: float) -> None:
        import urllib3

        super().__init__(where)
        timeout = urllib3.Timeout(connect=_SECONDS_TO_CONNECT, read=seconds)
        self._http = urllib3.PoolManager(maxsize=64, retries=False, timeout=timeout)

    def invoke(self, function: str, event: Mapping[str, Any]) -> object:
        """As TriggerHost has it. The endpoint marks no failure: an object with `errorType` is one."""
        import urllib3

        base = self._place_of(function).rstrip("/")
        url = base if urlsplit(base).path.endswith("/invocations") else base + RUNTIME_PATH
        try:
            answer = self._http.request(
                "POST", url, body=json.dumps(event).encode(), headers={"Content-Type": "application/json"}
            )
        except urllib3.exceptions.ReadTimeoutError as silence:
            raise FunctionTimedOut(f"{function}: {silence}") from silence
        except urllib3.exceptions.HTTPError as failure:
            raise TargetUnreachable(f"{url} does not answer; is the function's container up? ({failure})") from failure
        if answer.status != 200:
            raise Inconclusive(f"{url} answered with status {answer.status}: {answer.data[:300]!r}")
        if answer.data.startswith(b"Task timed out after"):
            raise FunctionTimedOut(f"{function}: {answer.data.decode('utf-8', 'replace')}")
        said = _read(answer.data, url)
        if isinstance(said, dict) and "errorType" in said:
            raise _failure(function, said)
        return said

    def close(self) -> None:
        """As TriggerHost has it."""
        self._http.clear()


def _read(payload: bytes, who: str) -> Any:
    try:
        return json.loads(payload) if payload else None
    except ValueError as error:
        raise Inconclusive(f"{who} answered with what is no JSON: {payload[:300]!r}") from error


def _failure(function: str, said: Any) -> FunctionFailed | FunctionTimedOut:
    """What Lambda says of a function that failed: `{errorType, errorMessage, stackTrace}`."""
    members = said if isinstance(said, dict) else {"errorMessage": str(said)}
    error_type, error_message = str(members.get("errorType", "Error")), str(members.get("errorMessage", ""))
    if error_type == TIMED_OUT or "Task timed out after" in error_message:
        return FunctionTimedOut(f"{function}: {error_message}")
    return FunctionFailed(error_type, error_message)
