"""The HTTP face: error form, CORS, bodies of every kind, and malformed requests."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.pool import EmbeddedPool
from tests.pool.caller import PASSWORD, TARGET, Client, SrpSignIn, UserPool, Wire

Begin = Callable[..., SrpSignIn]
INVALID = "InvalidParameterException"
SERIALIZATION = "SerializationException"
JSON = {"Content-Type": "application/x-amz-json-1.1"}


def body_of(**members: Any) -> bytes:
    return json.dumps(members).encode()


# Form


def test_an_error_has_the_aws_form(wire: Wire) -> None:
    answer = wire.call("InitiateAuth", AuthFlow="USER_SRP_AUTH", ClientId="nobody")
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.headers["x-amzn-errortype"] == "ResourceNotFoundException:"
    assert answer.headers["x-amzn-errormessage"] == "User pool client nobody does not exist."
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.headers["x-amzn-requestid"])
    assert answer.json == {"__type": "ResourceNotFoundException", "message": "User pool client nobody does not exist."}


def test_text_from_the_request_cannot_add_a_header(wire: Wire) -> None:
    answer = wire.call("InitiateAuth", AuthFlow="A\r\nX-Evil: 1\x00ä", ClientId="nobody")
    assert answer.error[0] == INVALID
    assert "x-evil" not in answer.headers


def test_a_browser_may_call(wire: Wire, client: Client) -> None:
    asked = {
        "Origin": "https://app.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "cache-control,content-type,x-amz-target,x-amz-user-agent",
    }
    preflight = wire.send("OPTIONS", "/", headers=asked)
    assert preflight.status == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    allowed = {name.strip() for name in preflight.headers["access-control-allow-headers"].split(",")}
    assert allowed >= set(asked["Access-Control-Request-Headers"].split(","))
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert preflight.body == b""
    for answer in (
        wire.raw_call("InitiateAuth", b"{", Origin=asked["Origin"]),
        wire.raw_call("ListUserPools", b'{"MaxResults": 1}', Origin=asked["Origin"]),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert "x-amzn-errortype" in exposed
        assert "x-amzn-errormessage" in exposed


def test_a_chunked_body_is_read(pool: UserPool, sign_in: Begin) -> None:
    attempt = sign_in()
    content = body_of(
        AuthFlow="USER_SRP_AUTH",
        ClientId=attempt.client.id,
        AuthParameters={"USERNAME": attempt.username, "SRP_A": attempt.srp_a},
    )
    pieces = iter([content[:7], content[7:100], content[100:]])
    headers = JSON | {"X-Amz-Target": TARGET + "InitiateAuth", "Transfer-Encoding": "chunked"}
    answer = pool.wire.send("POST", "/", pieces, headers, chunked=True)
    assert answer.json["ChallengeName"] == "PASSWORD_VERIFIER"


def test_the_date_is_the_pools(service: EmbeddedPool, wire: Wire) -> None:
    service.clock.set(datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert wire.call("ListUserPools", MaxResults=1).headers["date"] == "Thu, 02 Jan 2031 03:04:05 GMT"


# Validation against the service model


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"AuthFlow": "USER_SRP_AUTH", "ClientId": "not-a-client!"},
            "1 validation error detected: Value 'not-a-client!' at 'clientId' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\w+]+",
        ),
        (
            {"AuthFlow": "USER_SRP_AUTH"},
            "1 validation error detected: Value null at 'clientId' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            {"AuthFlow": "USER_SRP_AUTH", "ClientId": "x" * 129},
            f"1 validation error detected: Value '{'x' * 129}' at 'clientId' failed to satisfy constraint: "
            "Member must have length less than or equal to 128",
        ),
        (
            {"AuthFlow": "USER_SRP_AUTH", "ClientId": "x", "Session": "short"},
            "1 validation error detected: Value at 'session' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20",
        ),
    ],
)
def test_a_broken_constraint_is_told_in_awss_words(wire: Wire, members: dict[str, Any], message: str) -> None:
    assert wire.call("InitiateAuth", **members).error == (INVALID, message)


def test_every_broken_constraint_is_counted(wire: Wire) -> None:
    code, message = wire.call("InitiateAuth", AuthFlow="NO_FLOW", ClientId="").error
    assert code == INVALID
    assert message.startswith("3 validation errors detected: Value 'NO_FLOW' at 'authFlow' failed to satisfy")
    assert message.count("; ") == 2


@pytest.mark.parametrize(
    "members",
    [
        {"AuthFlow": 1, "ClientId": "x"},
        {"AuthFlow": ["USER_SRP_AUTH"], "ClientId": "x"},
        {"AuthFlow": "USER_SRP_AUTH", "ClientId": {"a": "b"}},
        {"AuthFlow": "USER_SRP_AUTH", "ClientId": True},
        {"AuthFlow": "USER_SRP_AUTH", "ClientId": "x", "AuthParameters": []},
        {"AuthFlow": "USER_SRP_AUTH", "ClientId": "x", "AuthParameters": "x"},
        {"AuthFlow": "USER_SRP_AUTH", "ClientId": "x", "AuthParameters": {"USERNAME": 1}},
        {"AuthFlow": "USER_SRP_AUTH", "ClientId": "x", "AuthParameters": {"USERNAME": {}}},
    ],
)
def test_a_wrong_json_type_is_a_serialization_exception(wire: Wire, members: dict[str, Any]) -> None:
    assert wire.call("InitiateAuth", **members).error[0] == SERIALIZATION


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"ClientId":',
        b"[]",
        b'"text"',
        b"null",
        b"1",
        b"{}{}",
        b"\xff\xfe",
        b'{"ClientId":"a","ClientId":"b"}',
        b'{"AuthParameters":{"USERNAME":"a","USERNAME":"b"}}',
        b'{"ClientId":"\\ud800"}',
        b'{"ClientId":NaN}',
        b'{"ClientId":1e999}',
        b'{"ClientId":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_a_body_that_is_not_the_json_of_the_protocol_is_a_serialization_exception(wire: Wire, body: bytes) -> None:
    assert wire.raw_call("InitiateAuth", body).error[0] in {SERIALIZATION, INVALID}


@pytest.mark.parametrize(
    "target", ["", "InitiateAuth", TARGET, TARGET + "NoSuchOperation", "OtherService.InitiateAuth", TARGET + "é" * 300]
)
def test_an_unknown_target_is_an_unknown_operation(wire: Wire, target: str) -> None:
    answer = wire.send("POST", "/", b"{}", {**JSON, "X-Amz-Target": target.encode("latin-1")})
    assert answer.error[0] == "UnknownOperationException"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("target", [None, TARGET + "InitiateAuth"])
def test_other_methods_are_refused(wire: Wire, method: str, target: str | None) -> None:
    answer = wire.send(method, "/", b"{}", JSON | ({"X-Amz-Target": target} if target else {}))
    assert answer.error[0] == "UnknownOperationException"


@pytest.mark.parametrize("name", ["USERNAME", "SRP_A", "PASSWORD", "SECRET_HASH"])
@pytest.mark.parametrize("length", [3000, 131_073, 1_000_000])
def test_a_huge_value_is_refused_quickly(pool: UserPool, client: Client, name: str, length: int) -> None:
    parameters = {"USERNAME": "x", "SRP_A": "1f", "PASSWORD": "x"} | {name: "x" * length}
    for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH"):
        started = time.perf_counter()
        answer = pool.wire.call("InitiateAuth", AuthFlow=flow, ClientId=client.id, AuthParameters=parameters)
        assert answer.error[0] in {INVALID, "UserNotFoundException"}
        assert time.perf_counter() - started < 2


def test_a_body_over_the_limit_is_refused(wire: Wire) -> None:
    answer = wire.raw_call("InitiateAuth", b" " * (2 * 1024 * 1024 + 1))
    assert (answer.status, answer.error[0]) == (413, "RequestEntityTooLargeException")


def test_an_endless_body_is_refused(service: EmbeddedPool) -> None:
    wire = Wire(service.endpoint)

    def endless() -> Iterator[bytes]:
        for _ in range(20 * 1024):
            yield b" " * 1024

    headers = JSON | {"X-Amz-Target": TARGET + "InitiateAuth", "Transfer-Encoding": "chunked"}
    try:
        answer = wire.send("POST", "/", endless(), headers, chunked=True)
    except (BrokenPipeError, ConnectionResetError):
        return  # it hung up on us before we had listened: refused as well
    finally:
        wire.close()
    assert answer.status == 413


@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\u202e", "\ufeff", "a\nb", "'; DROP TABLE--", "../../x"])
def test_strange_characters_are_only_characters(pool: UserPool, client: Client, value: str) -> None:
    for name in ("USERNAME", "PASSWORD", "SRP_A", "SECRET_HASH"):
        parameters = {"USERNAME": "x", "SRP_A": "1f", "PASSWORD": PASSWORD} | {name: value}
        for flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH"):
            answer = pool.wire.call("InitiateAuth", AuthFlow=flow, ClientId=client.id, AuthParameters=parameters)
            assert answer.error


def test_broken_http_is_refused_and_the_pool_goes_on(service: EmbeddedPool, sign_in: Begin) -> None:
    split = urlsplit(service.endpoint)
    for sent in (
        b"nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: nine\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ):
        with socket.create_connection((split.hostname or "", split.port or 0), timeout=20) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            first = connection.makefile("rb").readline()
            assert first == b"" or re.match(rb"HTTP/1\.[01] 4\d\d ", first)
    assert sign_in().finish().has_tokens


def test_a_compressed_body_that_is_none_is_refused(wire: Wire) -> None:
    answer = wire.raw_call("InitiateAuth", b"not gzip", **{"Content-Encoding": "gzip"})
    assert 400 <= answer.status < 500


# Fuzz

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OPERATIONS = (
    "InitiateAuth",
    "RespondToAuthChallenge",
    "AdminInitiateAuth",
    "AdminRespondToAuthChallenge",
    "GetUser",
    "ChangePassword",
    "AdminSetUserPassword",
    "AdminCreateUser",
    "AdminGetUser",
    "SignUp",
    "ConfirmSignUp",
    "ForgotPassword",
    "ConfirmForgotPassword",
    "GlobalSignOut",
    "UpdateUserAttributes",
    "AssociateSoftwareToken",
    "CreateUserPool",
    "CreateUserPoolClient",
    "UpdateUserPool",
    "ListUsers",
    "CreateGroup",
    "AdminAddUserToGroup",
    "SetUserPoolMfaConfig",
    "CreateIdentityProvider",
    "CreateResourceServer",
    "StartWebAuthnRegistration",
)
MEMBERS = (
    "AuthFlow",
    "ClientId",
    "UserPoolId",
    "AuthParameters",
    "ChallengeName",
    "ChallengeResponses",
    "Session",
    "AccessToken",
    "Username",
    "Password",
    "PoolName",
    "ClientName",
    "GroupName",
    "UserAttributes",
    "Filter",
    "Schema",
    "Policies",
    "ClientMetadata",
)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_malformed_requests_are_4xx_in_the_aws_form(
    pool: UserPool, client: Client, user: str, data: st.DataObject
) -> None:
    """Any request is answered in bounded time, and never with 5xx."""
    operation = data.draw(st.sampled_from(OPERATIONS))
    plausible: dict[str, Any] = {
        "AuthFlow": "USER_SRP_AUTH",
        "ClientId": client.id,
        "UserPoolId": pool.id,
        "AuthParameters": {"USERNAME": user, "SRP_A": "1f2e", "PASSWORD": PASSWORD},
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": {
            "USERNAME": user,
            "TIMESTAMP": "Thu Nov 5 00:03:09 UTC 2026",
            "PASSWORD_CLAIM_SIGNATURE": "AAAA",
            "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA",
        },
        "Username": user,
    }
    members = {name: plausible[name] for name in data.draw(st.sets(st.sampled_from(sorted(plausible))))}
    members |= data.draw(st.dictionaries(st.sampled_from(MEMBERS), json_values | st.text(max_size=5), max_size=3))
    for part in ("AuthParameters", "ChallengeResponses"):
        if data.draw(st.booleans()) and isinstance(members.get(part), dict):
            keys = st.sampled_from(sorted(plausible[part]))
            members[part] = members[part] | data.draw(st.dictionaries(keys, st.text() | json_values, max_size=2))
    content = json.dumps(members).encode()
    if data.draw(st.integers(0, 9)) == 0:
        content = content[: data.draw(st.integers(0, len(content)))] + data.draw(st.binary(max_size=8))
    started = time.perf_counter()
    answer = pool.wire.raw_call(operation, content)
    assert time.perf_counter() - started < 5
    assert not answer.has_tokens
    if answer.status != 200:
        assert answer.error
    assert pool.service.crashes == ()


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(content=st.binary(max_size=200), target=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
def test_any_bytes_to_any_target_are_answered(content: bytes, target: str, service: EmbeddedPool) -> None:
    wire = Wire(service.endpoint)
    try:
        assert wire.send("POST", "/", content, {"X-Amz-Target": target}).error
    except http.client.HTTPException as broken:
        raise AssertionError(f"no answer to target {target!r}") from broken
    finally:
        wire.close()
