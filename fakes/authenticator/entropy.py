"""Everything random about an authenticator, drawn from its seed."""

from __future__ import annotations

from dataclasses import dataclass

from protocol.keyed_hash import hkdf


@dataclass(frozen=True)
class Entropy:
    """Bytes by label: the same seed and label always give the same bytes, and different ones unrelated bytes."""

    seed: str

    def draw(self, label: str, length: int) -> bytes:
        """The bytes of a label, at most 8160 of them."""
        return hkdf(
            "sha256",
            salt=b"software authenticator",
            input_key=self.seed.encode(),
            info=label.encode(),
            length=length,
        )
