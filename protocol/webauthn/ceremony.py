"""What both ceremonies are made of: named steps, each of which passes or refuses, and the steps that both have.

A ceremony is a tuple of steps that is run in order; who needs a relying party that forgets one leaves it out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from protocol.webauthn import base64url
from protocol.webauthn.authenticator_data import AuthenticatorData, Flags
from protocol.webauthn.client_data import ClientData
from protocol.webauthn.errors import CeremonyRefused, WebAuthnError

LEVEL = "WebAuthn L3"


class Refusal(WebAuthnError):
    """Raised inside a step; the ceremony says which step it was."""


@dataclass(frozen=True)
class Expectations:
    """What a relying party expects of any ceremony; all of it is its own state, none of it the request's.

    Attributes:
        challenge: this ceremony's, as it was issued.
        rp_id: the one in this ceremony's options.
        origins: the exact origins of its pages and apps.
        user_verification_required: whether the options said `required`.
        top_origins: the origins of pages that may hold its own in a frame of another origin.
        cross_origin_expected: whether it may stand in such a frame at all.
    """

    challenge: bytes
    rp_id: str
    origins: frozenset[str]
    user_verification_required: bool = field(kw_only=True, default=False)
    top_origins: frozenset[str] = field(kw_only=True, default=frozenset())
    cross_origin_expected: bool = field(kw_only=True, default=False)


class Ceremony(Protocol):
    """What the common steps look at."""

    @property
    def expected(self) -> Expectations:
        """The relying party's expectations."""

    @property
    def client_data(self) -> ClientData:
        """The client data."""

    @property
    def authenticator_data(self) -> AuthenticatorData:
        """The authenticator data."""


AnyCeremony = TypeVar("AnyCeremony", bound=Ceremony)


@dataclass(frozen=True)
class Step(Generic[AnyCeremony]):
    """One step of a ceremony.

    Attributes:
        name: unique in its ceremony.
        clause: where it stands in the standard.
        fragment: its fragment id there, or its section's.
        verify: raises a WebAuthnError when the ceremony must fail.
    """

    name: str
    clause: str
    fragment: str
    verify: Callable[[AnyCeremony], None]

    def run(self, ceremony: AnyCeremony) -> None:
        """Verify, and say which step it was. Raises CeremonyRefused."""
        with refusing(self.name, self.clause, self.fragment):
            self.verify(ceremony)


def run_steps(ceremony: AnyCeremony, steps: Iterable[Step[AnyCeremony]]) -> None:
    """Run steps in order. Raises CeremonyRefused for the first that refuses."""
    for step in steps:
        step.run(ceremony)


@contextmanager
def refusing(name: str, clause: str, fragment: str) -> Iterator[None]:
    """What goes wrong inside is this step's refusal."""
    try:
        yield
    except WebAuthnError as error:
        raise CeremonyRefused(name, clause, fragment, str(error)) from error


def demand(holds: bool, otherwise: str) -> None:
    """Raises Refusal with these words unless it holds."""
    if not holds:
        raise Refusal(otherwise)


def verify_challenge(ceremony: Ceremony) -> None:
    """The challenge is this ceremony's: the texts are compared, nothing is decoded."""
    expected = base64url.encode(ceremony.expected.challenge)
    demand(ceremony.client_data.challenge == expected, "the client data's challenge is not this ceremony's")


def verify_origin(ceremony: Ceremony) -> None:
    """The origin is exactly one of those expected (#sctn-validating-origin)."""
    origin = ceremony.client_data.origin
    demand(origin in ceremony.expected.origins, f"the origin {origin!r:.80} is not expected")


def verify_cross_origin(ceremony: Ceremony) -> None:
    """A frame of another origin is expected, where the client was in one."""
    demand(
        not ceremony.client_data.cross_origin or ceremony.expected.cross_origin_expected,
        "the client was in a frame of another origin, which is not expected",
    )


def verify_top_origin(ceremony: Ceremony) -> None:
    """The page around the frame is an expected one, and only a client in such a frame names it (section 5.8.1)."""
    top_origin = ceremony.client_data.top_origin
    if top_origin is None:
        return
    demand(bool(ceremony.client_data.cross_origin), "topOrigin is present although crossOrigin is not true")
    demand(ceremony.expected.cross_origin_expected, "topOrigin is present, and no frame of another origin is expected")
    demand(top_origin in ceremony.expected.top_origins, f"the top origin {top_origin!r:.80} is not expected")


def verify_rp_id_hash(ceremony: Ceremony) -> None:
    """The RP ID is that of this ceremony's options."""
    expected = hashlib.sha256(ceremony.expected.rp_id.encode()).digest()
    demand(ceremony.authenticator_data.rp_id_hash == expected, "the RP ID hash is not that of the expected RP ID")


def verify_user_present(ceremony: Ceremony) -> None:
    """UP is set."""
    demand(ceremony.authenticator_data.has(Flags.UP), "the flag UP is not set: no user was present")


def verify_user_verified(ceremony: Ceremony) -> None:
    """UV is set where the relying party requires it, and ignored where it does not."""
    demand(
        not ceremony.expected.user_verification_required or ceremony.authenticator_data.has(Flags.UV),
        "user verification is required, and the flag UV is not set",
    )


def verify_backup_flags(ceremony: Ceremony) -> None:
    """What is not eligible for backup is not backed up."""
    data = ceremony.authenticator_data
    demand(data.has(Flags.BE) or not data.has(Flags.BS), "the flag BS is set although BE is not")
