"""A user pool reduced to what a verifier sees of it: an issuer's name, its keys, its tokens."""

from fakes.issuer.issuer import Issuer
from fakes.issuer.keys import SigningKey
from fakes.issuer.published import PublishedKeys

__all__ = ["Issuer", "PublishedKeys", "SigningKey"]
