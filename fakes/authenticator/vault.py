"""What an authenticator keeps: its credentials, and who it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fakes.authenticator.abilities import Abilities
from fakes.authenticator.assembly import Circumstances
from fakes.authenticator.credential import Credential
from fakes.authenticator.entropy import Entropy
from fakes.authenticator.keys import signing_key
from fakes.authenticator.statements import Attester, Clock, Format, real_time
from protocol.webauthn.authenticator_data import Flags

_NO_AAGUID = bytes(16)
_PROTECTION_WITH_LIST, _PROTECTION_WITH_VERIFICATION = 2, 3


class Vault:
    """The credentials of one authenticator, in the order in which they were made."""

    def __init__(self, entropy: Entropy, abilities: Abilities, clock: Clock = real_time) -> None:
        self.entropy = entropy
        self._clock = clock
        self.abilities = abilities
        self.credentials: list[Credential] = []
        self._made = 0

    @property
    def attester(self) -> Attester:
        """Who vouches for its credentials. U2F has no AAGUID, nor needs self attestation one."""
        anonymous = self.abilities.attestation in (Format.FIDO_U2F, Format.PACKED_SELF)
        aaguid = _NO_AAGUID if anonymous else self.entropy.draw("aaguid", 16)
        return Attester(self.abilities.attestation, aaguid, self.entropy, self._clock)

    def choose_algorithm(self, wanted: Iterable[int]) -> int | None:
        """The first wanted algorithm that it has, or None."""
        return next((each for each in wanted if each in self.abilities.usable_algorithms), None)

    def new_credential(self, rp_id: str, user_handle: bytes, algorithm: int, *, discoverable: bool) -> Credential:
        """Make a credential. A discoverable one takes the place of the account's earlier one (CTAP2 section 6.1.2)."""
        label = f"credential/{self._made}"
        self._made += 1
        credential = Credential(
            id=self.entropy.draw(f"{label}/id", self.abilities.credential_id_bytes),
            rp_id=rp_id,
            user_handle=user_handle,
            key=signing_key(algorithm, self.entropy, f"{label}/key"),
            discoverable=discoverable,
            sign_count=1 if self.abilities.counts else 0,
            backup_eligible=self.abilities.backup_eligible,
            backed_up=self.abilities.backed_up,
        )
        if discoverable:
            self.credentials = [
                each
                for each in self.credentials
                if not each.discoverable or (each.rp_id, each.user_handle) != (rp_id, user_handle)
            ]
        self.credentials.append(credential)
        return credential

    def find(self, rp_id: str, id: bytes) -> Credential | None:
        """The credential of that id, or None."""
        return next((each for each in self.credentials if (each.rp_id, each.id) == (rp_id, id)), None)

    def usable(self, rp_id: str, allowed: list[bytes], *, verified: bool) -> list[Credential]:
        """The credentials that may sign, the latest first: those allowed, or the discoverable ones."""
        return [
            each
            for each in reversed(self.credentials)
            if each.rp_id == rp_id
            and (each.id in allowed if allowed else each.discoverable)
            and (verified or each.protection < _PROTECTION_WITH_VERIFICATION)
            and (verified or allowed or each.protection < _PROTECTION_WITH_LIST)
        ]

    def count(self, credential: Credential) -> None:
        """One more signature."""
        if self.abilities.counts:
            credential.sign_count += 1

    def circumstances(
        self, credential: Credential, *, verified: bool, extensions: dict[str, Any], present: bool = True
    ) -> Circumstances:
        """What the authenticator data say."""
        flags = {
            Flags.UP: present,
            Flags.UV: verified,
            Flags.BE: credential.backup_eligible,
            Flags.BS: credential.backed_up,
        }
        return Circumstances(
            rp_id=credential.rp_id,
            flags=sum(flag for flag, is_set in flags.items() if is_set),
            sign_count=credential.sign_count,
            extensions=extensions,
        )
