"""The reference client: signs in with SRP as a client should, and wrongly in one named way for each fault."""

from fakes.client.reference import CAPABILITIES, ReferenceClient

__all__ = ["CAPABILITIES", "ReferenceClient"]
