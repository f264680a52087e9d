"""Edits: what a case changes, and where. Nothing here is heavy: `list` imports it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from protocol.webauthn.authenticator_data import Flags

ES256, EDDSA, ES384, ES512, ED448, RS256 = -7, -8, -35, -36, -53, -257
"""COSE algorithms."""

Layer = Literal[
    "CLIENT_DATA_JSON", "COSE_KEY", "COSE_KEY_BYTES", "AUTHENTICATOR_DATA", "AUTHENTICATOR_DATA_BYTES", "CERTIFICATE",
    "PUBLIC_AREA", "CERTIFY_INFO", "JWS", "SIGNED", "SIGNATURE", "STATEMENT", "ATTESTATION_OBJECT",
    "ATTESTATION_OBJECT_BYTES", "RESPONSE",
]  # fmt: skip
"""The layers of fakes.authenticator.changes, by name."""

Seen = Mapping[str, Any]
"""What stood at each layer before, edited; and besides, at an authentication, the credential's private
key as `KEY`, and at a registration its key as `CREDENTIAL_KEY` and the attestation CA as `CA`."""


@dataclass(frozen=True)
class Edit:
    """Part of a case's change: where it acts, and what it makes of what stands there and of what stood before."""

    layer: Layer
    make: Callable[[Any, Seen], Any]


Edits = tuple[Edit, ...]


@dataclass(frozen=True)
class Ceremony:
    """What a response answers: this ceremony's challenge, and where the user is.

    Attributes:
        challenge: as it stands in the options.
        origin: the page's.
        rp_id: as it stands in the options.
        user_handle: the account's.
    """

    challenge: bytes
    origin: str
    rp_id: str
    user_handle: bytes


@dataclass(frozen=True)
class Manner:
    """How the authenticator is and does, where it may be one way or another.

    Attributes:
        algorithm: of the credential.
        format: of the attestation: an identifier, or `packed-self`.
        flags: without AT and ED, which follow.
        sign_count: the signature counter.
        extensions: the authenticator extension outputs.
        id_bytes: how long the credential id is.
        user_handle: whether the authenticator gives it at an authentication.
    """

    algorithm: int = ES256
    format: str = "none"
    flags: int = int(Flags.UP | Flags.UV)
    sign_count: int = 0
    extensions: Mapping[str, Any] = field(default_factory=dict)
    id_bytes: int = 32
    user_handle: bool = False


def together(*edits: Edits) -> Edits:
    """Several edits as one change."""
    return tuple(edit for given in edits for edit in given)


def at(layer: Layer, make: Callable[[Any], Any]) -> Edits:
    """An edit that looks at nothing else."""
    return (Edit(layer, lambda value, seen: make(value)),)
