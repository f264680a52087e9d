"""The password never leaves the client: every form of it, and of what follows from it, looked for in what was sent."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from protocol.cognito_srp import pool_name, private_key, verifier
from protocol.errors import ProtocolError
from protocol.numbers import parse_hex, unsigned_bytes

if TYPE_CHECKING:
    from harness.client_attempt import Attempt
    from harness.client_front import Request

_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_HASHES = ("md5", "sha1", "sha256", "sha512")


def what_left(attempt: Attempt, *, password: str, user_pool_id: str, names: Iterable[str]) -> str | None:
    """What of the password stands in a request of the attempt, in words; None when nothing does.

    Args:
        attempt: the sign-in, its requests and the challenge in it.
        password: the password.
        user_pool_id: the pool's.
        names: the names that the user goes by.
    """
    secrets = secrets_of(
        password, user_pool_id, [*names, *_user_ids(attempt.challenge_parameters)], attempt.challenge_parameters
    )
    forms = [(what, how, form) for what, secret in secrets.items() for how, form in _forms(secret)]
    for request in attempt.requests:
        for haystack in _haystacks(request):
            for what, how, form in forms:
                if form in haystack:
                    return f"{what} ({how}) stands in the client's {request.operation} request"
    return None


def secrets_of(
    password: str, user_pool_id: str, names: Iterable[str], parameters: Mapping[str, Any]
) -> dict[str, bytes]:
    """The password and everything that is as good as it, by what it is."""
    raw = password.encode()
    found = {"the password": raw}
    for name in _HASHES:
        found[f"the password's {name.upper()}"] = hashlib.new(name, raw).digest()
    pool = pool_name(user_pool_id)
    for user in dict.fromkeys(names):
        found[f"the hash of {user!r} and the password"] = hashlib.sha256(f"{pool}{user}:{password}".encode()).digest()
        try:
            x = private_key(
                salt=parse_hex(str(parameters.get("SALT"))), pool_name=pool, user_id=user, password=password
            )
        except ProtocolError:
            continue  # the challenge had no salt
        found[f"x of {user!r}"] = unsigned_bytes(x)
        found[f"v of {user!r}"] = unsigned_bytes(verifier(x))
    return found


def _user_ids(parameters: Mapping[str, Any]) -> list[str]:
    return [value for name in ("USER_ID_FOR_SRP", "USERNAME") if isinstance(value := parameters.get(name), str)]


def _forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """The secret as it could stand in a request, the letters of hex in one case (see _haystacks)."""
    yield "as it is", secret
    yield "in hex", secret.hex().lstrip("0").encode()  # a number may be written without its zeros
    text = secret.decode("utf-8", "replace")
    yield "escaped for JSON", json.dumps(text)[1:-1].encode()
    yield "escaped for JSON", json.dumps(text, ensure_ascii=False)[1:-1].encode()
    yield "escaped for a URL", urllib.parse.quote(secret, safe="").encode()
    yield "escaped for a form", urllib.parse.quote_plus(secret).encode()
    for shift, depending in ((0, 0), (1, 2), (2, 3)):  # base64 at each alignment, without its neighbours' characters
        encoded = base64.b64encode(bytes(shift) + secret).rstrip(b"=")[depending:-1]
        yield "in base64", encoded
        yield "in base64 for URLs", encoded.translate(bytes.maketrans(b"+/", b"-_"))


def _haystacks(request: Request) -> Iterator[bytes]:
    """The request as it was sent, in lower case, and decoded: unescaped, and out of base64."""
    raw = request.raw
    yield raw
    yield raw.lower()  # hex in capitals
    yield urllib.parse.unquote_to_bytes(raw)
    yield "\n".join(_texts(request.json)).encode("utf-8", "surrogatepass")
    for run in _BASE64_RUN.findall(raw):
        text = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        text = text[: len(text) - 1] if len(text) % 4 == 1 else text
        yield base64.b64decode(text + b"=" * (-len(text) % 4))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
