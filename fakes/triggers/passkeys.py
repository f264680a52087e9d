"""The policy that who has a passkey or a second factor uses it: a link is no way round either (ASVS 6.3.3, 6.3.4)."""

from __future__ import annotations

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.events import SignInEvent
from fakes.triggers.pre_sign_up import HIJACKABLE
from fakes.triggers.services import Services

ONLY_WHEN_ASKING = declare_fault(
    "triggers.verify.passkey-policy-only-when-asking",
    "that a user with a passkey may not use links is enforced where a link is sent, not where one is redeemed",
)
PAST_SECOND_FACTORS = declare_fault(
    "triggers.links.pass-over-second-factors", "a user who has set up a second factor signs in by link alone"
)


class PasskeyPolicy:
    """Looks the user up: in the table of passkeys, when the configuration names one; in Cognito, when it says so."""

    def __init__(
        self, services: Services, table: str | None, faults: FaultSwitches, *, second_factors: bool = False
    ) -> None:
        self._services = services
        self._table = table
        self._second_factors = second_factors
        self._faults = faults

    def forbids_links(self, event: SignInEvent, *, redeeming: bool) -> bool:
        """Whether this user has a stronger method. By `sub`: no alias or letter case is a way round."""
        if redeeming and self._has_second_factor(event):
            return True
        if self._table is None or (redeeming and self._faults.on(ONLY_WHEN_ASKING)) or self._faults.on(HIJACKABLE):
            return False
        return self._services.has_row(self._table, "pk", f"USER#{event.attributes.get('sub', '')}")

    def _has_second_factor(self, event: SignInEvent) -> bool:
        if not self._second_factors or event.user_not_found or self._faults.on(PAST_SECOND_FACTORS):
            return False
        return self._services.user_pools.has_second_factor(event.user_pool_id, event.user_name)
