"""A session's history: what was asked in each completed round, and what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

CUSTOM_CHALLENGE = "CUSTOM_CHALLENGE"
PROVIDE_AUTH_PARAMETERS = "PROVIDE_AUTH_PARAMETERS"
MAGIC_LINK = "MAGIC_LINK"
SMS_OTP_STEPUP = "SMS_OTP_STEPUP"
FIDO2 = "FIDO2"
"""Answers the first challenge, which comes with the options, and never another."""

METHODS = frozenset({MAGIC_LINK, SMS_OTP_STEPUP})


@dataclass(frozen=True)
class Round:
    """One completed round; `asked` is what its challenge was, `note` what CreateAuthChallenge wrote behind it."""

    challenge_name: str
    result: bool
    asked: str
    note: str


def read_rounds(session: object) -> tuple[Round, ...] | None:
    """`request.session`, oldest first, or None when it is not as Cognito writes it."""
    if session is None:
        return ()
    if not isinstance(session, list):
        return None
    rounds = [_round(entry) for entry in session]
    return None if None in rounds else tuple(each for each in rounds if each is not None)


def new_session_id() -> str:
    """An identity for a session, to stand in the metadata of its first challenge.

    It comes back in every later event of the session, and only there: so a random number in it tells this
    session, also on Cognito's second try, from every other. It is no secret.
    """
    return secrets.token_urlsafe(16)


def session_id(rounds: tuple[Round, ...]) -> str:
    """The identity of the session, from its first round."""
    return rounds[0].note if rounds else ""


def _round(entry: object) -> Round | None:
    if not isinstance(entry, Mapping):
        return None
    name, result, metadata = (entry.get(f"challenge{member}") for member in ("Name", "Result", "Metadata"))
    if not isinstance(name, str) or not isinstance(result, bool) or not isinstance(metadata, str | None):
        return None
    asked, _, note = (metadata or "").partition(":")
    return Round(name, result, asked, note)
