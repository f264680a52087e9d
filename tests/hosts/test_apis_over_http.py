"""Credential APIs that run already: asked over HTTP with the user's ID token, judged, and recorded without it."""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.arrangement import Arrangements, Names
from harness.custom_auth import CustomAuthSignIn
from harness.deployed_apis import LARGEST_ANSWER, DeployedApis
from harness.dialects.passkeys import CREDENTIALS_API, ApiCall
from harness.embedded_triggers import EmbeddedTriggers
from harness.fido2_flow import Fido2Flow
from harness.fido2_moves import GIVING_A_HANDLE, nobodys_options
from harness.findings import Inconclusive, TargetUnreachable
from harness.settings import Settings
from harness.targets import EmbeddedTarget
from harness.transcript import Transcript
from harness.trigger_settings import TriggersSettings
from harness.triggers import find_triggers
from harness.webauthn_cases.making import ResponseMaker
from harness.wire import Wire
from protocol.webauthn import base64url
from tests.harness.conftest import ROOT
from tests.hosts.judging import judged

PROGRAM = Path(__file__).with_name("api_over_http.py")
START = ApiCall(CREDENTIALS_API, "/register-authenticator/start", {"rpId": "example.org"}, {"a": 1})
Answer = Callable[[BaseHTTPRequestHandler], None]


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def configured(port: int, **environment: str) -> dict[str, Any]:
    """[triggers]: the program as a host, and its APIs over HTTP."""
    reference = TriggersSettings().completed()
    told = {"PYTHONPATH": str(ROOT), "API_PORT": str(port), "USER_POOL_ID": "{user_pool_id}", **environment}
    base = f"http://127.0.0.1:{port}/v1"
    return {
        "host": "command",
        "command": [sys.executable, str(PROGRAM)],
        "environment": {**reference.environment, **told},
        "tables": [table.model_dump(exclude_none=True) for table in reference.tables],
        "signing_keys": [key.model_dump() for key in reference.signing_keys],
        "senders": reference.senders,
        "passkeys_table": reference.passkeys_table,
        "link_origins": reference.link_origins,
        "apis": {"fido2_credentials_api": base, "fido2_challenge_api": f"{base}/"},
    }


@pytest.fixture(scope="module")
def flow() -> Iterator[Fido2Flow]:
    settings = Settings.model_validate({"triggers": configured(a_free_port())})
    target = EmbeddedTarget(settings.target, seed=7, run_name="over http")
    wire = Wire(target.open(), transcript=Transcript(), timeout_seconds=30)
    randomness = random.Random(7)  # noqa: S311 - names and credential ids of a test
    triggers = EmbeddedTriggers(settings, target, Arrangements(wire, Names(randomness, "canary"), "hosts"))
    try:
        yield Fido2Flow(triggers, target, ResponseMaker("hosts", randomness))
    finally:
        triggers.close()
        target.close()


@pytest.fixture(autouse=True)
def _in_real_time(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "flow" in request.fixturenames:
        request.getfixturevalue("flow").target.clock.follow_real_time()


def test_a_passkey_is_registered_over_http_and_signs_in(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    credential = flow.register(holder)
    assert flow.sign_in(holder, credential).has_tokens
    assert CREDENTIALS_API not in flow.triggers.functions


def test_a_passkey_signs_in_without_a_user_name(flow: Fido2Flow) -> None:
    holder = flow.new_holder(username="0d9f6a52-7c1e-4b7a-9b0e-5a3f2c1d8e47")
    credential = flow.register(holder)
    answer = flow.spoken.answer(flow.response(nobodys_options(flow), credential, GIVING_A_HANDLE))
    named = flow.spoken.username_of(credential.user_handle)
    assert named is not None
    sign_in = CustomAuthSignIn(flow.pool, flow.client, replace(holder.user, username=named))
    sign_in.initiate()
    assert sign_in.respond(answer).has_tokens


def test_passkeys_are_listed_renamed_and_removed_over_http(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    credential, kept = flow.register(holder), flow.register(holder)
    id = base64url.encode(credential.id)
    assert flow.call(flow.spoken.rename(id, "Blue key"), holder).succeeded
    assert {each.id: each.name for each in flow.listed(holder)}[id] == "Blue key"
    assert flow.call(flow.spoken.delete(id), holder).succeeded
    assert [each.id for each in flow.listed(holder)] == [base64url.encode(kept.id)]


def test_a_user_signs_in_again_before_the_token_expires(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    flow.start(holder)
    flow.later(timedelta(hours=2))
    flow.start(holder)


def test_who_shows_no_token_or_an_access_token_is_refused(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    access = {**holder.claims, "token_use": "access"}
    assert flow.try_start(holder, claims={}).status == 401
    assert flow.try_start(holder, claims=access).status == 401
    assert flow.try_start(holder).succeeded


def test_claims_that_no_token_has_are_not_decided(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    with pytest.raises(Inconclusive, match="api-events"):
        flow.try_start(holder, claims={**holder.claims, "auth_time": "1"})


def test_exchanges_are_recorded_without_the_token(flow: Fido2Flow) -> None:
    holder = flow.new_holder()
    transcript = flow.pool.wire.transcript
    flow.start(holder)
    exchange = transcript.exchanges()[-1]
    assert (exchange.method, exchange.status) == ("POST", 200)
    assert exchange.url.endswith("/v1/register-authenticator/start?rpId=example.org")
    assert exchange.response["body"]["rp"]["id"] == "example.org"
    assert "redacted" in exchange.request["headers"]["Authorization"]
    assert holder.tokens is not None
    assert holder.tokens.tokens.id not in json.dumps(exchange.model_dump(mode="json"))


def test_an_authorizer_that_does_not_know_the_pool_is_named(flow: Fido2Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    with _listening(lambda asked: _answered(asked, 401, b"{}")) as base:
        monkeypatch.setattr(flow.triggers, "apis", DeployedApis({CREDENTIALS_API: base}, seconds=5))
        with pytest.raises(Inconclusive, match=r"status 401; what stands before the API.*/\.well-known/jwks\.json"):
            flow.start(flow.new_holder())


def test_nobody_listening_is_told_with_what_to_do() -> None:
    transcript = Transcript()
    with pytest.raises(TargetUnreachable, match=r"is the API up, and is triggers\.apis its base URL"):
        DeployedApis({CREDENTIALS_API: f"http://127.0.0.1:{a_free_port()}"}, seconds=5).ask(START, None, transcript)
    assert transcript.exchanges()[-1].status is None


@pytest.mark.parametrize("sends", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"], ids=["nothing", "half"])
def test_an_answer_that_does_not_come_whole_is_cut_off(sends: bytes) -> None:
    silence = threading.Event()

    def answer(asked: BaseHTTPRequestHandler) -> None:
        asked.wfile.write(sends)
        asked.wfile.flush()
        silence.wait(30)

    with _listening(answer) as base:
        got = DeployedApis({CREDENTIALS_API: base}, seconds=0.3).ask(START, None, Transcript())
        silence.set()
    assert (got.status, got.failed) == (None, "the answer was not whole after 0.3 s")


def test_a_connection_that_breaks_off_is_an_answer_that_failed() -> None:
    with _listening(lambda asked: asked.connection.shutdown(socket.SHUT_RDWR)) as base:
        got = DeployedApis({CREDENTIALS_API: base}, seconds=10).ask(START, None, Transcript())
    assert got.status is None
    assert "the connection broke off" in got.described()


def test_an_answer_without_end_is_not_read_to_the_end() -> None:
    with _listening(lambda asked: _answered(asked, 200, b"x" * (LARGEST_ANSWER + 1))) as base:
        got = DeployedApis({CREDENTIALS_API: base}, seconds=10).ask(START, None, Transcript())
    assert got.status is None
    assert "larger than" in got.failed


def test_a_redirection_is_not_followed_with_the_token() -> None:
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        _answered(request, 302, b"", {"Location": "/elsewhere"})

    with _listening(answer) as base:
        got = DeployedApis({CREDENTIALS_API: base}, seconds=5).ask(START, "a token of somebody", Transcript())
    assert got.status == 302
    assert asked == ["/register-authenticator/start?rpId=example.org"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"apis": {"fido2_credentials_api": "api.example.com"}}, "write https://host/stage"),
        ({"apis": {"fido2_credentials_api": "https://me:pass@api.example.com"}}, "write https://host/stage"),
        ({"apis": {"fido2_credentials_api": "https://api.example.com/v1?stage=2"}}, "write https://host/stage"),
        ({"apis": {"define_auth_challenge": "https://api.example.com"}}, "fido2_credentials_api"),
        ({"host": "reference", "command": []}, "set host to theirs"),
        ({"variants": {"verification-preferred": {"A": "b"}}}, "already have them set"),
        (
            {"host": "lambda", "command": [], "handlers": {"fido2_credentials_api": "a-function"}},
            "under handlers and under apis",
        ),
    ],
)
def test_what_cannot_be_asked_over_http_is_an_error(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TriggersSettings.model_validate({**configured(1), **wrong})


def test_needs_that_http_cannot_meet_are_not_met() -> None:
    over_http = find_triggers(Settings.model_validate({"triggers": configured(1)})).needs_met
    assert {"credential-api", "challenge-api", "fido2"} <= over_http
    assert "api-events" not in over_http
    assert "api-events" in find_triggers(Settings()).needs_met


CHECKS = ("CRED", "WA-REG-08g", "WA-OPT-14", "WA-OPT-15", "WA-REG-09", "WA-AUT-21", "WA-AOP-07")


def test_the_checks_of_the_credential_api_run_over_http(tmp_path: Path) -> None:
    run = judged(_written(tmp_path, configured(a_free_port())), tmp_path, *CHECKS)
    assert run.exit_code == 0, run.output
    asked = {f"CRED-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12)} | {
        "WA-OPT-14",
        "WA-AUT-21",
        "WA-REG-08g",
    }
    assert asked <= run.checks("pass")
    assert {"WA-OPT-15", "WA-AOP-07"} <= run.checks("not applicable")
    assert {record.missing_need for record in run.records if record.check == "WA-OPT-15"} == {"api-events"}


def test_a_fault_behind_http_is_found(tmp_path: Path) -> None:
    faults = "triggers.passkeys.finds-credentials-of-anybody"
    run = judged(_written(tmp_path, configured(a_free_port(), FAULTS=faults)), tmp_path, "CRED-02", "CRED-01")
    assert run.exit_code == 1, run.output
    assert run.checks("fail") == {"CRED-02"}
    assert "renamed another user's credential" in run.messages("CRED-02", "fail")


def _written(folder: Path, triggers: Mapping[str, Any]) -> Path:
    lines: list[str] = []
    for name, value in triggers.items():
        if isinstance(value, Mapping):
            lines += [f"[triggers.{name}]", *(f"{key} = {json.dumps(each)}" for key, each in value.items())]
        elif value and isinstance(value, list) and isinstance(value[0], Mapping):
            for table in value:
                lines += [f"[[triggers.{name}]]", *(f"{key} = {json.dumps(each)}" for key, each in table.items())]
        else:
            lines.insert(0, f"{name} = {json.dumps(value)}")
    file = folder / "conformance.toml"
    file.write_text("\n".join(["[triggers]", *lines]))
    return file


@contextmanager
def _listening(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _answered(
    asked: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> None:
    asked.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
        asked.send_header(name, value)
    asked.end_headers()
    try:
        asked.wfile.write(body)
    except OSError:  # who asked has heard enough
        asked.close_connection = True
