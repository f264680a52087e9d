"""The server before the pool records each byte, and can cut, delay, refuse and redirect."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
import urllib3

from fakes.pool import EmbeddedPool, PoolOptions
from harness.client_front import Front, Reply
from harness.client_moves import challenge_with, error, instead_of_anything

TARGET = {"X-Amz-Target": "AWSCognitoIdentityProviderService.ListUserPools", "X-Own": "ä".encode().decode("latin-1")}
BODY = b'{"MaxResults": 1}'


@pytest.fixture(scope="module")
def pool() -> Iterator[EmbeddedPool]:
    with EmbeddedPool.start(PoolOptions(seed=1)) as started:
        yield started


@pytest.fixture
def front(pool: EmbeddedPool) -> Iterator[Front]:
    made = Front(pool.endpoint)
    yield made
    made.close()


def post(front: Front, body: bytes = BODY) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager(retries=False) as http:
        return http.request("POST", front.url() + "/", body=body, headers=TARGET, redirect=False, timeout=20)


def test_an_honest_front_hands_the_pools_answer_on_and_keeps_every_byte(front: Front) -> None:
    answer = post(front)
    [exchange] = front.exchanges()
    assert answer.status == 200
    assert "UserPools" in answer.json()
    assert exchange.request.operation == "ListUserPools"
    assert exchange.request.raw.endswith(b"\r\n\r\n" + BODY)
    assert "X-Own: ä".encode() in exchange.request.raw


def test_a_chunked_body_is_read_and_kept_as_it_was_sent(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.port)) as client:
        target = f"X-Amz-Target: {TARGET['X-Amz-Target']}\r\n".encode()
        client.sendall(b"POST / HTTP/1.1\r\n" + target + b"Transfer-Encoding: chunked\r\n\r\n")
        client.sendall(b'4\r\n{"Ma\r\nd\r\nxResults": 1}\r\n0\r\n\r\n')
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
    [exchange] = front.exchanges()
    assert exchange.request.body == BODY
    assert b'4\r\n{"Ma\r\n' in exchange.request.raw


def test_a_script_is_on_inside_its_block_only(front: Front) -> None:
    with front.playing(instead_of_anything(error("TooBad", "no"))):
        assert post(front).headers["x-amzn-ErrorType"] == "TooBad"
        assert len(front.exchanges()) == 1
    assert post(front).status == 200


def test_a_cut_answer_and_none_at_all_are_broken_connections(front: Front) -> None:
    for reply in (Reply(body=b"x" * 100, whole=False), Reply(status=0)):
        with front.playing(instead_of_anything(reply)), pytest.raises(urllib3.exceptions.HTTPError):
            post(front)


def test_silence_ends_when_its_time_is_over(front: Front) -> None:
    began = time.monotonic()
    with front.playing(instead_of_anything(Reply(silent_seconds=0.2))), pytest.raises(urllib3.exceptions.HTTPError):
        post(front)
    assert 0.2 <= time.monotonic() - began < 10


def test_only_the_password_challenge_is_changed(front: Front) -> None:
    with front.playing(challenge_with(SRP_B="0")):
        assert "UserPools" in post(front).json()


def test_what_is_no_http_harms_nothing(front: Front) -> None:
    for rubbish in (
        b"\r\n\r\n",
        b"HELLO\r\n\r\n",
        b"\x16\x03\x01\x00\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", front.port)) as client:
            client.sendall(rubbish)
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1024) == b""
    assert post(front).status == 200
