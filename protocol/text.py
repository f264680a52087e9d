"""Text on its way into a hash."""

from __future__ import annotations

from protocol.errors import MalformedText


def utf8(text: str) -> bytes:
    """The text in UTF-8, not normalised, as Cognito hashes names and passwords.

    Raises MalformedText for a lone surrogate, which JSON can carry and UTF-8 cannot.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise MalformedText(
            f"the text holds a lone surrogate at position {error.start}; send whole characters"
        ) from error
