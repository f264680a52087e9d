"""Text that came from a target is data: how it is kept in the file, and how it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

_DEEPEST = 64
_WIDEST_INTEGER_BITS = 4096  # Python refuses to print integers of over 4300 digits


def plain_text(text: str) -> str:
    r"""The text with lone surrogates written out (`\ud800`), so that it can be encoded as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def plain_json(value: object, _depth: int = 0) -> object:
    """The value as JSON can hold it, whatever a target answered: finite, UTF-8, string keys, 64 levels at most.

    Plain JSON comes back equal. Everything else becomes text that shows what it was.
    """
    plain: object
    match value:
        case None | bool():
            plain = value
        case int():
            plain = int(value) if value.bit_length() <= _WIDEST_INTEGER_BITS else hex(value)
        case float():
            plain = float(value) if math.isfinite(value) else str(value)
        case str():
            plain = plain_text(value)
        case bytes() | bytearray():
            plain = value.decode("utf-8", "backslashreplace")
        case Mapping() | Iterable() if _depth == _DEEPEST:
            plain = "(nested too deeply to be kept)"
        case Mapping():
            plain = {plain_text(str(key)): plain_json(item, _depth + 1) for key, item in value.items()}
        case Iterable():
            plain = [plain_json(item, _depth + 1) for item in value]
        case _:
            plain = plain_text(str(value))
    return plain


def visible(text: str, *, limit: int, lines: bool = False) -> str:
    r"""The text as it may be shown: at most `limit` characters of it, each of them harmless and to be seen.

    Controls, ANSI escapes, bidi and zero-width characters and the like are written out (`\x1b`,
    `\u202e`). Line ends and tabs are kept when `lines` is true, and written out otherwise. What was
    cut off is counted in a note that follows.
    """
    kept = text[:limit]
    if lines:
        kept = kept.replace("\r\n", "\n")
    allowed = "\n\t" if lines else ""
    if not kept.translate(dict.fromkeys(map(ord, allowed))).isprintable():
        kept = "".join(_shown(character) if character not in allowed else character for character in kept)
    return kept if len(text) <= limit else f"{kept} ... ({len(text) - limit} more characters in the results file)"


def one_line(text: str, *, limit: int) -> str:
    """The first line of the text that is not blank, as `visible` shows it."""
    first = next((line for line in text[: 2 * limit].splitlines() if line.strip()), "")
    return visible(first.strip(), limit=limit)


def _shown(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
