"""PreSignUp: nobody is confirmed, and no address verified, by anything but the code that Cognito sends there.

An address that a stranger has registered stays useless to them: neither links nor codes go to unverified ones.
"""

from __future__ import annotations

from typing import Any

from fakes.faults import FaultSwitches, declare_fault
from fakes.triggers.events import SignInEvent
from fakes.triggers.refusals import SignInRefused
from fakes.triggers.services import UserPools

VERIFIES = declare_fault(
    "triggers.sign-up.verifies-addresses",
    "autoConfirmUser comes with autoVerifyEmail and autoVerifyPhone: whoever signs up owns the address they give",
)
HIJACKABLE = declare_fault(
    "triggers.sign-up.strangers-passkeys-stay",
    "whoever signs up owns the address they give, and a link signs in who has a passkey: what a stranger has set up "
    "in advance stays in the account of the address's owner",
)
TELLS_WHO_EXISTS = declare_fault(
    "triggers.sign-up.tells-who-exists",
    "sign-up is refused in words when a user with the same e-mail address exists, whatever the user name",
)


def pre_sign_up(event: SignInEvent, user_pools: UserPools, faults: FaultSwitches) -> dict[str, Any]:
    """The `response` of the trigger. That a user name is taken Cognito tells by itself: let clients make them up."""
    email = event.attributes.get("email")
    if faults.on(TELLS_WHO_EXISTS) and email and user_pools.has_address(event.user_pool_id, email):
        raise SignInRefused("A user with this e-mail address exists.")
    verifies = faults.on(VERIFIES) or faults.on(HIJACKABLE)
    return {
        "autoConfirmUser": verifies,
        "autoVerifyEmail": verifies and email is not None,
        "autoVerifyPhone": verifies and "phone_number" in event.attributes,
    }
