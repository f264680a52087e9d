"""What a user's state allows before anything is proved, and what it demands after."""

from __future__ import annotations

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.errors import NotAuthorized, PasswordResetRequired, UserNotConfirmed
from fakes.pool.moto_directory import User

DISABLED_ADMITTED = declare_fault("pool.users.disabled-admitted", "a disabled user signs in like any other")
UNCONFIRMED_ADMITTED = declare_fault("pool.users.unconfirmed-admitted", "an unconfirmed user signs in like any other")
RESET_ADMITTED = declare_fault("pool.users.reset-admitted", "a password that was reset still signs in")
RESET_TOLD_TO_ANYBODY = declare_fault(
    "pool.users.reset-told-before-the-proof", "that a password was reset is told before the password is looked at"
)
CHALLENGE_BEFORE_PROOF = declare_fault(
    "pool.users.new-password-before-the-proof", "NEW_PASSWORD_REQUIRED comes before the password is looked at"
)
TOKENS_WITHOUT_NEW_PASSWORD = declare_fault(
    "pool.users.tokens-without-the-new-password", "a temporary password brings tokens"
)
WEAK_PASSWORD = declare_fault("pool.users.weak-new-password-taken", "NEW_PASSWORD need not meet the pool's policy")
ANY_STATE_BY_CUSTOM_AUTH = declare_fault(
    "pool.custom-auth.every-state-admitted",
    "disabled and unconfirmed users, and those who owe a new password, get tokens through CUSTOM_AUTH",
)
NOT_SET = declare_fault("pool.users.new-password-not-set", "NEW_PASSWORD is taken and forgotten")

CUSTOM_AUTH = "CUSTOM_AUTH"


def demand_may_start(user: User, faults: FaultSwitches, *, flow: str = "") -> None:
    """Refuse a disabled user first, then an unconfirmed one, before the password is looked at (`measured`)."""
    if passes_in_any_state(flow, faults):
        return
    if faults.on(RESET_TOLD_TO_ANYBODY):
        demand_no_reset(user, faults)
    if not user.enabled and not faults.on(DISABLED_ADMITTED):
        raise NotAuthorized("User is disabled.")
    if user.status == "UNCONFIRMED" and not faults.on(UNCONFIRMED_ADMITTED):
        raise UserNotConfirmed("User is not confirmed.")


def passes_in_any_state(flow: str, faults: FaultSwitches) -> bool:
    """Whether a fault lets this flow's users through whatever state they are in."""
    return flow == CUSTOM_AUTH and faults.on(ANY_STATE_BY_CUSTOM_AUTH)


def demand_no_reset(user: User, faults: FaultSwitches) -> None:
    """Refuse a user whose password was reset; only after the right password (`measured`)."""
    if user.status == "RESET_REQUIRED" and not faults.on(RESET_ADMITTED):
        raise PasswordResetRequired("Password reset required for the user")


def must_choose_new_password(user: User) -> bool:
    """Whether the proved password is a temporary one."""
    return user.status == "FORCE_CHANGE_PASSWORD"
