"""What passkeys are told by the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class PasskeyConfiguration:
    """The settings of the passkeys; Level 3 section 15.1 recommends five to ten minutes for a ceremony."""

    table: str
    """DynamoDB table, partition key `pk`, sort key `sk` (texts); its time to live is the attribute `expires_at`."""

    rp_ids: tuple[str, ...]
    """The RP IDs that a credential may be registered for."""

    origins: tuple[str, ...]
    """The exact origins of pages and apps: `https://host[:port]`, `android:apk-key-hash:…`."""

    rp_name: str = "Example"
    sender: str = ""
    """Who tells users of new and removed passkeys; nobody when empty."""

    ceremony_seconds: int = 300
    sign_in_within_seconds: int = 900
    """How long ago the user may have signed in who adds a passkey (ASVS 5.0, 7.5.1)."""

    challenges_per_address: int = 100
    """Challenges for nobody in particular that one address gets in five minutes."""

    algorithms: tuple[int, ...] = (-8, -7, -257)
    user_verification: str = "required"
    """`required`, or `preferred`: then a passkey whose user was not verified registers and signs in too."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> PasskeyConfiguration | None:
        """Read the variables; None where no RP ID is named, so that there are no passkeys."""
        rp_ids = _texts(environment.get("RELYING_PARTY_IDS", ""))
        table = environment.get("PASSKEYS_TABLE", "")
        if not rp_ids or not table:
            return None
        return cls(
            table=table,
            rp_ids=rp_ids,
            origins=_texts(environment.get("PASSKEY_ORIGINS", "")) or tuple(f"https://{rp_id}" for rp_id in rp_ids),
            rp_name=environment.get("RELYING_PARTY_NAME") or rp_ids[0],
            sender=environment.get("MAIL_SENDER", ""),
            user_verification=environment.get("USER_VERIFICATION") or "required",
        )


def _texts(written: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in written.split(",") if each.strip())
