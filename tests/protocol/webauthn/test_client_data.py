"""Client data are parsed as the standard says, and written as clients write them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from protocol.webauthn.client_data import CREATE, ClientData, parse_client_data, serialise_client_data
from protocol.webauthn.errors import MalformedClientData

HONEST = ClientData(CREATE, "Y2hhbGxlbmdl", "https://example.org", cross_origin=False)
MEMBERS = {"type": CREATE, "challenge": "Y2hhbGxlbmdl", "origin": "https://example.org", "crossOrigin": False}
NO_TEXTS: tuple[object, ...] = (None, 7, True, ["x"], {})


@pytest.mark.parametrize(
    "client_data",
    [
        HONEST,
        replace(HONEST, cross_origin=True, top_origin="https://example.com"),
        replace(HONEST, others={"extraData": "more", "tokenBinding": {"status": "supported"}}),
        replace(HONEST, origin='quote " backslash \\ newline \n ü \U0001f600'),
    ],
)
def test_what_is_written_is_read_again(client_data: ClientData) -> None:
    assert parse_client_data(serialise_client_data(client_data)) == client_data


def test_it_is_written_as_the_limited_verification_algorithm_expects() -> None:
    written = serialise_client_data(replace(HONEST, cross_origin=True, top_origin="https://a\x1f", others={"x": 1}))
    assert written == (
        b'{"type":"webauthn.create","challenge":"Y2hhbGxlbmdl","origin":"https://example.org","crossOrigin":true,'
        b'"topOrigin":"https://a\\u001f","x":1}'
    )


def test_a_byte_order_mark_is_stripped() -> None:
    assert parse_client_data(b"\xef\xbb\xbf" + serialise_client_data(HONEST)) == HONEST


def test_escapes_blanks_and_order_do_not_matter() -> None:
    text = json.dumps(dict(reversed(MEMBERS.items())), indent=2).replace("https", "\\u0068ttps")
    assert parse_client_data(text.encode()) == HONEST


def test_what_is_no_utf_8_becomes_the_replacement_character() -> None:
    raw = serialise_client_data(HONEST).replace(b"example", b"ex\xffmple")
    assert parse_client_data(raw).origin == "https://ex\ufffdmple.org"


def test_cross_origin_may_be_left_out() -> None:
    members = {name: value for name, value in MEMBERS.items() if name != "crossOrigin"}
    assert parse_client_data(json.dumps(members).encode()).cross_origin is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"webauthn.create"',
        b'{"type":"webauthn.create","type":"webauthn.get","challenge":"x","origin":"y"}',
        b'{"type":"webauthn.create","challenge":"x","origin":"y","more":{"a":1,"a":2}}',
        b'{"type":"webauthn.create","challenge":"x","origin":"y","more":NaN}',
        b'{"a":' * 100_000,
        b"[" * 100_000,
        *(
            json.dumps({**MEMBERS, name: value}).encode()
            for name in ("type", "challenge", "origin")
            for value in NO_TEXTS
        ),
        *(json.dumps({k: v for k, v in MEMBERS.items() if k != name}).encode() for name in list(MEMBERS)[:3]),
        *(json.dumps({**MEMBERS, "crossOrigin": value}).encode() for value in ("true", 1, 0, None, "")),
        *(json.dumps({**MEMBERS, "topOrigin": value}).encode() for value in NO_TEXTS),
    ],
    ids=lambda raw: repr(raw[:100]),
)
def test_anything_without_the_members_or_their_types_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedClientData):
        parse_client_data(raw)
