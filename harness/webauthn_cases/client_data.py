"""Changes of client data, for both ceremonies (WebAuthn L3 section 7.1 steps 5 to 11, section 7.2 steps 8 to 14)."""

from __future__ import annotations

import json
from typing import Any

from harness.sign_in import Left
from harness.webauthn_cases.cases import (
    Case,
    Setting,
    bad,
    client_data,
    client_data_bytes,
    computed_client_data,
    good,
    inner_members,
    recorded,
    response_members,
)
from harness.webauthn_cases.edits import Edits, together
from harness.webauthn_cases.identity import EXAMPLE, RelyingParty
from protocol.webauthn import base64url

ORIGINS = EXAMPLE.origins
"""Where the service lives; the first is where ceremonies are held."""

RP_ID = EXAMPLE.id
TOP_ORIGIN = "https://portal.example.com"

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Cases = list[Case]


def origins(relying_party: RelyingParty = EXAMPLE) -> Cases:
    """The exact list of origins (#sctn-validating-origin)."""
    wrong: dict[str, Any] = {**relying_party.origins_of_others(), "a list of the right one": [relying_party.origin]}
    return [
        *(good(f"origin {origin}", client_data(origin=origin)) for origin in relying_party.origins),
        *(bad(f"origin: {what}", client_data(origin=origin)) for what, origin in wrong.items()),
    ]


def challenges() -> Cases:
    """Another challenge."""
    return [
        good("this ceremony's challenge"),
        bad("another challenge", client_data(challenge=base64url.encode(bytes(range(32))))),
        bad("the first half of the challenge", computed_client_data("challenge", lambda text: text[:20])),
        bad("the challenge and a character more", computed_client_data("challenge", lambda text: text + "AAAA")),
        bad("the challenge in the other case", computed_client_data("challenge", str.swapcase)),
        bad("an empty challenge", client_data(challenge="")),
        bad("a list of the challenge", computed_client_data("challenge", lambda text: [text])),
    ]


def encodings_of_the_challenge() -> Cases:
    """The right bytes, written otherwise. Every challenge holds `-` and `_`, and 32 bytes leave two spare bits."""
    return [
        bad("padded", computed_client_data("challenge", lambda text: text + "=")),
        bad("padded as octets", computed_client_data("challenge", lambda text: text + "==")),
        bad(
            "in the alphabet of base64",
            computed_client_data("challenge", lambda text: text.translate(str.maketrans("-_", "+/"))),
        ),
        bad("with a line's end in it", computed_client_data("challenge", lambda text: text[:20] + "\n" + text[20:])),
        bad("with a line's end behind it", computed_client_data("challenge", lambda text: text + "\n")),
        bad("with a blank before it", computed_client_data("challenge", lambda text: " " + text)),
        bad(
            "with spare bits set",
            computed_client_data("challenge", lambda text: text[:-1] + _ALPHABET[_ALPHABET.index(text[-1]) | 1]),
        ),
    ]


def challenges_in_the_request() -> Cases:
    """A response over a challenge that was never issued, and the request says that it was."""
    wrong = base64url.encode(bytes(range(32)))
    return [
        bad(
            "a challenge beside the response", together(client_data(challenge=wrong), response_members(challenge=wrong))
        ),
        bad("a challenge in the response", together(client_data(challenge=wrong), inner_members(challenge=wrong))),
        bad(
            "options beside the response",
            together(
                client_data(challenge=wrong), response_members(options={"challenge": wrong}, expectedChallenge=wrong)
            ),
        ),
    ]


def types(right: str, other: str) -> Cases:
    """The type of the ceremony."""
    wrong = {
        "the other ceremony's": other,
        "in capitals": right.upper(),
        "with a blank behind it": right + " ",
        "with more behind it": right + "d",
        "a payment's": "payment.get",
        "without its prefix": right.partition(".")[2],
        "empty": "",
    }
    return [
        good("the ceremony's type"),
        *(bad(f"type {what}", client_data(type=type)) for what, type in wrong.items()),
        bad("no type", client_data(type=Left.OUT)),
    ]


def malformed() -> Cases:
    """Members that are missing or of the wrong type, and what is no JSON object."""
    wrong: dict[str, Any] = {"left out": Left.OUT, "null": None, "a number": 1, "empty": "", "an object": {}}
    members = [
        bad(f"{member} {what}", client_data(**{member: value}))
        for member in ("type", "challenge", "origin")
        for what, value in wrong.items()
    ]
    texts = {
        "nothing at all": b"",
        "no JSON": b"webauthn",
        "null": b"null",
        "a number": b"1",
        "a text": b'"webauthn"',
        "an array": b"[]",
        "an empty object": b"{}",
        "an object that does not end": b'{"type":',
    }
    return [
        good("well-formed client data"),
        *members,
        *(bad(f"client data: {what}", _text(text)) for what, text in texts.items()),
        bad("client data in an array", client_data_bytes(lambda raw: b"[" + raw + b"]")),
        bad("client data and more behind it", client_data_bytes(lambda raw: raw + b"{}")),
        bad("client data in UTF-16", client_data_bytes(lambda raw: raw.decode().encode("utf-16"))),
    ]


def byte_order_marks() -> Cases:
    """A byte order mark is stripped: "UTF-8 decode" of the Encoding standard."""
    return [good("a byte order mark", client_data_bytes(lambda raw: b"\xef\xbb\xbf" + raw))]


def bytes_that_are_no_text(relying_party: RelyingParty = EXAMPLE) -> Cases:
    """What is no UTF-8 becomes U+FFFD, which no expected value holds."""
    origin, scheme = relying_party.origin.encode(), b"https:"
    return [
        bad("0xFF in the origin", _replaced(origin, origin + b"\xff")),
        bad("0xFF before the challenge", _replaced(b'"challenge":"', b'"challenge":"\xff')),
        bad("an overlong slash in the origin", _replaced(origin, scheme + b"/\xc0\xaf" + origin.partition(b"//")[2])),
        bad("a lone surrogate in the origin", _replaced(origin, origin + b"\xed\xa0\x80")),
        recorded("0xFF in a member that nobody reads", _replaced(b"{", b'{"\xff":1,')),
    ]


def unknown_members() -> Cases:
    """Members that the standard does not know are ignored (section 5.8.1)."""
    return [
        good("a member that browsers add", client_data(other_keys_can_be_added_here="do not compare with a template")),
        good("an object for a member", client_data(extraData={"nested": [1, {"deep": None}]})),
        good("androidPackageName", client_data(androidPackageName="com.android.chrome")),
    ]


def escapes() -> Cases:
    """JSON says the same with and without escapes."""
    return [
        good("the origin with escapes", _replaced(b"https://", b"\\u0068ttps:\\/\\/")),
        good("the type with escapes", _replaced(b'"webauthn.', b'"\\u0077ebauthn.')),
        good("a member's name with escapes", _replaced(b'"challenge"', b'"\\u0063hallenge"')),
    ]


def spacing() -> Cases:
    """The bytes are hashed as they came: JSON that nobody would write so is as good."""
    return [
        good("blanks and lines", client_data_bytes(lambda raw: json.dumps(json.loads(raw), indent=2).encode())),
        good("the members in another order", client_data_bytes(_reversed)),
        good("a line's end behind it", client_data_bytes(lambda raw: raw + b"\n")),
    ]


def frames() -> Cases:
    """crossOrigin: refused where no frame is expected, accepted where one is."""
    return [
        good("crossOrigin false", client_data(crossOrigin=False)),
        good("no crossOrigin", client_data(crossOrigin=Left.OUT)),
        bad("crossOrigin true", client_data(crossOrigin=True)),
        bad("crossOrigin the text true", client_data(crossOrigin="true")),
        bad("crossOrigin the number 1", client_data(crossOrigin=1)),
        good("crossOrigin true where it is allowed", client_data(crossOrigin=True), IN_A_FRAME),
    ]


def pages_around_frames() -> Cases:
    """topOrigin: refused where no frame is expected, and where the page is not."""
    return [
        bad("a topOrigin where no frame is expected", client_data(crossOrigin=True, topOrigin=TOP_ORIGIN)),
        bad("a topOrigin and crossOrigin false", client_data(crossOrigin=False, topOrigin=TOP_ORIGIN)),
        bad("a topOrigin and no crossOrigin", client_data(crossOrigin=Left.OUT, topOrigin=TOP_ORIGIN)),
        good("the topOrigin that is allowed", client_data(crossOrigin=True, topOrigin=TOP_ORIGIN), IN_A_FRAME),
        bad(
            "another topOrigin than is allowed",
            client_data(crossOrigin=True, topOrigin="https://evil.example"),
            IN_A_FRAME,
        ),
        bad(
            "a topOrigin that goes on after the one that is allowed",
            client_data(crossOrigin=True, topOrigin=TOP_ORIGIN + ".evil.example"),
            IN_A_FRAME,
        ),
    ]


IN_A_FRAME = Setting(expected={"cross_origin": True, "top_origins": [TOP_ORIGIN]}, needs=("cross-origin",))
"""A service that may stand in a frame of one other site."""


def token_bindings() -> Cases:
    """tokenBinding: reserved in Level 3, and to be ignored; FIDO's server tests judge it."""
    return [
        recorded("tokenBinding supported", client_data(tokenBinding={"status": "supported"})),
        recorded("tokenBinding present", client_data(tokenBinding={"status": "present", "id": "AAAA"})),
        recorded("tokenBinding of an unknown status", client_data(tokenBinding={"status": "tied"})),
        recorded("tokenBinding a text", client_data(tokenBinding="supported")),
    ]


def duplicates(other: dict[str, Any]) -> dict[str, tuple[Case, Case]]:
    """A member that stands twice: the wrong value first, and the right value first."""
    return {
        f"{member} twice": (
            recorded(f"{member} twice, the wrong one first", _twice(member, value, first=True)),
            recorded(f"{member} twice, the right one first", _twice(member, value, first=False)),
        )
        for member, value in other.items()
    }


def _text(text: bytes) -> Edits:
    return client_data_bytes(lambda raw: text)


def _replaced(old: bytes, new: bytes) -> Edits:
    def change(raw: bytes) -> bytes:
        assert old in raw, f"no {old!r} in {raw!r}"
        return raw.replace(old, new, 1)

    return client_data_bytes(change)


def _reversed(raw: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(raw).items()))).encode()


def _twice(member: str, value: Any, *, first: bool) -> Edits:
    extra = f"{json.dumps(member)}:{json.dumps(value)}".encode()
    if first:
        return client_data_bytes(lambda raw: b"{" + extra + b"," + raw[1:])
    return client_data_bytes(lambda raw: raw[:-1] + b"," + extra + b"}")
