"""How a sign-in of the reference client fails."""

from __future__ import annotations


class SignInFailed(Exception):
    """The client ended the sign-in; the message says why."""


class ServiceRefused(SignInFailed):
    """The service answered with an error: its type and its message."""

    def __init__(self, type: str, message: str) -> None:
        super().__init__(message)
        self.type = type


class BrokenAnswer(SignInFailed):
    """What came back is no answer of the protocol, or nothing came back."""


class UnansweredChallenge(SignInFailed):
    """The service wants something that the client was given no answer to."""

    def __init__(self, challenge: str) -> None:
        super().__init__(f"there is no answer to {challenge}")
        self.challenge = challenge
