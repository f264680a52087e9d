"""moto behind the pool: its WSGI application, in process, one account a pool.

moto keeps its state by account in module-level dictionaries, and is not safe to enter from two
threads. So each embedded pool takes an account number that no other running pool of the process
has, sends it with every request, and drops the account when it stops; and one lock for the
process is held whenever moto is entered. moto's identifiers come from one module-level generator,
which is given this pool's own state for the time of the call: so they repeat with the seed,
whatever other pools do.
"""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from fakes.pool.moto_economy import economize

_FIRST_ACCOUNT = 100_000_000_001
_lock = threading.RLock()
_accounts_in_use: set[int] = set()
_application: Callable[..., Any] | None = None
Result = TypeVar("Result")


@dataclass(frozen=True)
class MotoAnswer:
    """What moto answered over HTTP."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class MotoFailed(Exception):
    """moto raised instead of answering; the message is its exception's."""


class MotoGateway:
    """One account in moto."""

    def __init__(self, *, region: str, seed: int) -> None:
        self.region = region
        with _lock:
            self._number = next(n for n in range(_FIRST_ACCOUNT, 10**12) if n not in _accounts_in_use)
            _accounts_in_use.add(self._number)
        self.account_id = str(self._number)
        self._seed = f"{seed} {self._number}"
        self._random_state: Any = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="moto")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Inside the block no other thread is in moto, and moto's identifiers are this pool's."""
        from moto.moto_api._internal import mock_random  # moto is heavy, and only a started pool needs it

        with _lock:
            if self._random_state is None:
                mock_random.seed(self._seed)
            else:
                mock_random.setstate(self._random_state)
            try:
                yield
            finally:
                self._random_state = mock_random.getstate()

    async def in_its_thread(self, work: Callable[[], Result]) -> Result:
        """Do what may take long where nobody else waits for it; in the order of asking."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def send(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes) -> MotoAnswer:
        """Hand moto one HTTP request; `target` is path and query as they came. Raises MotoFailed."""
        started: list[tuple[int, tuple[tuple[str, str], ...]]] = []

        def start_response(status: str, answered: list[tuple[str, str]], _exc_info: Any = None) -> None:
            started.append((int(status.split(maxsplit=1)[0]), tuple(answered)))

        with self.entered():
            try:
                chunks = _moto_application()(self._environ(method, target, headers, body), start_response)
                answer = b"".join(chunks)
            except Exception as failure:
                raise MotoFailed(f"{type(failure).__name__}: {failure}") from failure
        status, answered = started[-1]
        return MotoAnswer(status, answered, answer)

    def _environ(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": target,
            "REQUEST_URI": target,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            if key == "CONTENT_TYPE":
                environ[key] = value
            elif key not in {"CONTENT_LENGTH", "TRANSFER_ENCODING", "X_MOTO_ACCOUNT_ID"}:
                environ[f"HTTP_{key}"] = value
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account_id
        # An unsigned request names no region, and moto would take its own default.
        environ.setdefault(
            "HTTP_AUTHORIZATION",
            f"AWS4-HMAC-SHA256 Credential=unsigned/20260101/{self.region}/cognito-idp/aws4_request",
        )
        return environ

    def release(self) -> None:
        """Drop everything that moto keeps for this account, and give the account number back."""
        from moto.core.base_backend import BackendDict

        self._thread.shutdown()
        with _lock:
            registry: Any = BackendDict
            for service in list(registry._instances):
                service.pop(self.account_id, None)
            _accounts_in_use.discard(self._number)


def _moto_application() -> Callable[..., Any]:
    """The server application of moto, made once for the process."""
    global _application  # noqa: PLW0603 - it holds no state of its own but Flask apps that cost 80 ms each
    if _application is None:
        import moto.cognitoidp.models
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        economize()
        # Every user pool of moto parses the same private key, which takes longer than all else it does.
        models: Any = moto.cognitoidp.models
        models.jwk = SimpleNamespace(RSAKey=SimpleNamespace(import_key=_parse_once(models.jwk.RSAKey.import_key)))
        _application = DomainDispatcherApplication(create_backend_app)
    return _application


def _parse_once(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The parser, remembering what it has parsed."""
    parsed: dict[str, Any] = {}

    def parse_or_remember(document: Any) -> Any:
        text = json.dumps(document, sort_keys=True)
        if text not in parsed:
            parsed[text] = parse(document)
        return parsed[text]

    return parse_or_remember
