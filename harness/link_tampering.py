"""Secrets of links, changed in one thing each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.dialects import Links

Tamper = Callable[["Links", str], str | None]
"""Makes a changed secret of a genuine one; None where links are not made so that this could be changed."""

MUCH_LATER = 9999
_TIMES_FROM = 1_000_000_000
_NAMES_SOMEBODY = re.compile(r"user|name|sub|account|mail|owner", re.IGNORECASE)


def _of_message(change: Callable[[bytes], bytes | None]) -> Tamper:
    def tamper(spoken: Links, secret: str) -> str | None:
        opened = spoken.opened(secret)
        changed = change(opened[0]) if opened else None
        return spoken.closed(changed, opened[1]) if opened and changed is not None and changed != opened[0] else None

    return tamper


def _of_signature(change: Callable[[bytes], bytes]) -> Tamper:
    def tamper(spoken: Links, secret: str) -> str | None:
        opened = spoken.opened(secret)
        return spoken.closed(opened[0], change(opened[1])) if opened else None

    return tamper


def _of_text(change: Callable[[str], str]) -> Tamper:
    return lambda _, secret: change(secret)


def _members(change: Callable[[str, Any], Any]) -> Callable[[bytes], bytes | None]:
    """Changes the members of a message that is a JSON object."""

    def changed(message: bytes) -> bytes | None:
        try:
            found = json.loads(message)
        except ValueError:
            return None
        if not isinstance(found, dict):
            return None
        return json.dumps({name: change(name, value) for name, value in found.items()}, separators=(",", ":")).encode()

    return changed


def _later(name: str, value: Any) -> Any:
    is_a_time = isinstance(value, int | float) and not isinstance(value, bool) and value > _TIMES_FROM
    return value + MUCH_LATER * (1000 if value > _TIMES_FROM * 100 else 1) if is_a_time else value


def _somebody_else(name: str, value: Any) -> Any:
    return value[::-1] if isinstance(value, str) and _NAMES_SOMEBODY.search(name) else value


def _flipped(octets: bytes, place: int) -> bytes:
    changed = bytearray(octets)
    changed[place] ^= 0x01
    return bytes(changed)


def _other_character(text: str, place: int) -> str:
    letters = list(text)
    letters[place] = "A" if letters[place] != "A" else "B"
    return "".join(letters)


TAMPERINGS: dict[str, Tamper] = {
    "times moved": _of_message(_members(_later)),
    "user changed": _of_message(_members(_somebody_else)),
    "first bit of the message": _of_message(lambda message: _flipped(message, 0)),
    "last bit of the message": _of_message(lambda message: _flipped(message, -1)),
    "first bit of the signature": _of_signature(lambda signature: _flipped(signature, 0)),
    "last bit of the signature": _of_signature(lambda signature: _flipped(signature, -1)),
    "signature cut short": _of_signature(lambda signature: signature[:-1]),
    "no signature": _of_signature(lambda signature: b""),
    "a third part": _of_text(lambda secret: f"{secret}.AAAA"),
    "two separators": _of_text(lambda secret: secret.replace(".", "..", 1) if "." in secret else f".{secret}"),
    "first character": _of_text(lambda secret: _other_character(secret, 0)),
    "character in the middle": _of_text(lambda secret: _other_character(secret, len(secret) // 2)),
    "cut short": _of_text(lambda secret: secret[: len(secret) // 2]),
    "empty": _of_text(lambda secret: ""),
}
"""Each of them, by name."""
