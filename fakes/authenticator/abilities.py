"""What kind of authenticator it is."""

from __future__ import annotations

from dataclasses import dataclass

from fakes.authenticator.keys import ED448, EDDSA, ES256, ES384, ES512, RS256
from fakes.authenticator.statements import Format

ALL_ALGORITHMS = (ES256, EDDSA, ES384, ES512, ED448, RS256)
_ALGORITHMS_BY_FORMAT = {
    Format.FIDO_U2F: (ES256,),
    Format.TPM: (ES256, ES384, ES512, RS256),
    Format.ANDROID_KEY: (ES256, ES384, ES512, RS256),
    Format.ANDROID_SAFETYNET: (ES256, ES384, ES512, RS256),
    Format.APPLE: (ES256, ES384, ES512),
    Format.COMPOUND: (ES256, ES384, ES512, RS256),
}


@dataclass(frozen=True)
class Abilities:
    """An authenticator's kind.

    Attributes:
        attestation: what vouches for its credentials, where the relying party asks to know.
        algorithms: those that it has; the relying party's order decides among them.
        user_verification: whether it can verify its user.
        discoverable_credentials: whether it can keep credentials to be found without their id.
        backup_eligible: the flag BE of new credentials.
        backed_up: the flag BS of new credentials; only with `backup_eligible`.
        counts: whether its signature counters grow; synced passkeys keep theirs at zero.
        transports: what the client reports; an `internal` one is a platform authenticator.
        credential_id_bytes: the length of new credential ids.
    """

    attestation: Format = Format.PACKED
    algorithms: tuple[int, ...] = ALL_ALGORITHMS
    user_verification: bool = True
    discoverable_credentials: bool = True
    backup_eligible: bool = False
    backed_up: bool = False
    counts: bool = True
    transports: tuple[str, ...] = ("usb",)
    credential_id_bytes: int = 32

    def __post_init__(self) -> None:
        if self.backed_up and not self.backup_eligible:
            raise ValueError("an honest authenticator backs up only what is eligible; use the builder to lie")

    @property
    def usable_algorithms(self) -> tuple[int, ...]:
        """The algorithms that its attestation allows: U2F knows ES256, TPMs and phones no Edwards curves."""
        allowed = _ALGORITHMS_BY_FORMAT.get(self.attestation, ALL_ALGORITHMS)
        return tuple(each for each in self.algorithms if each in allowed)


PASSKEY_PROVIDER = Abilities(
    attestation=Format.NONE,
    backup_eligible=True,
    backed_up=True,
    counts=False,
    transports=("internal", "hybrid"),
)
"""A phone's passkeys, synced between devices."""

SECURITY_KEY = Abilities()
"""A key on a chain, with packed attestation and a counter."""
