"""Reading client data, strictly, or as the libraries that the faults are named after read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fakes.faults import declare_fault
from protocol.webauthn.base64url import encode
from protocol.webauthn.ceremony import Expectations, Refusal
from protocol.webauthn.client_data import ClientData, parse_client_data, serialise_client_data

On = Callable[[str], bool]
"""Whether a fault is switched on."""

KEEPS_THE_BYTE_ORDER_MARK = declare_fault(
    "rp.keeps-the-byte-order-mark", "client data that begins with a BOM is no JSON"
)
DROPS_BYTES_THAT_ARE_NO_TEXT = declare_fault("rp.drops-bytes-that-are-no-text", "what is no UTF-8 is passed over")
FILLS_IN_CLIENT_DATA = declare_fault(
    "rp.fills-in-client-data", "a member of the client data that is missing or no text counts as the expected one"
)
TAKES_ANY_OF_DUPLICATES = declare_fault(
    "rp.takes-any-of-duplicates", "of two members of one name that counts which is the expected one"
)
COMPARES_CLIENT_DATA_WITH_A_TEMPLATE = declare_fault(
    "rp.compares-client-data-with-a-template", "client data that is not written as this library would is refused"
)
KNOWS_EVERY_MEMBER_OF_CLIENT_DATA = declare_fault(
    "rp.knows-every-member-of-client-data", "a member of the client data that it does not know is refused"
)
READS_TOKEN_BINDING = declare_fault("rp.reads-token-binding", "tokenBinding must have a status that Level 2 knew")
TAKES_ONLY_TRUE_FOR_TRUE = declare_fault(
    "rp.takes-only-true-for-true", "crossOrigin that is not the JSON value true counts as false"
)


def read_client_data(raw: bytes, type: str, expected: Expectations, on: On) -> ClientData:
    """The client data. Raises WebAuthnError."""
    if on(KEEPS_THE_BYTE_ORDER_MARK) and raw.startswith(b"\xef\xbb\xbf"):
        raise Refusal("the client data is no JSON")
    if on(DROPS_BYTES_THAT_ARE_NO_TEXT):
        raw = raw.decode("utf-8", "ignore").encode()
    honest = {"type": type, "challenge": encode(expected.challenge), "origin": min(expected.origins)}
    if on(TAKES_ANY_OF_DUPLICATES):
        raw = _without_duplicates(raw, honest)
    if on(FILLS_IN_CLIENT_DATA):
        raw = _filled_in(raw, honest)
    if on(TAKES_ONLY_TRUE_FOR_TRUE):
        raw = _with_plain_cross_origin(raw)
    client_data = parse_client_data(raw)
    if on(COMPARES_CLIENT_DATA_WITH_A_TEMPLATE) and raw != serialise_client_data(
        replace(client_data, cross_origin=client_data.cross_origin or False)
    ):
        raise Refusal("the client data is not written as expected")
    if on(KNOWS_EVERY_MEMBER_OF_CLIENT_DATA) and client_data.others:
        raise Refusal("the client data has unknown members")
    binding = client_data.others.get("tokenBinding", {"status": "supported"})
    if on(READS_TOKEN_BINDING) and not (
        isinstance(binding, dict) and binding.get("status") in ("supported", "present")
    ):
        raise Refusal("tokenBinding has no known status")
    return client_data


def _without_duplicates(raw: bytes, honest: Mapping[str, str]) -> bytes:
    def chosen(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {**dict(pairs), **{name: value for name, value in pairs if honest.get(name) == value}}

    return _rewritten(raw, lambda text: json.loads(text, object_pairs_hook=chosen))


def _filled_in(raw: bytes, honest: Mapping[str, str]) -> bytes:
    def read(text: str) -> Any:
        try:
            members = json.loads(text)
        except ValueError:
            members = {}
        members = members if isinstance(members, dict) else {}
        return {**members, **{name: value for name, value in honest.items() if not isinstance(members.get(name), str)}}

    return _rewritten(raw, read)


def _with_plain_cross_origin(raw: bytes) -> bytes:
    def read(text: str) -> Any:
        members = json.loads(text)
        return {**members, "crossOrigin": members["crossOrigin"] is True} if "crossOrigin" in members else members

    return _rewritten(raw, read)


def _rewritten(raw: bytes, read: Callable[[str], Any]) -> bytes:
    try:
        return json.dumps(read(raw.decode("utf-8-sig", "replace"))).encode()
    except (ValueError, TypeError, RecursionError):
        return raw
