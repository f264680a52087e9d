"""A pool's WebAuthnConfiguration: for whom passkeys are made, and what they count for (`aws-doc`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

WEB_AUTHN = "WEB_AUTHN"
_COUNTS_AS_TWO = "MULTI_FACTOR_WITH_USER_VERIFICATION"


@dataclass(frozen=True)
class PasskeySettings:
    """What a pool says of passkeys.

    `relying_party_id` is the configured one or else the pool's domain, None where there is neither;
    `count_as_two_factors` says that a passkey whose user was verified satisfies MFA.
    """

    relying_party_id: str | None
    user_verification: str
    count_as_two_factors: bool

    @classmethod
    def from_configuration(cls, configuration: Mapping[str, Any], domain: str | None) -> Self:
        """The settings of a WebAuthnConfiguration, empty where there is none."""
        return cls(
            relying_party_id=configuration.get("RelyingPartyId") or domain,
            user_verification=configuration.get("UserVerification") or "preferred",
            count_as_two_factors=configuration.get("FactorConfiguration") == _COUNTS_AS_TWO,
        )

    @property
    def user_verification_required(self) -> bool:
        """Whether nobody registers or signs in without being verified."""
        return self.user_verification == "required"
