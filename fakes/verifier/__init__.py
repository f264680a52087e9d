"""The reference verifier: small, strict, over joserfc, with a switch for each thing that verifiers get wrong."""

from fakes.verifier.verifier import ReferenceVerifier

__all__ = ["ReferenceVerifier"]
