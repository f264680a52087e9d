"""Steps that several checks of codes take."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harness.custom_auth import CUSTOM_CHALLENGE, must_be_challenged
from harness.findings import Inconclusive
from harness.trigger_flows import Code, must_sign_in

if TYPE_CHECKING:
    from harness.arrangement import TestUser
    from harness.sign_in import Outcome
    from harness.trigger_flows import CodeFlow, CodeRequest

A_WHILE = timedelta(seconds=61)
"""A usual wait between two messages, and a second."""

WAITS = (A_WHILE, timedelta(hours=1), timedelta(days=1))
"""What lets a throttle of a minute, an hour, a day forget."""


def must_still_sign_in(codes: CodeFlow, code: Code, refused: Outcome) -> None:
    """The honest twin: the same code where the sign-in goes on, else another user's, signs in. Else Inconclusive."""
    if refused.challenge_name == CUSTOM_CHALLENGE:
        must_sign_in(codes.answer(code), "the right code after the change")
    else:
        must_sign_in(codes.sign_in(), "another user's code after the change")


def next_code(codes: CodeFlow, user: TestUser) -> Code | None:
    """A further code for the user, as soon as one is sent; None when none is in a day. Moves the clock."""
    for wait in WAITS:
        codes.later(wait)
        code = code_of(codes, codes.request(user))
        if code is not None:
            return code
    return None


def code_of(codes: CodeFlow, asked: CodeRequest) -> Code | None:
    """The code that a request brought, if it brought one."""
    for message in asked.messages:
        value = codes.spoken.code_in(message.text)
        if value is not None:
            return Code(asked.user, value, message, asked.sign_in, asked.access_token)
    return None


def asked_again(codes: CodeFlow, code: Code) -> CodeRequest:
    """Another sign-in of the same user, at the challenge that a code answers, whether one was sent or not.

    Raises Inconclusive when there is no such challenge, or when chance sent the same code: then nothing is told apart.
    """
    again = codes.request(code.user)
    must_be_challenged(again.outcome, "asking for a code once more")
    must_differ(codes, code.value, again)
    return again


def must_differ(codes: CodeFlow, value: str, other: CodeRequest) -> None:
    """Raise Inconclusive when the other request brought the same code, as happens once in a million."""
    if any(codes.spoken.code_in(message.text) == value for message in other.messages):
        raise Inconclusive("two sign-ins were sent the same code; run the check again")


def wrong_code(code: str) -> str:
    """Another code of the same form."""
    if code.isascii() and code.isdigit():
        return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
    return code[:-1] + ("B" if code[-1] == "A" else "A")
