"""A dialect: how one team's custom-auth flow is spoken.

Cognito leaves open what a CUSTOM_CHALLENGE asks and what answers it. A dialect fills that in: it puts the
words into the client's mouth and finds the secret in what the user was sent. It says what an honest client
says and never what is expected of the triggers; that is the checks' business.

A dialect of one's own is a class in a file that `triggers.dialect` names ("path/to/file.py:ClassName"). It
subclasses the classes here, fills in what has no default, and leaves `links`, `codes` or `passkeys` at None for
what the flow does not speak. `passwordless.py` beside this file is one to copy.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.dialects.passkeys import Passkeys


@dataclass(frozen=True)
class Say:
    """What a client sends to one CUSTOM_CHALLENGE: its ANSWER, and the ClientMetadata beside it."""

    answer: str = field(repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict)


class Links(ABC):
    """How links are asked for, found in a mail, and redeemed."""

    method: str
    """What the flow calls the method, in its metadata and claims; any word where it has one method only."""

    @abstractmethod
    def ask(self, redirect_uri: str) -> Sequence[Say]:
        """The answers, one a challenge, after which the link is on its way.

        None at all when InitiateAuth alone sends it. The challenge that follows is the one a link answers.
        """

    def come_back(self, redirect_uri: str) -> Sequence[Say] | None:
        """The answers by which a fresh sign-in comes to the challenge that a link answers, no new link sent.

        None when a link is good only in the session that asked for it. None is the default.
        """
        del redirect_uri
        return None

    @abstractmethod
    def secret_in(self, url: str) -> str | None:
        """The text in a URL that redeems it, or None when the URL is no sign-in link."""

    @abstractmethod
    def redeem(self, secret: str, redirect_uri: str, *, elsewhere: bool) -> Say:
        """The answer that redeems a link.

        `elsewhere`: in another sign-in than the one that asked, which the user has confirmed, where the flow asks that.
        """

    def username_in(self, url: str) -> str | None:
        """The user name that a link carries for a browser that does not know it, or None."""
        del url
        return None

    def opened(self, secret: str) -> tuple[bytes, bytes] | None:
        """Message and signature of a signed link; None, the default, for a secret without parts."""
        del secret
        return None

    def closed(self, message: bytes, signature: bytes) -> str:
        """The secret made of a message and a signature: the inverse of `opened`."""
        raise NotImplementedError("a dialect that overrides `opened` must override `closed`")

    def signed(self, message: bytes, user_pool_id: str, client_id: str) -> Sequence[bytes]:
        """What the signature of a link with this message may be over, likeliest first; the message alone by default."""
        del user_pool_id, client_id
        return (message,)


class Codes(ABC):
    """How one-time codes are asked for, found in a text message or mail, and answered."""

    method: str
    """What the flow calls the method."""

    step_up: bool = False
    """Whether a code only adds to a sign-in: whoever answers must show an access token of the same user."""

    by_mail: bool = False
    """Whether codes are sent by mail and not by text message."""

    @abstractmethod
    def ask(self, access_token: str) -> Sequence[Say]:
        """The answers after which the code is on its way. `access_token` is empty unless `step_up`."""

    @abstractmethod
    def code_in(self, text: str) -> str | None:
        """The code in a message, or None when it holds none."""

    @abstractmethod
    def answer(self, code: object, access_token: str) -> Say:
        """The answer that holds a code; some checks send what is no text, where the form of the answer allows it."""


class Dialect:
    """How one flow is spoken."""

    name: str = "custom"

    links: Links | None = None
    codes: Codes | None = None
    passkeys: Passkeys | None = None

    method_member: str | None = None
    """The member of the client's metadata that names the method, or None when the flow has one method only."""

    method_claim: str | None = None
    """The claim in which PreTokenGeneration says how the user signed in, or None when it says nothing."""

    password_first: bool = False
    """Whether a proven password (SRP_A, PASSWORD_VERIFIER) counts towards a sign-in by design."""

    def passkey_item(self, sub: str) -> Mapping[str, str] | None:
        """A row of `triggers.passkeys_table` by which the triggers know that a user has a passkey, or None.

        `sub` is the user's own; the default is None, for triggers that keep none.
        """
        del sub
        return None

    @property
    def needs_met(self) -> frozenset[str]:
        """What the flow speaks, in the words of harness.needs."""
        found = set()
        if self.links is not None:
            found.add("magic-links")
        if self.codes is not None:
            found.add("codes")
            if self.codes.step_up:
                found.add("step-up")
        if self.passkeys is not None:
            found.add("fido2")
        if self.links is not None and self.codes is not None and self.method_member is not None:
            found.add("several-methods")
        return frozenset(found)
