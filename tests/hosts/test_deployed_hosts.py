"""Functions that run elsewhere: in Lambda (botocore's stubber) and behind a runtime endpoint (a loopback server)."""

from __future__ import annotations

import base64
import io
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from fakes.pool.functions import FunctionFailed, FunctionTimedOut
from harness.deployed_hosts import RUNTIME_PATH, LambdaHost, RuntimeEndpointHost
from harness.findings import Inconclusive, TargetUnreachable
from harness.trigger_hosts import make_trigger_host
from harness.trigger_settings import TriggersSettings
from tests.hosts.conftest import bare_stage

EVENT: dict[str, Any] = {"request": {"session": []}, "response": {}}


def body(payload: bytes) -> StreamingBody:
    return StreamingBody(io.BytesIO(payload), len(payload))


class Lambda:
    """A host over a stubbed client: answers are given in their order."""

    def __init__(self) -> None:
        client = boto3.client("lambda", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
        self.stub = Stubber(client)
        self.stub.activate()
        self.host = LambdaHost({"define_auth_challenge": "my-define:live"}, client)

    def answers(self, said: Any, **more: Any) -> None:
        asked = {
            "FunctionName": "my-define:live",
            "InvocationType": "RequestResponse",
            "LogType": "Tail",
            "Payload": json.dumps(EVENT).encode(),
        }
        self.stub.add_response("invoke", {"StatusCode": 200, "Payload": body(json.dumps(said).encode()), **more}, asked)


@pytest.fixture
def in_lambda() -> Lambda:
    return Lambda()


def test_lambda_is_asked_for_the_function_under_its_name_and_its_answer_handed_on(in_lambda: Lambda) -> None:
    in_lambda.answers({"response": {"issueTokens": False}})
    assert in_lambda.host.invoke("define_auth_challenge", EVENT) == {"response": {"issueTokens": False}}


def test_an_error_of_the_function_in_lambda_keeps_its_type_and_message(in_lambda: Lambda) -> None:
    in_lambda.answers(
        {"errorType": "ValueError", "errorMessage": "no table", "stackTrace": []}, FunctionError="Unhandled"
    )
    with pytest.raises(FunctionFailed) as failure:
        in_lambda.host.invoke("define_auth_challenge", EVENT)
    assert (failure.value.error_type, failure.value.error_message) == ("ValueError", "no table")


def test_a_function_that_lambda_cut_off_timed_out(in_lambda: Lambda) -> None:
    said = {"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 1 Error: Task timed out after 5.00 seconds"}
    in_lambda.answers(said, FunctionError="Unhandled")
    with pytest.raises(FunctionTimedOut, match=r"5\.00 seconds"):
        in_lambda.host.invoke("define_auth_challenge", EVENT)


def test_the_tail_of_each_invocations_log_is_kept(in_lambda: Lambda) -> None:
    for line in ("first\n", "second\n"):
        in_lambda.answers({}, LogResult=base64.b64encode(line.encode()).decode())
        in_lambda.host.invoke("define_auth_challenge", EVENT)
    assert in_lambda.host.logs() == "first\nsecond\n"


def test_what_lambda_itself_refuses_is_inconclusive(in_lambda: Lambda) -> None:
    in_lambda.stub.add_client_error("invoke", "AccessDeniedException", "not yours")
    with pytest.raises(Inconclusive, match="not yours"):
        in_lambda.host.invoke("define_auth_challenge", EVENT)


def test_a_function_that_is_not_configured_fails_as_an_unknown_one_does(in_lambda: Lambda) -> None:
    with pytest.raises(FunctionFailed, match="ResourceNotFoundException"):
        in_lambda.host.invoke("pre_sign_up", EVENT)


class Endpoint:
    """A runtime endpoint on loopback that answers what it is told to."""

    def __init__(self) -> None:
        self.status, self.said, self.asked = 200, b"{}", list[tuple[str, Any]]()
        endpoint = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append((self.path, event))
                self.send_response(endpoint.status)
                self.send_header("Content-Length", str(len(endpoint.said)))
                self.end_headers()
                self.wfile.write(endpoint.said)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def over_http(endpoint: Endpoint) -> Iterator[RuntimeEndpointHost]:
    settings = TriggersSettings.model_validate({"host": "runtime", "handlers": {"pre_sign_up": endpoint.url}})
    host = make_trigger_host(bare_stage(settings))
    assert isinstance(host, RuntimeEndpointHost)
    yield host
    host.close()


def test_a_runtime_endpoint_gets_the_event_where_lambdas_emulator_listens(
    endpoint: Endpoint, over_http: RuntimeEndpointHost
) -> None:
    endpoint.said = b'{"response": {"autoConfirmUser": true}}'
    assert over_http.invoke("pre_sign_up", EVENT) == {"response": {"autoConfirmUser": True}}
    assert endpoint.asked == [(RUNTIME_PATH, EVENT)]


def test_an_error_behind_a_runtime_endpoint_keeps_its_type_and_message(
    endpoint: Endpoint, over_http: RuntimeEndpointHost
) -> None:
    endpoint.said = b'{"errorType": "KeyError", "errorMessage": "TABLE", "requestId": "1", "stackTrace": []}'
    with pytest.raises(FunctionFailed) as failure:
        over_http.invoke("pre_sign_up", EVENT)
    assert (failure.value.error_type, failure.value.error_message) == ("KeyError", "TABLE")


@pytest.mark.parametrize(
    ("status", "said", "kind", "words"),
    [
        (200, b"Task timed out after 3.00 seconds", FunctionTimedOut, "3.00 seconds"),
        (200, b"<html>", Inconclusive, "no JSON"),
        (502, b"bad gateway", Inconclusive, "status 502"),
    ],
    ids=["timed out", "no JSON", "another status"],
)
def test_what_else_a_runtime_endpoint_says_is_explained(
    endpoint: Endpoint, over_http: RuntimeEndpointHost, status: int, said: bytes, kind: type[Exception], words: str
) -> None:
    endpoint.status, endpoint.said = status, said
    with pytest.raises(kind, match=words):
        over_http.invoke("pre_sign_up", EVENT)


def test_an_empty_answer_is_null(endpoint: Endpoint, over_http: RuntimeEndpointHost) -> None:
    endpoint.said = b""
    assert over_http.invoke("pre_sign_up", EVENT) is None


def test_a_runtime_endpoint_that_is_not_up_is_inconclusive() -> None:
    host = RuntimeEndpointHost({"pre_sign_up": "http://127.0.0.1:1"}, seconds=1)
    with pytest.raises(TargetUnreachable, match="is the function's container up"):
        host.invoke("pre_sign_up", EVENT)


def test_a_runtime_endpoint_that_is_silent_timed_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = RuntimeEndpointHost({"pre_sign_up": f"http://127.0.0.1:{silent.getsockname()[1]}"}, seconds=0.2)
        with pytest.raises(FunctionTimedOut):
            host.invoke("pre_sign_up", EVENT)
