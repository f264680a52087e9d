"""Both hosts run handlers as Lambda would, whatever the handlers do."""

from __future__ import annotations

import os
import re
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakes.pool.functions import FunctionFailed, FunctionTimedOut
from harness.peer import PeerFailed
from tests.hosts.handlers import AT_IMPORT, HONEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.peer_host import PeerHost

DEFINE, CREATE = "define_auth_challenge", "create_auth_challenge"


def test_a_function_gives_back_what_its_handler_returned_whole(host: PeerHost) -> None:
    event = {"userName": "zoë", "request": {"session": [{"n": 1.5, "none": None, "line": "a\nb\u2028c"}]}}
    assert host.invoke(DEFINE, event) == {**event, "response": {"answered": True}}


def test_a_host_says_who_it_is(host: PeerHost, language: str) -> None:
    assert host.name.split()[0] == language
    assert host.functions == {DEFINE, CREATE}
    assert host.capabilities == {"clock", "recycle", "logs"}


FAILURES = {
    "raises": ("raise", "Refused", "^not today$"),
    "ends its process": ("end", "Runtime.ExitError", "exit status 3"),
    "returns a circle": ("circle", "Runtime.MarshalError", "[Cc]ircular"),
    "returns what JSON cannot say": ("not json", "Runtime.MarshalError", "set|BigInt"),
}


@pytest.mark.parametrize(("do", "error_type", "words"), FAILURES.values(), ids=FAILURES)
def test_a_handler_that_fails_is_told_as_lambda_tells_it_and_the_host_lives_on(
    host: PeerHost, do: str, error_type: str, words: str
) -> None:
    process = host.process_id
    for _ in range(2):
        with pytest.raises(FunctionFailed) as failure:
            host.invoke(DEFINE, {"do": do})
        assert failure.value.error_type == error_type
        assert re.search(words, failure.value.error_message)
        assert host.invoke(DEFINE, {"n": 1}) == {"n": 1, "response": {"answered": True}}
        assert host.invoke(CREATE, {"n": 2}) == {"n": 2, "response": {"answered": True}}
    assert host.process_id == process


def test_a_crash_is_the_functions_own_and_the_host_lives_on(host: PeerHost) -> None:
    process = host.process_id
    with pytest.raises(FunctionFailed, match=r"exit status 4|nobody catches this"):
        host.invoke(DEFINE, {"do": "crash"})
    assert host.invoke(DEFINE, {"do": "count"}) == {"calls": 1}
    assert host.process_id == process


@pytest.mark.parametrize(("sources", "error_type", "words"), AT_IMPORT.values(), ids=AT_IMPORT)
def test_a_module_that_cannot_be_loaded_says_why_at_every_event_and_hurts_no_other(
    make_host: Callable[..., PeerHost], language: str, sources: dict[str, str], error_type: str, words: str
) -> None:
    host = make_host({DEFINE: sources[language], CREATE: HONEST[language]})
    for _ in range(2):
        with pytest.raises(FunctionFailed, match=words) as failure:
            host.invoke(DEFINE, {})
        assert failure.value.error_type in error_type.split("|")
    assert host.invoke(CREATE, {"do": "count"}) == {"calls": 1}


def test_an_unknown_function_is_refused_with_the_known_ones_named(host: PeerHost) -> None:
    with pytest.raises(FunctionFailed, match=rf"no function pre_sign_up; configured: {DEFINE}, {CREATE}"):
        host.invoke("pre_sign_up", {})


def test_a_handler_that_returns_nothing_gives_null_and_the_log_says_so(host: PeerHost) -> None:
    assert host.invoke(DEFINE, {"do": "nothing"}) is None
    assert eventually(lambda: "which reaches its caller as null" in host.logs())


def test_an_answer_that_is_no_object_is_handed_on(host: PeerHost) -> None:
    assert host.invoke(DEFINE, {"do": "a text"}) == "a text"


def test_what_a_handler_prints_is_a_log_and_no_answer(host: PeerHost) -> None:
    assert host.invoke(DEFINE, {"do": "print"}) == {"do": "print", "response": {"answered": True}}
    printed = ("on standard output", "on standard error", "behind the language's back", "through the logger", "forged")
    assert eventually(lambda: all(words in host.logs() for words in printed))


def test_a_handlers_standard_input_is_empty(host: PeerHost) -> None:
    assert host.invoke(DEFINE, {"do": "read"}) == {"read": ""}


@pytest.mark.parametrize("do", ["spin", "wait for ever"])
def test_a_handler_that_hangs_is_cut_off_and_the_next_event_is_answered(
    make_host: Callable[..., PeerHost], do: str
) -> None:
    host = make_host(timeout_seconds=0.5)
    process = host.process_id
    host.invoke(DEFINE, {})
    began = time.monotonic()
    with pytest.raises(FunctionTimedOut, match=r"Task timed out after 0\.50 seconds"):
        host.invoke(DEFINE, {"do": do})
    assert time.monotonic() - began < 5
    assert host.invoke(DEFINE, {"do": "count"}) == {"calls": 1}
    assert host.invoke(CREATE, {"n": 2}) == {"n": 2, "response": {"answered": True}}
    assert host.process_id == process


def test_a_module_that_hangs_at_import_is_cut_off(make_host: Callable[..., PeerHost], language: str) -> None:
    hanging = {"python": "while True: pass", "node": "while (true);"}[language]
    host = make_host({DEFINE: hanging, CREATE: HONEST[language]}, start_seconds=2)
    with pytest.raises(FunctionTimedOut, match="its import was cut off"):
        host.invoke(DEFINE, {})
    assert host.invoke(CREATE, {"do": "count"}) == {"calls": 1}


def test_each_function_has_an_environment_of_its_own_and_nothing_of_the_users(
    make_host: Callable[..., PeerHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a developer's")
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("SECRET_OF_THE_USER", "yes")
    host = make_host(
        environment={"FOR": "all", "BOTH": "all"}, environment_of={CREATE: {"BOTH": "one", "REGION": "{region}"}}
    )
    host.invoke(DEFINE, {"do": "set"})
    define, create = (environment_in(host, function) for function in (DEFINE, CREATE))
    assert (define["FOR"], define["BOTH"], define.get("REGION")) == ("all", "all", None)
    assert (create["FOR"], create["BOTH"], create["REGION"]) == ("all", "one", "us-east-1")
    assert define["SET_BY_A_HANDLER"] == "yes"
    for each in (define, create):
        assert each["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
        assert each["AWS_SECRET_ACCESS_KEY"] != "a developer's"
        assert not {"AWS_PROFILE", "SECRET_OF_THE_USER", "CONFORMANCE_TRIGGERS"} & each.keys()
    assert "SET_BY_A_HANDLER" not in create
    assert create["AWS_LAMBDA_FUNCTION_NAME"] == CREATE


def test_a_handler_learns_of_its_invocation(host: PeerHost) -> None:
    told = host.invoke(CREATE, {"do": "context"})
    assert isinstance(told, dict)
    assert told["name"] == CREATE
    assert told["arn"] == f"arn:aws:lambda:us-east-1:123456789012:function:{CREATE}"
    assert 0 < told["left"] <= 5_000


MOMENT = datetime(2031, 2, 3, 23, 59, 59, 250_000, tzinfo=UTC)


def test_the_clock_stands_where_it_is_set_and_durations_go_on(host: PeerHost) -> None:
    host.set_clock(MOMENT)
    first, second = (time_in(host, DEFINE) for _ in range(2))
    for told in (first, second):
        assert told["seconds"] == pytest.approx([MOMENT.timestamp()] * len(told["seconds"]), abs=1e-5)
        assert set(told["days"]) == {"2031-02-03"}
        assert told["is_a"]
    assert second["monotonic"] > first["monotonic"]


def test_the_clock_can_be_let_go_again(host: PeerHost) -> None:
    host.set_clock(MOMENT)
    host.set_clock(None)
    assert all(abs(seconds - time.time()) < 30 for seconds in time_in(host, CREATE)["seconds"])


@pytest.mark.parametrize("change", ["after a crash", "after a cold start", "in a new host"])
def test_the_clock_stays_where_it_was_set(host: PeerHost, change: str) -> None:
    host.set_clock(MOMENT)
    if change == "after a crash":
        with pytest.raises(FunctionFailed):
            host.invoke(DEFINE, {"do": "end"})
    elif change == "after a cold start":
        host.recycle()
    else:
        kill(host)
    assert time_in(host, DEFINE)["seconds"][0] == pytest.approx(MOMENT.timestamp(), abs=1e-5)


def test_a_naive_moment_is_refused(host: PeerHost) -> None:
    with pytest.raises(ValueError, match="aware datetime"):
        host.set_clock(datetime(2031, 2, 3))


def test_a_cold_start_forgets_what_the_module_kept(host: PeerHost) -> None:
    assert [host.invoke(DEFINE, {"do": "count"}) for _ in range(3)] == [{"calls": n} for n in (1, 2, 3)]
    host.recycle()
    assert host.invoke(DEFINE, {"do": "count"}) == {"calls": 1}


def test_a_cold_start_leaves_an_event_under_way_alone(host: PeerHost, meeting: Callable[[int], str]) -> None:
    with ThreadPoolExecutor() as threads:
        at = meeting(2)
        under_way = threads.submit(host.invoke, DEFINE, {"do": "meet", "at": at})
        assert eventually(lambda: arrived(at) == 1)
        host.recycle()
        host.invoke(DEFINE, {"do": "meet", "at": at})
        assert under_way.result(10) == {"do": "meet", "at": at, "response": {"answered": True}}


@pytest.mark.parametrize("functions", [[DEFINE] * 4, [DEFINE, CREATE] * 2], ids=["one function", "several functions"])
def test_events_are_under_way_at_once(host: PeerHost, functions: list[str], meeting: Callable[[int], str]) -> None:
    at = meeting(len(functions))
    with ThreadPoolExecutor(len(functions)) as threads:
        answers = list(
            threads.map(lambda item: host.invoke(item[1], {"do": "meet", "at": at, "n": item[0]}), enumerate(functions))
        )
    assert [answer["n"] for answer in answers if isinstance(answer, dict)] == list(range(len(functions)))


def test_more_events_than_there_is_room_for_wait_their_turn(make_host: Callable[..., PeerHost]) -> None:
    host = make_host(environments=2)
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda n: host.invoke(DEFINE, {"n": n}), range(50)))
    assert answers == [{"n": n, "response": {"answered": True}} for n in range(50)]


def test_a_closed_host_leaves_nothing_running(host: PeerHost, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    end = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        host.invoke(DEFINE, {"do": "hold", "fifo": str(fifo)})
        assert select.select([end], [], [], 0) == ([], [], [])
        host.close()
        assert select.select([end], [], [], 10)[0] == [end]
        assert os.read(end, 1) == b""
    finally:
        os.close(end)
    with pytest.raises(PeerFailed, match="was closed"):
        host.invoke(DEFINE, {})


def test_a_host_that_is_killed_under_an_event_is_inconclusive_and_then_started_anew(
    host: PeerHost, meeting: Callable[[int], str]
) -> None:
    at = meeting(2)
    with ThreadPoolExecutor() as threads:
        under_way = threads.submit(host.invoke, DEFINE, {"do": "meet", "at": at})
        assert eventually(lambda: arrived(at) == 1)
        kill(host)
        with pytest.raises(PeerFailed, match="was ended by signal 9"):
            under_way.result(10)
    assert host.invoke(DEFINE, {"do": "count"}) == {"calls": 1}


def test_requests_to_an_origin_can_be_redirected(
    make_host: Callable[..., PeerHost], meeting: Callable[[int], str]
) -> None:
    origin = "https://keys.example.com"
    host = make_host(redirect={origin: meeting(1).rsplit("/", 1)[0]})
    assert host.invoke(DEFINE, {"do": "fetch", "url": f"{origin}/pool/.well-known/jwks.json"}) == {
        "body": {"path": "/pool/.well-known/jwks.json"}
    }


@pytest.fixture
def meeting() -> Iterator[Callable[[int], str]]:
    """A place, at the URL that is given, where requests wait until so many have come; others are told their path."""
    servers: list[ThreadingHTTPServer] = []

    def open_for(count: int) -> str:
        barrier = threading.Barrier(count)

        class Place(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/meet":
                    barrier.wait(20)
                elif self.path == "/arrived":
                    self.answer(str(barrier.n_waiting))
                    return
                self.answer(f'{{"path": "{self.path}"}}')

            def answer(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/meet"

    yield open_for
    for server in servers:
        server.shutdown()
        server.server_close()


def kill(host: PeerHost) -> None:
    """Kill the program; the next request may be the one that notices."""
    assert host.process_id is not None
    os.killpg(host.process_id, 9)
    with suppress(PeerFailed):
        host.invoke(DEFINE, {})


def arrived(at: str) -> int:
    import urllib.request

    with urllib.request.urlopen(at.replace("/meet", "/arrived")) as answer:  # noqa: S310 - our own server
        return int(answer.read())


def environment_in(host: PeerHost, function: str) -> dict[str, str]:
    found = host.invoke(function, {"do": "environment"})
    assert isinstance(found, dict)
    return found


def time_in(host: PeerHost, function: str) -> dict[str, Any]:
    found = host.invoke(function, {"do": "time"})
    assert isinstance(found, dict)
    return found


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something that another process does comes to hold; logs arrive when they do."""
    ends = time.monotonic() + 10
    while not holds():
        if time.monotonic() > ends:
            return False
        threading.Event().wait(0.01)
    return True
