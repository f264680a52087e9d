"""How passkeys are spoken in a custom-auth flow: what asks for one, what answers, and the HTTP APIs beside.

Options and responses are in WebAuthn's own JSON (PublicKeyCredentialRequestOptionsJSON, RegistrationResponseJSON, …);
a dialect puts them into the flow's words and takes them out again. What a check has put into a response that WebAuthn
does not know, or taken out of it, goes through as it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.dialects.dialect import Say

CREDENTIALS_API, CHALLENGE_API = "fido2_credentials_api", "fido2_challenge_api"
"""The functions behind the APIs."""


@dataclass(frozen=True)
class ApiCall:
    """A request to an HTTP API: which function is behind it, and what is asked of it.

    Attributes:
        function: CREDENTIALS_API or CHALLENGE_API.
        path: begins with a slash.
        query: the members of the query.
        body: JSON; None for no body.
        method: of HTTP.
    """

    function: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    method: str = "POST"


@dataclass(frozen=True)
class Listed:
    """A credential as its owner sees it listed; None for what the list does not tell.

    Attributes:
        id: base64url.
        name: what the user calls it.
    """

    id: str
    name: str | None = None
    rp_id: str | None = None
    sign_count: int | None = None
    transports: tuple[str, ...] | None = None
    backup_eligible: bool | None = None
    backup_state: bool | None = None
    user_verified: bool | None = None


class Passkeys(ABC):
    """How passkeys are registered, asked for, and answered with."""

    method: str
    """What the flow calls the method."""

    rp_in_options: bool = True
    """Whether the options of a registration are asked for by RP ID."""

    def ask(self) -> Sequence[Say]:
        """The answers, one a challenge, after which the options are there. None at all is the default."""
        return ()

    @abstractmethod
    def options_in(self, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The request options in a challenge's public parameters, or None. `rpId` may be left out."""

    @abstractmethod
    def answer(self, response: Any) -> Say:
        """The answer that holds an AuthenticationResponseJSON."""

    def said(self, answer: str) -> Say:
        """Any text as the answer to the challenge that asks for a passkey."""
        return Say(answer, self.answer({}).metadata)

    @abstractmethod
    def start(self, rp_id: str) -> ApiCall:
        """What asks for creation options."""

    @abstractmethod
    def creation_options(self, body: Any) -> dict[str, Any] | None:
        """The creation options in the answer, or None."""

    @abstractmethod
    def complete(self, response: Any, name: str) -> ApiCall:
        """What hands a RegistrationResponseJSON in, and what the user calls the new credential."""

    @abstractmethod
    def list(self, rp_id: str) -> ApiCall:
        """What asks for the user's credentials."""

    @abstractmethod
    def listed(self, body: Any) -> Sequence[Listed]:
        """The credentials in the answer. Raises KeyError, TypeError or ValueError where it is none."""

    @abstractmethod
    def rename(self, id: str, name: str) -> ApiCall:
        """What gives a credential another name."""

    @abstractmethod
    def delete(self, id: str) -> ApiCall:
        """What removes a credential."""

    def challenge(self) -> ApiCall | None:
        """What asks for options for nobody in particular; None, the default, where users always say who they are."""
        return None

    def challenge_options(self, body: Any) -> dict[str, Any] | None:
        """The request options in the answer to that, or None."""
        del body
        return None

    def confirmation(self) -> ApiCall | None:
        """What asks for options by which a signed-in user confirms something; None, the default, where nothing is."""
        return None

    def confirmation_options(self, body: Any) -> dict[str, Any] | None:
        """The request options in the answer to that, or None."""
        return self.challenge_options(body)

    def confirm(self, response: Any) -> ApiCall:
        """What hands an AuthenticationResponseJSON over such options in."""
        raise NotImplementedError("a dialect that overrides `confirmation` must override `confirm`")

    def username_of(self, user_handle: bytes) -> str | None:
        """The name to sign in with that a user handle holds, or None where it holds none."""
        del user_handle
        return None
