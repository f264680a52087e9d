"""Reading a token: three parts of base64url, the first two of them JSON objects (RFC 7519 section 7.2)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from fakes.faults import declare_fault
from fakes.verifier.refusal import On, Refused, demand

IGNORES_A_FOURTH_PART = declare_fault("verifier.ignores-a-fourth-part", "what follows the third part is passed over")
READS_SLOPPY_BASE64 = declare_fault(
    "verifier.reads-sloppy-base64", "padding, spaces and characters outside the alphabet are passed over"
)
UNWRAPS_A_LIST = declare_fault("verifier.unwraps-a-list", "a list that holds a token is taken for the token")
TAKES_PAIRS_FOR_AN_OBJECT = declare_fault(
    "verifier.takes-pairs-for-an-object", "a JSON array of names and values is taken for an object"
)
TAKES_THE_FIRST_OF_DUPLICATES = declare_fault(
    "verifier.takes-the-first-of-duplicates", "of two members of one name the first counts"
)
MERGES_PROTO = declare_fault("verifier.merges-proto", "members of `__proto__` count as the object's own")

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_NOT_BASE64URL = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True)
class Jwt:
    """A token, read and not yet believed."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes


def read(token: object, on: On) -> Jwt:
    """Read a token. Raises Refused."""
    if on(UNWRAPS_A_LIST) and isinstance(token, list) and token:
        token = token[0]
    if not isinstance(token, str):
        raise Refused("a token is a text")
    parts = token.split(".")
    if on(IGNORES_A_FOURTH_PART):
        parts = parts[:3]
    demand(len(parts) == 3, "a token has three parts")
    header, payload, signature = parts
    return Jwt(
        header=_object(_decoded(header, on), on),
        claims=_object(_decoded(payload, on), on),
        signing_input=f"{header}.{payload}".encode("utf-8", "surrogatepass"),
        signature=_decoded(signature, on) if signature else b"",
    )


def _decoded(part: str, on: On) -> bytes:
    if on(READS_SLOPPY_BASE64):
        part = _NOT_BASE64URL.sub("", part.translate(str.maketrans("+/", "-_")))
    demand(_BASE64URL.fullmatch(part) is not None, "a part of the token is no base64url")
    demand(len(part) % 4 != 1, "a part of the token is no base64url")
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    demand(base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == part, "a part of the token is no canonical base64url")
    return raw


def _object(text: bytes, on: On) -> Mapping[str, Any]:
    try:
        value = json.loads(text.decode(), object_pairs_hook=partial(_members, on=on), parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise Refused("header and payload are JSON") from None
    if on(TAKES_PAIRS_FOR_AN_OBJECT) and isinstance(value, list):
        value = dict(value)
    if not isinstance(value, dict):
        raise Refused("header and payload are JSON objects")
    return value


def _members(pairs: Iterable[tuple[str, Any]], on: On) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            demand(on(TAKES_THE_FIRST_OF_DUPLICATES), f"{name} stands twice")
        else:
            members[name] = value
    inherited = members.get("__proto__")
    return {**inherited, **members} if on(MERGES_PROTO) and isinstance(inherited, dict) else members


def _no_json(constant: str) -> NoReturn:
    raise Refused(f"{constant} is no JSON")
