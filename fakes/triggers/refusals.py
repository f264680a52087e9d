"""What the triggers raise. Cognito shows the message to the client: it says nothing about the inside or the user."""

from __future__ import annotations


class SignInRefused(Exception):
    """The client asked for what is not offered; the same words for every user."""


class TriggerFailed(Exception):
    """Something went wrong inside."""

    def __init__(self) -> None:
        super().__init__("The sign-in could not be continued. Please start again.")
