"""Client data: what the client saw, as JSON (WebAuthn section 5.8.1, #dictionary-client-data)."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from protocol.webauthn.errors import MalformedClientData

CREATE, GET = "webauthn.create", "webauthn.get"

_OWN = ("type", "challenge", "origin", "crossOrigin", "topOrigin")


@dataclass(frozen=True)
class ClientData:
    """CollectedClientData.

    Attributes:
        type: `webauthn.create` or `webauthn.get`, when honest.
        challenge: base64url text, as it stands: it is compared as text, never decoded.
        origin: the caller's.
        cross_origin: whether the caller was in a frame of another origin; None where the client did not say.
        top_origin: the outermost page's, where the client was in such a frame and said so.
        others: every further member; the standard bids to ignore them.
    """

    type: str
    challenge: str
    origin: str
    cross_origin: bool | None = None
    top_origin: str | None = None
    others: Mapping[str, Any] = field(default_factory=dict)


def parse_client_data(raw: bytes) -> ClientData:
    """The client data that the bytes are. Raises MalformedClientData.

    The bytes are UTF-8 decoded as the Encoding standard does: a byte order mark is stripped, and what is no UTF-8
    becomes U+FFFD, which no expected value holds. A member that stands twice is refused, so that no two readers can
    see two different values under one hash.
    """
    text = raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    try:
        members = json.loads(text, object_pairs_hook=_each_once, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise MalformedClientData("the client data nests too deep") from error
    except ValueError as error:
        raise MalformedClientData(f"the client data is no JSON: {error}") from error
    if not isinstance(members, dict):
        raise MalformedClientData("the client data is no JSON object")
    return ClientData(
        type=_text(members, "type"),
        challenge=_text(members, "challenge"),
        origin=_text(members, "origin"),
        cross_origin=_cross_origin(members),
        top_origin=_text(members, "topOrigin") if "topOrigin" in members else None,
        others={name: value for name, value in members.items() if name not in _OWN},
    )


def serialise_client_data(client_data: ClientData) -> bytes:
    """The JSON-compatible serialisation that clients make (#clientdatajson-serialization)."""
    parts = [
        f'{{"type":{_ccd_to_string(client_data.type)}',
        f'"challenge":{_ccd_to_string(client_data.challenge)}',
        f'"origin":{_ccd_to_string(client_data.origin)}',
        f'"crossOrigin":{"true" if client_data.cross_origin else "false"}',
    ]
    if client_data.top_origin is not None:
        parts.append(f'"topOrigin":{_ccd_to_string(client_data.top_origin)}')
    if client_data.others:
        parts.append(json.dumps(dict(client_data.others), separators=(",", ":"), ensure_ascii=False)[1:-1])
    return (",".join(parts) + "}").encode()


def client_data_hash(raw: bytes) -> bytes:
    """The hash of the serialized client data: SHA-256 over the bytes as they were received."""
    return hashlib.sha256(raw).digest()


def _ccd_to_string(text: str) -> str:
    """#ccdtostring: only the quote, the backslash and control characters are escaped."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return f"\\u{ord(character):04x}" if ord(character) < 0x20 else character


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedClientData("a member of the client data stands twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedClientData(f"the client data holds {name}, which JSON does not know")


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise MalformedClientData(f"the client data's {name} is missing or no string")
    return value


def _cross_origin(members: Mapping[str, Any]) -> bool | None:
    value = members.get("crossOrigin")
    if "crossOrigin" in members and not isinstance(value, bool):
        raise MalformedClientData("the client data's crossOrigin is neither true nor false")
    return value
