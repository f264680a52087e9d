"""The reference relying party: the ceremonies of protocol.webauthn, with a switch for each thing that goes wrong."""

from fakes.relying_party.relying_party import ReferenceRelyingParty

__all__ = ["ReferenceRelyingParty"]
