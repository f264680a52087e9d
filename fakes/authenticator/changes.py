"""One named change in an otherwise honest ceremony: where it acts, and what it makes of what stands there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar

Value = TypeVar("Value")


class Layer(Enum):
    """Where a change can act, in the order in which a response is made.

    What comes after is made of what was changed: a change before SIGNATURE is correctly signed.
    """

    CLIENT_DATA = auto()
    """`protocol.webauthn.client_data.ClientData`."""
    CLIENT_DATA_JSON = auto()
    """Its bytes."""
    COSE_KEY = auto()
    """The credential public key by label: `dict[int, Any]`."""
    COSE_KEY_BYTES = auto()
    """The same in CBOR."""
    AUTHENTICATOR_DATA = auto()
    """`fakes.authenticator.assembly.AuthenticatorDataParts`."""
    AUTHENTICATOR_DATA_BYTES = auto()
    """Their bytes."""
    CERTIFICATE = auto()
    """The attestation certificate before it is issued: `fakes.authenticator.certificates.CertificatePlan`."""
    PUBLIC_AREA = auto()
    """A TPM's pubArea, bytes."""
    CERTIFY_INFO = auto()
    """A TPM's certInfo, bytes; it is signed after this."""
    JWS = auto()
    """A SafetyNet response before it is signed: `fakes.authenticator.safety_net.Jws`."""
    SIGNED = auto()
    """What is signed, bytes: the attestation's in a registration, the assertion's in an authentication."""
    SIGNATURE = auto()
    """The signature, bytes."""
    STATEMENT = auto()
    """attStmt: `dict[str, Any]`."""
    ATTESTATION_OBJECT = auto()
    """`dict[str, Any]` of fmt, attStmt and authData."""
    ATTESTATION_OBJECT_BYTES = auto()
    """The same in CBOR."""
    RESPONSE = auto()
    """RegistrationResponseJSON or AuthenticationResponseJSON, a dict."""


@dataclass(frozen=True)
class Change:
    """A change with its name: `Change("challenge of nobody", Layer.CLIENT_DATA, lambda data: replace(data, ...))`."""

    name: str
    layer: Layer
    make: Callable[[Any], Any]


class Alteration:
    """Applies a change when its layer comes, and knows whether it came."""

    def __init__(self, change: Change | None = None) -> None:
        self._change = change
        self.made = change is None

    def at(self, layer: Layer, value: Value) -> Value:
        """The value as it goes on: changed, when this is the layer of the change."""
        if self._change is None or self._change.layer is not layer:
            return value
        self.made = True
        changed: Value = self._change.make(value)
        return changed


class ChangeNotMade(Exception):
    """The ceremony has no such layer, so the response is the honest one; choose another change or ceremony."""


def flip(position: int, bit: int = 0) -> Callable[[bytes], bytes]:
    """Changes one bit of a byte string; negative positions count from its end."""

    def flipped(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[position] ^= 1 << bit
        return bytes(changed)

    return flipped


def append(tail: bytes) -> Callable[[bytes], bytes]:
    """Puts bytes after a byte string."""
    return lambda data: data + tail


def truncate(length: int) -> Callable[[bytes], bytes]:
    """Leaves the first bytes of a byte string."""
    return lambda data: data[:length]


def with_members(**members: Any) -> Callable[[dict[Any, Any]], dict[Any, Any]]:
    """Sets members of a map, at their place or at its end."""
    return lambda value: {**value, **members}


def without(name: Any) -> Callable[[dict[Any, Any]], dict[Any, Any]]:
    """Takes a member out of a map."""
    return lambda value: {key: member for key, member in value.items() if key != name}
