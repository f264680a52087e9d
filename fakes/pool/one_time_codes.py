"""Codes that are sent: made, delivered, and later compared."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from fakes.faults import FaultSwitches, declare_fault
from fakes.pool.deliveries import Courier
from fakes.pool.entropy import Entropy
from fakes.pool.errors import InvalidParameter
from fakes.pool.moto_directory import User

ANY_SMS_CODE = declare_fault("pool.mfa.any-sms-code", "SMS_MFA takes every code")
ANY_EMAIL_CODE = declare_fault("pool.mfa.any-email-code", "EMAIL_OTP takes every code as a second factor")
ANY_FIRST_FACTOR_CODE = declare_fault(
    "pool.user-auth.any-one-time-code", "EMAIL_OTP and SMS_OTP take every code as a first factor"
)
SAME_CODE = declare_fault("pool.mfa.same-code-for-everybody", "every code that is sent is the same")

SMS_MFA, EMAIL_OTP, SMS_OTP = "SMS_MFA", "EMAIL_OTP", "SMS_OTP"

_DIGITS = {SMS_MFA: 6, EMAIL_OTP: 8, SMS_OTP: 8}
"""8 for the one-time passwords was `measured`; 6 for SMS_MFA is `aws-doc`'s example."""


@dataclass(frozen=True)
class SentCode:
    """A code on its way, and the challenge parameters that say where it went."""

    code: str
    parameters: dict[str, str]


class OneTimeCodes:
    """Sends codes."""

    def __init__(self, *, entropy: Entropy, faults: FaultSwitches, courier: Courier) -> None:
        self._entropy = entropy
        self._faults = faults
        self._courier = courier

    def send(self, challenge_name: str, user: User, typed_username: str) -> SentCode:
        """Make a code and send it the way of its challenge. Raises InvalidParameter.

        To a simulated user none is sent, and the masked destination is made from what was typed (`measured`).
        """
        digits = _DIGITS[challenge_name]
        code = "1" * digits if self._faults.on(SAME_CODE) else f"{self._entropy.bits(64) % 10**digits:0{digits}}"
        by_mail = challenge_name == EMAIL_OTP
        destination = self._destination(user, typed_username, by_mail)
        if user.exists and by_mail:
            self._courier.mail(destination, "Your verification code", f"Your verification code is {code}.")
        elif user.exists:
            self._courier.text(destination, f"Your authentication code is {code}.")
        return SentCode(
            code,
            {
                "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL" if by_mail else "SMS",
                "CODE_DELIVERY_DESTINATION": masked_address(destination) if by_mail else masked_number(destination),
            },
        )

    def _destination(self, user: User, typed_username: str, by_mail: bool) -> str:
        if not user.exists:
            return typed_username
        name = "email" if by_mail else "phone_number"
        if not user.attributes.get(name):
            raise InvalidParameter(f"The user has no {name} to send a code to.")
        return user.attributes[name]


def is_code(challenge_name: str, sent: str | None, given: str, *, first_factor: bool, faults: FaultSwitches) -> bool:
    """Whether the code that was given is the one that was sent; compared in constant time."""
    any_code = ANY_FIRST_FACTOR_CODE if first_factor else ANY_SMS_CODE if challenge_name == SMS_MFA else ANY_EMAIL_CODE
    return faults.on(any_code) or (sent is not None and hmac.compare_digest(sent.encode(), given.encode()))


def masked_address(address: str) -> str:
    """`j***@g***`, as it was `measured`."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def masked_number(number: str) -> str:
    """The last four digits behind stars."""
    return f"+{'*' * max(0, len(number) - 5)}{number[-4:]}"
