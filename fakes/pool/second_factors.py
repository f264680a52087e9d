"""The second factor that a sign-in owes: whether, which, and the challenge that asks for it.

A pool demands one of everybody (ON), of those who have set one up (OPTIONAL) or of nobody (OFF).
Where ON is set, an address that the pool may send codes to is a factor without being set up; who
has none at all has to set one up first (`aws-doc`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.moto_directory import User, UserPool
from fakes.pool.one_time_codes import EMAIL_OTP, SMS_MFA, OneTimeCodes
from fakes.pool.sessions import Sessions

if TYPE_CHECKING:
    from fakes.pool.sign_in import FirstFactor

SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - the name of a challenge
SELECT_MFA_TYPE = "SELECT_MFA_TYPE"
MFA_SETUP = "MFA_SETUP"

_ADDRESSES = {SMS_MFA: "phone_number", EMAIL_OTP: "email"}
_ORDER = (SMS_MFA, SOFTWARE_TOKEN_MFA, EMAIL_OTP)

_SKIPPED_AFTER = {
    "USER_SRP_AUTH": declare_fault("pool.mfa.skipped-after-srp", "USER_SRP_AUTH owes no second factor"),
    "USER_PASSWORD_AUTH": declare_fault("pool.mfa.skipped-after-password", "USER_PASSWORD_AUTH owes no second factor"),
    "ADMIN_USER_PASSWORD_AUTH": declare_fault(
        "pool.mfa.skipped-for-administrators", "ADMIN_USER_PASSWORD_AUTH owes no second factor"
    ),
    "USER_AUTH": declare_fault("pool.mfa.skipped-after-user-auth", "USER_AUTH owes no second factor"),
    "NEW_PASSWORD_REQUIRED": declare_fault(
        "pool.mfa.skipped-after-new-password", "choosing a new password owes no second factor"
    ),
}
NO_SETUP = declare_fault("pool.mfa.no-setup-demanded", "who has no second factor signs in without, though MFA is ON")


class SecondFactors:
    """Asks for second factors."""

    def __init__(self, *, sessions: Sessions, codes: OneTimeCodes, faults: FaultSwitches) -> None:
        self._sessions = sessions
        self._codes = codes
        self._faults = faults

    def challenge(self, proved: FirstFactor) -> dict[str, Any] | None:
        """The challenge that is owed after this first factor, or None. Raises InvalidParameter for lack of an address.

        The preferred factor is asked for, else the only one, else which of them it shall be.
        """
        pool, user = proved.caller.pool, proved.user
        skipped = _SKIPPED_AFTER.get(proved.flow)
        if not owes_second_factor(pool, user) or (skipped is not None and self._faults.on(skipped)):
            return None
        factors = factors_of(pool, user)
        if not factors:
            return None if self._faults.on(NO_SETUP) else self._setup(proved)
        if user.preferred_second_factor in factors:
            return self.ask_for(user.preferred_second_factor or "", proved)
        return self.ask_for(factors[0], proved) if len(factors) == 1 else self._select(proved, factors)

    def ask_for(self, factor: str, proved: FirstFactor) -> dict[str, Any]:
        """The challenge for one factor; what has to be sent for it is sent."""
        if factor == SOFTWARE_TOKEN_MFA:
            return self._challenge(SOFTWARE_TOKEN_MFA, proved, {})
        sent = self._codes.send(factor, proved.user, proved.typed_username)
        return self._challenge(factor, proved, sent.parameters, code=sent.code)

    def _select(self, proved: FirstFactor, factors: tuple[str, ...]) -> dict[str, Any]:
        return self._challenge(SELECT_MFA_TYPE, proved, {"MFAS_CAN_CHOOSE": json.dumps(factors)}, offered=factors)

    def _setup(self, proved: FirstFactor) -> dict[str, Any]:
        can = tuple(factor for factor in _ORDER if factor in proved.caller.pool.second_factors)
        return self._challenge(MFA_SETUP, proved, {"MFAS_CAN_SETUP": json.dumps(can)})

    def _challenge(
        self,
        name: str,
        proved: FirstFactor,
        parameters: dict[str, str],
        *,
        code: str | None = None,
        offered: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        session = self._sessions.open(
            name,
            proved.caller.client,
            proved.user,
            proved.typed_username,
            code=code,
            offered=offered,
            device_key=proved.device_key,
        )
        return {
            "ChallengeName": name,
            "Session": session,
            "ChallengeParameters": {"USER_ID_FOR_SRP": proved.user.username} | parameters,
        }


def owes_second_factor(pool: UserPool, user: User) -> bool:
    """Whether tokens need a second factor."""
    if pool.mfa_configuration == "ON":
        return True
    return pool.mfa_configuration == "OPTIONAL" and bool(user.second_factors & pool.second_factors)


def factors_of(pool: UserPool, user: User) -> tuple[str, ...]:
    """The second factors that the user can be asked for: those set up; with ON else those with an address."""
    set_up = tuple(factor for factor in _ORDER if factor in user.second_factors & pool.second_factors)
    if set_up or pool.mfa_configuration != "ON":
        return set_up
    return tuple(
        factor
        for factor in _ORDER
        if factor in pool.second_factors and factor in _ADDRESSES and user.attributes.get(_ADDRESSES[factor])
    )
