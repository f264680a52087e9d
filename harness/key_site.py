"""An address on loopback that publishes the issuer's keys, for verifiers that fetch them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakes.issuer import Issuer, SigningKey


class KeySite:
    """The issuer's keys where a verifier can fetch them. They can change, and each fetch is counted."""

    def __init__(self, issuer: Issuer) -> None:
        from fakes.issuer import PublishedKeys  # cryptography is heavy, and only some checks need it

        self._site = PublishedKeys(issuer.jwks)

    @property
    def told(self) -> dict[str, Any]:
        """What a verifier is told, so that it fetches the keys."""
        return {"jwks_uri": self._site.jwks_uri}

    @property
    def fetches(self) -> int:
        """How often the keys were fetched."""
        return self._site.fetches

    def add_key(self) -> SigningKey:
        """Publish a new key beside the others."""
        from fakes.issuer import SigningKey

        key = SigningKey.new()
        self._site.jwks = {"keys": [*self._site.jwks["keys"], key.public_jwk()]}
        return key

    def remove_all_but(self, key: SigningKey) -> None:
        """Publish this key alone."""
        self._site.jwks = {"keys": [key.public_jwk()]}

    def close(self) -> None:
        """Stop publishing."""
        self._site.close()
